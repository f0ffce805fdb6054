import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import postgres from "postgres";

/** Letters of the fields in an ErrorResponse, by the names that postgres.js gives them. */
const FIELDS: Readonly<Record<string, string>> = {
  S: "severity_local",
  V: "severity",
  C: "code",
  M: "message",
  D: "detail",
  H: "hint",
  F: "file",
  L: "line",
  R: "routine",
};

const HEADER_BYTES = 5; // the message's type, then its length without the type
const CANCEL_REQUEST = 80877102; // where a startup message has its protocol version
const STARTUP_VERSION = Buffer.from("\0\x03\0\0user\0"); // after four bytes of length
const ERROR_RESPONSE = "E".charCodeAt(0);
const READY_FOR_QUERY = "Z".charCodeAt(0);
const AUTHENTICATION = "R".charCodeAt(0);
const KNOWN_AUTHENTICATION = [0, 3, 5, 10, 11, 12]; // done, clear text, MD5, SASL and its two steps

/**
 * Makes errors of the connection out of the server's FATAL messages, and of its hanging up.
 *
 * postgres.js would keep a FATAL message that interrupts a query and report it for the next query, in the next session;
 * the query itself it would report as closed, without the reason. A server that hangs up during start-up it would answer
 * by connecting again, at once and for ever. A request for Kerberos authentication it would not answer at all.
 *
 * @param socket Past the negotiation of encryption; changed in place.
 * @param onReady Called when the server says that it is ready for the next query.
 */
export function failOnFatal(socket: Socket, onReady?: () => void): Socket {
  const emit = socket.emit.bind(socket);
  const filter = fatalFilter(onReady);
  socket.emit = (event: string, ...values: unknown[]) => {
    if (event !== "data") return emit(event, ...values);
    const { passed, fatal } = filter(values[0] as Uint8Array);
    if (passed.length > 0) emit("data", passed);
    if (fatal) {
      // All at once: between the error and the close, the driver would give this connection further queries.
      emit("error", fatal);
      emit("close", true);
      socket.on("error", () => {}).destroy();
    }
    return true;
  };
  let isCancelRequest = false;
  const write = socket.write.bind(socket);
  socket.write = (chunk: Uint8Array, ...more: []) => {
    socket.write = write;
    // To a request to cancel a query, made over a separate connection, hanging up is the right answer.
    isCancelRequest = chunk.length === 16 && Buffer.from(chunk).readUInt32BE(4) === CANCEL_REQUEST;
    return write(fromStartup(chunk), ...more);
  };
  return socket.once("close", () => {
    if (!isCancelRequest) emit("error", failure("CONNECTION_CLOSED", "the connection was closed"));
  });
}

/** Leaves out what the driver had not sent yet when its last session was cut, and puts before the new one's start. */
function fromStartup(chunk: Uint8Array): Uint8Array {
  const version = Buffer.from(chunk).lastIndexOf(STARTUP_VERSION);
  return version < 4 ? chunk : chunk.subarray(version - 4);
}

/**
 * Follows the server's messages through the chunks they arrive in.
 *
 * @returns A function that takes a chunk and gives back what the driver may see of it by now (not the start of a message
 *   that may yet turn out to be fatal), and the error that ends the session.
 */
export function fatalFilter(onReady?: () => void): (chunk: Uint8Array) => { passed: Uint8Array; fatal?: Error } {
  let held: Uint8Array = new Uint8Array();
  let messageBytesLeft = 0;
  return (chunk) => {
    const bytes = Buffer.concat([held, chunk]);
    let at = 0;
    let fatal: Error | undefined;
    while (!fatal) {
      const skipped = Math.min(messageBytesLeft, bytes.length - at);
      at += skipped;
      messageBytesLeft -= skipped;
      if (bytes.length - at < HEADER_BYTES) break;
      const messageBytes = 1 + bytes.readUInt32BE(at + 1);
      if (bytes[at] === ERROR_RESPONSE || bytes[at] === AUTHENTICATION) {
        if (bytes.length - at < messageBytes) break;
        fatal = fatalError(bytes[at], bytes.subarray(at + HEADER_BYTES, at + messageBytes));
      }
      if (bytes[at] === READY_FOR_QUERY) onReady?.();
      messageBytesLeft = messageBytes;
    }
    held = bytes.subarray(at);
    return { passed: bytes.subarray(0, at), fatal };
  };
}

function fatalError(type: number, body: Buffer): Error | undefined {
  if (type === AUTHENTICATION) {
    if (KNOWN_AUTHENTICATION.includes(body.readUInt32BE(0))) return undefined;
    return failure("AUTHENTICATION_UNSUPPORTED", "the server asks for Kerberos or another unsupported authentication");
  }
  const fields = parseFields(body);
  const isFatal = fields.severity === "FATAL" || fields.severity === "PANIC";
  return isFatal ? new postgres.PostgresError(fields as never) : undefined;
}

/** Each field is a letter and a text that ends with a zero byte. */
function parseFields(bytes: Uint8Array): Record<string, string> {
  const texts = new TextDecoder().decode(bytes).split("\0").filter(Boolean);
  return Object.fromEntries(texts.map((text) => [FIELDS[text[0]] ?? text[0], text.slice(1)]));
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
