-- Three tenants, kept apart by forced row security, so that not even the tables' owner sees all rows. A maintenance role
-- gets in by a setting.
CREATE ROLE tenants_owner NOLOGIN;
CREATE ROLE maintenance LOGIN NOSUPERUSER NOBYPASSRLS IN ROLE pg_read_all_data;
CREATE ROLE app LOGIN NOSUPERUSER NOBYPASSRLS;

CREATE TABLE jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text NOT NULL,
  state text NOT NULL,
  payload jsonb NOT NULL,
  UNIQUE (tenant, id)
);
CREATE TABLE findings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text NOT NULL,
  job bigint NOT NULL,
  severity numeric(4, 1) NOT NULL,
  title text NOT NULL
);
CREATE TABLE audit_log (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  action text NOT NULL
);
CREATE INDEX findings_of_job ON findings (tenant, job);

INSERT INTO jobs (tenant, state, payload)
SELECT tenant, (ARRAY['queued', 'running', 'done'])[1 + n % 3], jsonb_build_object('n', n, 'of', tenant)
FROM unnest(ARRAY['acme', 'globex', 'initech']) AS tenant, generate_series(1, 200) AS n;
INSERT INTO findings (tenant, job, severity, title)
SELECT tenant, id, (id % 100) / 10.0, 'finding ' || n || ' of job ' || id
FROM jobs, generate_series(1, 1 + (id % 4)::int) AS n;
INSERT INTO audit_log (tenant, at, actor, action)
SELECT tenant, timestamptz '2026-01-01 00:00Z' + id * interval '1 minute', 'worker ' || id % 7, 'made job ' || id
FROM jobs;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['jobs', 'findings', 'audit_log'] LOOP
    EXECUTE format('ALTER TABLE %I OWNER TO tenants_owner', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO app', name);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format(
      'CREATE POLICY tenants_apart ON %I USING (
         current_setting(''app.maintenance'', true) = ''on'' OR tenant = current_setting(''app.tenant'', true)
       )',
      name
    );
  END LOOP;
END $$;
