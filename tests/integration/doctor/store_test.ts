import assert from "node:assert/strict";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { type Fault, type S3Request, startS3Server } from "../../support/s3_server.ts";

/** What is set on a bucket, as S3 answers it. */
const good: Record<string, Fault> = {
  publicAccessBlock: {
    xml:
      `<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>
      <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>
      </PublicAccessBlockConfiguration>`,
  },
  versioning: { xml: "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>" },
  encryption: {
    xml: `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>
      <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>alias/backups</KMSMasterKeyID>
      </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
  },
  "object-lock": {
    xml: "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
  },
  lifecycle: { status: 404, code: "NoSuchLifecycleConfiguration" },
  region: { xml: "", headers: { "x-amz-bucket-region": "us-east-1" } },
};

const lifecycle = {
  xml: `<LifecycleConfiguration><Rule><ID>old</ID><Status>Enabled</Status><Filter/>
    <NoncurrentVersionExpiration><NoncurrentDays>30</NoncurrentDays></NoncurrentVersionExpiration>
    </Rule></LifecycleConfiguration>`,
};

function settingAskedBy({ method, path, query }: S3Request): string | undefined {
  if (path !== "/backups" && path !== "/backups/") return undefined;
  return method === "HEAD" ? "region" : Object.keys(good).find((name) => query.has(name));
}

Deno.test("doctor of a bucket", async (t) => {
  await using s3 = await startS3Server();
  const doctor = async (
    settings: Record<string, Fault>,
    fault: (request: S3Request) => Fault | undefined = () => undefined,
  ) => {
    s3.inject((request) => fault(request) ?? settings[settingAskedBy(request) ?? ""]);
    const args = ["doctor", "--store", "s3://backups/shop", "--endpoint", s3.endpoint];
    const { status, verdict, stderr } = await pgrehearse(args, { env: s3.env });
    const found = verdict.prerequisites!.filter(({ name }) => name.startsWith("store"));
    return {
      status,
      stderr,
      states: Object.fromEntries(found.map(({ name, state }) => [name, state])),
      said: Object.fromEntries(found.map(({ name, message, fix = "" }) => [name, `${message} ${fix}`])),
    };
  };
  const allPass = {
    store_writes_and_reads: "pass",
    store_public_access: "pass",
    store_versioning: "pass",
    store_encryption: "pass",
    store_retention: "pass",
    store_region: "pass",
  };

  await t.step("with everything set, passes, names the key, and leaves nothing", async () => {
    const { states, said, stderr } = await doctor(good);
    assert.deepEqual(states, allPass, stderr);
    assert.match(said.store_encryption, /aws:kms, key alias\/backups/);
    const [put, deleted] = ["PUT", "DELETE"].map((method) => s3.requests.filter((r) => r.method === method));
    assert.match(put[0].path, /^\/backups\/shop\/pgrehearse-probe-/);
    assert.equal(deleted[0].path, put[0].path);
  });

  await t.step("a public bucket fails, whether nothing is set or not all four", async () => {
    const nothing = { status: 404, code: "NoSuchPublicAccessBlockConfiguration" };
    const three = { xml: (good.publicAccessBlock as { xml: string }).xml.replace("true", "false") };
    for (const publicAccessBlock of [nothing, three]) {
      const { status, states, said } = await doctor({ ...good, publicAccessBlock });
      assert.equal(status, 1);
      assert.deepEqual(states, { ...allPass, store_public_access: "fail" });
      assert.match(said.store_public_access, /put-public-access-block --bucket backups/);
    }
  });

  await t.step("no versions, no encryption, neither lock nor lifecycle: warnings; a lifecycle will do", async () => {
    const bare = {
      ...good,
      versioning: { xml: "<VersioningConfiguration/>" },
      encryption: { status: 404, code: "ServerSideEncryptionConfigurationNotFoundError" },
      "object-lock": {
        status: 404,
        code: "ObjectLockConfigurationNotFoundError",
        message: "Object Lock configuration does not exist for this bucket",
      },
    };
    const without = { ...allPass, store_versioning: "warn", store_encryption: "warn" };
    assert.deepEqual((await doctor(bare)).states, { ...without, store_retention: "warn" });
    const suspended = { xml: "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>" };
    assert.deepEqual((await doctor({ ...bare, versioning: suspended, lifecycle })).states, without);
  });

  await t.step("what may not be asked is a warning that names the permission", async () => {
    const denied = { status: 403, code: "AccessDenied", message: "no object lock for you" };
    const { states, said } = await doctor(Object.fromEntries(Object.keys(good).map((name) => [name, denied])));
    assert.deepEqual(
      new Set(Object.entries(states).map(([name, state]) => name === "store_writes_and_reads" || state)),
      new Set([true, "warn"]),
    );
    assert.match(said.store_public_access, /s3:GetBucketPublicAccessBlock/);
    assert.match(said.store_versioning, /s3:GetBucketVersioning/);
    assert.match(said.store_encryption, /s3:GetEncryptionConfiguration/);
    assert.match(said.store_retention, /s3:GetBucketObjectLockConfiguration/);
    assert.match(said.store_region, /s3:ListBucket/);
  });

  await t.step("what the server does not know is a warning, whatever it answers, and never a pass", async () => {
    const answers: Fault[] = [
      { status: 501, code: "NotImplemented" },
      { status: 404, code: "NoSuchKey" },
      { status: 405, code: "MethodNotAllowed" },
    ];
    for (const answer of answers) {
      const { states, said } = await doctor(Object.fromEntries(Object.keys(good).map((name) => [name, answer])));
      for (const name of ["public_access", "versioning", "encryption", "region"]) {
        assert.equal(states[`store_${name}`], "warn", `${JSON.stringify(answer)}: ${name}`);
        assert.match(said[`store_${name}`], /^Cannot read the setting /);
      }
      assert.equal(states.store_retention, "warn");
    }
    const { states } = await doctor({}); // as s3rver answers
    for (const [name, state] of Object.entries(states)) {
      if (name !== "store_writes_and_reads") assert.notEqual(state, "pass", name);
    }
  });

  await t.step("another region, a missing bucket, and a server that alters bytes fail", async () => {
    const region = { xml: "", headers: { "x-amz-bucket-region": "eu-central-1" } };
    const elsewhere = await doctor({ ...good, region });
    assert.equal(elsewhere.states.store_region, "fail");
    assert.match(elsewhere.said.store_region, /--region eu-central-1/);
    const missing = await doctor(
      {},
      ({ method }) => method === "HEAD" ? { status: 404, code: "" } : { status: 404, code: "NoSuchBucket" },
    );
    assert.deepEqual(missing.states, { store: "fail" });
    const altered = await doctor(
      good,
      ({ method, path }) => method === "GET" && path.includes("probe") ? { lie: "alter sent" } : undefined,
    );
    assert.equal(altered.states.store_writes_and_reads, "fail");
  });

  await t.step("a role that may not remove is a warning that names what stays", async () => {
    const { states, said } = await doctor(
      good,
      ({ method }) => method === "DELETE" ? { status: 403, code: "AccessDenied" } : undefined,
    );
    assert.deepEqual(states, { ...allPass, store_writes_and_reads: "warn" });
    assert.match(said.store_writes_and_reads, /pgrehearse-probe-.*s3:DeleteObject/);
  });
});
