/**
 * The smallest files that `deno compile` takes for its runtime, so that it need not download one: it writes the program
 * into a note of an ELF file and into a section of a Mach-O file, before __LINKEDIT.
 */

/** The platforms that are released. */
export const targets = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
];

/** Makes a stand-in for a target's runtime. */
export function runtimeStandIn(target: string): Uint8Array<ArrayBuffer> {
  return target.endsWith("darwin") ? machO() : elf();
}

function elf(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(120);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint32(32, 64, true); // where the one program header of 56 bytes is
  [64, 56, 1].forEach((value, index) => view.setUint16(52 + 2 * index, value, true));
  view.setUint32(64, 1, true); // PT_LOAD, of the whole file, by pages
  [120, 120, 0x1000].forEach((value, index) => view.setUint32(96 + 8 * index, value, true));
  return bytes;
}

function machO(): Uint8Array<ArrayBuffer> {
  const page = 0x1000;
  const bytes = new Uint8Array(page + 16);
  const view = new DataView(bytes.buffer);
  const words = (offset: number, values: number[]) =>
    values.forEach((value, index) => view.setUint32(offset + 4 * index, value, true));
  // magic, CPU, its subtype, executable, two commands of 72 bytes, flags
  words(0, [0xfeedfacf, 0x01000007, 3, 2, 2, 144, 0x85, 0]);
  segment(32, "__TEXT", { address: 0, offset: 0, size: page });
  segment(104, "__LINKEDIT", { address: page, offset: page, size: 16 });
  return bytes;

  function segment(at: number, name: string, { address, offset, size }: Record<string, number>): void {
    words(at, [0x19, 72]);
    bytes.set(new TextEncoder().encode(name), at + 8);
    [0x100000000 + address, page, offset, size].forEach((value, index) =>
      view.setBigUint64(at + 24 + 8 * index, BigInt(value), true)
    );
    words(at + 56, [5, 5, 0, 0]);
  }
}
