import assert from "node:assert/strict";
import { type Attack, withstand } from "../../support/attacks/attack.ts";
import { attacks } from "../../support/attacks/attacks.ts";
import { makeAttackGround } from "../../support/attacks/ground.ts";
import { needing } from "../../support/needing.ts";
import { pathWithout } from "../../support/ordinary_user.ts";
import { reaching } from "../../support/attacks/waking_code.ts";
import { traceableDirectory } from "../../support/traces.ts";

/** One attack of every class; `scripts/torture attacks` tries all of them, as more accounts. */
const sample: Attack[] = Object.values(attacks).map((list) => list[0]);

Deno.test({
  ...needing({ root: Deno.uid() === 0 }, "attacks: one of every class gets no right that its author did not have"),
  async fn(t) {
    await using ground = await makeAttackGround({ name: "root", isIsolated: true });
    for (const attack of sample) {
      await t.step(attack.name, async () => {
        await using place = await ground.next();
        await withstand(attack, place);
      });
    }
  },
});

Deno.test({
  ...needing({ root: Deno.uid() === 0 }, "attacks: what gets through is seen"),
  async fn() {
    await using directory = await traceableDirectory();
    // An account alone does not protect a directory that every account may write to.
    const PATH = await pathWithout(directory.path, "bwrap", "unshare");
    await using ground = await makeAttackGround({ name: "control", isIsolated: true, env: { PATH } });
    await using place = await ground.next();
    await assert.rejects(withstand(reaching[0], place), /left program/);
  },
});
