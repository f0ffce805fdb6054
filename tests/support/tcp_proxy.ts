/** A way to a server that can be cut. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** How many bytes have come from the server. */
  readonly receivedBytes: number;
  /** Ends every connection, and refuses new ones. */
  cut(): void;
  /** Passes nothing on any more, and ends nothing either. */
  freeze(): void;
}

/** Listens on a free port of 127.0.0.1 and passes everything on to another one. */
export function startTcpProxy(toPort: number): TcpProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let isFrozen = false;
  let receivedBytes = 0;
  const pass = async (from: Deno.Conn, to: Deno.Conn, count: (bytes: number) => void) => {
    const buffer = new Uint8Array(65_536);
    try {
      for (let length; (length = await from.read(buffer)) !== null;) {
        if (isFrozen) return;
        count(length);
        for (let sent = 0; sent < length;) sent += await to.write(buffer.subarray(sent, length));
      }
      await to.closeWrite();
    } catch {
      // One side is gone: so is the other, in a moment.
    }
  };
  const accepting = (async () => {
    for await (const client of listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: toPort });
      for (const end of [client, server]) open.add(end);
      void Promise.all([pass(client, server, () => {}), pass(server, client, (bytes) => receivedBytes += bytes)]).then(
        () => {
          if (isFrozen) return;
          for (const end of [client, server]) close(end);
        },
      );
    }
  })();
  const close = (end: Deno.Conn) => {
    if (!open.delete(end)) return;
    try {
      end.close();
    } catch {
      // closed already
    }
  };
  const cut = () => {
    try {
      listener.close();
    } catch {
      // closed already
    }
    for (const end of [...open]) close(end);
  };
  return {
    port: (listener.addr as Deno.NetAddr).port,
    get receivedBytes() {
      return receivedBytes;
    },
    cut,
    freeze: () => void (isFrozen = true),
    async [Symbol.asyncDispose]() {
      cut();
      await accepting.catch(() => {});
    },
  };
}
