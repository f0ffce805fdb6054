import { createHash } from "node:crypto";
import { sizeText } from "../values/quantities.ts";
import { OperatorError } from "../system/operator_error.ts";
import { reasonOf } from "../system/reason.ts";
import { readRegularText } from "../system/regular_file.ts";
import { registerName } from "../system/redact.ts";
import type { Manifest } from "./manifest.ts";

/** A larger file is no manifest. */
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
    if (size > largestManifestBytes) throw tooLarge(path, size);
    text = await readRegularText(path);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw new OperatorError("MANIFEST_UNREADABLE", `Cannot read the manifest ${path}: ${reasonOf(error)}.`, {
      fix: "Check the path and its permissions.",
      cause: error,
    });
  }
  return await parseManifest(text, path);
}

/** @param path Named in errors. */
export async function parseManifest(text: string, path: string): Promise<Manifest> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw invalid(path, `it is not JSON (${(error as Error).message}), perhaps cut short`);
  }
  const { schema } = (document ?? {}) as { schema?: unknown };
  const major = typeof schema === "string" ? Number(/^pgrehearse\.manifest\/v(\d+)$/.exec(schema)?.[1]) : NaN;
  if (Number.isNaN(major)) throw invalid(path, "its schema is not pgrehearse.manifest/v1");
  if (major > 1) {
    throw new OperatorError("MANIFEST_TOO_NEW", `${path} was written by a newer pgrehearse: ${schema}.`, {
      fix: "Use that version or a newer one.",
    });
  }
  const { manifestSchema } = await import("./manifest_schema.ts");
  const result = manifestSchema.safeParse(document);
  if (result.success) {
    registerName(result.data.database.name);
    sha256s.set(result.data, createHash("sha256").update(text).digest("hex"));
    return result.data;
  }
  const [{ path: where, message }] = result.error.issues;
  throw invalid(path, `${where.join(".") || "the document"}: ${message}`);
}

const sha256s = new WeakMap<Manifest, string>();

/** SHA-256 of the file that a manifest was read from; `undefined` if it was made here. */
export function manifestSha256(manifest: Manifest): string | undefined {
  return sha256s.get(manifest);
}

function invalid(path: string, why: string): OperatorError {
  return new OperatorError("MANIFEST_INVALID", `${path} is not a valid manifest: ${why}.`, {
    fix: "Use the manifest as pgrehearse backup wrote it; a copy elsewhere may be whole.",
  });
}

function tooLarge(path: string, sizeBytes: number): OperatorError {
  return new OperatorError("MANIFEST_TOO_LARGE", `${path} has ${sizeText(sizeBytes)}, more than 256 MiB.`, {
    fix: "Check that it is a manifest.",
  });
}
