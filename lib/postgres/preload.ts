import { is } from "../system/define_finding.ts";
import { makeThrowawayCluster, type ThrowawayCluster, type ThrowawayOptions } from "./throwaway_cluster.ts";
import type { ServerTools } from "./tools.ts";
import { serverStartFailed } from "./findings/tools.ts";

/** What a server loads when it starts, and how that is set. */
export interface Preload {
  libraries: string[];
  settings: { name: string; value: string }[];
}

/** A manifest is somebody's text: no path, and no other library than those that this host's PostgreSQL brings. */
const safe = { library: /^[A-Za-z0-9_][\w.-]*$/, name: /^[a-z_]\w*(\.\w+)+$/i, value: /^[\w.+-]*$/ };

/** Settings that name the database such a library works in, and those that keep its work from being done. */
const known: Readonly<Record<string, { database?: string; idle?: Record<string, string> }>> = {
  pg_cron: { database: "cron.database_name", idle: { "cron.launch_active_jobs": "off" } },
  pg_net: { database: "pg_net.database_name" },
  timescaledb: { idle: { "timescaledb.max_background_workers": "0" } },
};

/**
 * The settings of a server that loads what another one loads, and does none of its work: it has no room for background
 * workers, so that no job of the restored database ever runs.
 *
 * @param databases What the database was called, and is called now.
 */
function settingsFor(
  { libraries, settings }: Preload,
  databases: { from?: string; to: string },
): Record<string, string> {
  if (libraries.length === 0) return {};
  const own = libraries.flatMap((library) => {
    const { database, idle } = known[library] ?? {};
    return Object.entries({ ...(database && { [database]: databases.to }), ...idle });
  });
  return {
    ...Object.fromEntries(
      settings.filter(({ name, value }) => safe.name.test(name) && (value === databases.from || safe.value.test(value)))
        .map(({ name, value }) => [name, value === databases.from ? databases.to : value]),
    ),
    ...Object.fromEntries(own),
    shared_preload_libraries: libraries.map((name) => `"${name}"`).join(", "),
    max_worker_processes: "0",
  };
}

/** A throwaway cluster, and what of its wishes this host does not have. */
interface PreloadedCluster {
  cluster: ThrowawayCluster;
  loaded: string[];
  leftOut: string[];
}

/**
 * Makes a throwaway cluster whose server loads those of the libraries that this host has.
 *
 * @throws {OperatorError} As {@linkcode makeThrowawayCluster}.
 */
export async function makePreloadedCluster(
  tools: ServerTools,
  preload: Preload,
  databases: { from?: string; to: string },
  options: ThrowawayOptions,
): Promise<PreloadedCluster> {
  const wanted = [...new Set(preload.libraries.map((name) => name.replace(/^\$libdir\//, "")))];
  let libraries = wanted.filter((name) => safe.library.test(name));
  for (;;) {
    const settings = { ...options.settings, ...settingsFor({ ...preload, libraries }, databases) };
    try {
      const cluster = await makeThrowawayCluster(tools, { ...options, settings });
      return { cluster, loaded: libraries, leftOut: wanted.filter((name) => !libraries.includes(name)) };
    } catch (error) {
      if (!is(error, serverStartFailed) || libraries.length === 0) throw error;
      const missing = /could not (?:access file|load library) "(?:.*\/)?([^"/]+?)(?:\.so|\.dylib)?"/.exec(
        error.detail ?? "",
      );
      // What does not start with them starts without them.
      libraries = libraries.filter((name) => missing !== null && libraries.includes(missing[1]) && name !== missing[1]);
    }
  }
}
