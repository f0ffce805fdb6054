import { createHash } from "node:crypto";
import { OperatorError, reasonOf } from "../system/operator_error.ts";
import { sizeText } from "../system/quantities.ts";
import { registerName } from "../system/redact.ts";
import { readRegularText } from "../system/regular_file.ts";
import { manifestInvalid, manifestTooLarge, manifestTooNew, manifestUnreadable } from "./findings.ts";
import type { Manifest } from "./manifest.ts";

/** A larger file is not a manifest. */
export const largestManifestBytes = 256 * 1024 * 1024;

/**
 * Reads a manifest and refuses what is not one.
 *
 * @throws {OperatorError} `MANIFEST_UNREADABLE`, `MANIFEST_TOO_LARGE`, `MANIFEST_INVALID`, `MANIFEST_TOO_NEW`.
 */
export async function readManifest(path: string): Promise<Manifest> {
  let text: string;
  try {
    const { size } = await Deno.stat(path);
    if (size > largestManifestBytes) throw manifestTooLarge.error({ path, size: sizeText(size) });
    text = await readRegularText(path);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw manifestUnreadable.error({ path, reason: reasonOf(error) }, { cause: error });
  }
  return await parseManifest(text, path);
}

/** @param path Named in errors. */
export async function parseManifest(text: string, path: string): Promise<Manifest> {
  const invalid = (why: string) => manifestInvalid.error({ path, why });
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw invalid(`it is not JSON (${(error as Error).message}), perhaps cut short`);
  }
  const { schema } = (document ?? {}) as { schema?: unknown };
  const major = typeof schema === "string" ? Number(/^pgrehearse\.manifest\/v(\d+)$/.exec(schema)?.[1]) : NaN;
  if (Number.isNaN(major)) throw invalid("its schema is not pgrehearse.manifest/v1");
  if (major > 1) throw manifestTooNew.error({ path, schema: String(schema) });
  const { manifestSchema } = await import("./manifest_schema.ts");
  const result = manifestSchema.safeParse(document);
  if (result.success) {
    registerName(result.data.database.name);
    sha256s.set(result.data, createHash("sha256").update(text).digest("hex"));
    return result.data;
  }
  const [{ path: where, message }] = result.error.issues;
  throw invalid(`${where.join(".") || "the document"}: ${message}`);
}

const sha256s = new WeakMap<Manifest, string>();

/** SHA-256 of the file that a manifest was read from; `undefined` if it was made here. */
export function manifestSha256(manifest: Manifest): string | undefined {
  return sha256s.get(manifest);
}
