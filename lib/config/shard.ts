import type { ConfigDocument } from "./config_schema.ts";
import type { Shard } from "../options/shard.ts";
import { tooManyShards } from "./findings.ts";

/**
 * Returns a share of a configuration: every `count`th database, in the configuration's order, and what belongs to them.
 *
 * Databases that an application, a command, a check or the copy of a bucket needs together stay together. What belongs to
 * no database, such as files, is in the first share. So all shares together hold everything, and nothing twice.
 *
 * @throws {OperatorError} `TOO_MANY_SHARDS`, whatever the index, if one of them would have nothing to do.
 */
export function shardOf<Document extends ConfigDocument>(config: Document, { index, count }: Shard): Document {
  const groups = groupsOf(config);
  const inOrder = [...new Set(Object.keys(config.databases).map((name) => groups.of(`database ${name}`)))];
  if (count > inOrder.length) {
    const databases = Object.keys(config.databases).length;
    throw tooManyShards.configured.error({ databases, groups: inOrder.length, shards: count });
  }
  const isMine = (item: string) => Math.max(0, inOrder.indexOf(groups.of(item))) % count === index;

  const named = (kind: string) => (name: string) => isMine(`${kind} ${name}`);
  const checks = config.checks.filter(({ name }) => isMine(`check ${name}`));
  // A bucket that is only looked at may be looked at by many; what is copied is copied once.
  const buckets = filterKeys(config.buckets, (name) => !config.buckets[name].copy_to || isMine(`bucket ${name}`));
  const steps = config.steps?.flatMap((step, place) => {
    if (step.command) return isMine(`step ${place}`) ? [step] : [];
    const mine = namedBySteps.flatMap(([action, kind]) => {
      const names = step[action]?.filter(named(kind)) ?? [];
      return names.length > 0 ? [[action, names]] : [];
    });
    return mine.length > 0 ? [{ ...step, ...Object.fromEntries(mine) }] : [];
  });
  return {
    ...config,
    databases: filterKeys(config.databases, named("database")),
    app: filterKeys(config.app, named("app")),
    files: index === 0 ? config.files : [],
    buckets,
    checks,
    ...(steps && { steps }),
  };
}

/** What steps name, by their key. */
const namedBySteps = [["databases", "database"], ["objects", "bucket"], ["start", "app"], ["checks", "check"]] as const;

/** Finds out what belongs together. */
function groupsOf(config: ConfigDocument): Groups {
  const groups = makeGroups();
  const databases = Object.keys(config.databases);
  const apps = Object.keys(config.app);
  // Whoever does not say which database gets the one that is restored first.
  const first = config.steps?.flatMap((step) => step.databases ?? [])[0] ?? databases[0];
  const joinDatabases = (item: string, databaseEnv: Record<string, string> = { DATABASE_URL: first }) =>
    Object.values(databaseEnv).forEach((name) => groups.join(item, `database ${name}`));

  for (const [name, { database_env }] of Object.entries(config.app)) joinDatabases(`app ${name}`, database_env);
  config.steps?.forEach(({ command }, place) => {
    if (command) joinDatabases(`step ${place}`, command.database_env);
  });
  for (const check of config.checks) {
    const item = `check ${check.name}`;
    const { database, app = apps.length === 1 ? apps[0] : undefined, url, bucket, objects = [] } = check as Referring;
    if (database !== undefined) groups.join(item, `database ${database}`);
    if (check.kind === "http" && url === undefined && app !== undefined) groups.join(item, `app ${app}`);
    for (const name of [bucket, ...objects.map(({ bucket }) => bucket)]) {
      if (name !== undefined && config.buckets[name]?.copy_to) groups.join(item, `bucket ${name}`);
    }
  }
  return groups;
}

/** What checks of some kind or other refer to. */
interface Referring {
  database?: string;
  app?: string;
  url?: string;
  bucket?: string;
  objects?: { bucket: string }[];
}

/** Items, each in one group. */
interface Groups {
  /** The name of an item's group. */
  of(item: string): string;
  join(one: string, other: string): void;
}

function makeGroups(): Groups {
  const parents = new Map<string, string>();
  const of = (item: string): string => parents.has(item) ? of(parents.get(item)!) : item;
  return {
    of,
    join(one, other) {
      if (of(one) !== of(other)) parents.set(of(one), of(other));
    },
  };
}

function filterKeys<T>(record: Record<string, T>, isWanted: (key: string) => boolean): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => isWanted(key)));
}
