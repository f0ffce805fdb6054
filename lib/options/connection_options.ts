import type { Declarations } from "./declaration.ts";

// DATABASE_URL and libpq's variables say in the environment where a database is; a second variable would only make it
// unclear which one counts. What is restored over is named for each run: a variable that was forgotten could name it.

const heading = "As psql:";

/** Which database a command works on. Wherever it is, psql's flags are, too; they become what `--db-url` would say. */
export const connectionOptions = {
  dbUrl: {
    flag: "--db-url <url>",
    key: "databases.*.url",
    type: "text",
    env: false,
    help: "the database, as a URL or as keyword=value; keep passwords in PGPASSWORD or ~/.pgpass",
    keyHelp:
      "The database to back up, as a URL or libpq's keyword=value. Default: DATABASE_URL, then libpq's variables.",
  },
  host: {
    flag: "-h, --host <host>",
    type: "text",
    env: false,
    help: "the server's host, or the directory of its socket, as in psql",
    heading,
  },
  port: { flag: "-p, --port <port>", type: "text", env: false, help: "the server's port", heading },
  username: { flag: "-U, --username <role>", type: "text", env: false, help: "the role to connect as", heading },
  dbname: {
    flag: "-d, --dbname <database>",
    type: "text",
    env: false,
    help: "the database; or a URL or keyword=value, as in --db-url",
    heading,
  },
} as const satisfies Declarations;

/** What a restore brings back, and where. */
export const targetOptions = {
  targetUrl: {
    flag: "--target-url <url>",
    key: "databases.*.target_url",
    type: "text",
    env: false,
    help: "the database to restore, on the target server",
    keyHelp: "Where restore puts this database.",
  },
} as const satisfies Declarations;
