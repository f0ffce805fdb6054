-- The database of a service that keeps proofs for tenants: everything that a restore can get wrong in it.

CREATE TABLE tenants (tenant_id integer PRIMARY KEY, name text NOT NULL);

CREATE TABLE proofs (
  proof_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id integer NOT NULL REFERENCES tenants,
  object_key text NOT NULL UNIQUE,
  size bigint NOT NULL,
  sha256 text NOT NULL,
  at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE certificates (
  certificate_id integer PRIMARY KEY,
  tenant_id integer NOT NULL REFERENCES tenants,
  object_key text NOT NULL
);

-- Numbered one by one for each tenant, and linked by hashes.
CREATE TABLE receipts (
  tenant_id integer NOT NULL REFERENCES tenants,
  receipt_no integer NOT NULL,
  amount numeric(10, 2) NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (tenant_id, receipt_no)
);

CREATE TABLE audit_events (
  id bigint PRIMARY KEY,
  actor text NOT NULL,
  action text NOT NULL,
  previous_hash text,
  hash text NOT NULL
);

CREATE TABLE idempotency_keys (
  key text PRIMARY KEY,
  state text NOT NULL CHECK (state IN ('in_progress', 'done')),
  created_at timestamptz NOT NULL
);

CREATE TABLE jobs (job_id integer PRIMARY KEY, state text NOT NULL, payload jsonb NOT NULL);
CREATE TABLE dead_letters (letter_id integer PRIMARY KEY, reason text NOT NULL);
CREATE TABLE canary (value text NOT NULL);

INSERT INTO tenants VALUES (1, 'Ada'), (2, 'Bohr'), (3, 'Curie');

DO $$
DECLARE
  last_hash text;
  next_hash text;
BEGIN
  FOR tenant IN 1..3 LOOP
    last_hash := repeat('0', 64);
    FOR n IN 1..40 LOOP
      next_hash := encode(sha256(convert_to(last_hash || '|' || tenant || '|' || n || '|' || n * 1.10, 'UTF8')), 'hex');
      INSERT INTO receipts VALUES (tenant, n, n * 1.10, last_hash, next_hash);
      last_hash := next_hash;
    END LOOP;
  END LOOP;
  last_hash := NULL;
  FOR n IN 1..200 LOOP
    next_hash := encode(
      sha256(convert_to(coalesce(last_hash, '') || '|' || n || '|user ' || n % 7 || '|proof.stored', 'UTF8')), 'hex'
    );
    INSERT INTO audit_events VALUES (n, 'user ' || n % 7, 'proof.stored', last_hash, next_hash);
    last_hash := next_hash;
  END LOOP;
END
$$;

INSERT INTO idempotency_keys
SELECT 'key ' || n, 'done', now() - n * interval '1 minute' FROM generate_series(1, 20) AS n;
INSERT INTO idempotency_keys VALUES ('long ago', 'in_progress', now() - interval '30 days');
INSERT INTO jobs SELECT n, 'done', '{"kind": "mail"}' FROM generate_series(1, 10) AS n;
