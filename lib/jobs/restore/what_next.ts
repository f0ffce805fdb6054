import { shellWord } from "../../system/shell_word.ts";
import { restoredBeside, swapped } from "./findings/outcome.ts";
import type { Restore } from "./restore_under_way.ts";

/** What a restore in the target's place leaves, and how to undo it. */
export function sayHowToUndo({ job, options, target, record, recordPath }: Restore): void {
  const undo = `pgrehearse restore --undo ${shellWord(recordPath)} --target-url ${
    shellWord(withoutPassword(options.targetUrl))
  }${reachingStore(options)}${againOnTheWordOf(options, target.name)}`;
  job.note(swapped({ database: target.name, keptAs: record.before?.kept_as, undo }));
}

function reachingStore({ store: { endpoint, region } = {} }: Restore["options"]): string {
  return Object.entries({ endpoint, region })
    .map(([option, value]) => value === undefined ? "" : ` --${option} ${shellWord(value)}`).join("");
}

/** So that the command can be run unchanged: who answered for the swap answers for taking it back. */
function againOnTheWordOf({ operator, approvedBy, reason }: Restore["options"], name: string): string {
  if (!operator || !approvedBy || !reason) return "";
  const words = { operator, "approved-by": approvedBy, reason: `undo: ${reason}`, confirm: name };
  return Object.entries(words).map(([option, word]) => ` --${option} ${shellWord(word)}`).join("");
}

/** What a restore beside leaves, and how to put it in place. */
export function sayHowToPromote({ job, options, target, recordPath, part, manifest }: Restore, name: string): void {
  const canPromote = part === undefined && manifest !== undefined && job.isGood();
  const promote = canPromote
    ? `pgrehearse restore --promote ${shellWord(recordPath)}${reachingStore(options)} --target-url URL`
    : undefined;
  job.note(restoredBeside({ database: name, server: target.address, promote }));
}

/** A URL without its password, which is better in PGPASSWORD or ~/.pgpass. */
function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:@/?]*):[^@/]*@/, "$1@")
    .replace(/\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&]*)&?/g, "")
    .replace(/[?&]$/, "").trim();
}
