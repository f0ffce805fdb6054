import { localesToMake } from "../../lib/postgres/host_locales.ts";
import { startTestServer, type TestServer } from "./server.ts";

/** Starts a server that tells its errors in German; `undefined` where the locale or PostgreSQL's translations are not there. */
export async function startGermanServer(): Promise<TestServer | undefined> {
  const language = "de_DE.UTF-8";
  try {
    const server = await startTestServer({
      locales: await localesToMake([language]),
      settings: { lc_messages: language },
    });
    const sql = await server.connect();
    const said = await sql`SELECT 1 / 0`.then(() => "", (error: Error) => error.message);
    await sql.end();
    if (said === "Division durch Null") return server;
    await server[Symbol.asyncDispose]();
  } catch {
    // It lacks the locale.
  }
  return undefined;
}
