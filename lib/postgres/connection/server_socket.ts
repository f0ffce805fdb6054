import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { isSocketDirectory, socketPath } from "./server_addresses.ts";

/** Whether a connection is encrypted: never, if the server offers it, or always. */
export type Encryption = "none" | "offered" | "required";

/** The one server to connect to, and how. */
interface ServerSocketOptions {
  host: string;
  /** Connected to in place of `host`, which then only names the server. */
  hostAddress?: string;
  port: number;
  encryption: Encryption;
  /** Needed unless `encryption` is `none`. */
  tls?: ConnectionOptions;
  /** Start TLS at once, without Postgres' own question whether it is offered. */
  directTls?: boolean;
  /** 0 waits for ever. */
  timeoutSeconds: number;
}

/** The four-byte length 8, then 1234.5679: "do you speak TLS?". */
const SSL_REQUEST = new Uint8Array([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/**
 * Connects to a Postgres server and agrees on encryption: what comes before the startup message.
 *
 * @param onOpened Given every socket as it is opened, for the caller to destroy when it gives up.
 * @throws What `node:net` and `node:tls` throw, or errors with the code CONNECT_TIMEOUT, CONNECTION_CLOSED,
 *   TLS_NOT_OFFERED or TLS_GARBLED.
 */
export async function openServerSocket(
  options: ServerSocketOptions,
  onOpened: (socket: Socket) => void,
): Promise<Socket> {
  const { host, hostAddress, port, encryption, tls, directTls, timeoutSeconds } = options;
  const socket = isSocketDirectory(host)
    ? connectTcp({ path: socketPath(host, port).replace(/^@/, "\0") })
    : connectTcp({ host: hostAddress || host, port, autoSelectFamily: true });
  keepErrorsQuiet(socket);
  onOpened(socket);
  const timer = timeoutSeconds > 0
    ? setTimeout(
      () => socket.destroy(failure("CONNECT_TIMEOUT", `no answer in ${timeoutSeconds} s`)),
      timeoutSeconds * 1000,
    )
    : undefined;
  try {
    await reached(socket, "connect");
    socket.setNoDelay(true);
    if (encryption === "none") return socket;
    if (!directTls && !await offersTls(socket)) {
      if (encryption === "offered") return socket;
      throw failure("TLS_NOT_OFFERED", "the server does not offer TLS");
    }
    const secured = connectTls({ ...tls, socket });
    keepErrorsQuiet(secured);
    onOpened(secured);
    await reached(secured, "secureConnect", socket);
    if (directTls && secured.alpnProtocol !== "postgresql") {
      throw failure("TLS_GARBLED", "the server speaks no Postgres");
    }
    return secured;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function offersTls(socket: Socket): Promise<boolean> {
  const answered = reached<Uint8Array>(socket, "data");
  socket.write(SSL_REQUEST);
  const answer = await answered;
  // More than one byte before encryption was sent by an attacker in between (CVE-2021-23222).
  if (answer.length === 1 && answer[0] === "S".charCodeAt(0)) return true;
  if (answer.length === 1 && answer[0] === "N".charCodeAt(0)) return false;
  throw failure("TLS_GARBLED", "the server's answer to the TLS request makes no sense");
}

/** Waits for an event; fails when the socket, or the one under it, fails or closes first. */
function reached<Value = void>(socket: Socket | TLSSocket, event: string, under?: Socket): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const closed = () => reject(failure("CONNECTION_CLOSED", "the server closed the connection"));
  socket.once(event, resolve);
  for (const each of under ? [socket, under] : [socket]) each.once("error", reject).once("close", closed);
  return promise.finally(() => {
    socket.off(event, resolve);
    for (const each of under ? [socket, under] : [socket]) each.off("error", reject).off("close", closed);
  });
}

/** A socket error without a listener at the moment would end the process. */
function keepErrorsQuiet(socket: Socket): void {
  socket.on("error", () => {});
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
