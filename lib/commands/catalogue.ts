import type { Defined } from "../system/define_finding.ts";

/** Every room that defines findings. Loaded late: nobody else needs all of them at once. */
const rooms: Record<string, unknown>[] = await Promise.all([
  import("../chain/findings.ts"),
  import("../checks/chain/findings.ts"),
  import("../checks/files/findings.ts"),
  import("../checks/findings.ts"),
  import("../checks/http/findings.ts"),
  import("../checks/inventory/findings.ts"),
  import("../checks/objects/findings.ts"),
  import("../checks/secrets/findings.ts"),
  import("../checks/sequence/findings.ts"),
  import("../config/findings.ts"),
  import("../dumps/findings.ts"),
  import("../evidence/findings.ts"),
  import("../fetch/findings.ts"),
  import("../jobs/backup/findings/cluster.ts"),
  import("../jobs/backup/findings/dumps.ts"),
  import("../jobs/doctor/findings/database.ts"),
  import("../jobs/doctor/findings/host.ts"),
  import("../jobs/doctor/findings/prerequisites.ts"),
  import("../jobs/doctor/findings/stores.ts"),
  import("../jobs/drill/findings.ts"),
  import("../jobs/drill/findings/server.ts"),
  import("../jobs/findings.ts"),
  import("../jobs/findings/selftest.ts"),
  import("../jobs/history/findings.ts"),
  import("../jobs/init/findings.ts"),
  import("../jobs/report/findings.ts"),
  import("../jobs/restore/findings/roles.ts"),
  import("../jobs/smoke/findings.ts"),
  import("../jobs/store/findings.ts"),
  import("../jobs/whole_system/findings/policy.ts"),
  import("../jobs/whole_system/findings/programs.ts"),
  import("../jobs/whole_system/findings/steps.ts"),
  import("../manifest/compare/findings.ts"),
  import("../manifest/findings.ts"),
  import("../manifest/globals/findings.ts"),
  import("../manifest/privileges/findings.ts"),
  import("../manifest/source/findings.ts"),
  import("../options/findings.ts"),
  import("../postgres/connection/findings/reaching.ts"),
  import("../postgres/connection/findings/settings.ts"),
  import("../postgres/connection/findings/tls.ts"),
  import("../postgres/findings/dumps.ts"),
  import("../postgres/findings/servers.ts"),
  import("../postgres/findings/tools.ts"),
  import("../postgres/plain/findings.ts"),
  import("../run/findings.ts"),
  import("../storage/findings/dump_files.ts"),
  import("../storage/findings/encryption.ts"),
  import("../storage/findings/stores.ts"),
  import("../storage/s3/findings.ts"),
  import("../system/findings.ts"),
  import("../targets/findings.ts"),
]);

/** Everything that findings and notes can say, by the codes. */
export const catalogue: readonly Defined[] = rooms.flatMap((room) => Object.values(room).filter(isDefined));

function isDefined(exported: unknown): exported is Defined {
  return exported !== null && ["function", "object"].includes(typeof exported) &&
    Object.hasOwn(exported as object, "codes");
}
