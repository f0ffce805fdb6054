import { defineFinding } from "../../../system/define_finding.ts";
import { counted } from "../../../system/quantities.ts";

// What is said where a part of a backup is to be restored.

const inMessage = 5;

export const selectionSwapped = defineFinding({
  code: "SELECTION_SWAPPED",
  means: "unknown",
  says: () => ({
    message: "A part of a backup cannot replace a whole database.",
    fix: "Leave out --swap: then the part is restored into a new database, and you copy what you need from there. Or " +
      "overwrite these tables with --in-place. Nothing was touched.",
  }),
});

export const selectionNeedsArchive = defineFinding({
  code: "SELECTION_NEEDS_ARCHIVE",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `${path} has no table of contents to choose from.`,
    fix: "Restore the whole dump, without --schema and --table, and copy what you need. Nothing was touched.",
  }),
  examples: [{ path: "/backups/shop.sql" }],
});

export const foreignKeysLeftOut = defineFinding({
  code: "FOREIGN_KEYS_LEFT_OUT",
  means: "warning",
  says: ({ keys }: { keys: readonly string[] }) => ({
    message: `${counted(keys.length, "foreign key")} ${
      keys.length === 1 ? "refers" : "refer"
    } to tables that were not selected: ${keys.slice(0, inMessage).join(", ")}${keys.length > inMessage ? ", …" : ""}.`,
    fix: `${keys.length === 1 ? "It was" : "They were"} not restored. Select these tables too if you need ${
      keys.length === 1 ? "it" : "them"
    }.`,
  }),
  examples: [{ keys: ["constraint public.orders orders_customer_fkey"] }],
});
