import type { Sql } from "../../postgres/connection/connect.ts";
import type { ChainRows } from "./chain_rows.ts";
import { runOperatorSql } from "../operator_sql.ts";

/** How many ends are read. */
const readHeads = 5;

/**
 * Says of a chain what hangs together and what does not, link by link.
 *
 * @param options.coversPrevious Whether hashes cover the previous one, so that no circle can be.
 */
export async function surveyChain(
  session: Sql,
  chain: ChainRows,
  { coversPrevious }: { coversPrevious: boolean },
): Promise<ChainState> {
  await session.unsafe("SET LOCAL work_mem = '128MB'; SET LOCAL enable_nestloop = off");
  const [survey] = await runOperatorSql<Survey>(session, surveyOf(chain));
  const breaks = (what: "altered" | "orphans" | "forks"): Breaks => ({
    count: Number(survey[what]),
    first: survey[`first_${what}`],
  });
  const state = {
    rows: Number(survey.rows),
    beginnings: Number(survey.beginnings),
    ends: Number(survey.ends),
    heads: survey.heads ?? [],
    altered: breaks("altered"),
    orphans: breaks("orphans"),
    forks: breaks("forks"),
  };
  // Among links that break or fork there is no telling what a circle is; what is found says enough.
  const mayHaveCircles = !coversPrevious && state.orphans.count + state.forks.count === 0;
  return {
    ...state,
    circles: mayHaveCircles ? await findCircles(session, chain, state.rows) : { count: 0, first: null },
  };
}

interface Survey {
  rows: string;
  beginnings: string;
  ends: string;
  heads: string[] | null;
  altered: string;
  orphans: string;
  forks: string;
  first_altered: string | null;
  first_orphans: string | null;
  first_forks: string | null;
}

function linksOf({ from, id, previous, hash, computed, isBeginning }: ChainRows): string {
  return `
    links AS MATERIALIZED (
      SELECT
        ${id} AS place, CASE WHEN NOT ${isBeginning} THEN lower(${previous}) END AS previous, lower(${hash}) AS hash,
        lower(${hash}) IS NOT DISTINCT FROM ${computed} AS is_sound
      FROM ${from}
    )`;
}

function surveyOf(chain: ChainRows): string {
  const first = (table: string) => `(SELECT place::text FROM ${table} ORDER BY ${table}.place LIMIT 1)`;
  return `
    WITH ${linksOf(chain)},
    altered AS (SELECT place FROM links WHERE NOT is_sound),
    orphans AS (
      SELECT place FROM links
      WHERE previous IS NOT NULL
        AND NOT EXISTS (SELECT FROM links AS predecessor WHERE predecessor.hash = links.previous)
    ),
    -- All but the first of those that share a predecessor, or a hash.
    forks AS (
      SELECT place FROM (
        SELECT
          place,
          previous IS NOT NULL AND row_number() OVER (PARTITION BY previous ORDER BY place) > 1 AS shares_previous,
          row_number() OVER (PARTITION BY hash ORDER BY place) > 1 AS shares_hash
        FROM links
      ) AS numbered
      WHERE shares_previous OR shares_hash
    ),
    ends AS (
      SELECT place, hash FROM links
      WHERE NOT EXISTS (SELECT FROM links AS successor WHERE successor.previous = links.hash)
    )
    SELECT
      (SELECT count(*) FROM links) AS rows,
      (SELECT count(*) FROM links WHERE previous IS NULL) AS beginnings,
      (SELECT count(*) FROM ends) AS ends,
      (SELECT json_agg(hash) FROM (SELECT hash FROM ends ORDER BY place LIMIT ${readHeads}) AS first_ends) AS heads,
      (SELECT count(*) FROM altered) AS altered, ${first("altered")} AS first_altered,
      (SELECT count(*) FROM orphans) AS orphans, ${first("orphans")} AS first_orphans,
      (SELECT count(*) FROM forks) AS forks, ${first("forks")} AS first_forks`;
}

/**
 * Counts the rows from which no beginning is reached.
 *
 * Rows that follow one another by id as well make up one segment, which cannot be a circle by itself; so there are few
 * segments, as a rule. Each step then joins every segment to the one that lies twice as far back as before, and drops those
 * that passed a beginning: as many steps as the number of rows has binary digits, instead of one for each row.
 */
async function findCircles(session: Sql, chain: ChainRows, rows: number): Promise<Breaks> {
  const steps = rows.toString(2).length;
  const jumps = Array.from({ length: steps }, (_, step) => `
    jump_${step + 1} AS MATERIALIZED (
      SELECT near.segment, far.previous
      FROM jump_${step} AS near JOIN jump_${step} AS far ON far.segment = near.previous
    )`);
  const [{ count, first }] = await runOperatorSql<{ count: string; first: string | null }>(
    session,
    `WITH ${linksOf(chain)},
    in_order AS (
      SELECT
        place, previous, hash,
        row_number() OVER by_place = 1 OR previous IS DISTINCT FROM lag(hash) OVER by_place AS begins_segment
      FROM links WINDOW by_place AS (ORDER BY place, hash)
    ),
    segments AS MATERIALIZED (
      SELECT *, count(*) FILTER (WHERE begins_segment) OVER (ORDER BY place, hash ROWS UNBOUNDED PRECEDING) AS segment
      FROM in_order
    ),
    jump_0 AS MATERIALIZED (
      SELECT near.segment, far.segment AS previous
      FROM segments AS near JOIN segments AS far ON far.hash = near.previous
      WHERE near.begins_segment
    ),
    ${jumps.join(",")},
    circles AS MATERIALIZED (SELECT place FROM segments WHERE segment IN (SELECT segment FROM jump_${steps}))
    SELECT
      (SELECT count(*) FROM circles) AS count,
      (SELECT place::text FROM circles ORDER BY circles.place LIMIT 1) AS first`,
  );
  return { count: Number(count), first };
}

/** How many rows are not as they should be, and the first of them by its id. */
interface Breaks {
  count: number;
  first: string | null;
}

/** How the rows of a chain hang together. A whole chain has one beginning, one end, and nothing else to count. */
export interface ChainState {
  rows: number;
  beginnings: number;
  ends: number;
  /** The hashes of the ends, in lower case; 5 at most. */
  heads: string[];
  /** Rows that do not have the hash of their payload. */
  altered: Breaks;
  /** Rows whose predecessor is not there. */
  orphans: Breaks;
  /** Rows that follow the same row as another one, or have its hash. */
  forks: Breaks;
  /** Rows that follow one another in a circle, apart from the chain. */
  circles: Breaks;
}
