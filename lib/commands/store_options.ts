import { Option } from "@commander-js/extra-typings";
import { backupOptions } from "../options/backup_options.ts";
import { keyOptions, runOptions } from "../options/run_options.ts";
import { storeOptions } from "../options/store_options.ts";
import { declaredOption } from "./declared_option.ts";

// The options about stores that several commands share. Credentials are never among them: the SDK finds them where
// aws finds them.

export const fromOption = () =>
  new Option("--from <store>", "the directory or s3://bucket/prefix that holds backups").makeOptionMandatory();

export const databaseOption = () =>
  new Option("--database <name>", "only backups of this database; its own name, or the configuration's for it");

export const systemIdentifierOption = () =>
  new Option("--system-identifier <id>", "only backups of this cluster, where several have a database of that name");

export const trustedKeyOption = () => declaredOption(keyOptions.trusted_keys);

export const regionOption = () => declaredOption(storeOptions.region);

export const endpointOption = () => declaredOption(storeOptions.endpoint);

export const sseOption = () => declaredOption(storeOptions.sse);

export const sseKmsKeyIdOption = () => declaredOption(storeOptions.sse_kms_key_id);

export const storageClassOption = () => declaredOption(storeOptions.storage_class);

export const tagOption = () => declaredOption(storeOptions.tag);

/** Tags as a store takes them. */
export function tagsOf(tags: string[] | undefined): Record<string, string> | undefined {
  return tags &&
    Object.fromEntries(tags.map((tag) => [tag.slice(0, tag.indexOf("=")), tag.slice(tag.indexOf("=") + 1)]));
}

export const encryptOption = () => declaredOption(backupOptions.encrypt);

export const identityOption = () => declaredOption(runOptions.identity);
