import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";

// What -h, -p, -U and -d mean to psql and pg_dump they mean here, too, wherever --db-url names a database.

const flags = {
  host: new Option("-h, --host <host>", "the server's host, or its socket's directory, as psql takes it"),
  port: new Option("-p, --port <port>", "the server's port"),
  username: new Option("-U, --username <role>", "the role to connect as"),
  dbname: new Option("-d, --dbname <database>", "the database, or a URL or keyword=value as --db-url takes it"),
};
type Flag = keyof typeof flags;

const keywords: Record<Flag, string> = { host: "host", port: "port", username: "user", dbname: "dbname" };

/** Lets a command that has --db-url take psql's flags as well: they become what --db-url would have said. */
export function takePsqlFlags(command: CommandUnknownOpts): void {
  for (const { flags: text, description } of Object.values(flags)) {
    command.addOption(new Option(text, description).helpGroup("As psql:"));
  }
  command.hook("preAction", (_, acting) => {
    const given = acting.opts() as Partial<Record<Flag, string>>;
    const said = (Object.keys(flags) as Flag[]).filter((flag) => given[flag] !== undefined);
    if (said.length === 0) return;
    if (acting.getOptionValueSource("dbUrl") === "cli") {
      acting.error(`error: --${said[0]} and --db-url both say where the database is: name one of them`);
    }
    acting.setOptionValueWithSource("dbUrl", connectionOf(acting, given, said), "cli");
  });
}

function connectionOf(command: CommandUnknownOpts, given: Partial<Record<Flag, string>>, said: Flag[]): string {
  const { dbname = "" } = given;
  const others = said.filter((flag) => flag !== "dbname");
  if (/^postgres(ql)?:\/\//.test(dbname)) {
    if (others.length > 0) command.error(`error: --${others[0]} and a URL: write it into the URL`);
    return dbname;
  }
  const quoted = (flag: Flag) => `${keywords[flag]}='${given[flag]!.replace(/[\\']/g, "\\$&")}'`;
  // As in psql, what the connection string says wins.
  if (dbname.includes("=")) return [...others.map(quoted), dbname].join(" ");
  return said.map(quoted).join(" ");
}
