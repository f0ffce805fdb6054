import { signatureSuffix } from "../../evidence/signature.ts";
import { readManifestText } from "../../fetch/fetch_stored_backup.ts";
import type { Job, JobOptions } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import { type CatalogEntry, readBackups } from "../../storage/backup_catalog.ts";
import { dumpSuffix, manifestSuffix } from "../../storage/backup_name.ts";
import { objectLocked } from "../../storage/findings/stores.ts";
import { defaultPolicy, planRetention, type RetentionDecision, type RetentionPolicy } from "../../storage/retention.ts";
import { bodyOf, type Store } from "../../storage/store.ts";
import { is } from "../../system/define_finding.ts";
import { inParallel } from "../../system/in_parallel.ts";
import { sizeText } from "../../system/quantities.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { backupDamaged, versionsRemain } from "./findings.ts";
import { openJobStore, type StoreJobOptions } from "./store_job.ts";
import { isIntact, weighBackups, type WeighedBackup } from "./weigh_backups.ts";

interface PruneOptions extends JobOptions, StoreJobOptions, RetentionPolicy {
  /** How long backups are kept that a restore made of what it replaced. @default {for ever} */
  keepSafetyMs?: number;
  /** Whether the newest whole backup is read, before what is older goes. @default {true} */
  checksum?: boolean;
  /** Whether to remove, or only to say what would be. */
  yes?: boolean;
}

type Decision = RetentionDecision<WeighedBackup>;

/** Removes the backups that the policy does not keep; without `yes`, it only says which. */
export function prune(options: PruneOptions): Promise<Verdict> {
  return runJob("prune", options, async (job) => {
    const { store, keys } = await openJobStore(job, options);
    const policy = policyOf(options);
    const catalog = await job.phase("list", () => readBackups(store, options));
    const decisions = await job.phase("read", async () => {
      const weighed = await weighBackups(job, store, catalog, keys);
      const safety = weighed.filter(({ entry }) => entry.identity?.isSafety);
      const others = weighed.filter(({ entry }) => !entry.identity?.isSafety);
      const planned = await planWithWhole(job, store, others, { policy, checksum: options.checksum ?? true });
      return inOrderOf(weighed, [...planned, ...safety.map((backup) => decideSafety(backup, options.keepSafetyMs))]);
    });
    const going = decisions.filter(({ reasons }) => reasons.length === 0).map(({ backup: { entry } }) => ({
      entry,
      line: { name: entry.name, size_bytes: entry.sizeBytes, removed: false },
    }));
    const { keepLast, keepDaily, keepWeekly, keepMonthly } = policy;
    job.record({
      backup_count: catalog.length,
      retention: {
        policy: {
          keep_last: keepLast,
          keep_daily: keepDaily,
          keep_weekly: keepWeekly,
          keep_monthly: keepMonthly,
          keep_safety_ms: options.keepSafetyMs,
        },
        keep: decisions.filter(({ reasons }) => reasons.length > 0)
          .map(({ backup: { name }, reasons }) => ({ name, reasons })),
        remove: going.map(({ line }) => line), // each says `removed` once it is
      },
    });
    if (!options.yes) {
      if (going.length > 0) {
        const size = sizeText(going.reduce((sum, { line }) => sum + line.size_bytes, 0));
        const [what, them] = going.length === 1 ? ["1 backup", "it"] : [`${going.length} backups`, "them"];
        job.say(`dry run: would remove ${what} (${size}); repeat with --yes to remove ${them}`);
      }
      return;
    }
    await job.phase("remove", () =>
      inParallel(going, 4, async ({ entry, line }) => {
        job.signal.throwIfAborted();
        line.removed = await removeBackup(job, store, entry);
      }));
  });
}

function policyOf({ keepLast, keepDaily, keepWeekly, keepMonthly }: RetentionPolicy): RetentionPolicy {
  const said = { keepLast, keepDaily, keepWeekly, keepMonthly };
  return Object.values(said).every((count) => count === undefined) ? defaultPolicy : said;
}

/**
 * Plans, and reads the newest whole backup of each database that would lose one: it must be as whole as it looks. One that
 * turns out to be damaged does not take another's place.
 */
async function planWithWhole(
  job: Job,
  store: Store,
  backups: WeighedBackup[],
  { policy, checksum }: { policy: RetentionPolicy; checksum: boolean },
): Promise<Decision[]> {
  const intact = new Set<WeighedBackup>();
  for (;;) {
    const planned = keepingSets(planRetention(backups, policy));
    const losing = new Set(planned.filter(({ reasons }) => reasons.length === 0).map(({ backup }) => backup.database));
    const newestWhole = [...losing].map((database) =>
      planned.find(({ backup }) => backup.database === database && backup.isFinished && backup.isWhole)?.backup
    );
    const unread = newestWhole.filter((backup) => backup !== undefined && !intact.has(backup)) as WeighedBackup[];
    if (!checksum || unread.length === 0) return planned;
    for (const backup of unread) {
      job.signal.throwIfAborted();
      if (await isIntact(store, backup.name)) {
        intact.add(backup);
        continue;
      }
      backup.isWhole = false;
      backup.hasPassedDrill = false;
      job.find(backupDamaged({ backup: backup.name }));
    }
  }
}

/** A set that lacks one is none any more. What was made of it before a run died may count as one's newest. */
function keepingSets(planned: Decision[]): Decision[] {
  const kept = new Set(planned.filter(({ reasons }) => reasons.length > 0).map(({ backup }) => backup.name));
  return planned.map(({ backup, reasons }) => {
    const isOfKeptSet = reasons.length === 0 && backup.members.some((member) => kept.has(member));
    return isOfKeptSet ? { backup, reasons: ["made_with_a_kept_one"] } : { backup, reasons };
  });
}

/** What a restore replaced is gone for good with it: only its own age decides. */
function decideSafety(backup: WeighedBackup, keepMs: number | undefined): Decision {
  const isOld = keepMs !== undefined && Date.now() - backup.takenAt.getTime() > keepMs;
  return { backup, reasons: backup.isFinished && isOld ? [] : ["safety"] };
}

function inOrderOf(backups: readonly WeighedBackup[], decisions: readonly Decision[]): Decision[] {
  const places = new Map(backups.map((backup, i) => [backup, i]));
  return decisions.toSorted((a, b) => places.get(a.backup)! - places.get(b.backup)!);
}

/**
 * Removes a backup, and what was noted about it. The manifest goes first: what is left if we are interrupted is not a backup
 * any more. It comes back if the dump turns out to be locked.
 *
 * @returns Whether it is gone.
 */
async function removeBackup(
  job: Job,
  store: Store,
  { name, format, dumpFiles, parts, drillRecords }: CatalogEntry,
): Promise<boolean> {
  const manifest = (await readManifestText(store, name))?.text;
  const [first, ...rest] = dumpFiles.map((file) => file.name);
  let isManifestGone = false;
  try {
    const how = await store.remove(name + manifestSuffix);
    isManifestGone = true;
    if (format === "directory" && store.removeFolder) {
      await store.removeFolder(name + dumpSuffix);
    } else {
      await store.remove(first);
      isManifestGone = false; // from here on it would name what is no longer there
      await inParallel(rest, 8, (file) => store.remove(file));
    }
    isManifestGone = false;
    const notes = drillRecords.flatMap(({ name }) => [name, name + signatureSuffix]);
    const others = parts.map((part) => part.name);
    await inParallel([...others, ...notes, name + manifestSuffix + signatureSuffix], 8, (file) => store.remove(file));
    if (how === "hidden") job.note(versionsRemain({ backup: name }));
    return true;
  } catch (error) {
    if (!is(error, objectLocked)) throw error;
    if (isManifestGone && manifest) {
      await store.write(name + manifestSuffix, bodyOf(manifest));
    }
    job.note(objectLocked.kept.note({ backup: name, why: error.message }));
    return false;
  }
}
