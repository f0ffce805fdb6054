import assert from "node:assert/strict";
import { join } from "node:path";
import { needing } from "../../support/needing.ts";
import { pathWithout } from "../../support/ordinary_user.ts";
import { type Outcome, pgrehearse } from "../../support/pgrehearse.ts";
import { startTestServer } from "../../support/server.ts";
import { traceableDirectory } from "../../support/traces.ts";

const codes = ({ status, verdict }: Outcome) => [status, verdict.findings.map(({ code }) => code)];

Deno.test({
  // As root without namespaces there is an account's isolation, and no more.
  ...needing(
    { root: Deno.uid() === 0 },
    "a policy: what this host or this dump cannot give is refused, and nothing ran",
  ),
  async fn(t) {
    await using server = await startTestServer();
    await using directory = await traceableDirectory();
    const mark = join(directory.path, "mark");
    const dump = join(directory.path, "shop.sql");
    const foreign = "--\n-- PostgreSQL database dump\n--\n\nCREATE TABLE public.t (a integer);\n" +
      "INSERT INTO public.t VALUES (1);\n" +
      `COPY (SELECT 1) TO PROGRAM 'cat >${mark}';\n--\n-- PostgreSQL database dump complete\n--\n\n`;
    await Deno.writeTextFile(dump, foreign);
    const env = { PATH: await pathWithout(directory.path, "bwrap", "unshare") };
    const config = join(directory.path, "config.json");
    const run = async (command: string, policy: object, args: string[] = [], checks: object[] = []) => {
      await Deno.writeTextFile(
        config,
        JSON.stringify({
          databases: { shop: { url: server.url("shop"), target_url: server.url("shop_again") } },
          store: join(directory.path, "store"),
          drill: { trust_dump: true },
          checks,
          policy,
        }),
      );
      const outcome = await pgrehearse([command, dump, "--config", config, ...args], { env });
      const ran = await Deno.remove(mark).then(() => true, () => false);
      return { outcome, ran };
    };
    const refused = async (command: string, code: string, policy: object, args?: string[]) => {
      const { outcome, ran } = await run(command, policy, args);
      assert.deepEqual([codes(outcome), ran], [[1, [code]], false], outcome.stderr);
      return outcome.verdict;
    };

    await t.step("the dump acts where the policy lets it run", async () => {
      const { outcome, ran } = await run("drill", { require_isolation: "account", require_proof: "restored" });
      assert.deepEqual([codes(outcome), ran], [[0, ["ISOLATION_INCOMPLETE"]], true], outcome.stderr);
    });
    await t.step("less isolation than is required", async () => {
      for (const require_isolation of [true, "full", "namespaces"]) {
        const { findings: [finding] } = await refused("drill", "ISOLATION_TOO_WEAK", { require_isolation });
        assert.match(finding.message, /only account; the policy requires/);
      }
    });
    await t.step("a server that is named isolates from nothing but this host", async () => {
      const policy = { require_isolation: "account" };
      const into = ["--into", server.url()];
      const { findings: [finding] } = await refused("drill", "ISOLATION_TOO_WEAK", policy, into);
      assert.match(finding.message, /server that you name/);
      await refused("restore", "ISOLATION_TOO_WEAK", policy);
      const admin = await server.connect();
      assert.equal((await admin`SELECT FROM pg_database WHERE datname = 'shop_again'`).length, 0);
      await admin.end();
    });
    await t.step("more proof than a dump without a manifest can give", async () => {
      for (const command of ["drill", "restore"]) {
        for (const require_proof of ["exact", "checked"]) {
          await refused(command, "PROOF_TOO_WEAK", { require_proof });
        }
      }
      const check = { kind: "rows", name: "t", database: "shop", table: "t", minimum: 1 };
      const { outcome, ran } = await run("drill", { require_proof: "checked" }, [], [check]);
      assert.deepEqual([codes(outcome), ran], [[0, ["ISOLATION_INCOMPLETE"]], true], outcome.stderr);
    });
  },
});
