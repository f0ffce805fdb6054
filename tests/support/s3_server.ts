import S3rver from "s3rver";
import { createHash } from "node:crypto";

/** A request as it arrived. */
export interface S3Request {
  method: string;
  /** `/bucket/key` */
  path: string;
  query: URLSearchParams;
  headers: Headers;
  sizeBytes: number;
  /** How many like it (same method, path and query) came before. */
  earlier: number;
}

export interface Refusal {
  status: number;
  code: string;
  message?: string;
  headers?: Record<string, string>;
}

/** What goes wrong with a request. */
export type Fault =
  | Refusal
  /** Answer this instead of asking the real server. */
  | { xml: string; headers?: Record<string, string> }
  /** Answer with bytes that do not end, one piece every this many milliseconds. */
  | { endless: Uint8Array<ArrayBuffer>; everyMs?: number; headers?: Record<string, string>; status?: number }
  /** Break the connection off after this many bytes of the answer's body. */
  | { cutAfter: number }
  /** Change one bit of what is stored, or of what is sent back; or store only a part of it. */
  | { lie: "alter stored" | "alter sent" | "shorten stored" | "shorten sent" }
  /** Say that it was done, and do nothing. */
  | { lie: "drop" }
  /** Report a wrong checksum. */
  | { lie: "misreport" }
  /** Do it, then break the connection off before answering. */
  | { lie: "no answer" }
  | { delayMs: number };

type AnyFault = Partial<
  & Refusal
  & { xml: string; cutAfter: number; lie: string; delayMs: number; endless: Uint8Array<ArrayBuffer>; everyMs: number }
>;

/** A real S3 endpoint, with a proxy before it that sees and spoils requests. */
export interface S3Server extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: S3Request[];
  /** Decides what goes wrong with each request from now on. */
  inject(fault: (request: S3Request) => Fault | undefined): void;
  /** Multipart uploads begun and neither completed nor aborted. */
  readonly unfinished: Set<string>;
  /** For the program: where credentials are taken from. */
  readonly env: Record<string, string>;
}

const bucketName = "backups";
export const s3Secret = "s3-secret-hunter2";

/**
 * @param isPlain Be a server that knows no checksums, no conditions and no encryption, as s3rver is; else the proxy adds
 *   what Amazon's has: it refuses bytes that do not match their checksum, and to write what is there already under
 *   `If-None-Match: *`, and reports checksums and encryption afterwards.
 */
export async function startS3Server({ isPlain = false } = {}): Promise<S3Server> {
  const directory = await Deno.makeTempDir({ prefix: "pgr-s3-" });
  const inner = new S3rver({
    port: 0,
    address: "127.0.0.1",
    silent: true,
    directory,
    allowMismatchedSignatures: true,
    configureBuckets: [{ name: bucketName, configs: [] }],
  });
  const { port } = await inner.run();
  const client = Deno.createHttpClient({}); // not a shared one: s3rver ends when its last connection does
  const requests: S3Request[] = [];
  const unfinished = new Set<string>();
  const kept = new Map<string, Record<string, string>>(); // what the server says later, by path or upload
  const written = new Set<string>(); // what is there, or will be as soon as the request before has ended
  let fault: (request: S3Request) => Fault | undefined = () => undefined;

  const answer = async (incoming: Request): Promise<Response> => {
    const url = new URL(incoming.url);
    const { method, headers } = incoming;
    let body = new Uint8Array(await incoming.arrayBuffer());
    const request: S3Request = {
      method,
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers,
      sizeBytes: body.length,
      earlier:
        requests.filter((r) => r.method === method && r.path === url.pathname && `${r.query}` === `${url.searchParams}`)
          .length,
    };
    requests.push(request);
    const wrong: AnyFault = fault(request) ?? {};
    const lie = wrong.lie;
    if (wrong.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, wrong.delayMs));
    if (wrong.endless !== undefined) {
      const { status = 200, headers } = wrong;
      return new Response(endless(wrong.endless, wrong.everyMs), { status, headers });
    }
    if (wrong.status !== undefined) return refusal(wrong as Refusal);
    if (wrong.xml !== undefined) return new Response(method === "HEAD" ? null : wrong.xml, { headers: wrong.headers });
    const uploadId = url.searchParams.get("uploadId");
    if (lie === "drop" && !uploadId) return new Response(null, { headers: { etag: `"${"0".repeat(32)}"` } });
    if (lie === "drop") body = new Uint8Array(0);
    if (method === "DELETE" && uploadId) { // s3rver has no AbortMultipartUpload
      unfinished.delete(uploadId);
      return new Response(null, { status: 204 });
    }
    if (method === "POST" && uploadId && !unfinished.has(uploadId)) {
      return refusal({ status: 404, code: "NoSuchUpload" });
    }
    if (method === "POST" && uploadId && isPlain && new TextDecoder().decode(body).includes("ChecksumSHA256")) {
      return refusal({ status: 400, code: "MalformedXML" }); // as OpenStack's Swift
    }
    if (method === "PUT" && !isPlain) {
      const sent = headers.get("x-amz-checksum-sha256");
      if (sent && sent !== base64Sum(body) && lie === undefined) {
        return refusal({ status: 400, code: "BadDigest" });
      }
    }
    if (!isPlain && method === "PUT" && headers.get("if-none-match") === "*" && written.has(request.path)) {
      return refusal({ status: 412, code: "PreconditionFailed" });
    }
    if (method === "PUT") written.add(request.path);
    if (method === "DELETE") written.delete(request.path);
    const stored = rememberedOf(method, headers);
    if (lie === "alter stored") body = body.with(body.length >> 1, body[body.length >> 1] ^ 1);
    if (lie === "shorten stored") body = body.slice(0, -1);
    const forwarded = new Headers(headers);
    for (const name of ["host", "content-length", "content-md5", "expect"]) forwarded.delete(name);
    forwarded.set("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    const isList = url.searchParams.has("list-type");
    if (isList) asOlderList(url.searchParams);
    const response = await fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, {
      method,
      headers: forwarded,
      body: method === "GET" || method === "HEAD" ? undefined : body,
      client,
    });
    let said = new Uint8Array(await response.arrayBuffer());
    if (isList && response.ok) said = withNextToken(said);
    const answered = new Headers(response.headers);
    if (isList) answered.delete("content-length");
    if (method === "POST" && url.searchParams.has("uploads")) {
      const id = /<UploadId>(.*?)<\/UploadId>/.exec(new TextDecoder().decode(said))![1];
      unfinished.add(id);
      kept.set(id, stored);
    } else if (method === "POST" && uploadId && response.ok) {
      unfinished.delete(uploadId);
      kept.set(request.path, { ...kept.get(uploadId), ...checksumOfParts(new TextDecoder().decode(body)) });
    } else if (method === "PUT" && response.ok && !uploadId) {
      kept.set(request.path, stored);
      await untilWritten(`http://127.0.0.1:${port}${url.pathname}`, body.length, client);
    } else if (method === "HEAD" && response.ok && !isPlain) {
      for (const [name, value] of Object.entries(kept.get(request.path) ?? {})) answered.set(name, value);
    }
    if (method === "PUT" && response.ok && uploadId && !isPlain) {
      for (const [name, value] of Object.entries(stored)) answered.set(name, value);
    }
    if (lie === "misreport") answered.set("x-amz-checksum-sha256", `${"A".repeat(43)}=`);
    if (lie === "no answer") {
      return new Response(broken(new Uint8Array(0)), { headers: { "content-length": "9" } });
    }
    if (lie === "shorten sent") {
      said = said.slice(0, said.length >> 1);
      answered.set("content-length", `${said.length}`);
    }
    if (lie === "alter sent") said = said.with(said.length >> 1, said[said.length >> 1] ^ 1);
    if (wrong.cutAfter !== undefined) {
      return new Response(broken(said.slice(0, wrong.cutAfter)), {
        status: response.status,
        headers: answered,
      });
    }
    return new Response(method === "HEAD" || response.status === 204 ? null : said, {
      status: response.status,
      headers: answered,
    });
  };
  const stop = new AbortController();
  const outer = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    signal: stop.signal,
    onListen() {},
    onError(error) {
      console.error(error); // else it stays unknown why
      return refusal({ status: 500, code: "InternalError" });
    },
  }, answer);
  return {
    endpoint: `http://127.0.0.1:${outer.addr.port}`,
    requests,
    unfinished,
    inject: (next) => void (fault = next),
    env: { AWS_ACCESS_KEY_ID: "S3RVER", AWS_SECRET_ACCESS_KEY: s3Secret, AWS_REGION: "us-east-1" },
    async [Symbol.asyncDispose]() {
      stop.abort(); // a graceful end would wait for connections that are kept alive
      await outer.finished;
      client.close();
      await inner.close();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** s3rver answers before the object's file has all that it was sent, which no real server does. */
async function untilWritten(address: string, sizeBytes: number, client: Deno.HttpClient): Promise<void> {
  for (const deadline = Date.now() + 2_000; Date.now() < deadline;) {
    const { headers } = await fetch(address, { method: "HEAD", client });
    if (Number(headers.get("content-length")) === sizeBytes) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** What Amazon's server says about an object later. */
function rememberedOf(method: string, headers: Headers): Record<string, string> {
  if (method !== "PUT" && method !== "POST") return {};
  const names = [
    "x-amz-checksum-sha256",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
  ];
  return Object.fromEntries(names.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value]];
  }));
}

// s3rver makes its tokens with a cipher that Deno has not; its first version of the listing needs none.

function asOlderList(query: URLSearchParams): void {
  const token = query.get("continuation-token");
  query.delete("continuation-token");
  query.delete("list-type");
  if (token) query.set("marker", new TextDecoder().decode(Uint8Array.fromBase64(token)));
}

function withNextToken(said: Uint8Array): Uint8Array<ArrayBuffer> {
  const xml = new TextDecoder().decode(said);
  const last = [...xml.matchAll(/<Key>(.*?)<\/Key>/g)].at(-1)?.[1] ?? "";
  const token = new TextEncoder().encode(last).toBase64();
  return new TextEncoder().encode(
    xml.replace("</ListBucketResult>", `<NextContinuationToken>${token}</NextContinuationToken></ListBucketResult>`),
  );
}

function checksumOfParts(xml: string): Record<string, string> {
  const sums = [...xml.matchAll(/<ChecksumSHA256>(.*?)<\/ChecksumSHA256>/g)].map(([, sum]) => sum);
  const hash = createHash("sha256");
  for (const sum of sums) hash.update(sum, "base64");
  return { "x-amz-checksum-sha256": `${hash.digest("base64")}-${sums.length}` };
}

function base64Sum(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("base64");
}

function refusal({ status, code, message = code, headers = {} }: Refusal): Response {
  const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return new Response(xml, { status, headers: { "content-type": "application/xml", ...headers } });
}

/** A body that does not end as long as it is read. */
function endless(piece: Uint8Array<ArrayBuffer>, everyMs = 0): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from((async function* () {
    for (;;) {
      yield piece;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })());
}

/** A body that breaks off. */
function broken(first: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from((async function* () {
    if (first.length > 0) yield first;
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new Error("cut");
  })());
}
