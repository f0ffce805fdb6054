import assert from "node:assert/strict";
import { join } from "node:path";
import { openStore } from "../../../lib/storage/open_store.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { type S3Server, startS3Server } from "../../support/s3_server.ts";
import { startTestServer } from "../../support/server.ts";

// deno-lint-ignore no-explicit-any
type Config = any;

async function names(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory), ({ name }) => name)).sort();
}

async function writeObject({ endpoint, env }: S3Server, name: string, content: string): Promise<void> {
  for (const [variable, value] of Object.entries(env)) Deno.env.set(variable, value);
  const store = await openStore("s3://backups", { endpoint });
  await store.write(name, ReadableStream.from([new TextEncoder().encode(content)]));
  await store.close();
}

Deno.test("configured runs", async (t) => {
  await using server = await startTestServer();
  const sql = await server.connect();
  await sql.unsafe("CREATE DATABASE shop");
  await sql.unsafe("CREATE DATABASE identity");
  await sql.end();
  for (const [database, table] of [["shop", "orders"], ["identity", "users"]]) {
    const inside = await server.connect(database);
    await inside.unsafe(`CREATE TABLE ${table} AS SELECT n AS id FROM generate_series(1, 50) AS n`);
    await inside.end();
  }
  const directory = await Deno.makeTempDir({ prefix: "pgr-configured-" });
  const base: Config = {
    databases: {
      shop: { url: server.url("shop"), target_url: server.url("shop_again") },
      identity: { url: server.url("identity"), target_url: server.url("identity_again") },
    },
    store: join(directory, "store"),
    checks: [{ kind: "rows", name: "orders", database: "shop", table: "orders", minimum: 50 }],
  };
  /** Runs a command with a configuration, which root has to name. */
  const run = async (args: string[], change: (config: Config) => void = () => {}) => {
    const config = structuredClone(base);
    change(config);
    await Deno.writeTextFile(join(directory, "pgrehearse.jsonc"), JSON.stringify(config, null, 2));
    const [command, ...options] = args;
    const named = options.includes("--config") ? [] : ["--config", "pgrehearse.jsonc"];
    return await pgrehearse([command, ...named, ...options], { cwd: directory });
  };

  await t.step("a configuration with mistakes is exit 2, and says all of them, each with its place", async () => {
    const { status, verdict } = await run(["drill"], (config) => {
      config.polcy = {};
      config.checks[0].minimun = 3;
    });
    assert.equal(status, 2);
    assert.deepEqual(verdict.findings.map(({ code, message }) => [code, message]), [
      ["CONFIG_INVALID", 'pgrehearse.jsonc:20:7: unknown key "minimun" in checks[0]. Did you mean "minimum"?'],
      ["CONFIG_INVALID", 'pgrehearse.jsonc:23:3: unknown key "polcy". Did you mean "policy"?'],
    ]);
  });

  await t.step("doctor looks at every database and at the store", async () => {
    const { verdict } = await run(["doctor"]);
    const of = (name: string) =>
      verdict.prerequisites!.filter((each) => each.name === name).map(({ object }) => object);
    assert.deepEqual(of("connection"), []);
    assert.deepEqual(of("server_version").sort(), ["identity", "shop"]);
    const gone = await run(["doctor"], (config) => config.databases.identity.url = server.url("gone"));
    assert.equal(gone.status, 1);
    const { object } = gone.verdict.findings.find(({ code }) => code === "PREREQUISITE_CONNECTION")!;
    assert.equal(object, "identity");
  });

  await t.step("a set lacks nothing: one database that cannot be reached, and none is backed up", async () => {
    const { status, verdict } = await run(["backup"], (config) => {
      config.databases.identity.url = server.url("gone");
    });
    assert.equal(status, 2);
    assert.match(verdict.findings[0].message, /^identity: |gone/);
    assert.deepEqual(await names(base.store).catch(() => []), []);
  });

  await t.step("a set is backed up, drilled and restored, each database under its name", async () => {
    const made = await run(["backup"]);
    assert.equal(made.status, 0, made.stderr);
    const drilled = await run(["drill"]);
    assert.equal(drilled.status, 0, drilled.stderr);
    assert.equal(drilled.verdict.proof, "exact");
    const restored = await run(["restore", "--swap"]);
    assert.equal(restored.status, 0, restored.stderr);
    assert.deepEqual(restored.verdict.restored!.map(({ proof }) => proof), ["exact", "exact"]);
    const inside = await server.connect("identity_again");
    assert.equal((await inside`SELECT FROM users`).length, 50);
    await inside.end();
  });

  const authority = ["--operator", "ann", "--approved-by", "bob", "--reason", "a test", "--confirm", "shop"];
  const replace = ["--swap", "--operator", "ann", "--approved-by", "bob", "--reason", "a test"];
  const confirmed = [...replace, "--confirm", "shop_again,identity_again"];
  const oidOfTarget = async () => {
    const admin = await server.connect();
    const [{ oid }] = await admin`SELECT oid::int8 AS oid FROM pg_database WHERE datname = 'shop_again'`;
    await admin.end();
    return oid;
  };

  await t.step("a policy is held before a swap: what it replaces is as it was", async () => {
    const before = await oidOfTarget();
    for (
      const [policy, code] of [
        [{ rpo: "1ms" }, "RPO_EXCEEDED"],
        [{ max_backup_age: "1ms" }, "BACKUP_AGE_EXCEEDED"],
        [{ require_encryption: true }, "NOT_ENCRYPTED"],
      ] as const
    ) {
      const { status, verdict } = await run(["restore", ...confirmed], (config) => config.policy = policy);
      assert.deepEqual([status, verdict.findings[0].code], [1, code]);
      assert.equal(await oidOfTarget(), before);
    }
  });

  await t.step(
    "nothing of a set is replaced where one of it can be known to be refused, and that is said first",
    async () => {
      const before = await oidOfTarget();
      const policy = (config: Config) => config.policy = { require_proof: "exact" };
      const refusedWith = async (code: string, args: string[], change?: (config: Config) => void) => {
        const { status, verdict, stderr } = await run(["restore", ...args], (config) => {
          policy(config);
          change?.(config);
        });
        assert.notEqual(status, 0);
        assert.equal(verdict.findings[0].code, code, stderr);
        assert.ok(!verdict.findings.some(({ code }) => code === "POLICY_UNKNOWN"));
        assert.equal(await oidOfTarget(), before);
      };
      await refusedWith("APPROVAL_MISSING", [...replace, "--confirm", "shop_again"]);
      const session = await server.connect("identity_again");
      await session`SELECT 1`;
      await refusedWith("CONNECTIONS_OPEN", confirmed);
      await session.end();
      const file = join(directory, "a file");
      await Deno.writeTextFile(file, "");
      await refusedWith("SAFETY_BACKUP_FAILED", [...confirmed, "--safety-store", join(file, "store")]);
      // The same database, by another URL.
      await refusedWith("SAME_TARGET", confirmed, ({ databases }) => {
        databases.identity.target_url = `${databases.shop.target_url}${
          /[?]/.test(databases.shop.target_url) ? "&" : "?"
        }application_name=x`;
      });
      const dump = (await names(base.store)).find((name) => /^identity-[^.]*\.dump$/.test(name))!;
      const whole = await Deno.readFile(join(base.store, dump));
      await Deno.writeFile(join(base.store, dump), whole.map((byte, i) => i === 1000 ? byte ^ 1 : byte));
      await refusedWith("DUMP_ALTERED", confirmed);
      await Deno.writeFile(join(base.store, dump), whole);
    },
  );

  await t.step(
    "a safety backup is encrypted and signed as the configuration says",
    async () => {
      const before = await oidOfTarget();
      const keygen = async (...args: string[]) => (await pgrehearse(["keygen", ...args], { cwd: directory })).verdict;
      await keygen("--signing", "--output", "key");
      const { recipient } = await keygen("--output", "identity");
      const secured = (config: Config) =>
        Object.assign(config, {
          store: join(directory, "secured"),
          backup: { encrypt: [recipient], format: "custom" },
          signing_key: join(directory, "key"),
          trusted_keys: [join(directory, "key.pub")],
          identity: join(directory, "identity"),
          policy: { require_encryption: true, require_signature: true },
        });
      const made = await run(["backup"], secured);
      assert.equal(made.status, 0, made.stderr);
      const unsigned = await run(["restore", ...confirmed], (config) => delete secured(config).signing_key);
      assert.equal(unsigned.status, 1);
      assert.ok(unsigned.verdict.findings.some(({ code }) => code === "SAFETY_BACKUP_NOT_SIGNED"), unsigned.stderr);
      assert.equal(await oidOfTarget(), before);
      const restored = await run(["restore", ...confirmed], secured);
      assert.equal(restored.status, 0, restored.stderr);
      const files = await names(join(directory, "secured"));
      const safety = files.filter((name) => name.startsWith("shop_again") && !name.includes(".restore-"));
      assert.deepEqual(safety.map((name) => name.replace(/^[^.]*/, "")).sort(), [
        ".dump.age",
        ".globals.sql.age",
        ".manifest.json",
        ".manifest.json.sig",
      ]);
    },
  );

  await t.step("several databases are never taken from, or brought back to, a single one", async () => {
    const before = await names(base.store);
    const refused = async (args: string[], change?: (config: Config) => void) => {
      const { status, verdict } = await run(args, change);
      return [status, verdict.findings[0].code];
    };
    assert.deepEqual(await refused(["backup", "--config", "pgrehearse.jsonc", "--db-url", server.url("shop")]), [
      2,
      "SAME_SOURCE",
    ]);
    const bare = (config: Config) => config.databases = { shop: {}, identity: {} };
    assert.deepEqual(await refused(["backup"], bare), [2, "SAME_SOURCE"]);
    const target = ["--target-url", server.url("third")];
    assert.deepEqual(await refused(["restore", "--config", "pgrehearse.jsonc", ...target]), [2, "SAME_TARGET"]);
    const twice = (config: Config) => config.databases.identity.target_url = config.databases.shop.target_url;
    assert.deepEqual(await refused(["restore"], twice), [2, "SAME_TARGET"]);
    assert.deepEqual(await names(base.store), before);
  });

  await t.step("list, status and prune take the store and their options from it", async () => {
    assert.equal((await run(["list"])).verdict.backup_count, 2);
    assert.equal((await run(["status"])).status, 0);
    const { status, verdict } = await run(["status"], (config) => config.status = { max_age: "1ms" });
    assert.deepEqual([status, verdict.findings[0].code], [1, "BACKUP_TOO_OLD"]);
    const { verdict: { retention } } = await run(["prune"], (config) => config.prune = { keep_last: 3 });
    assert.deepEqual(retention!.policy, { keep_last: 3 });
    // What is said on the command line wins.
    const said = await run(["status", "--max-age", "1h"], (config) => config.status = { max_age: "1ms" });
    assert.equal(said.status, 0, said.stderr);
  });

  await t.step(
    "what is left of a set that died half made breaks no whole one: not for drill, not for prune",
    async () => {
      const store = base.store;
      const whole = (await names(store)).filter((name) => /^identity-.*(dump|globals\.sql|manifest\.json)$/.test(name));
      const half = (name: string) => name.replace(/-\d{8}T\d{6}Z/, "-20990101T000000Z");
      for (const name of whole) {
        const [from, to] = [join(store, name), join(store, half(name))];
        if (!name.endsWith(".json")) await Deno.copyFile(from, to);
        else {
          const text = (await Deno.readTextFile(from)).replace(/(identity|shop)-\d{8}T\d{6}Z/g, "$1-20990101T000000Z");
          await Deno.writeTextFile(to, text);
        }
      }
      // Otherwise it would stay as the newest that passed a drill.
      for (const name of await names(store)) {
        if (/^identity-.*\.drill-/.test(name)) await Deno.remove(join(store, name));
      }
      const pruned = await run(["prune", "--keep-last", "1", "--yes"]);
      assert.deepEqual(pruned.verdict.retention!.keep.map(({ reasons }) => reasons[0]).sort(), [
        "made_with_a_kept_one",
        "newest",
        "newest",
      ]);
      const drilled = await run(["drill", "--no-record"]);
      assert.equal(drilled.status, 0, drilled.stderr);
      const made = drilled.verdict.restored!.map(({ backup }) => backup.name.replace(/^.*-/, ""));
      assert.equal(made[0], made[1]);
      for (const name of whole) await Deno.remove(join(store, half(name)));
    },
  );

  await t.step("a step that fails ends the drill, and what came after it is said not to be done", async () => {
    const { status, verdict } = await run(["drill"], (config) => {
      config.steps = [
        { databases: ["shop", "identity"] },
        { name: "migrations", command: { command: ["sh", "-c", "echo no such column >&2; exit 3"] } },
        { checks: ["orders"] },
      ];
    });
    assert.equal(status, 1);
    const failure = verdict.findings.find(({ code }) => code === "COMMAND_FAILED");
    assert.match(failure!.detail!, /no such column/);
    assert.deepEqual(verdict.checks!.map(({ state }) => state), ["not_run"]);
    assert.ok(verdict.notes!.some(({ code }) => code === "STEPS_NOT_REACHED"));
  });

  await t.step("a policy that does not hold fails, one that cannot be measured does not pass", async () => {
    const late = await run(["drill"], (config) => config.policy = { rto: "1ms", max_backup_age: "1ms", rpo: "1d" });
    assert.equal(late.status, 1);
    assert.deepEqual(late.verdict.findings.map(({ code }) => code), ["RTO_EXCEEDED", "BACKUP_AGE_EXCEEDED"]);
    const incident = new Date(Date.now() + 10 * 86_400_000).toISOString();
    const lost = await run(["drill", "--incident-at", incident], (config) => config.policy = { rpo: "1d" });
    assert.deepEqual(lost.verdict.findings.map(({ code }) => code), ["RPO_EXCEEDED"]);
    const weak = await run(["drill"], (config) => config.policy = { require_encryption: true });
    assert.deepEqual(weak.verdict.findings.map(({ code }) => code), ["NOT_ENCRYPTED"]);
  });

  await t.step("without a manifest, checks that pass are the proof, and nothing knows the recovery point", async () => {
    const dump = join(directory, "foreign.dump");
    const { success } = await new Deno.Command("pg_dump", { args: ["-Fc", "-f", dump, server.url("shop")] }).output();
    assert.ok(success);
    const only = (config: Config) => delete config.databases.identity;
    const checked = await run(["drill", dump, "--config", "pgrehearse.jsonc", "--no-record"], only);
    assert.deepEqual([checked.status, checked.verdict.proof], [0, "checked"], checked.stderr);
    const unknown = await run(["drill", dump, "--config", "pgrehearse.jsonc", "--no-record"], (config) => {
      only(config);
      config.policy = { rpo: "1h" };
    });
    assert.deepEqual([unknown.status, unknown.verdict.findings[0].code], [2, "POLICY_UNKNOWN"]);
    const uncompared = await run(["drill", dump, "--config", "pgrehearse.jsonc", "--no-record"], (config) => {
      only(config);
      config.policy = { require_checksum: true };
    });
    assert.deepEqual([uncompared.status, uncompared.verdict.findings[0].code], [2, "POLICY_UNKNOWN"]);
  });

  await t.step("what is known of the past is compared with: rows may not dwindle", async () => {
    const inside = await server.connect("shop");
    await inside`DELETE FROM orders WHERE id > 30`;
    await inside.end();
    const change = (config: Config) => Object.assign(config.checks[0], { minimum: 1, percent_of_last_good: 90 });
    const made = await run(["backup"], change);
    assert.equal(made.status, 0, made.stderr);
    const { status, verdict } = await run(["drill"], change);
    assert.equal(status, 1);
    assert.equal(verdict.findings[0].check, "orders");
  });

  await t.step("buckets are copied with a backup, looked at in their copy by a drill, and brought back", async () => {
    const [proofs, copy] = [join(directory, "proofs"), join(directory, "copy")];
    await Deno.mkdir(proofs);
    for (const n of [1, 2, 3]) await Deno.writeTextFile(join(proofs, `${n}.pdf`), `proof ${n}`);
    const change = (config: Config) => {
      delete config.databases.identity;
      config.databases.shop.target_url = server.url("shop_with_objects");
      config.buckets = { proofs: { address: proofs, copy_to: copy, inventory: true } };
      config.checks = [];
      config.steps = [{ databases: ["shop"] }, { objects: ["proofs"] }, { checks: ["inventory of proofs"] }];
    };
    const made = await run(["backup"], change);
    assert.equal(made.status, 0, made.stderr);
    assert.equal(await Deno.readTextFile(join(copy, "2.pdf")), "proof 2");

    await Deno.remove(join(proofs, "2.pdf"));
    const drilled = await run(["drill"], change);
    assert.equal(drilled.status, 0, drilled.stderr);
    const restored = await run(["restore"], change);
    assert.equal(restored.status, 0, restored.stderr);
    assert.equal(await Deno.readTextFile(join(proofs, "2.pdf")), "proof 2");

    await Deno.remove(join(copy, "1.pdf"));
    const { status, verdict } = await run(["drill"], change);
    assert.equal(status, 1);
    assert.equal(verdict.findings[0].check, "inventory of proofs");
  });

  await t.step("one that holds checks alone is about the database or backup that the command line names", async () => {
    const only = (config: Config) => {
      config.databases = {};
      config.checks = [{ kind: "rows", name: "orders", table: "orders", minimum: 30 }];
    };
    const checksAlone = (config: Config) => {
      only(config);
      delete config.store;
    };
    const [name] = (await names(base.store)).filter((file) => /^shop-[^.]*\.manifest\.json$/.test(file));
    const path = join(base.store, name);
    const target = ["--target-url", server.url("shop")];
    for (
      const [args, change] of [
        [["drill", path], checksAlone],
        [["drill", name.replace(".manifest.json", ""), "--from", base.store], checksAlone],
        [["drill", "--latest", "--from", base.store, "--database", "shop"], checksAlone],
        [["drill", "--latest", "--database", "shop"], only],
        // Of several databases the target's name says which.
        [["restore", "--latest", "--from", base.store, ...target, "--swap", ...authority], checksAlone],
      ] as const
    ) {
      const { status, verdict, stderr } = await run([...args], change);
      assert.deepEqual(
        [status, verdict.checks!.map(({ name, state }) => [name, state])],
        [0, [["orders", "pass"]]],
        stderr,
      );
      assert.equal(verdict.restored![0].database, "shop");
    }
    const others = await run(["drill", "--latest", "--from", base.store, "--database", "identity"], checksAlone);
    assert.deepEqual([others.status, others.verdict.findings[0].code], [2, "CHECK_TABLE_MISSING"]);
    const either = await run(["drill", "--latest", "--from", base.store], checksAlone);
    assert.deepEqual([either.status, either.verdict.findings[0].code], [2, "SEVERAL_DATABASES"]);
    const to = join(directory, "of checks alone");
    const made = await run(["backup", "--db-url", server.url("shop"), "--to", to], checksAlone);
    assert.equal(made.status, 0, made.stderr);
    assert.match((await names(to))[0], /^shop-/);
  });

  await t.step("what lies in S3 may be copied to a directory, which knows no ETags", async () => {
    await using bucket = await startS3Server();
    await writeObject(bucket, "proofs/1.pdf", "proof 1");
    const config = JSON.stringify({
      databases: { shop: base.databases.shop },
      store: base.store,
      buckets: {
        proofs: {
          address: "s3://backups/proofs",
          endpoint: bucket.endpoint,
          copy_to: join(directory, "copy of s3"),
          inventory: true,
        },
      },
    });
    await Deno.writeTextFile(join(directory, "pgrehearse.jsonc"), config);
    for (const command of ["backup", "drill"]) {
      const { status, stderr } = await pgrehearse([command, "--config", "pgrehearse.jsonc"], {
        cwd: directory,
        env: bucket.env,
      });
      assert.equal(status, 0, stderr);
    }
  });

  await t.step("the time limit of the configuration holds", async () => {
    const { status, verdict } = await run(["drill"], (config) => config.timeout = "1ms");
    assert.deepEqual([status, verdict.findings[0].code], [2, "TIMEOUT"]);
  });
  await Deno.remove(directory, { recursive: true });
});
