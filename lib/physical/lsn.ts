/** A place in the WAL, in bytes. */
export type Lsn = bigint;

/** Reads `0/3000028`; `undefined` for anything else. */
export function parseLsn(text: string): Lsn | undefined {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) ?? [];
  return high === undefined ? undefined : BigInt(`0x${high}`) << 32n | BigInt(`0x${low}`);
}

/** As Postgres prints it: `0/3000028`. */
export function lsnText(lsn: Lsn): string {
  return [lsn >> 32n, lsn & 0xffff_ffffn].map((half) => half.toString(16).toUpperCase()).join("/");
}
