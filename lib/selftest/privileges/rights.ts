import type { Mutation } from "../mutation.ts";

const less = (role: string) => `ROLE_CAN_LESS ${role}`;
const more = (role: string) => `ROLE_CAN_MORE ${role}`;
const otherRows = (role: string) => `ROW_SECURITY_DIFFERS ${role}`;

/** The same grants on the same objects, and roles that can do something else. Each with a name, statements, what is told. */
const mutations: [name: string, sql: string, ...told: string[]][] = [
  ["a membership lost", 'REVOKE readers FROM "Seller"', less('"Seller"')],
  ["a membership more", "GRANT readers TO idle", more("idle"), otherRows("idle")],
  ["a membership more, of a role that owns nothing", "GRANT a TO idle", more("idle")],
  ["a membership in an owner", "GRANT seller TO guard", more("guard")],
  ["a membership in an owner lost", "REVOKE seller FROM deputy", less("deputy"), otherRows("deputy")],
  ["a membership through another", "GRANT deputy TO idle", more("idle"), otherRows("idle")],
  ["a membership in a pg_ role lost", "REVOKE pg_read_all_data FROM idle", less("idle"), otherRows("idle")],
  ["a membership in a pg_ role more", "GRANT pg_read_all_data TO c", more("c"), otherRows("c")],
  ["a membership in a pg_ role through another", "GRANT idle TO c", more("c"), otherRows("c")],
  ["a pg_ role that was granted something", "GRANT pg_monitor TO idle", more("idle")],
  ["equal but for case", 'GRANT "Seller" TO a', more("a"), otherRows("a")],
  ["a role called PUBLIC", 'GRANT readers TO "PUBLIC"', more('"PUBLIC"'), otherRows('"PUBLIC"')],
  ["a role called OWNER", 'REVOKE chief FROM "OWNER"', less('"OWNER"')],
  [
    "a name with quotes",
    `GRANT readers TO "it's ""odd"", TO x BY y=r/z"`,
    more(`"it's ""odd"", TO x BY y=r/z"`),
    otherRows(`"it's ""odd"", TO x BY y=r/z"`),
  ],
  ["rows that are no longer hidden", "ALTER ROLE reader BYPASSRLS", otherRows("reader")],
  ["rows that are hidden now", "ALTER ROLE guard NOBYPASSRLS", otherRows("guard")],
  ["one of a circle of grants", "GRANT c TO guard", more("guard")],
];

/** What roles can really do, changed by memberships and attributes alone. */
export const rights: Mutation[] = mutations.map(([name, sql, ...told]) => ({ name: `rights: ${name}`, sql, told }));
