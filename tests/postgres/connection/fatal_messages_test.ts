import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { fatalFilter } from "../../../lib/postgres/connection/fatal_messages.ts";

function message(type: string, body: string | Uint8Array): Buffer {
  const bytes = Buffer.from(body);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length + 4);
  return Buffer.concat([Buffer.from(type), length, bytes]);
}

const error = (severity: string) => message("E", `S${severity}\0V${severity}\0C57P01\0Mfarewell\0\0`);
const harmless = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((body) => message("D", body)),
  fc.constantFrom(message("Z", "I"), error("ERROR"), message("R", Buffer.alloc(4))),
);

/** Sends bytes through a filter in pieces. */
function send(bytes: Buffer, cuts: number[]): { passed: string; fatal: Error | undefined } {
  const filter = fatalFilter();
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let start = 0;
  let passed = "";
  for (const end of ends) {
    const result = filter(bytes.subarray(start, end));
    passed += Buffer.from(result.passed).toString("hex");
    if (result.fatal) return { passed, fatal: result.fatal };
    start = end;
  }
  return { passed, fatal: undefined };
}

Deno.test("fatal messages: everything before one passes, however it is cut up, and nothing after", () => {
  const cuts = fc.array(fc.nat(), { maxLength: 8 });
  fc.assert(fc.property(fc.array(harmless), fc.array(harmless), cuts, fc.boolean(), (before, after, cuts, isFatal) => {
    const start = Buffer.concat(before);
    const all = Buffer.concat([start, ...isFatal ? [error("FATAL")] : [], ...after]);
    const { passed, fatal } = send(all, cuts);
    assert.equal(passed, (isFatal ? start : all).toString("hex"));
    assert.deepEqual(
      [fatal?.message, (fatal as { code?: string })?.code],
      isFatal ? ["farewell", "57P01"] : [
        undefined,
        undefined,
      ],
    );
  }));
});

Deno.test("fatal messages: a request for Kerberos is one", () => {
  assert.match(send(message("R", Buffer.from([0, 0, 0, 7])), []).fatal!.message, /Kerberos/);
});
