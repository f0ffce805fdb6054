import { join } from "node:path";
import type { Attack, AttackGround } from "./attack.ts";

// Archives that an attacker packed: bombs, and members that are not files of the archive itself.

const sql = (body: string) =>
  `--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE public.t (a text);\n${body}` +
  "--\n-- PostgreSQL database dump complete\n--\n\n";

async function shell(command: string, cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("sh", { args: ["-c", command], cwd }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}

/** What a few KB become when they are unpacked, by how they were packed; `shop.sql` is 64 MB of zeros. */
const bombs: Record<string, string> = {
  "gzip": "gzip <shop.sql >bomb",
  "gzip in gzip in gzip": "gzip <shop.sql | gzip | gzip >bomb",
  "zstd": "zstd -q <shop.sql >bomb",
  "bzip2": "bzip2 <shop.sql >bomb",
  "xz": "xz -1 <shop.sql >bomb",
  "lz4": "lz4 -q <shop.sql >bomb",
  "tar in gzip": "tar -czf bomb shop.sql",
  "a file of 1 TB in tar, most of it a hole": "truncate -s 1T shop.sql && tar -cSf bomb shop.sql",
  "zip": "zip -q bomb.zip shop.sql && mv bomb.zip bomb",
  "many layers": "cp shop.sql bomb; for i in 1 2 3 4 5 6; do gzip <bomb >next; mv next bomb; done",
};

export const decompressionBombs: Attack[] = Object.entries(bombs).map(([what, script]) => ({
  name: `bomb: ${what}`,
  async attempt(ground) {
    const { directory, give } = ground;
    // The program puts nothing into a directory whose path is long: a socket's would be too long for the kernel.
    const disk = await Deno.makeTempDir({ dir: "/tmp", prefix: "pgr-disk-" });
    await shell(`mount -t tmpfs -o size=24m,mode=1777 none ${disk}`, directory);
    try {
      const rows = `COPY public.t (a) FROM stdin;\n${`${"0".repeat(1023)}\n`.repeat(65_536)}\\.\n\n`;
      await Deno.writeTextFile(join(directory, "shop.sql"), sql(rows));
      await shell(script, directory);
      await give(join(directory, "bomb"));
      const { status, verdict } = await ground.run(["drill", "bomb", "--timeout", "20s"], { env: { TMPDIR: disk } });
      const said = verdict.findings.map(({ code }) => code).filter((code) => code !== "ISOLATION_INCOMPLETE").join();
      if (status !== 2 || !/^(DISK_FULL|DUMP_PACKED|ISOLATION_MISSING|TIMEOUT)$/.test(said)) {
        throw new Error(`it ended with ${status}, ${said}`);
      }
      const left = await Array.fromAsync(Deno.readDir(disk), ({ name }) => name);
      if (left.length > 0) throw new Error(`${left} is left on the disk`);
    } finally {
      await shell(`umount -l ${disk}`, directory);
      await Deno.remove(disk);
    }
  },
}));

/** What lies in an archive beside, or in the place of, the dump `shop.sql`. */
const members: Record<string, string> = {
  "a link to a file": "ln -s $SECRET shop.sql && tar -cf bad shop.sql",
  "a link beside the dump": "cp good.sql shop.sql && ln -s $SECRET x && tar -cf bad shop.sql x",
  "a link to a directory, and a file behind it":
    "ln -s marks out && tar -cf bad out && rm out && mkdir out && cp good.sql out/x && tar -rf bad out/x",
  "a hard link to a file": "cp good.sql shop.sql && ln shop.sql y && tar -cf bad shop.sql y && " +
    "sed -i 's|shop.sql|../sec.x|2g' bad",
  "a named pipe": "mkfifo shop.sql && tar -cf bad shop.sql",
  "a device": "mknod shop.sql c 1 5 && tar -cf bad shop.sql",
  "a path above": "cp good.sql shop.sql && tar -cPf bad --transform 's|shop.sql|../../../marks/above|' shop.sql",
  "an absolute path": 'cp good.sql shop.sql && tar -cPf bad --transform "s|shop.sql|$PWD/marks/absolute|" shop.sql',
  "a link, in gzip": "ln -s $SECRET shop.sql && tar -czf bad shop.sql",
  "a link, in zip": "ln -s $SECRET shop.sql && zip -qy bad.zip shop.sql && mv bad.zip bad",
  "a path above, in zip":
    "mkdir up && cp good.sql up/x.sql && zip -q bad.zip up/x.sql && sed -i 's|up/x|../x|g' bad.zip && " +
    "mv bad.zip bad",
  "a name with a line's end": "cp good.sql 'a\nb' && tar -cf bad a*b",
  "a name that looks like an option": "cp good.sql ./--to-command=touch\\ marks\\ x && tar -cf bad -- --to-c*",
};

export const badMembers: Attack[] = Object.entries(members).map(([what, script]) => ({
  name: `archive: ${what}`,
  async attempt(ground: AttackGround) {
    const { directory, give } = ground;
    const secret = join(directory, "secret");
    await Deno.writeTextFile(secret, sql("INSERT INTO public.t VALUES ('of-the-secret');\nSELECT of-the-secret;\n"), {
      mode: 0o600,
    });
    await Deno.writeTextFile(join(directory, "good.sql"), sql("INSERT INTO public.t VALUES ('x');\n"));
    await shell(`SECRET=${secret}; ${script}`, directory);
    for (const path of [secret, join(directory, "bad")]) await give(path);
    const { stdout, stderr } = await ground.run(["drill", "bad", "--trust-dump", "--timeout", "60s"]);
    if (/of-the-secret/.test(stdout + stderr)) throw new Error("it shows the file");
    if (await Deno.readTextFile(secret).then((text) => !text.includes("of-the-secret"))) {
      throw new Error("the file outside was changed");
    }
  },
}));
