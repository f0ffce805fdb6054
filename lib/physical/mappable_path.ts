/** What a sandbox gives its programs; nothing else can lie there. */
const taken = /^\/(usr|bin|sbin|lib\w*|nix|gnu|proc|dev|sys|etc)(\/|$)/;

/** Whether a directory of ours can be put at a path that the backup chose. */
export function mappablePath(path: string): boolean {
  const isPlain = /^(\/[^/\n]+)+$/.test(path) && !path.split("/").some((part) => part === "." || part === "..");
  return isPlain && !taken.test(path);
}
