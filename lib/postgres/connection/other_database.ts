/**
 * The same server's other database, in the form in which the server was named: a URL, or libpq's keywords.
 *
 * @param named As an operator writes it.
 */
export function withDatabaseNamed(named: string, database: string): string {
  const url = /^(postgres(?:ql)?:\/\/[^/?]*)(?:\/[^?]*)?(?:\?(.*))?$/s.exec(named);
  if (!url) return `${named} dbname='${database.replace(/[\\']/g, "\\$&")}'`;
  const [, server, parameters = ""] = url;
  const others = parameters.split("&").filter((each) => each !== "" && !/^dbname=/.test(each));
  return `${server}/${encodeURIComponent(database)}${others.length > 0 ? `?${others.join("&")}` : ""}`;
}
