import { defineFinding } from "../../system/define_finding.ts";

// Warnings of the source: what a backup will lack, or what may keep it from being restored.

const mostListed = 20;

/** The first of many. */
function shown(names: readonly string[], separator = ", "): string {
  const more = names.length > mostListed ? `${separator}and ${names.length - mostListed} more` : "";
  return `${names.slice(0, mostListed).join(separator)}${more}`;
}

export const partNeedsMore = defineFinding({
  code: "PART_NEEDS_MORE",
  means: "warning",
  says: ({ needs }: { needs: readonly string[] }) => ({
    message: `This part of the database cannot be restored alone: ${shown(needs, "; ")}.`,
    fix: "Choose those objects too, or restore only into a database that already has them.",
  }),
  examples: [{ needs: ["public.orders needs the type public.status"] }],
});

export const partNeedsRows = defineFinding({
  code: "PART_NEEDS_ROWS",
  means: "warning",
  says: ({ needs }: { needs: readonly string[] }) => ({
    message: `Foreign keys will fail, because the rows that they refer to are left out: ${shown(needs, "; ")}.`,
    fix: "Leave out the rows of both tables, or of neither.",
  }),
  examples: [{ needs: ["public.orders needs the table public.customers"] }],
});

export const extensionRowsLeftOut = defineFinding({
  code: "EXTENSION_ROWS_LEFT_OUT",
  means: "warning",
  says: ({ rows, table, extension }: { rows: string; table: string; extension: string }) => ({
    message: `${rows} rows of ${table} are NOT in the dump: the table belongs to the extension ${extension}, which ` +
      "does not let pg_dump take them.",
    fix: "Copy them by hand (COPY … TO), or keep them in your own table.",
    object: table,
  }),
  examples: [{ rows: "12", table: "cron.job_run_details", extension: "pg_cron" }],
});

export const extensionChangesLeftOut = defineFinding({
  code: "EXTENSION_CHANGES_LEFT_OUT",
  means: "warning",
  says: ({ what }: { what: readonly string[] }) => ({
    message: `NOT in the dump, because they are changes to an extension's objects: ${shown(what)}.`,
    fix: "Keep the commands that make these changes, and run them after a restore. Or make them on your own tables.",
  }),
  examples: [{ what: ["the index cron.by_user"] }],
});

export const systemSchemaLeftOut = defineFinding({
  code: "SYSTEM_SCHEMA_LEFT_OUT",
  means: "warning",
  says: ({ what }: { what: readonly string[] }) => ({
    message: `NOT in the dump, because pg_dump takes nothing from pg_catalog and information_schema: ${shown(what)}.`,
    fix: "Move them to your own schema (ALTER … SET SCHEMA), or keep the commands that create them.",
  }),
  examples: [{ what: ["the function pg_catalog.our_total(integer)"] }],
});

export const dependsOnSearchPath = defineFinding({
  code: "DEPENDS_ON_SEARCH_PATH",
  means: "warning",
  says: ({ kind, object, what, names, functionName }: {
    /** What runs it: `index`, `check`. */
    kind: string;
    object: string;
    /** What looks for the names. */
    what: string;
    names: readonly string[];
    /** The function that could be given its own search_path. */
    functionName?: string;
  }) => ({
    message:
      `${what}, which the ${kind} ${object} runs, finds ${names.join(", ")} only by search_path. During a restore ` +
      "search_path is empty, so the restore may fail there.",
    fix: `At the source: write the names with their schemas${
      functionName === undefined ? "" : `, or ALTER FUNCTION ${functionName} SET search_path = …`
    }.`,
    object,
  }),
  examples: [{
    kind: "index",
    object: "public.orders_total",
    what: "public.total(integer)",
    names: ["prices"],
    functionName: "public.total(integer)",
  }],
});

export const dependsOnRows = defineFinding({
  code: "DEPENDS_ON_ROWS",
  means: "warning",
  says: ({ kind, object, functionName, tables }: {
    kind: string;
    object: string;
    functionName: string;
    tables: readonly string[];
  }) => ({
    message: `${functionName}, which the ${kind} ${object} calls, reads ${tables.join(", ")}. Whether a restore ` +
      "works depends on which table is filled first.",
    fix: "At the source: use a foreign key or a trigger instead. A restore creates those after it has loaded the rows.",
    object,
  }),
  examples: [{
    kind: "check",
    object: "orders_price of public.orders",
    functionName: "public.is_price(numeric)",
    tables: ["public.prices"],
  }],
});
