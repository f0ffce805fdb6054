/**
 * What a drill does not compare (owners and grants, which its restore leaves out) and what no role may read (passwords):
 * one change each to the database of everything.sql, and the definitions that must tell it.
 */
export const undrilledMutations: [sql: string, ...told: string[]][] = [
  ["ALTER SUBSCRIPTION elsewhere CONNECTION 'host=other.invalid'"],
  ["ALTER SERVER remote OPTIONS (SET password 'another')"],
  ["ALTER USER MAPPING FOR PUBLIC SERVER remote OPTIONS (SET password 'another')"],
  ["COMMENT ON SCHEMA public IS NULL"],
  ["GRANT SELECT (age) ON customers TO pg_monitor", "~ table shop.customers"],
  ["REVOKE ALL ON untraced FROM postgres", "~ table shop.untraced"],
  ["GRANT SELECT ON untraced TO pg_monitor; REVOKE SELECT ON untraced FROM pg_monitor"],
  ["ALTER TABLE untraced OWNER TO pg_monitor", "~ table shop.untraced"],
];
