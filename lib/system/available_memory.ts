/** Where Linux says how much memory the processes of a container may take, and take now: version 2, then version 1. */
const ofContainers = [
  ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"],
  ["/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"],
] as const;

/** How many bytes programs can still take: of the host's memory, and in a container of its limit. */
export async function availableMemoryBytes(): Promise<number> {
  const left = [Deno.systemMemoryInfo().available];
  for (const files of ofContainers) {
    const [limit, used] = await Promise.all(files.map(readNumber));
    if (limit !== undefined && used !== undefined) left.push(limit - used);
  }
  return Math.max(0, Math.min(...left));
}

/** Absent where there is no such file, and where it says `max`. */
async function readNumber(path: string): Promise<number | undefined> {
  const text = await Deno.readTextFile(path).catch(() => "");
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}
