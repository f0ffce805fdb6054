import { createHash } from "node:crypto";

/** An S3 endpoint that costs next to nothing, so that what is measured is ours: it keeps hashes and sizes, no bytes. */
export interface BenchServer extends AsyncDisposable {
  readonly endpoint: string;
}

/** What every object holds, again and again. */
export const block = crypto.getRandomValues(new Uint8Array(64 * 1024));

/**
 * @param texts Objects of the bucket by key, with what they hold.
 */
export function startBenchServer(texts: Map<string, string> = new Map()): BenchServer {
  const keys = [...texts.keys()].sort();
  const pages = Map.groupBy(keys.map((key, i) => [key, i] as const), ([, i]) => Math.floor(i / 1000));
  const lists = [...pages].map(([page, entries]) => {
    const contents = entries.map(([key]) =>
      `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"${
        "0".repeat(32)
      }"</ETag>` +
      `<Size>${texts.get(key)!.length}</Size><StorageClass>STANDARD</StorageClass></Contents>`
    ).join("");
    const isLast = page === pages.size - 1;
    return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${!isLast}</IsTruncated>${contents}` +
      `${isLast ? "" : `<NextContinuationToken>${page + 1}</NextContinuationToken>`}</ListBucketResult>`;
  });
  interface Part {
    size: number;
    sha256: Uint8Array;
  }
  const uploads = new Map<string, Map<number, Part>>();
  const objects = new Map<string, { size: number; checksum: string }>();

  const answer = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    if (searchParams.has("list-type")) return xml(lists[Number(searchParams.get("continuation-token") ?? 0)]);
    const text = texts.get(decodeURIComponent(pathname.slice("/bench/".length)));
    if (text !== undefined) return partOf(text, request.headers.get("range"));
    if (request.method === "PUT") {
      const hash = createHash("sha256");
      let size = 0;
      for await (const chunk of request.body!) {
        hash.update(chunk);
        size += chunk.length;
      }
      const sha256 = new Uint8Array(hash.digest());
      const part = searchParams.get("partNumber");
      if (part === null) objects.set(pathname, { size, checksum: sha256.toBase64() });
      else uploads.get(pathname)!.set(Number(part), { size, sha256 });
      return new Response(null, { headers: { etag: '"part"' } });
    }
    if (request.method === "POST" && searchParams.has("uploads")) {
      uploads.set(pathname, new Map());
      return xml("<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
    }
    if (request.method === "POST") {
      await request.body?.cancel();
      const sorted = [...uploads.get(pathname)!].sort(([a], [b]) => a - b).map(([, part]) => part);
      const hash = createHash("sha256");
      for (const { sha256 } of sorted) hash.update(sha256);
      const size = sorted.reduce((sum, part) => sum + part.size, 0);
      objects.set(pathname, { size, checksum: `${hash.digest("base64")}-${sorted.length}` });
      return xml('<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>');
    }
    const object = objects.get(pathname);
    if (!object) return new Response(null, { status: 404 });
    const headers = { "content-length": `${object.size}`, "x-amz-checksum-sha256": object.checksum, etag: '"x"' };
    if (request.method === "HEAD") return new Response(null, { headers });
    return new Response(ReadableStream.from(contents(object.size)), { headers });
  };
  const stop = new AbortController();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", signal: stop.signal, onListen() {} }, answer);
  return {
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.finished;
    },
  };
}

/** So many bytes, as {@linkcode startBenchServer} sends them back. */
export async function* contents(sizeBytes: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let left = sizeBytes; left > 0; left -= block.length) yield block.slice(0, Math.min(left, block.length));
}

function xml(text: string): Response {
  return new Response(text, { headers: { "content-type": "application/xml" } });
}

function partOf(text: string, range: string | null): Response {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  if (from === undefined) return new Response(text);
  const part = text.slice(Number(from), to ? Number(to) + 1 : undefined);
  const headers = { "content-range": `bytes ${from}-${Number(from) + part.length - 1}/${text.length}`, etag: '"t"' };
  return new Response(part, { status: 206, headers });
}
