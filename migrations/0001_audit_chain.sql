-- The audit chain: append-only rows, each linked to the one before it by its hash.
--
-- Order never depends on a clock: a row gets its place in the chain under the lock of the single head row, so two
-- transactions that overlap and commit in the other order of their now() still form one unbroken chain.

CREATE TABLE public.audit_events (
  id text PRIMARY KEY,
  actor text NOT NULL,
  actor_type text NOT NULL,
  action text NOT NULL,
  resource_type text NOT NULL,
  resource_id text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}',
  -- Four-digit years only: beyond them the hashed form of a timestamp would no longer be unique.
  timestamp timestamptz NOT NULL DEFAULT clock_timestamp()
    CHECK (timestamp >= '0001-01-01T00:00:00Z' AND timestamp < '10000-01-01T00:00:00Z'),
  event_category text NOT NULL DEFAULT 'cert_lifecycle',
  -- Gapless from 1. This and the two hashes are set by the triggers, whatever the writer says.
  chain_position bigint NOT NULL UNIQUE,
  prev_hash text NOT NULL,
  row_hash text NOT NULL
);

CREATE TABLE public.audit_chain_head (
  id integer PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  chain_position bigint NOT NULL,
  row_hash text NOT NULL
);

-- The first row's predecessor is 64 zeros at position 0.
INSERT INTO public.audit_chain_head (chain_position, row_hash) VALUES (0, repeat('0', 64));

-- SHA-256 over position ':' timestamp ':' then every text as its length in octets ':' text, then the details, which end
-- the input. Lengths first, so no text can move from one field to the next; NULL is ':', the empty text '0:'.
-- Written to be inlined into the caller's query: a call per row would cost as much as the hash.
CREATE FUNCTION public.audit_event_hash(event public.audit_events) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN encode(
  sha256(
    convert_to(
      concat(
        event.chain_position, ':',
        to_char(event.timestamp AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), ':',
        octet_length(event.prev_hash), ':', event.prev_hash,
        octet_length(event.id), ':', event.id,
        octet_length(event.actor), ':', event.actor,
        octet_length(event.actor_type), ':', event.actor_type,
        octet_length(event.action), ':', event.action,
        octet_length(event.resource_type), ':', event.resource_type,
        octet_length(event.resource_id), ':', event.resource_id,
        octet_length(event.event_category), ':', event.event_category,
        event.details
      ),
      'UTF8'
    )
  ),
  'hex'
);

-- While an INSERT runs, the end of the chain lives in the setting pgrehearse.audit_chain_end: "depth position hash".
-- The head row is locked when the statement begins and written once when it ends: an update per row would leave a
-- dead version behind each time, and every later row of the transaction would walk over all of them.
-- Depth counts INSERTs inside INSERTs, which continue the same end. A rollback undoes the setting with the rows.
CREATE FUNCTION public.audit_events_begin_insert() RETURNS trigger
LANGUAGE plpgsql SET search_path = ''
AS $$
DECLARE
  chain_end text := current_setting('pgrehearse.audit_chain_end', true);
  depth integer := coalesce(nullif(split_part(chain_end, ' ', 1), ''), '0')::integer;
BEGIN
  IF depth = 0 THEN
    SELECT head.chain_position || ' ' || head.row_hash INTO STRICT chain_end
    FROM public.audit_chain_head AS head WHERE head.id = 1 FOR UPDATE;
  ELSE
    chain_end := split_part(chain_end, ' ', 2) || ' ' || split_part(chain_end, ' ', 3);
  END IF;
  PERFORM set_config('pgrehearse.audit_chain_end', depth + 1 || ' ' || chain_end, true);
  RETURN NULL;
END
$$;

CREATE FUNCTION public.audit_events_link_row() RETURNS trigger
LANGUAGE plpgsql SET search_path = ''
AS $$
DECLARE
  chain_end text := current_setting('pgrehearse.audit_chain_end');
BEGIN
  NEW.chain_position := split_part(chain_end, ' ', 2)::bigint + 1;
  NEW.prev_hash := split_part(chain_end, ' ', 3);
  NEW.row_hash := public.audit_event_hash(NEW);
  -- A row that is already there will not be inserted (ON CONFLICT DO NOTHING, or an error): it must not move the end.
  IF NOT EXISTS (SELECT FROM public.audit_events AS present WHERE present.id = NEW.id) THEN
    PERFORM set_config(
      'pgrehearse.audit_chain_end',
      split_part(chain_end, ' ', 1) || ' ' || NEW.chain_position || ' ' || NEW.row_hash,
      true
    );
  END IF;
  RETURN NEW;
END
$$;

CREATE FUNCTION public.audit_events_end_insert() RETURNS trigger
LANGUAGE plpgsql SET search_path = ''
AS $$
DECLARE
  chain_end text := current_setting('pgrehearse.audit_chain_end');
  depth integer := split_part(chain_end, ' ', 1)::integer;
  last_position text := split_part(chain_end, ' ', 2);
  last_hash text := split_part(chain_end, ' ', 3);
BEGIN
  IF depth = 1 THEN
    UPDATE public.audit_chain_head AS head
    SET chain_position = last_position::bigint, row_hash = last_hash
    WHERE head.id = 1 AND head.row_hash <> last_hash;
    PERFORM set_config('pgrehearse.audit_chain_end', '', true);
  ELSE
    PERFORM set_config('pgrehearse.audit_chain_end', depth - 1 || ' ' || last_position || ' ' || last_hash, true);
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION public.audit_events_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = ''
AS $$
BEGIN
  RAISE EXCEPTION 'audit_events is append-only: % is not allowed', TG_OP
    USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE TRIGGER audit_events_begin_insert BEFORE INSERT ON public.audit_events
FOR EACH STATEMENT EXECUTE FUNCTION public.audit_events_begin_insert();

CREATE TRIGGER audit_events_link_row BEFORE INSERT ON public.audit_events
FOR EACH ROW EXECUTE FUNCTION public.audit_events_link_row();

CREATE TRIGGER audit_events_end_insert AFTER INSERT ON public.audit_events
FOR EACH STATEMENT EXECUTE FUNCTION public.audit_events_end_insert();

CREATE TRIGGER audit_events_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON public.audit_events
FOR EACH STATEMENT EXECUTE FUNCTION public.audit_events_refuse_change();
