import project from "../../deno.json" with { type: "json" };
import build from "./build.json" with { type: "json" };

/** Which pgrehearse, on which Deno. */
export const toolVersion = { version: project.version, deno: Deno.version.deno };

/**
 * Describes this program in full, as `--version --json` prints it.
 *
 * The commit is stamped into what scripts/compile and scripts/pack build; a checkout, whose files may be any, names none.
 */
export function describeTool() {
  const commit: string | null = build.commit;
  const { v8, deno } = Deno.version;
  return { schema: "pgrehearse.version/v1", version: project.version, commit, deno, v8, target: Deno.build.target };
}
