import { describeTool, toolVersion } from "../verdict/tool_version.ts";

/** Whether nothing but the version is asked for: that takes no other part of the program. */
export function asksForVersion(args: readonly string[]): boolean {
  return args.some((arg) => arg === "--version" || arg === "-V") &&
    args.every((arg) => ["--version", "-V", "--json"].includes(arg));
}

/** The version, with `--json` in full. */
export function versionText(args: readonly string[]): string {
  return args.includes("--json") ? JSON.stringify(describeTool(), null, 2) : toolVersion.version;
}
