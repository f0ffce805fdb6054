import { Buffer } from "node:buffer";

/** What a server says: an error, a warning, a notice. */
export interface ServerMessage {
  /** In English, whatever language the server speaks: `ERROR`, `WARNING`, `NOTICE`. */
  severity: string;
  sqlstate: string;
  message: string;
  detail?: string;
  hint?: string;
  context?: string;
}

const headerBytes = 5;
const largestMessageBytes = 64 * 1024 * 1024;

/**
 * Takes apart what a server sends: https://www.postgresql.org/docs/current/protocol-message-formats.html.
 *
 * @param take Given each message's type and body. Rows of results are not needed and are skipped.
 * @returns What takes the bytes as they arrive.
 */
export function splitMessages(take: (type: string, body: Buffer) => void): (chunk: Uint8Array) => void {
  let held: Buffer = Buffer.alloc(0);
  let skipBytes = 0;
  return (chunk) => {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (skipBytes > 0) {
      const skipped = Math.min(skipBytes, bytes.length);
      skipBytes -= skipped;
      bytes = bytes.subarray(skipped);
    }
    if (held.length > 0) bytes = Buffer.concat([held, bytes]);
    while (bytes.length >= headerBytes) {
      const type = String.fromCharCode(bytes[0]);
      const length = 1 + bytes.readUInt32BE(1);
      const isRow = type === "D" || type === "d" || type === "T";
      if (bytes.length < length) {
        if (isRow || length > largestMessageBytes) {
          skipBytes = length - bytes.length;
          bytes = bytes.subarray(bytes.length);
        }
        break;
      }
      if (!isRow) take(type, bytes.subarray(headerBytes, length));
      bytes = bytes.subarray(length);
    }
    held = Buffer.from(bytes);
  };
}

/** Reads an ErrorResponse or NoticeResponse. */
export function readServerMessage(body: Uint8Array): ServerMessage {
  const fields: Record<string, string> = {};
  const decoder = new TextDecoder();
  for (let at = 0; at < body.length && body[at] !== 0;) {
    const end = body.indexOf(0, at);
    fields[String.fromCharCode(body[at])] = decoder.decode(body.subarray(at + 1, end < 0 ? body.length : end));
    if (end < 0) break;
    at = end + 1;
  }
  const { V, S, C, M, D, H, W } = fields;
  return {
    severity: V ?? S ?? "ERROR",
    sqlstate: C ?? "XX000",
    message: M ?? "",
    ...(D && { detail: D }),
    ...(H && { hint: H }),
    ...(W && { context: W }),
  };
}
