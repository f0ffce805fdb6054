import assert from "node:assert/strict";
import { join } from "node:path";
import { findServerTools } from "../../../lib/postgres/tools.ts";
import { codesOf, runPhysicalDrill } from "../../support/physical_drills.ts";

/** Puts a script in the place of a tool for a while. */
async function withTool(name: string, script: string, work: () => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  const path = Deno.env.get("PATH")!;
  await Deno.writeTextFile(join(directory, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  Deno.env.set("PATH", `${directory}:${path}`);
  try {
    await work();
  } finally {
    Deno.env.set("PATH", path);
    await Deno.remove(directory, { recursive: true });
  }
}

const { major } = await findServerTools();
const label = "20260102-030405F";
const info = JSON.stringify([{
  name: "main",
  status: { code: 0, message: "ok" },
  db: [{ id: 1, "repo-key": 1, "system-id": 7123456789012345678n.toString(), version: String(major) }],
  backup: [{
    label,
    database: { id: 1, "repo-key": 1 },
    info: { size: 1 },
    archive: { start: "000000010000000000000003", stop: "000000010000000000000003" },
    lsn: { start: "0/3000028", stop: "0/3000100" },
    timestamp: { start: 1767323045, stop: 1767323046 },
  }],
}]);
const segment = `{"main/000000010000000000000003-${"0".repeat(40)}.gz":{"type":"file","size":9,"time":1767323046}}`;
/** Answers as pgBackRest does, up to the restore. */
const untilRestore = (restore: string) =>
  `case "$*" in *info*) echo '${info}' ;; *repo-ls*) echo '${segment}' ;; *restore*) ${restore} ;; esac`;

interface Situation {
  tool: "pgbackrest" | "barman";
  name: string;
  script: string;
  codes: string[];
  verdict?: "fail";
  says?: RegExp;
}
const situations: Situation[] = [
  { tool: "pgbackrest", name: "says nothing", script: "exit 0", codes: ["BACKUP_TOOL_FAILED"] },
  { tool: "pgbackrest", name: "says what is not JSON", script: "echo '[{\"name\":'", codes: ["BACKUP_TOOL_FAILED"] },
  {
    tool: "pgbackrest",
    name: "says JSON of another shape",
    script: 'echo \'[{"name":"main"}]\'',
    codes: ["BACKUP_TOOL_FAILED"],
  },
  { tool: "pgbackrest", name: "says null", script: "echo null", codes: ["BACKUP_TOOL_FAILED"] },
  {
    tool: "pgbackrest",
    name: "has no stanza at all",
    script: "echo '[]'",
    codes: ["BACKUP_TOOL_FAILED"],
    says: /nothing by the name of main/,
  },
  {
    tool: "pgbackrest",
    name: "fails, and is quoted",
    script: "echo 'ERROR: [041]: permission denied' >&2; exit 41",
    codes: ["BACKUP_TOOL_FAILED"],
    says: /permission denied/,
  },
  { tool: "pgbackrest", name: "hangs", script: "sleep 600", codes: ["TIMEOUT"] },
  {
    tool: "pgbackrest",
    name: "cannot list the archive",
    script: `case "$*" in *info*) echo '${info}' ;; *) echo 'ERROR: no such path' >&2; exit 55 ;; esac`,
    codes: ["BACKUP_TOOL_FAILED"],
    says: /no such path/,
  },
  {
    tool: "pgbackrest",
    name: "has an archive without the backup's WAL",
    script: `case "$*" in *info*) echo '${info}' ;; *repo-ls*) echo '{}' ;; esac`,
    codes: ["WAL_MISSING"],
    verdict: "fail",
  },
  {
    tool: "pgbackrest",
    name: "restores nothing, and says that it did",
    script: untilRestore("exit 0"),
    codes: ["PHYSICAL_BACKUP_INCOMPLETE"],
    verdict: "fail",
  },
  {
    tool: "pgbackrest",
    name: "cannot restore",
    script: untilRestore("echo 'ERROR: [029]: data error' >&2; exit 29"),
    codes: ["BACKUP_TOOL_COULD_NOT_RESTORE"],
    verdict: "fail",
    says: /data error/,
  },
  { tool: "barman", name: "says nothing", script: "exit 0", codes: ["BACKUP_TOOL_FAILED"] },
  { tool: "barman", name: "says what is not JSON", script: "echo WARNING: something", codes: ["BACKUP_TOOL_FAILED"] },
  {
    tool: "barman",
    name: "says JSON of another shape",
    script: `echo '{"main":[{"id":1}]}'`,
    codes: ["BACKUP_TOOL_FAILED"],
  },
  { tool: "barman", name: "says null", script: "echo null", codes: ["BACKUP_TOOL_FAILED"] },
  {
    tool: "barman",
    name: "has no backup",
    script: `echo '{"main":[]}'`,
    codes: ["NO_PHYSICAL_BACKUP"],
    verdict: "fail",
    says: /barman:main has no finished backup/,
  },
  {
    tool: "barman",
    name: "does not know a backup that it lists",
    script:
      `case "$*" in *list-backups*) echo '{"main":[{"backup_id":"20260102T030405","status":"DONE"}]}' ;; *) exit 1 ;; esac`,
    codes: ["BACKUP_TOOL_FAILED"],
  },
  { tool: "barman", name: "hangs", script: "sleep 600 | cat", codes: ["TIMEOUT"] },
];

Deno.test("physical drill: whatever a tool says, nothing passes, and its words are quoted", async (t) => {
  for (const { tool, name, script, codes, verdict: expected = "unknown", says } of situations) {
    await t.step(`${tool} ${name}`, () =>
      withTool(tool, script, async () => {
        const verdict = await runPhysicalDrill(`${tool}:main`, codes[0] === "TIMEOUT" ? { timeoutMs: 500 } : {});
        const said = JSON.stringify(verdict.findings, null, 1);
        assert.deepEqual([verdict.verdict, codesOf(verdict)], [expected, codes], said);
        if (says) assert.match(said, says);
      }));
  }
  await t.step("a tool that is not installed", async () => {
    const path = Deno.env.get("PATH")!;
    const directory = await Deno.makeTempDir();
    // What the drill itself needs is there; the tools are not.
    for (
      const name of ["sh", "unshare", "setpriv", "mount", "mkdir", "cat", "rm", "chown", "sed", "grep", "id", "env"]
    ) {
      const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${name}`] }).output();
      const program = new TextDecoder().decode(stdout).trim();
      if (program.startsWith("/")) await Deno.symlink(program, join(directory, name));
    }
    Deno.env.set("PATH", directory);
    try {
      for (const tool of ["pgbackrest", "barman"]) {
        const verdict = await runPhysicalDrill(`${tool}:main`);
        const said = JSON.stringify(verdict.findings, null, 1);
        assert.deepEqual([verdict.verdict, codesOf(verdict)], ["unknown", ["BACKUP_TOOL_FAILED"]], said);
        assert.match(said, /not installed here/);
      }
    } finally {
      Deno.env.set("PATH", path);
      await Deno.remove(directory, { recursive: true });
    }
  });
});
