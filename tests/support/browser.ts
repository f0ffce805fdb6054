import { findProgram } from "./find_program.ts";

/** A headless Chromium that shows one page, spoken to over its DevTools protocol. */
export interface Browser extends AsyncDisposable {
  /** Loads a page and waits until it is there. Whatever it says and asks for is noted from here on. */
  open(url: string, look?: Look): Promise<void>;
  /** Finds elements as assistive technology does. Returns the text of each. */
  findByRole(role: string, name?: string): Promise<string[]>;
  /** Runs an expression in the page. The page's content security policy does not apply to it. */
  evaluate<T>(expression: string): Promise<T>;
  /** A picture of the whole page, as PNG. */
  screenshot(): Promise<Uint8Array>;
  /** Everything on the console, errors of scripts and of the security policy included. */
  readonly said: string[];
  /** URLs that the page asked for, itself included. */
  readonly requested: string[];
}

export interface Look {
  /** In CSS pixels. @default {1280} */
  width?: number;
  isDark?: boolean;
  isPrinted?: boolean;
}

export const chromium = await findProgram("chromium", "chromium-browser", "google-chrome");

interface Message {
  id?: number;
  method?: string;
  // deno-lint-ignore no-explicit-any -- the protocol is not typed
  params?: any;
  // deno-lint-ignore no-explicit-any -- the protocol is not typed
  result?: any;
  error?: { message: string };
}

export async function startBrowser(executable: string): Promise<Browser> {
  const profile = await Deno.makeTempDir({ prefix: "pgrehearse-browser-" });
  const process = new Deno.Command(executable, {
    args: [
      "--headless",
      "--no-sandbox", // as root it refuses to start without; it opens nothing but our own files
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--no-proxy-server",
      "--disable-background-networking",
      `--user-data-dir=${profile}`,
      "--remote-debugging-port=0",
      "about:blank",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const port = await portOf(process.stderr);
  const pages: { type: string; webSocketDebuggerUrl: string }[] =
    await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
  const socket = new WebSocket(pages.find(({ type }) => type === "page")!.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => [socket.onopen, socket.onerror] = [resolve, reject]);

  const said: string[] = [];
  const requested: string[] = [];
  const answers = new Map<number, PromiseWithResolvers<Message["result"]>>();
  let loaded = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => {
    const { id, method, params, result, error }: Message = JSON.parse(data);
    if (id !== undefined) error ? answers.get(id)!.reject(new Error(error.message)) : answers.get(id)!.resolve(result);
    if (method === "Page.loadEventFired") loaded.resolve();
    if (method === "Network.requestWillBeSent") requested.push(params.request.url);
    if (method === "Log.entryAdded") said.push(params.entry.text);
    if (method === "Runtime.consoleAPICalled") said.push(JSON.stringify(params.args));
    if (method === "Runtime.exceptionThrown") said.push(params.exceptionDetails.text);
    if (method === "Page.javascriptDialogOpening") said.push(`dialog: ${params.message}`);
  };
  let sent = 0;
  const send = (method: string, params: object = {}) => {
    const answer = Promise.withResolvers<Message["result"]>();
    answers.set(++sent, answer);
    socket.send(JSON.stringify({ id: sent, method, params }));
    return answer.promise;
  };
  for (const domain of ["Page", "Runtime", "Log", "Network", "DOM", "Accessibility"]) await send(`${domain}.enable`);

  return {
    said,
    requested,
    async open(url, { width = 1280, isDark = false, isPrinted = false } = {}) {
      await send("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
      const features = [{ name: "prefers-color-scheme", value: isDark ? "dark" : "light" }];
      await send("Emulation.setEmulatedMedia", { media: isPrinted ? "print" : "screen", features });
      said.length = requested.length = 0;
      loaded = Promise.withResolvers();
      const { errorText } = await send("Page.navigate", { url });
      if (errorText) throw new Error(`${url}: ${errorText}`);
      await loaded.promise;
    },
    async findByRole(role, accessibleName) {
      const { root } = await send("DOM.getDocument");
      const { nodes } = await send("Accessibility.queryAXTree", { nodeId: root.nodeId, role, accessibleName });
      return await Promise.all(nodes.map(async ({ backendDOMNodeId }: { backendDOMNodeId: number }) => {
        const { object: { objectId } } = await send("DOM.resolveNode", { backendNodeId: backendDOMNodeId });
        const functionDeclaration = "function () { return this.textContent.trim(); }";
        return (await send("Runtime.callFunctionOn", { objectId, functionDeclaration })).result.value;
      }));
    },
    async evaluate(expression) {
      const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, returnByValue: true });
      if (exceptionDetails) throw new Error(exceptionDetails.text);
      return result.value;
    },
    async screenshot() {
      const { data } = await send("Page.captureScreenshot", { captureBeyondViewport: true });
      return Uint8Array.fromBase64(data);
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => socket.onclose = resolve);
      send("Browser.close").catch(() => {});
      await process.status;
      await closed;
      await Deno.remove(profile, { recursive: true });
    },
  };
}

/** Chromium says on stderr where it listens. */
async function portOf(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let said = "";
  const decoder = new TextDecoder();
  const reader = stderr.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Chromium did not start: ${said}`);
    said += decoder.decode(value, { stream: true });
    const [, port] = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said) ?? [];
    if (port === undefined) continue;
    (async () => { // or it would wait for a reader
      while (!(await reader.read()).done);
    })();
    return port;
  }
}
