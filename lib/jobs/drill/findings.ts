import { defineNote } from "../../system/define_finding.ts";

export const privilegesLeftOut = defineNote({
  code: "PRIVILEGES_LEFT_OUT",
  says: ({ role, missing }: { role: string; missing: string[] }) => ({
    message: "Owners and grants were neither restored nor compared: " +
      (missing.length > 0
        ? `the server that --into names has no ${missing.length === 1 ? "role" : "roles"} ` +
          missing.slice(0, 10).join(", ") + (missing.length > 10 ? ` and ${missing.length - 10} more` : "")
        : `${role} is not a superuser of the server that --into names`) +
      ". A throwaway cluster, without --into, has them.",
  }),
  examples: [{ role: "drill", missing: [] }, { role: "postgres", missing: ["seller", "reader"] }],
});
