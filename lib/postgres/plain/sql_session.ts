import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { connectionLost } from "../findings/servers.ts";
import { connect } from "../connection/connect.ts";
import type { ConnectionParameters } from "../connection/connection_parameters.ts";
import { leftToTheDump } from "../tool_environment.ts";
import { readServerMessage, type ServerMessage, splitMessages } from "./server_messages.ts";

/** What came of a statement. */
export interface SqlAnswer {
  /** The first error, if it failed. */
  error?: ServerMessage;
  /** `COPY 300`; absent where it failed. */
  tag?: string;
  /** Whether strings are read without escapes by now. */
  standardStrings: boolean;
}

/** A session that takes statements and rows as bytes, exactly as a dump holds them. */
export interface SqlSession {
  /**
   * Sends a statement. Several may be under way; they are run in order, each for itself.
   *
   * @param line Its line in the dump.
   * @returns Settles with the answer; rejects if the connection is lost.
   */
  send(statement: Uint8Array, line: number): Promise<SqlAnswer>;
  /**
   * Sends a COPY … FROM stdin, when nothing else is under way.
   *
   * @returns Where rows go, or the answer if the server wants none.
   */
  copy(statement: Uint8Array, line: number): Promise<CopyInProgress | SqlAnswer>;
  /** Waits until the connection has room again. */
  hasRoom(): Promise<void>;
  /** Whether a transaction is open. */
  isInTransaction(): boolean;
  close(): Promise<void>;
}

export interface CopyInProgress {
  write(rows: Uint8Array): Promise<void>;
  end(): Promise<SqlAnswer>;
}

interface Pending {
  line: number;
  answer: SqlAnswer;
  settle: (answer: SqlAnswer) => void;
  reject: (error: unknown) => void;
  /** Told when the server asks for rows. */
  onCopyIn?: () => void;
}

/**
 * Opens a session for a plain dump.
 *
 * The driver makes it, with all that belongs to that, and then hands over its socket: it would send every statement as
 * UTF-8, and a dump may be in any encoding.
 *
 * @param onNotice Given every notice and warning, and the line of its statement.
 */
export async function openSqlSession(
  parameters: ConnectionParameters,
  { onNotice, signal }: {
    onNotice: (message: ServerMessage, line: number) => void;
    signal?: AbortSignal;
  },
): Promise<SqlSession> {
  let socket!: Socket;
  const sql = await connect(parameters, {
    settings: leftToTheDump,
    signal,
    onSocket: (opened) => socket = opened,
  });
  // As psql: what says nothing of its encoding is in the database's.
  await sql`SELECT pg_catalog.set_config('client_encoding', pg_catalog.current_setting('server_encoding'), false)`;
  socket.removeAllListeners("data");
  socket.removeAllListeners("drain");

  const pending: Pending[] = [];
  let lost: Error | undefined;
  let status = "I";
  let standardStrings = true;
  let isClosing = false;

  const lose = (error: Error) => {
    lost ??= isClosing ? error : connectionLost.here.error({ said: error.message }, { cause: error });
    for (const { reject } of pending.splice(0)) reject(lost);
    socket.emit("drain");
  };
  const abort = () => {
    lose(signal!.reason);
    socket.destroy();
  };
  const take = (type: string, body: Buffer) => {
    const current = pending[0];
    if (type === "N") onNotice(readServerMessage(body), current?.line ?? 0);
    else if (type === "E") {
      if (current) current.answer.error ??= readServerMessage(body);
    } else if (type === "C") {
      if (current) current.answer.tag = body.toString("latin1", 0, body.length - 1);
    } else if (type === "S") {
      const [name, value] = body.toString("latin1").split("\0");
      if (name === "standard_conforming_strings") standardStrings = value === "on";
    } else if (type === "G") {
      if (current?.onCopyIn) current.onCopyIn();
      else socket.write(message("f", Buffer.from("no rows follow\0")));
    } else if (type === "Z") {
      status = String.fromCharCode(body[0]);
      pending.shift();
      current?.settle({ ...current.answer, standardStrings });
    }
  };
  socket.on("data", splitMessages(take));
  socket.once("error", lose);
  socket.once("close", () => lose(new Error("the server closed the connection")));
  signal?.addEventListener("abort", abort);

  function query(statement: Uint8Array, line: number, onCopyIn?: () => void): Promise<SqlAnswer> {
    if (lost) return Promise.reject(lost);
    const { promise, resolve, reject } = Promise.withResolvers<SqlAnswer>();
    pending.push({ line, answer: { standardStrings }, settle: resolve, reject, onCopyIn });
    socket.write(message("Q", statement, new Uint8Array(1)));
    return promise;
  }

  async function hasRoom(): Promise<void> {
    if (lost) throw lost;
    if (!socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => socket.once("drain", () => resolve()));
    if (lost) throw lost;
  }

  return {
    send: (statement, line) => query(statement, line),
    async copy(statement, line) {
      const asked = Promise.withResolvers<"rows">();
      const answered = query(statement, line, () => asked.resolve("rows"));
      answered.catch(() => {}); // whoever waits for it later hears of it
      const first = await Promise.race([asked.promise, answered]);
      if (first !== "rows") return first;
      let isOver = false;
      answered.then(() => isOver = true, () => {});
      return {
        async write(rows) {
          if (isOver) return; // it has failed: the server wants no more
          socket.write(message("d", rows));
          await hasRoom();
        },
        end() {
          if (!isOver) socket.write(message("c"));
          return answered;
        },
      };
    },
    hasRoom,
    isInTransaction: () => status !== "I",
    async close() {
      isClosing = true;
      signal?.removeEventListener("abort", abort);
      const closed = new Promise<void>((resolve) => socket.destroyed ? resolve() : socket.once("close", resolve));
      if (!socket.destroyed) socket.write(message("X"));
      const patience = setTimeout(() => socket.destroy(), 2000);
      await closed;
      clearTimeout(patience);
      await sql.end({ timeout: 0 });
    },
  };
}

function message(type: string, ...parts: Uint8Array[]): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, "latin1");
  header.writeUInt32BE(4 + parts.reduce((sum, { length }) => sum + length, 0), 1);
  return Buffer.concat([header, ...parts]);
}
