import type { Definition } from "../definitions/definitions.ts";
import type { Manifest, Privileges } from "../manifest.ts";
import { gatherGrants } from "./capture_privileges.ts";

/** What definitions of earlier builds' manifests say of owners and grants: roles and memberships are not among it. */
export function privilegesOfDefinitions(
  { definitions, postgres }: { definitions: readonly Definition[]; postgres: Manifest["postgres"] },
): Privileges {
  const gathered = gatherGrants();
  const isOfColumn = (item: string) => /^column /.test(item);
  gathered.add(
    definitions.map(({ acl = [], column_acl = [], ...definition }) => {
      const own = acl.filter((item) => !isOfColumn(item));
      return {
        ...definition,
        ...own.length > 0 && { acl: own },
        column_acl: [...column_acl, ...acl.filter(isOfColumn)],
      };
    }),
    postgres.server_version_num,
  );
  return {
    bootstrap_role: "",
    grants: gathered.groups(),
    changed: [],
    database: { owner: "", grants: [] },
    large_objects: [],
    row_security: [],
    roles: [],
  };
}
