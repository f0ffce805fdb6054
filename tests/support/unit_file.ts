/** A systemd unit as a list of settings, in their order; comments are left out. */
export type UnitFile = [section: string, key: string, value: string][];

export function parseUnit(text: string): UnitFile {
  let section = "";
  return text.split("\n").flatMap((line): UnitFile => {
    if (line === "" || line.startsWith("#")) return [];
    const header = /^\[(\w+)\]$/.exec(line);
    if (header) section = header[1];
    const at = line.indexOf("=");
    return header ? [] : [[section, line.slice(0, at), line.slice(at + 1)]];
  });
}

export function valuesOf(unit: UnitFile, key: string): string[] {
  return unit.filter(([, name]) => name === key).map(([, , value]) => value);
}
