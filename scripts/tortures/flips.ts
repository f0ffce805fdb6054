import { chooseFlips, makeDumpsToFlip, tryFlip } from "../../tests/support/bit_flips.ts";
import { startTestServer } from "../../tests/support/server.ts";
import { traceableDirectory } from "../../tests/support/traces.ts";
import { type Figure, twoAtATime } from "./figure.ts";

const counts = { custom: 200, directory: 100, uncompressed: 100 } as const;
const seed = 2026;

/** One bit of a dump turned at a time, drilled with its checksum and without. */
export async function flips(): Promise<Figure[]> {
  await using server = await startTestServer();
  await using directory = await traceableDirectory();
  const dumps = await makeDumpsToFlip(server, directory.path);
  const figures: Figure[] = [];
  for (const format of Object.keys(counts) as (keyof typeof counts)[]) {
    const outcomes: Record<string, number> = {};
    let byChecksum = 0;
    await twoAtATime(await chooseFlips(dumps[format], counts[format], seed), async (flip) => {
      const { isCaughtByChecksum, unchecked: { kind, verdict } } = await tryFlip(server, dumps[format], flip);
      const where = `bit ${flip.bit} of byte ${flip.byte} of ${format} ${flip.file}`;
      if (isCaughtByChecksum) byChecksum++;
      else console.error(`NOT caught by the checksum: ${where}`);
      outcomes[kind] = (outcomes[kind] ?? 0) + 1;
      if (kind === "missed" || kind === "timeout") {
        console.error(`${kind}: ${where}: ${JSON.stringify(verdict.findings)}`);
      }
    });
    const { harmless = 0, missed = 0, timeout = 0, restore = 0, comparison = 0, refused = 0 } = outcomes;
    const harmful = counts[format] - harmless;
    figures.push(
      { what: `flips in ${format} format caught by the checksum / tried`, done: byChecksum, tried: counts[format] },
      {
        what: `the same without checksum: caught / that change what is restored`,
        done: harmful - missed - timeout,
        tried: harmful,
        remark:
          `${refused} unreadable, ${restore} by the restore, ${comparison} by the comparison; ${harmless} change nothing`,
      },
    );
  }
  return figures;
}
