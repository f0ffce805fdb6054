import { defineFinding, defineFindings } from "../../system/define_finding.ts";

/** Which check asked, and what: `GET http://127.0.0.1:8080/health`. */
interface Asked {
  check: string;
  asked: string;
}
const asked: Asked = { check: "front page", asked: "GET http://127.0.0.1:8080/" };
const askedOrders: Asked = { check: "orders", asked: "GET http://127.0.0.1:8080/orders" };

export const cannotReadFile = defineFinding({
  code: "CANNOT_READ_FILE",
  means: "unknown",
  says: ({ path }: { path: string }) => ({
    message: `Cannot read the certificates in ${path}.`,
    fix: "Name a file in PEM form that this user may read.",
  }),
  examples: [{ path: "/etc/shop/ca.pem" }],
});

export const httpNoAnswer = defineFinding({
  code: "HTTP_NO_ANSWER",
  means: "fail",
  says: ({ check, asked, reason }: Asked & { reason: string }) => ({
    message: `${check}: ${asked} does not answer: ${reason}.`,
    fix: "See whether it runs, listens there, and can be reached from here; retry_for gives it time.",
  }),
  examples: [{ ...asked, reason: "connection refused" }],
});

export const httpStatusWrong = defineFinding({
  code: "HTTP_STATUS_WRONG",
  means: "fail",
  says: ({ check, asked, status, wanted }: Asked & { status: number; wanted: number[] }) => ({
    message: `${check}: ${asked} answered with status ${status}; expected ${wanted.join(" or ")}.`,
    fix: "See the application's log for why.",
  }),
  examples: [{ ...asked, status: 500, wanted: [200] }],
});

export const httpTooSlow = defineFinding({
  code: "HTTP_TOO_SLOW",
  means: "fail",
  says: ({ check, asked, durationMs, limitMs }: Asked & { durationMs: number; limitMs: number }) => ({
    message: `${check}: ${asked} took ${durationMs} ms; the limit is ${limitMs} ms.`,
    fix: "See what it waits for; a restored database may lack statistics (ANALYZE) or an index.",
  }),
  examples: [{ ...askedOrders, durationMs: 2140, limitMs: 500 }],
});

export const httpTooLarge = defineFinding({
  code: "HTTP_TOO_LARGE",
  means: "fail",
  says: ({ check, asked }: Asked) => ({
    message: `${check}: ${asked} answered with more than 16 MiB.`,
    fix: "Ask for something smaller.",
  }),
  examples: [askedOrders],
});

export const httpNotJson = defineFinding({
  code: "HTTP_NOT_JSON",
  means: "fail",
  says: ({ check, asked }: Asked) => ({
    message: `${check}: ${asked} did not answer with JSON.`,
    fix: "See what it answers with instead.",
  }),
  examples: [askedOrders],
});

/** Where in the answer a value is, as a JSON pointer; without one, the whole answer. */
interface Place extends Asked {
  pointer?: string;
}
const at = (pointer: string | undefined) => pointer ? ` at ${pointer}` : "";

export const httpValueWrong = defineFindings({
  code: "HTTP_VALUE_WRONG",
  means: "fail",
  situations: {
    missing: {
      says: ({ check, asked, pointer }: Place) => ({
        message: `${check}: ${asked} has nothing${at(pointer)}.`,
        fix: "See what it answers with instead, and whether the pointer is right.",
      }),
      examples: [{ ...askedOrders, pointer: "/orders/0/id" }],
    },
    shown: {
      says: ({ check, asked, pointer, value, wanted }: Place & { value: unknown; wanted: string }) => ({
        message: `${check}: ${asked} gave ${JSON.stringify(value)}${at(pointer)}; expected ${wanted}.`,
        fix: "See why the restored system answers otherwise.",
      }),
      examples: [{ ...askedOrders, pointer: "/count", value: 0, wanted: "> 100" }],
    },
    hidden: {
      says: ({ check, asked, pointer, wanted }: Place & { wanted: string }) => ({
        message: `${check}: ${asked} gave another value${at(pointer)}; expected ${wanted}.`,
        fix: "See why; with show: true the value stands here.",
      }),
      examples: [{ ...askedOrders, pointer: "/count", wanted: "> 100" }],
    },
  },
});
