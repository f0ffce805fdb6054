import assert from "node:assert/strict";
import { findHostTroubles } from "../../lib/dumps/restore_errors/host_troubles.ts";
import { crashSignal, errorsInLog, errorsPassedOn } from "../../lib/postgres/server_errors.ts";

Deno.test("errors of a server: its log gives each with its SQLSTATE, whatever the message holds", () => {
  const log = [
    "00000 LOG:  database system is ready to accept connections",
    "P0001 ERROR:  none of 1",
    "\t53100 ERROR:  this is the second line of a message",
    "P0001 HINT:  do it",
    'P0001 CONTEXT:  PL/pgSQL function public.f(integer) line 1 at RAISE\n\tCOPY k, line 1: "1"',
    "01000 WARNING:  no error",
    "23503 ERROR:  violates",
  ].join("\n");
  assert.deepEqual(errorsInLog(log), [
    {
      sqlstate: "P0001",
      message: "none of 1\n\t53100 ERROR:  this is the second line of a message",
      hint: "do it",
      context: 'PL/pgSQL function public.f(integer) line 1 at RAISE\n\tCOPY k, line 1: "1"',
    },
    { sqlstate: "23503", message: "violates" },
  ]);
  assert.equal(crashSignal(log), undefined);
  assert.equal(crashSignal(`${log}\n00000 LOG:  server process (PID 7) was terminated by signal 9: Killed`), 9);
});

Deno.test("errors of a server: pg_restore passes on their words, and those of other languages are not understood", () => {
  const said = [
    'pg_restore: error: COPY failed for table "k": ERROR:  none of 1',
    "HINT:  do it",
    "pg_restore: error: could not execute query: ERROR:  no such thing",
    "Command was: CREATE EXTENSION x;",
    'pg_restore: error: connection to server on socket "/s" failed: FATAL:  the database system is shutting down',
    "pg_restore: warning: errors ignored on restore: 2",
  ].join("\n");
  const messages = ["none of 1", "no such thing", "the database system is shutting down"];
  assert.deepEqual(errorsPassedOn(said)!.map(({ message }) => message), messages);
  assert.equal(errorsPassedOn(said)![0].hint, "do it");
  assert.deepEqual(errorsPassedOn("pg_restore: error: could not read from input file: end of file"), []);
  assert.equal(
    errorsPassedOn("pg_restore: error: could not execute query: FEHLER:  Rolle »x« existiert nicht"),
    undefined,
  );
});

/** What says nothing about a backup, and what does. */
const troubles: [code: string | undefined, sqlstate: string | undefined, message: string][] = [
  ["DISK_FULL", "53100", 'could not extend file "base/5/1": No space left on device'],
  ["DISK_FULL", undefined, 'could not extend file "base/5/1": No space left on device'],
  ["SERVER_OUT_OF_RESOURCES", "53200", "out of memory"],
  ["SERVER_OUT_OF_RESOURCES", undefined, "out of shared memory"],
  ["SERVER_OUT_OF_RESOURCES", "53000", "Too many open files in system"],
  ["SERVER_OUT_OF_RESOURCES", "53300", "sorry, too many clients already"],
  ["CONNECTION_LOST", "57P01", "terminating connection due to administrator command"],
  ["CONNECTION_LOST", "57P03", "the database system is in recovery mode"],
  ["QUERY_CANCELED", "57014", "canceling statement due to user request"],
  ["SERVER_READ_ONLY", "25006", "cannot execute CREATE TABLE in a read-only transaction"],
  ["SERVER_STORAGE_BROKEN", "58030", "could not read block 1: Input/output error"],
  ["SERVER_STORAGE_BROKEN", "XX001", "invalid page in block 0"],
  [undefined, "23505", "could not create unique index"],
  [undefined, "42601", 'syntax error at or near "No space left on device"'],
  [undefined, "22P02", "invalid input syntax for type integer"],
  [undefined, "XX000", "cache lookup failed"],
];

Deno.test("troubles of the host: sorted by SQLSTATE, or by words where there is none", () => {
  for (const [code, sqlstate, message] of troubles) {
    const found = findHostTroubles({ status: 1, stderr: "", errors: [{ sqlstate, message }] });
    assert.deepEqual(found.map(({ code }) => code), code === undefined ? [] : [code], message);
  }
});

Deno.test("troubles of the host: what ends the programs themselves is known as well", () => {
  const codesOf = (trouble: Partial<Parameters<typeof findHostTroubles>[0]>) =>
    findHostTroubles({ status: 1, stderr: "", errors: [], ...trouble }).map(({ code }) => code);
  assert.deepEqual(codesOf({ status: 137 }), ["TOOL_KILLED"]);
  assert.deepEqual(codesOf({ status: 139 }), []); // a damaged dump may make pg_restore crash
  assert.deepEqual(codesOf({ log: "00000 LOG:  server process (PID 7) was terminated by signal 9: Killed\n" }), [
    "SERVER_CRASHED",
  ]);
  assert.deepEqual(codesOf({ stderr: "pg_restore: error: could not open file: Too many open files\n" }), [
    "HOST_OUT_OF_RESOURCES",
  ]);
  assert.deepEqual(codesOf({ stderr: "pg_restore: error: could not write: No space left on device\n" }), [
    "HOST_OUT_OF_RESOURCES",
  ]);
  assert.deepEqual(codesOf({ stderr: "pg_restore: error: server closed the connection unexpectedly\n" }), [
    "CONNECTION_LOST",
  ]);
  assert.deepEqual(codesOf({ stderr: "pg_restore: error: could not read from input file: end of file\n" }), []);
});
