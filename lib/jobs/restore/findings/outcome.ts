import { definitionUnexpected } from "../../../manifest/compare/findings.ts";
import { definitionKinds } from "../../../manifest/definitions/kinds.ts";
import { interrupted, timeout } from "../../../run/findings.ts";
import { defineFinding, defineFindingFamily, defineNote } from "../../../system/define_finding.ts";
import type { Finding } from "../../../verdict/verdict.ts";

// What a restore left.

export const swapped = defineNote({
  code: "SWAPPED",
  says: ({ database, keptAs, undo }: {
    database: string;
    /** What the earlier one is called now; absent where there was none. */
    keptAs?: string;
    /** A command. */
    undo: string;
  }) => ({
    message: keptAs === undefined
      ? `The restored database is called ${database} now. To undo this: ${undo}`
      : `The restored database is called ${database} now. The old one is called ${keptAs}; it exists until you drop it. ` +
        `To undo this: ${undo}`,
    object: database,
  }),
  examples: [{
    database: "shop",
    keptAs: "shop_before_20260102T050000Z",
    undo: "pgrehearse restore --undo /backups/shop-20260102T030405Z.restore-20260102T050000Z.json --target-url " +
      "postgres://ops@db1/shop.",
  }],
});

export const restoredBeside = defineNote({
  code: "RESTORED_BESIDE",
  says: ({ database, server, promote }: {
    database: string;
    server: string;
    /** A command; absent where what was restored is not proven. */
    promote?: string;
  }) => ({
    message: `The backup was restored as ${database} at ${server}.${
      promote === undefined ? "" : ` To put it in the place of a database: ${promote}`
    }`,
    object: database,
  }),
  examples: [{ database: "shop_restored_20260102T050000Z", server: "db1:5432" }],
});

export const undone = defineNote({
  code: "UNDONE",
  says: ({ database, isBack, restored }: {
    database: string;
    /** Whether there was one of that name before the restore. */
    isBack: boolean;
    /** What the restored copy is called now. */
    restored?: string;
  }) => ({
    message: "Undone: " +
      (isBack ? `the earlier database is ${database} again` : `there is no database ${database} any more`) +
      (restored === undefined ? "." : `; the restored copy is ${restored}. Drop it when you no longer need it.`),
    object: database,
  }),
  examples: [{ database: "shop", isBack: true, restored: "shop_restored_20260102T050000Z" }],
});

export const liveObjectLost = defineFinding({
  code: "LIVE_OBJECT_LOST",
  means: "fail",
  says: ({ what, object, definition, isAsked }: {
    what: string;
    object: string;
    definition: string;
    /** Of a whole backup, being as it was is what was asked for. */
    isAsked: boolean;
  }) => ({
    message: `The ${what} existed before the restore. The backup does not have it, so it is lost.`,
    fix: "The detail has its definition; create it again if you need it. The safety backup holds it, with its rows.",
    object,
    detail: definition,
    means: isAsked ? "warning" : undefined,
  }),
  examples: [
    {
      what: "index public.orders_by_note",
      object: "public.orders_by_note",
      definition: "CREATE INDEX orders_by_note ON public.orders USING btree (note)",
      isAsked: false,
    },
    {
      what: "column note of public.orders",
      object: "public.orders",
      definition: "column note text",
      isAsked: true,
    },
  ],
});

/** A finding of the comparison, said otherwise. */
interface Retold {
  found: Finding;
}

/** Of what an overwriting left where it was. */
export const newerWasKept = defineFindingFamily({
  codes: definitionUnexpected.codes,
  codeOf: ({ found }) => found.code,
  means: "fail",
  says: ({ found: { message: _message, fix: _fix, ...found } }: Retold) => ({
    ...found,
    message: `The ${kindOf(found.code)} ${found.object} is newer than the backup and was kept.`,
    fix: "Everything in the backup was restored, and nothing else was touched. Drop this object if you do not want it.",
  }),
  examples: [{ found: definitionUnexpected({ kind: "table", object: "public.newer", rows: 12 }) }],
});

function kindOf(code: string): string {
  const kind = definitionKinds.find((kind) => definitionUnexpected({ kind, object: "" }).code === code)!;
  return kind.replaceAll("_", " ");
}

/** A restore that was stopped on its way. */
export const stopped = defineFindingFamily({
  codes: [interrupted.code, timeout.code],
  codeOf: ({ found }) => found.code,
  means: "unknown",
  says: ({ found: { fix: _, ...found }, database, restored, keptAs, safetyBackup, isSwapped, isInPlace }: Retold & {
    database: string;
    /** What the restored database is called, where there is one. */
    restored?: string;
    /** What the earlier one is called, where it was renamed. */
    keptAs?: string;
    /** Its path. */
    safetyBackup?: string;
    isSwapped: boolean;
    isInPlace: boolean;
  }) => {
    const isBeside = restored !== undefined && restored !== database;
    const sentences = [
      isBeside ? "Put the restored copy in place with restore --promote, or run the command again." : "Run it again.",
      isSwapped
        ? `${database} is the restored database${keptAs ? `; the old one is ${keptAs}` : ""}.`
        : `${database} was not changed${isInPlace ? ", unless the restore was already complete" : ""}.`,
      ...(isBeside ? [`The restored copy is kept as ${restored}.`] : []),
      ...(safetyBackup === undefined ? [] : [`The safety backup is kept: ${safetyBackup}.`]),
    ];
    return { ...found, fix: sentences.join(" ") };
  },
  examples: [{
    found: interrupted({ reason: "Interrupted by SIGTERM." }),
    database: "shop",
    restored: "shop_restored_20260102T050000Z",
    safetyBackup: "/backups/shop-20260102T050000Z",
    isSwapped: false,
    isInPlace: false,
  }],
});
