import { toolVersion } from "../../verdict/tool_version.ts";
import { fillIn } from "./fill_in.ts";
import { postgresImage } from "./postgres_image.ts";
import template from "./templates/backup_restore.yml" with { type: "text" };

/** A workflow for GitHub Actions that rehearses a restore every week. */
export function githubWorkflow(): string {
  return fillIn(template, { VERSION: toolVersion.version, POSTGRES_IMAGE: postgresImage });
}
