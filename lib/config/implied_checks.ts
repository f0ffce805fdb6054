import { type Check, checkKinds } from "../checks/kinds.ts";
import type { ConfigDocument } from "./config_schema.ts";

/** What a configuration says to check without writing it as a check: its files, and the buckets to keep an inventory of. */
export function withImpliedChecks<Document extends Pick<ConfigDocument, "checks" | "files" | "buckets">>(
  document: Document,
): Document {
  const { files, buckets } = document;
  const implied = impliedChecks({
    hasFiles: files.length > 0 && !document.checks.some(({ kind }) => kind === "files"),
    inventories: Object.entries(buckets).filter(([, { inventory }]) => inventory).map(([bucket, { copy_to }]) => ({
      bucket,
      // A drill looks at the copy, whose ETags may be others; a directory has none.
      sha256: copy_to !== undefined,
    })),
  });
  return { ...document, checks: [...document.checks, ...implied] };
}

/** The names that checks get which are implied. */
export function impliedNames(document: { files?: unknown; buckets?: unknown }): string[] {
  const buckets = Object.entries((document.buckets ?? {}) as Record<string, { inventory?: unknown }>);
  return [
    ...(Array.isArray(document.files) && document.files.length > 0 ? ["files"] : []),
    ...buckets.filter(([, bucket]) => bucket?.inventory === true).map(([name]) => `inventory of ${name}`),
  ];
}

function impliedChecks(
  { hasFiles, inventories }: { hasFiles: boolean; inventories: { bucket: string; sha256: boolean }[] },
): Check[] {
  const checks = [
    ...(hasFiles ? [{ kind: "files", name: "files" }] : []),
    // Its duration is unknown beforehand, and every object may have to be read.
    ...inventories.map((inventory) => ({
      kind: "inventory",
      name: `inventory of ${inventory.bucket}`,
      timeout: "1h",
      ...inventory,
    })),
  ];
  return checks.map((check) =>
    checkKinds.find(({ kind }) => kind === check.kind)!.schema.parse(check) as unknown as Check
  );
}
