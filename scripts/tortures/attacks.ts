import { withstand } from "../../tests/support/attacks/attack.ts";
import { attacks } from "../../tests/support/attacks/attacks.ts";
import { attackedAccounts, makeAttackGround } from "../../tests/support/attacks/ground.ts";
import { traceableDirectory } from "../../tests/support/traces.ts";
import { type Figure, startTally, twoAtATime } from "./figure.ts";

/** Every attack on every account; `ATTACKS` and `ACCOUNTS` say which, as patterns of their names. */
export async function attacked(): Promise<Figure[]> {
  const [which, whom] = ["ATTACKS", "ACCOUNTS"].map((name) => new RegExp(Deno.env.get(name) ?? ""));
  await using directory = await traceableDirectory();
  const figures: Figure[] = [];
  for (const account of (await attackedAccounts(directory.path)).filter(({ name }) => whom.test(name))) {
    await using ground = await makeAttackGround(account);
    for (const [what, list] of Object.entries(attacks)) {
      const tally = startTally();
      const tried = list.filter(({ name, needsRoot }) => which.test(name) && (!needsRoot || account.uid === undefined));
      await twoAtATime(tried, async (attack) => {
        await tally.try(`${account.name}: ${attack.name}`, async () => {
          await using place = await ground.next();
          await withstand(attack, place);
        });
      });
      if (tried.length === 0) continue;
      const figure = tally.figure(`attacks held / tried, ${what}, as ${account.name}`);
      console.error(`${figure.what}: ${figure.done} / ${figure.tried}`);
      figures.push(figure);
    }
  }
  return figures;
}
