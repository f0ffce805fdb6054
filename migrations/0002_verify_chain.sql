-- Verifies the audit chain in one parallel pass, and looks closer only when that pass finds it broken.

-- One pass over the rows, which recomputes every hash and adds up two numbers: one over each row's own (position, hash),
-- one over what each row says of its predecessor. With the chain's beginning added to the first and its head to the
-- second, the two are equal only if positions run 1, 2, ... to the head's without gap or double, every link holds, and the
-- head is the last row's hash. The seed is the caller's and new every time, so nobody can prepare rows whose sums collide.
-- RETURN QUERY, because neither SELECT INTO nor a function in SQL ever runs its query in parallel.
CREATE FUNCTION public.audit_events_add_up_chain(seed bigint)
RETURNS TABLE (row_count bigint, hashes_hold boolean, links_hold boolean)
LANGUAGE plpgsql STABLE SET search_path = '' SET jit = off
AS $$
BEGIN
  RETURN QUERY
  WITH ends AS (
    SELECT
      hashtextextended(repeat('0', 64), seed) AS beginning,
      (
        SELECT hashtextextended(head.row_hash, seed + head.chain_position)
        FROM public.audit_chain_head AS head WHERE head.id = 1
      ) AS head
  ),
  added_up AS (
    SELECT
      count(*) AS counted,
      coalesce(bool_and(event.row_hash = public.audit_event_hash(event)), true) AS hashes_hold,
      coalesce(sum(hashtextextended(event.row_hash, seed + event.chain_position)), 0) AS own,
      coalesce(sum(hashtextextended(event.prev_hash, seed + event.chain_position - 1)), 0) AS predecessors
    FROM public.audit_events AS event
  )
  SELECT
    added_up.counted,
    added_up.hashes_hold,
    coalesce(ends.beginning + added_up.own = added_up.predecessors + ends.head, false)
  FROM added_up, ends;
END
$$;

CREATE FUNCTION public.audit_events_verify_chain(
  OUT first_break_id text, OUT first_break_pos integer, OUT row_count integer
)
LANGUAGE plpgsql STABLE SET search_path = ''
AS $$
DECLARE
  chain record;
BEGIN
  SELECT added_up.* INTO chain
  FROM public.audit_events_add_up_chain(floor(random() * 4611686018427387904)::bigint) AS added_up;
  IF chain.hashes_hold AND chain.links_hold THEN
    first_break_pos := -1;
    row_count := chain.row_count;
    RETURN;
  END IF;

  -- The first row, in chain order, that is altered, does not follow the row before it, or lies beyond the head.
  SELECT walked.id, walked.place
  INTO first_break_id, first_break_pos
  FROM (
    SELECT
      event.id,
      row_number() OVER in_order - 1 AS place,
      event.chain_position IS DISTINCT FROM 1 + lag(event.chain_position, 1, 0::bigint) OVER in_order
        OR event.prev_hash IS DISTINCT FROM lag(event.row_hash, 1, repeat('0', 64)) OVER in_order
        OR event.row_hash IS DISTINCT FROM public.audit_event_hash(event)
        OR event.chain_position > head.chain_position AS is_break
    FROM public.audit_events AS event
    LEFT JOIN public.audit_chain_head AS head ON head.id = 1
    WINDOW in_order AS (ORDER BY event.chain_position, event.id)
  ) AS walked
  WHERE walked.is_break
  ORDER BY walked.place
  LIMIT 1;

  -- Every row holds, so it is the head that is missing or differs: the tail was cut off, and the last row is its edge.
  IF NOT FOUND THEN
    SELECT event.id, chain.row_count - 1 INTO first_break_id, first_break_pos
    FROM public.audit_events AS event ORDER BY event.chain_position DESC LIMIT 1;
  END IF;
  -- No row at all, yet the head speaks of some.
  IF NOT FOUND THEN
    first_break_id := 'audit_chain_head';
    first_break_pos := 0;
  END IF;
  row_count := least(first_break_pos + 1, chain.row_count);
END
$$;
