import { OperatorError } from "./operator_error.ts";

/**
 * What a finding says about the question asked: something is not right (`fail`, exit 1), pgrehearse could not look (`unknown`,
 * exit 2), or neither, and the operator should know (`warning`).
 */
type Meaning = "fail" | "unknown" | "warning";

/** What a definition says with its facts. */
interface Said {
  /** What happened, and to what: a sentence, or a few short ones. */
  message: string;
  /** What to do. */
  fix: string;
  /** What a tool or the server said. */
  detail?: string;
  /** Which object: a table, an index, a file. */
  object?: string;
  expected?: unknown;
  actual?: unknown;
  /** Where these facts mean something else than the definition says. */
  means?: Meaning;
}

/** A finding as a verdict holds it. */
export interface FoundFinding extends Omit<Said, "means"> {
  code: string;
  /** A warning leaves the verdict as it is. */
  severity?: "warning";
}

/** Something that differs and may, as a verdict holds it. */
interface FoundNote {
  code: string;
  message: string;
  object?: string;
}

/** An example, said. */
export interface Example {
  said: FoundFinding | FoundNote;
  means: Meaning | "note";
}

/** What the catalogue knows of a definition. */
export interface Defined {
  /** One, but for a family. */
  readonly codes: readonly string[];
  /** Each example, said; every situation has one. */
  examples(): Example[];
}

/** Gives the finding with these facts. */
interface Finder<Facts> {
  (facts: Facts): FoundFinding;
  /** Gives the same as something to throw. `cause` is the error underneath, shown under `--debug`. */
  error(facts: Facts, options?: { cause?: unknown }): OperatorError;
  /** Gives the same as a note, for where it may be so. */
  note(facts: Facts): FoundNote;
}

/** What {@linkcode defineFinding} gives: called with its facts, it gives the finding. */
interface FindingDefinition<Facts> extends Defined, Finder<Facts> {
  readonly code: string;
}

/** What {@linkcode defineFindings} gives: each situation is called with its own facts. */
type FindingsDefinition<Facts> =
  & Defined
  & { readonly code: string }
  & {
    readonly [Situation in keyof Facts]: Finder<Given<Facts[Situation]>>;
  };

/** What {@linkcode defineNote} gives: called with its facts, it gives the note. */
interface NoteDefinition<Facts> extends Defined {
  (facts: Facts): FoundNote;
  readonly code: string;
}

/** A function without parameters takes no facts. */
type Given<Facts> = unknown extends Facts ? void : Facts;

/** Facts that look real: the documentation shows what is said with them. What needs no facts is its own example. */
type Exemplified<Facts> = unknown extends Facts ? { examples?: undefined }
  : { examples: readonly [NoInfer<Facts>, ...NoInfer<Facts>[]] };

/** One situation: what is said, with examples. `means` is given where it differs from the others of its code. */
type Situation<Facts> = { means?: Meaning; says: (facts: Facts) => Said } & Exemplified<Facts>;

/**
 * Defines what is found under one code, in capitals, which never changes.
 *
 * @param definition `says` is a function of the facts alone.
 */
export function defineFinding<Facts>(
  { code, ...rest }: { code: string; means: Meaning } & Situation<Facts>,
): FindingDefinition<Given<Facts>> {
  const finder = makeFinder<Facts>(() => code, rest);
  return Object.assign(finder.find, { code, codes: [code], examples: finder.examples });
}

/** Defines a code that several situations share, each with its own sentence. */
export function defineFindings<Facts>(
  { code, means, situations }: {
    code: string;
    means: Meaning;
    situations: { [Name in keyof Facts]: Situation<Facts[Name]> };
  },
): FindingsDefinition<Facts> {
  const finders = Object.entries<Situation<unknown>>(situations as Record<string, Situation<unknown>>)
    .map(([name, situation]) => [name, makeFinder(() => code, { means, ...situation })] as const);
  return {
    ...Object.fromEntries(finders.map(([name, { find }]) => [name, find])),
    code,
    codes: [code],
    examples: () => finders.flatMap(([, finder]) => finder.examples()),
  } as unknown as FindingsDefinition<Facts>;
}

/** Defines findings that are worded alike, and whose code depends on the facts. */
export function defineFindingFamily<Facts>(
  { codes, codeOf, ...rest }: {
    /** All that `codeOf` can give. */
    codes: readonly string[];
    codeOf: (facts: NoInfer<Facts>) => string;
    means: Meaning;
  } & Situation<Facts>,
): Defined & Finder<Facts> {
  const finder = makeFinder<Facts>(codeOf, rest);
  return Object.assign(finder.find, { codes, examples: finder.examples }) as unknown as Defined & Finder<Facts>;
}

/** Defines a note: what differs, and may. */
export function defineNote<Facts>(
  { code, says, examples }:
    & { code: string; says: (facts: Facts) => Omit<FoundNote, "code"> }
    & Exemplified<Facts>,
): NoteDefinition<Given<Facts>> {
  const note = (facts: Given<Facts>): FoundNote => withoutUndefined({ code, ...says(facts as Facts) });
  return Object.assign(note, {
    code,
    codes: [code],
    examples: () =>
      factsOf<Facts>(examples).map((facts) => ({ said: note(facts as Given<Facts>), means: "note" as const })),
  });
}

/** An error that {@linkcode is} knows; with a mark, so that one that it does not know is still an error to TypeScript. */
type Recognized = OperatorError & { readonly [recognized]: true };
declare const recognized: unique symbol;

/** Whether an error was made by one of these definitions. */
export function is(error: unknown, ...definitions: readonly Defined[]): error is Recognized {
  return error instanceof OperatorError && isOneOf(error, ...definitions);
}

/** Whether a finding has the code of one of these definitions. */
export function isOneOf({ code }: { code: string }, ...definitions: readonly Defined[]): boolean {
  return definitions.some(({ codes }) => codes.includes(code));
}

/** An error as a finding, for a verdict that goes on; `object` says of what. */
export function asFinding({ code, message, fix, detail }: OperatorError, object?: string): FoundFinding {
  return withoutUndefined({ code, message, fix, detail, object });
}

/** A finding as something to throw, where the work it was found in cannot go on: that work is not done, so `unknown`. */
export function asError({ code, message, fix, detail }: Omit<FoundFinding, "severity">): OperatorError {
  return new OperatorError(code, message, { fix, detail });
}

/** The same error in other words. */
export function retell(
  { code, message, fix, detail, consequence }: OperatorError,
  words: { message?: string; fix?: string; detail?: string; cause?: unknown },
): OperatorError {
  return new OperatorError(code, words.message ?? message, { fix, detail, consequence, ...words });
}

function makeFinder<Facts>(
  codeOf: (facts: Facts) => string,
  { means, says, examples }: {
    means: Meaning;
    says: (facts: Facts) => Said;
    examples?: readonly Facts[];
  },
): { find: Finder<Given<Facts>>; examples: () => Example[] } {
  const tell = (facts: Facts): { said: FoundFinding; means: Meaning } => {
    const { means: own = means, ...said } = says(facts);
    const severity = own === "warning" ? own : undefined;
    return { said: withoutUndefined({ code: codeOf(facts), severity, ...said }), means: own };
  };
  const find = Object.assign((facts: Given<Facts>) => tell(facts as Facts).said, {
    error(facts: Given<Facts>, { cause }: { cause?: unknown } = {}) {
      const { said: { code, message, fix, detail }, means } = tell(facts as Facts);
      return new OperatorError(code, message, {
        fix,
        detail,
        cause,
        consequence: means === "fail" ? "fail" : "unknown",
      });
    },
    note(facts: Given<Facts>) {
      const { code, message, object } = tell(facts as Facts).said;
      return withoutUndefined({ code, message, object });
    },
  });
  return { find, examples: () => factsOf<Facts>(examples).map(tell) };
}

/** What takes no facts has one example, without any. */
function factsOf<Facts>(examples: readonly Facts[] | undefined): readonly Facts[] {
  return examples ?? [undefined as Facts];
}

function withoutUndefined<Found extends object>(found: Found): Found {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as Found;
}
