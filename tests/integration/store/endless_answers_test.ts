import assert from "node:assert/strict";
import { openStore } from "../../../lib/storage/open_store.ts";
import { outcomeOf, type RunningProgram, startPgrehearse } from "../../support/pgrehearse.ts";
import { type Fault, type S3Request, startS3Server } from "../../support/s3_server.ts";
import { hour, storeBackup } from "../../support/stored_backups.ts";

const letters = new TextEncoder().encode("x".repeat(65_536));
const mostMemoryBytes = 700_000_000;

/** Reads a store, each in another way. */
const commands = [
  ["list"],
  ["status", "--max-age", "1d"],
  ["prune", "--keep-last", "1", "--yes"],
  ["drill", "--latest", "--trust-dump", "--no-record"],
  ["drill", "NAME.dump", "--trust-dump", "--no-record"],
  ["history"],
];

const isListing = ({ method, query }: S3Request) => method === "GET" && query.has("list-type");
const isObject = (request: S3Request) => request.method === "GET" && !isListing(request);

/** What a server says where it was asked for something small. */
const faults: Record<string, (request: S3Request) => Fault | undefined> = {
  "an endless listing": (request) => isListing(request) ? { endless: letters } : undefined,
  "objects without end": (request) => isObject(request) ? { endless: letters } : undefined,
  "objects without end, of a size that it said": (request) =>
    isObject(request)
      ? { endless: letters, status: 206, headers: { "content-range": "bytes 0-99/100", etag: '"x"' } }
      : undefined,
  "endless refusals": (request) => isListing(request) ? undefined : { endless: letters, status: 403 },
};

Deno.test("s3: whatever reads a store bears answers without end, in bounded memory", async (t) => {
  await using server = await startS3Server();
  for (const [name, value] of Object.entries(server.env)) Deno.env.set(name, value);
  const store = await openStore("s3://backups/p", { endpoint: server.endpoint });
  const name = await storeBackup(store, { ageMs: hour });
  await storeBackup(store, { ageMs: 2 * hour });
  const held = await Array.fromAsync(store.list(), (file) => file.name);
  const start = (command: readonly string[]) =>
    startPgrehearse(
      [...command.map((word) => word.replace("NAME", name)), "--from", "s3://backups/p", "--endpoint", server.endpoint],
      { env: server.env },
    );
  for (const command of commands) {
    for (const [what, fault] of Object.entries(faults)) {
      await t.step(`${command.join(" ")}: ${what}`, async () => {
        server.inject(fault);
        const running = start(command);
        const peak = peakMemoryBytes(running);
        const { status, verdict, stderr } = outcomeOf(await running.output());
        assert.notEqual(verdict.findings[0]?.code, "INTERNAL_ERROR", stderr);
        // What only a listing says is enough for some, and a dump that is named needs none: then it is not a dump.
        if (what === "an endless listing") assert.equal(status, command[1] === "NAME.dump" ? 1 : 2, stderr);
        else if (command[0] === "drill") assert.equal(status, 2, stderr);
        assert.ok(await peak < mostMemoryBytes, `${await peak} bytes`);
      });
    }
    await t.step(`${command.join(" ")}: ends by SIGTERM while an answer drips`, async () => {
      const { promise: asked, resolve } = Promise.withResolvers<void>();
      server.inject(() => {
        resolve();
        return { endless: letters.slice(0, 1), everyMs: 50 };
      });
      const running = start(command);
      await asked;
      running.kill("SIGTERM");
      const { status, verdict } = outcomeOf(await running.output());
      assert.deepEqual([status, verdict.findings[0].code], [143, "INTERRUPTED"]);
    });
  }
  server.inject(() => undefined);
  assert.deepEqual(await Array.fromAsync(store.list(), (file) => file.name), held);
  await store.close();
});

/** The most memory that the program held; Linux keeps it only while the process lives. */
async function peakMemoryBytes({ pid, output }: RunningProgram): Promise<number> {
  let isRunning = true;
  output().finally(() => isRunning = false);
  let peak = 0;
  while (isRunning) {
    const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/status`], stderr: "null" }).output();
    peak = Math.max(peak, Number(/^VmHWM:\s+(\d+) kB$/m.exec(new TextDecoder().decode(stdout))?.[1] ?? 0) * 1024);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(peak > 0);
  return peak;
}
