import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { connectionOptions } from "../options/connection_options.ts";
import { isFlagged } from "./declare_options.ts";

// What -h, -p, -U and -d mean to psql and pg_dump they mean here, too, wherever --db-url names a database.

const keywords = { host: "host", port: "port", username: "user", dbname: "dbname" } as const;
type Flag = keyof typeof keywords;

/** Lets psql's flags become what --db-url would have said. */
export function takePsqlFlags(command: CommandUnknownOpts): void {
  command.hook("preAction", (_, acting) => {
    const said = (Object.keys(keywords) as Flag[]).filter((flag) => isFlagged(acting, connectionOptions[flag]));
    if (said.length === 0) return;
    if (isFlagged(acting, connectionOptions.dbUrl)) {
      acting.error(`error: --${said[0]} and --db-url both name the database: give only one of them`);
    }
    const given = Object.fromEntries(said.map((flag) => [flag, (acting.getOptionValue(flag) as string[]).at(-1)!]));
    acting.setOptionValueWithSource("dbUrl", connectionOf(acting, given, said), "cli");
  });
}

function connectionOf(command: CommandUnknownOpts, given: Partial<Record<Flag, string>>, said: Flag[]): string {
  const { dbname = "" } = given;
  const others = said.filter((flag) => flag !== "dbname");
  if (/^postgres(ql)?:\/\//.test(dbname)) {
    if (others.length > 0) command.error(`error: --${others[0]} cannot be combined with a URL: write it into the URL`);
    return dbname;
  }
  const quoted = (flag: Flag) => `${keywords[flag]}='${given[flag]!.replace(/[\\']/g, "\\$&")}'`;
  // As in psql, what the connection string says wins.
  if (dbname.includes("=")) return [...others.map(quoted), dbname].join(" ");
  return said.map(quoted).join(" ");
}
