import { compareDefinitions } from "../../lib/manifest/compare/compare_definitions.ts";
import { captureDefinitions, type Definition } from "../../lib/manifest/definitions/definitions.ts";
import { parseSql, type SqlNode, writeSql } from "../../lib/manifest/definitions/sql_tree.ts";
import { takeApart } from "../../lib/manifest/judge/parts.ts";
import type { Sql } from "../../lib/postgres/connection/connect.ts";
import { withDatabase } from "../../lib/postgres/connection/connection_parameters.ts";
import { dumpDatabase } from "../../lib/postgres/pg_dump.ts";
import { restoreOrFail } from "../../lib/postgres/pg_restore.ts";
import { findClientTools } from "../../lib/postgres/tools.ts";
import type { Finding } from "../../lib/verdict/verdict.ts";
import { generatedBase, generatedDefinitions } from "./generated_definitions.ts";
import { seededRandom } from "./random.ts";
import type { TestServer } from "./server.ts";

/** What one seed gave. */
export interface Round {
  made: number;
  /** Statements that the server refused: what was made up made no sense. */
  refused: number;
  /** Definitions whose text the restored server prints otherwise. */
  printedOtherwise: number;
  alarms: Finding[];
  changed: number;
  /** Changed texts that were taken for the same. */
  missed: { identity: string; before: string; after: string }[];
}

/**
 * Makes up definitions, restores a dump of them and compares; then compares again with texts that were changed.
 *
 * @param restore Dumps a database and restores it into a new one, to which it connects.
 * @param changes How many texts to change.
 */
export async function definitionRound(
  server: TestServer,
  { seed, count, changes, restore }: {
    seed: number;
    count: number;
    changes: number;
    restore: (database: string) => Promise<Sql>;
  },
): Promise<Round> {
  const database = await server.makeDatabase();
  const source = await server.connect(database);
  await source.unsafe(generatedBase);
  let refused = 0;
  for (const statement of generatedDefinitions(seed, count)) {
    await source.unsafe(statement).catch(() => refused++);
  }
  const expected = await inTransaction(source, () => captureDefinitions(source));
  await source.end();
  const restored = await restore(database);
  const round = await inTransaction(restored, async () => {
    const found = await captureDefinitions(restored);
    const texts = new Map(found.map((one) => [`${one.kind} ${one.identity}`, one]));
    const counterpart = ({ kind, identity }: Definition) => texts.get(`${kind} ${identity}`);
    const printedOtherwise = expected.filter((one) =>
      counterpart(one) && counterpart(one)!.definition !== one.definition
    ).length;
    const alarms = await compare(restored, expected, found);
    const printed = expected.filter((one) => counterpart(one) && takeApart(one).printed.length > 0);
    const random = seededRandom(seed + 1);
    const missed: Round["missed"] = [];
    let changed = 0;
    for (let i = 0; i < changes && printed.length > 0; i++) {
      const one = printed[Math.floor(random() * printed.length)];
      const after = changedText(one.definition, random);
      if (after === undefined) continue;
      changed++;
      const findings = await compare(restored, [{ ...one, definition: after }], [counterpart(one)!]);
      if (findings.length === 0) {
        missed.push({
          identity: `${one.kind} ${one.identity}`,
          before: one.definition,
          after,
        });
      }
    }
    return { made: count - refused, refused, printedOtherwise, alarms, changed, missed };
  });
  await restored.end();
  return round;
}

async function compare(sql: Sql, expected: Definition[], found: Definition[]): Promise<Finding[]> {
  type Both = Parameters<typeof compareDefinitions>;
  const both = [
    { definitions: expected, postgres: { server: "15.18", server_version_num: 150018 } } as Both[0],
    { definitions: found } as Both[1],
  ] as const;
  const { findings, notes = [] } = await compareDefinitions(...both, { inScratchTransaction: (work) => work(sql) });
  const unjudged = notes.find(({ code }) => code === "DEFINITIONS_NOT_JUDGED");
  if (unjudged) throw new Error(unjudged.message);
  return findings;
}

/** Runs work in a transaction that sees one instant and is rolled back. */
export async function inTransaction<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  await sql.unsafe("BEGIN ISOLATION LEVEL REPEATABLE READ");
  try {
    return await work();
  } finally {
    await sql.unsafe("ROLLBACK");
  }
}

const exchanged = new Map([
  ["AND", "OR"],
  ["OR", "AND"],
  [">", "<"],
  ["<", ">"],
  ["+", "-"],
  ["*", "+"],
  ["~~", "!~~"],
  ["UNION", "EXCEPT"],
  ["EXISTS", "NOT EXISTS"],
  ["true", "false"],
  ["false", "true"],
  ["i", "k"],
  ["k", "i"],
  ["x", "y"],
  ["y", "x"],
  ["v", "w"],
  ["w", "v"],
  ["new", "old"],
  ["lower", "upper"],
  ["LEFT", "RIGHT"],
  ["DESC", "ASC"],
]);

/** Changes one token of a text so that it means something else; undefined if none offers itself. */
function changedText(text: string, random: () => number): string | undefined {
  const places: { nodes: SqlNode[]; index: number; by: string }[] = [];
  const root = parseSql(text);
  collect(root);
  if (places.length === 0) return undefined;
  const { nodes, index, by } = places[Math.floor(random() * places.length)];
  nodes[index] = by;
  return writeSql(root);

  function collect(nodes: SqlNode[]): void {
    for (const [index, node] of nodes.entries()) {
      if (typeof node !== "string") {
        collect(node.nodes);
        continue;
      }
      // Of an interval of minutes no digit of the seconds counts.
      const isCut = nodes[index + 2] === "interval" && nodes[index + 4] === "minute";
      const by = isCut ? undefined : exchanged.get(node) ?? changedConstant(node);
      if (by !== undefined) places.push({ nodes, index, by });
    }
  }
}

function changedConstant(token: string): string | undefined {
  if (/^\d+$/.test(token)) return String(BigInt(token) + 1n);
  if (!/^'[^]*'$/.test(token)) return undefined;
  const digit = token.search(/\d(?=\D*$)/);
  if (digit < 0) return `${token.slice(0, -1)}q'`;
  return token.slice(0, digit) + (Number(token[digit]) + 1) % 10 + token.slice(digit + 1);
}

/** Dumps a database, restores it into a new one, and returns that one's name. */
export async function restoredCopy(server: TestServer, database: string): Promise<string> {
  const tools = await findClientTools(15);
  const file = await Deno.makeTempFile({ suffix: ".dump" });
  try {
    const copy = await server.makeDatabase();
    await dumpDatabase(withDatabase(server.parameters, database), file, { tools });
    await restoreOrFail(withDatabase(server.parameters, copy), file, { tools });
    return copy;
  } finally {
    await Deno.remove(file);
  }
}
