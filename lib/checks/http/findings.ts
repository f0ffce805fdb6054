import { defineFinding, defineFindings } from "../../system/define_finding.ts";
import { durationText } from "../../system/quantities.ts";

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
    fix: "Name a file in PEM format that this account can read.",
  }),
  examples: [{ path: "/etc/shop/ca.pem" }],
});

export const httpNoAnswer = defineFinding({
  code: "HTTP_NO_ANSWER",
  means: "fail",
  says: ({ check, asked, reason }: Asked & { reason: string }) => ({
    message: `${check}: ${asked} does not answer: ${reason}.`,
    fix: "Check that it runs, listens there, and can be reached from here. retry_for gives it more time.",
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
    message: `${check}: ${asked} took ${durationText(durationMs)}; the limit is ${durationText(limitMs)}.`,
    fix: "Find out what it waits for. A restored database may have no statistics (run ANALYZE) or may lack an index.",
  }),
  examples: [{ ...askedOrders, durationMs: 2140, limitMs: 500 }],
});

export const httpTooLarge = defineFinding({
  code: "HTTP_TOO_LARGE",
  means: "fail",
  says: ({ check, asked }: Asked) => ({
    message: `${check}: ${asked} answered with more than 16 MiB.`,
    fix: "Request something smaller.",
  }),
  examples: [askedOrders],
});

export const httpNotJson = defineFinding({
  code: "HTTP_NOT_JSON",
  means: "fail",
  says: ({ check, asked }: Asked) => ({
    message: `${check}: the answer of ${asked} is not JSON.`,
    fix: "Look at what it answers.",
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
        fix: "Look at what it answers, and check the pointer.",
      }),
      examples: [{ ...askedOrders, pointer: "/orders/0/id" }],
    },
    shown: {
      says: ({ check, asked, pointer, value, wanted }: Place & { value: unknown; wanted: string }) => ({
        message: `${check}: ${asked} gave ${JSON.stringify(value)}${at(pointer)}; expected ${wanted}.`,
        fix: "Find out why the restored system answers differently.",
      }),
      examples: [{ ...askedOrders, pointer: "/count", value: 0, wanted: "> 100" }],
    },
    hidden: {
      says: ({ check, asked, pointer, wanted }: Place & { wanted: string }) => ({
        message: `${check}: ${asked} gave a different value${at(pointer)}; expected ${wanted}.`,
        fix: "Find out why. With show: true this message shows the value.",
      }),
      examples: [{ ...askedOrders, pointer: "/count", wanted: "> 100" }],
    },
  },
});
