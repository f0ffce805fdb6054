import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { collect } from "./options.ts";

// The options about stores that several commands share. Credentials are never among them: the SDK finds them where
// aws finds them.

export const fromOption = () =>
  new Option("--from <store>", "the directory or s3://bucket/prefix that holds backups").makeOptionMandatory();

export const databaseOption = () =>
  new Option("--database <name>", "only backups of this database; its own name, or the configuration's for it");

export const systemIdentifierOption = () =>
  new Option("--system-identifier <id>", "only backups of this cluster, where several have a database of that name");

export const trustedKeyOption = () =>
  new Option("--trusted-key <file>", "a public key that must have signed what is believed; may be repeated")
    .argParser(collect);

export const regionOption = () =>
  new Option("--region <name>", "the bucket's region; else AWS_REGION, AWS_DEFAULT_REGION or the profile's");

export const endpointOption = () =>
  new Option("--endpoint <url>", "another S3 server than Amazon's, addressed by path").argParser(httpUrl);

export const sseOption = () =>
  new Option("--sse <how>", "how the bucket's server encrypts").choices(["AES256", "aws:kms", "aws:kms:dsse"] as const);

export const sseKmsKeyIdOption = () => new Option("--sse-kms-key-id <key>", "the key of aws:kms");

export const storageClassOption = () =>
  new Option("--storage-class <class>", "S3's storage class, such as STANDARD_IA");

export const tagOption = () =>
  new Option("--tag <name=value>", "tag every object; may be repeated").argParser((text, gathered?: string[]) => {
    if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError("It must be name=value.");
    return collect(text, gathered);
  });

/** Tags as a store takes them. */
export function tagsOf(tags: string[] | undefined): Record<string, string> | undefined {
  return tags &&
    Object.fromEntries(tags.map((tag) => [tag.slice(0, tag.indexOf("=")), tag.slice(tag.indexOf("=") + 1)]));
}

export const encryptOption = () =>
  new Option("--encrypt <recipient>", "encrypt for this age1… recipient; may be repeated").argParser(collect);

export const identityOption = () =>
  new Option("--identity <file>", "the identity that decrypts, as pgrehearse keygen wrote it");

function httpUrl(text: string): string {
  if (/^https?:\/\/[^/@?#]+/i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("It must be a URL such as https://s3.example.com, without user or password.");
}
