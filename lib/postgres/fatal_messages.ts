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
const ERROR_RESPONSE = "E".charCodeAt(0);

/**
 * Makes the server's FATAL messages errors of the connection, and so does its hanging up.
 *
 * postgres.js would keep a FATAL message that interrupts a query and report it for the next query, in the next session;
 * the query itself it would report as closed, without the reason. A server that hangs up during start-up it would answer
 * by connecting again, at once and for ever.
 *
 * @param socket Past the negotiation of encryption; changed in place.
 */
export function failOnFatal(socket: Socket): Socket {
  const emit = socket.emit.bind(socket);
  const withoutFatal = fatalFilter((error) => {
    // All at once: between the error and the close, the driver would take the connection for a usable one.
    emit("error", error);
    emit("close", true);
    socket.on("error", () => {}).destroy();
  });
  socket.emit = (event: string, ...values: unknown[]) => {
    if (event !== "data") return emit(event, ...values);
    const rest = withoutFatal(values[0] as Uint8Array);
    return rest.length > 0 && emit("data", rest);
  };
  // To a request to cancel a query, which it sends over a connection of its own, hanging up is the right answer.
  let isCancelRequest = false;
  const write = socket.write.bind(socket);
  socket.write = (...values: [never]) => {
    socket.write = write;
    isCancelRequest = Buffer.from(values[0]).readUInt32BE(4) === CANCEL_REQUEST;
    return write(...values);
  };
  return socket.once("close", () => {
    if (isCancelRequest) return;
    emit("error", Object.assign(new Error("the connection was closed"), { code: "CONNECTION_CLOSED" }));
  });
}

/**
 * Follows the server's messages through the chunks they arrive in.
 *
 * @returns A function that takes a chunk and gives back what the driver may see of it by now: not the start of a message
 *   that may yet turn out to be FATAL.
 */
export function fatalFilter(onFatal: (error: Error) => void): (chunk: Uint8Array) => Uint8Array {
  let held: Uint8Array = new Uint8Array();
  let messageBytesLeft = 0;
  return (chunk) => {
    const bytes = held.length > 0
      ? Buffer.concat([held, chunk])
      : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let at = 0;
    while (true) {
      const skipped = Math.min(messageBytesLeft, bytes.length - at);
      at += skipped;
      messageBytesLeft -= skipped;
      if (bytes.length - at < HEADER_BYTES) break;
      const messageBytes = 1 + bytes.readUInt32BE(at + 1);
      if (bytes[at] === ERROR_RESPONSE) {
        if (bytes.length - at < messageBytes) break;
        const fields = parseFields(bytes.subarray(at + HEADER_BYTES, at + messageBytes));
        if (fields.severity === "FATAL" || fields.severity === "PANIC") {
          onFatal(new postgres.PostgresError(fields as never));
          return bytes.subarray(0, at);
        }
      }
      messageBytesLeft = messageBytes;
    }
    held = bytes.subarray(at);
    return bytes.subarray(0, at);
  };
}

/** Each field is a letter and a text that ends with a zero byte. */
function parseFields(bytes: Uint8Array): Record<string, string> {
  const texts = new TextDecoder().decode(bytes).split("\0").filter(Boolean);
  return Object.fromEntries(texts.map((text) => [FIELDS[text[0]] ?? text[0], text.slice(1)]));
}
