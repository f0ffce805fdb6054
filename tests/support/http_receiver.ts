/** A real HTTP server that remembers what it was sent. */
export interface HttpReceiver extends AsyncDisposable {
  readonly origin: string;
  readonly received: Received[];
  /** How the next requests are answered: with these statuses, one after the other, then 200; `hang` never answers. */
  answer(...answers: (number | "hang")[]): void;
}

export interface Received {
  method: string;
  /** With the query. */
  path: string;
  headers: Headers;
  body: string;
}

export function startReceiver(): HttpReceiver {
  const received: Received[] = [];
  let answers: (number | "hang")[] = [];
  const closing = Promise.withResolvers<void>();
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    received.push({
      method: request.method,
      path: pathname + search,
      headers: request.headers,
      body: await request.text(),
    });
    const answer = answers.shift() ?? 200;
    if (answer === "hang") await closing.promise;
    const status = answer === "hang" ? 200 : answer;
    return new Response(status === 204 ? null : "answer", {
      status,
      headers: status >= 300 && status < 400 ? { location: "/elsewhere" } : {},
    });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    received,
    answer: (...next) => void (answers = next),
    async [Symbol.asyncDispose]() {
      closing.resolve();
      await server.shutdown();
    },
  };
}
