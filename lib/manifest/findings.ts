import { defineFinding } from "../system/define_finding.ts";

export const manifestUnreadable = defineFinding({
  code: "MANIFEST_UNREADABLE",
  means: "unknown",
  says: ({ path, reason }: { path: string; reason: string }) => ({
    message: `Cannot read the manifest ${path}: ${reason}.`,
    fix: "Check the path and its permissions.",
  }),
  examples: [{ path: "/backups/shop-20260102T030405Z.manifest.json", reason: "permission denied" }],
});

export const manifestTooNew = defineFinding({
  code: "MANIFEST_TOO_NEW",
  means: "unknown",
  says: ({ path, schema }: { path: string; schema: string }) => ({
    message: `A newer pgrehearse wrote ${path}: ${schema}.`,
    fix: "Use that version of pgrehearse, or a newer one.",
  }),
  examples: [{ path: "/backups/shop-20260102T030405Z.manifest.json", schema: "pgrehearse.manifest/v2" }],
});

export const manifestInvalid = defineFinding({
  code: "MANIFEST_INVALID",
  means: "unknown",
  says: ({ path, why }: { path: string; why: string }) => ({
    message: `${path} is not a valid manifest: ${why}.`,
    fix: "Use the manifest as pgrehearse backup wrote it. A copy elsewhere may be intact.",
  }),
  examples: [{
    path: "/backups/shop-20260102T030405Z.manifest.json",
    why: "its schema is not pgrehearse.manifest/v1",
  }],
});

export const manifestTooLarge = defineFinding({
  code: "MANIFEST_TOO_LARGE",
  means: "unknown",
  says: ({ path, size }: { path: string; size: string }) => ({
    message: `${path} is too large for a manifest: it has ${size}; the limit is 256 MiB.`,
    fix: "Check that it is a manifest.",
  }),
  examples: [{ path: "/backups/shop.dump", size: "4.2 GB" }],
});

export const definitionsChanged = defineFinding({
  code: "DEFINITIONS_CHANGED",
  means: "unknown",
  says: () => ({
    message: "An object was dropped while pgrehearse read the definitions.",
    fix: "Run it again while no session changes definitions.",
  }),
});

export const selectionIncomplete = defineFinding({
  code: "SELECTION_INCOMPLETE",
  means: "unknown",
  says: ({ entry, needed, name }: { entry: string; needed: string; name: string }) => ({
    message: `The ${entry} needs the ${needed}, which the selection leaves out.`,
    fix: `Select it too: --table ${name}. Nothing was touched.`,
  }),
  examples: [{ entry: "table public.orders", needed: "table public.customers", name: "public.customers" }],
});

export const nothingSelected = defineFinding({
  code: "NOTHING_SELECTED",
  means: "unknown",
  says: ({ what, text, names, nearest }: {
    what: "schema" | "table";
    text: string;
    names: readonly string[];
    nearest?: string;
  }) => ({
    message: `The backup holds no ${what} ${text}.`,
    fix: `${
      nearest === undefined
        ? `It holds ${names.slice(0, 10).join(", ") || "none"}${names.length > 10 ? ", …" : ""}.`
        : `Did you mean ${nearest}?`
    } Nothing was touched.`,
  }),
  examples: [{ what: "table", text: "oders", names: ["public.orders"], nearest: "orders" }],
});

export const distributionTooWide = defineFinding({
  code: "DISTRIBUTION_TOO_WIDE",
  means: "unknown",
  says: ({ target, most }: { target: string; most: number }) => ({
    message: `${target} has more than ${most} different values.`,
    fix: "Name a column with few values, such as a tenant or a status.",
  }),
  examples: [{ target: "public.orders:id", most: 10_000 }],
});

export const distributionTargetInvalid = defineFinding({
  code: "DISTRIBUTION_TARGET_INVALID",
  means: "unknown",
  says: ({ target }: { target: string }) => ({
    message: `${target} is not a table and a column.`,
    fix: "Write table:column or schema.table:column, with double quotes around names that need them in SQL.",
  }),
  examples: [{ target: "shop.orders" }],
});

export const distributionTargetMissing = defineFinding({
  code: "DISTRIBUTION_TARGET_MISSING",
  means: "unknown",
  says: ({ target }: { target: string }) => ({
    message: `There is no table and column ${target}.`,
    fix: "Check both names. Names with capital letters need double quotes.",
  }),
  examples: [{ target: "shop.orders:tenent" }],
});

export const distributionTargetAmbiguous = defineFinding({
  code: "DISTRIBUTION_TARGET_AMBIGUOUS",
  means: "unknown",
  says: ({ target, tables }: { target: string; tables: readonly string[] }) => ({
    message: `More than one schema has ${target}.`,
    fix: `Name the schema: ${tables.join(", ")}.`,
  }),
  examples: [{ target: "orders:tenant", tables: ["public.orders", "archive.orders"] }],
});

export const tableChanged = defineFinding({
  code: "TABLE_CHANGED",
  means: "unknown",
  says: ({ said }: { said: string }) => ({
    message: `A table's definition changed while pgrehearse read it: ${said}.`,
    fix: "Run it again while no session changes definitions.",
  }),
  examples: [{ said: "column orders.note does not exist" }],
});
