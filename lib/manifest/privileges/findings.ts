import { defineFinding, defineFindings, defineNote } from "../../system/define_finding.ts";
import { counted } from "../../system/quantities.ts";

export const ownerDiffers = defineFinding({
  code: "OWNER_DIFFERS",
  means: "fail",
  says: ({ kind, object, expected, actual }: { kind: string; object: string; expected: string; actual: string }) => ({
    message: `The ${kind} ${object} belongs to ${actual}; it belonged to ${expected}.`,
    fix: `Create the role ${expected}, then restore with owners; or run ALTER … OWNER TO it.`,
    object,
    expected,
    actual,
  }),
  examples: [{ kind: "table", object: "shop.orders", expected: "seller", actual: "postgres" }],
});

/** Grants on one object, each as `SELECT TO alice BY OWNER`. */
interface Grants {
  kind: string;
  object: string;
  grants: string[];
}

const inMessage = 5;

function several(grants: string[]): string {
  const rest = grants.length - inMessage;
  return grants.slice(0, inMessage).join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

export const grantMissing = defineFinding({
  code: "GRANT_MISSING",
  means: "fail",
  says: ({ kind, object, grants }: Grants) => ({
    message: `Grants on the ${kind} ${object} are missing: ${several(grants)}.`,
    fix: "Create the roles, then restore with grants; or grant it again. OWNER means the object's owner, a star the " +
      "grant option.",
    object,
    expected: grants,
  }),
  examples: [{ kind: "table", object: "shop.orders", grants: ["SELECT TO reader BY OWNER"] }],
});

export const grantExtra = defineFindings({
  code: "GRANT_EXTRA",
  means: "fail",
  situations: {
    compared: {
      says: ({ kind, object, grants }: Grants) => ({
        message: `The ${kind} ${object} has grants that it did not have before: ${several(grants)}.`,
        fix:
          "Revoke them, and find out where they came from: the default privileges of the restoring role, or a later " +
          "GRANT. OWNER means the object's owner, a star the grant option.",
        object,
        actual: grants,
      }),
      examples: [{ kind: "table", object: "shop.orders", grants: ["SELECT TO PUBLIC BY OWNER"] }],
    },
    /** Of a role that restored into a database that was there. */
    ofDefaultPrivileges: {
      says: ({ message, object, actual }: { message: string; object?: string; actual?: unknown }) => ({
        message,
        fix:
          "Postgres added these grants from the default privileges of the restoring role. Correct them, or restore " +
          "with --swap, which starts with a database that has no default privileges.",
        object,
        actual,
      }),
      examples: [{
        message: "The table shop.orders has grants that it did not have before: SELECT TO PUBLIC BY OWNER.",
        object: "shop.orders",
        actual: ["SELECT TO PUBLIC BY OWNER"],
      }],
    },
  },
});

export const defaultPrivilegesDiffer = defineFinding({
  code: "DEFAULT_PRIVILEGES_DIFFER",
  means: "fail",
  says: ({ object, missing, extra }: { object: string; missing: string[]; extra: string[] }) => ({
    message: `The default privileges ${object} differ: ` + [
      ...missing.length > 0 ? [`${several(missing)} no longer`] : [],
      ...extra.length > 0 ? [`${several(extra)} now`] : [],
    ].join("; ") + ".",
    fix:
      "Restore with grants, or run ALTER DEFAULT PRIVILEGES. Otherwise other roles get access to what that role creates " +
      "next.",
    object,
    expected: missing,
    actual: extra,
  }),
  examples: [{ object: "for role seller in schema shop on tables", missing: ["SELECT TO reader BY OWNER"], extra: [] }],
});

/** What a role can do, or could: privileges on an object of some kind. */
interface Right {
  privileges: string[];
  kind: string;
  object: string;
}

interface RoleFacts {
  role: string;
  rights: Right[];
}

function rightsOf(rights: Right[]): string {
  return several(rights.map(({ privileges, kind, object }) => `${privileges.join(", ")} on the ${kind} ${object}`));
}

export const roleCanLess = defineFinding({
  code: "ROLE_CAN_LESS",
  means: "fail",
  says: ({ role, rights }: RoleFacts) => ({
    message: `${role} no longer has: ${rightsOf(rights)}.`,
    fix:
      "Find out what was lost: a grant (GRANT_MISSING), an owner (OWNER_DIFFERS), or the role's membership in another role.",
    object: role,
    expected: rights,
  }),
  examples: [{ role: "reader", rights: [{ privileges: ["SELECT"], kind: "table", object: "shop.orders" }] }],
});

export const roleCanMore = defineFindings({
  code: "ROLE_CAN_MORE",
  means: "fail",
  situations: {
    known: {
      says: ({ role, rights }: RoleFacts) => ({
        message: `${role} now has, and did not have before: ${rightsOf(rights)}.`,
        fix:
          "Find out what was added: a grant (GRANT_EXTRA), an owner (OWNER_DIFFERS), or the role's membership in another " +
          "role. Revoke it before anyone uses it.",
        object: role,
        actual: rights,
      }),
      examples: [{ role: "reader", rights: [{ privileges: ["DELETE"], kind: "table", object: "shop.orders" }] }],
    },
    unknown: {
      means: "warning",
      says: ({ role, rights }: RoleFacts) => ({
        message: `The source server had no role ${role}. Here it has: ${rightsOf(rights)}.`,
        fix: "Check whether that is right. It comes from the role's memberships on this server.",
        object: role,
        actual: rights,
      }),
      examples: [{ role: "auditor", rights: [{ privileges: ["SELECT"], kind: "table", object: "shop.orders" }] }],
    },
  },
});

export const rowSecurityDiffers = defineFinding({
  code: "ROW_SECURITY_DIFFERS",
  means: "fail",
  says: (
    { role, tables }: {
      role: string;
      /** null where row security does not bind the role at all. */
      tables: { table: string; expected: string[] | null; actual: string[] | null }[];
    },
  ) => ({
    message: `Different policies apply to ${role}: ` + several(
      tables.map(({ table, expected, actual }) =>
        `on ${table} ${
          actual === null ? "it sees every row" : actual.join(", ") || "no policy lets it see a row"
        }, before ` +
        (expected === null ? "it saw every row" : expected.join(", ") || "none did")
      ),
    ) + ".",
    fix: "Check its memberships, BYPASSRLS, the tables' owners and their policies: it sees different rows than " +
      "before.",
    object: role,
    expected: tables.map(({ table, expected }) => ({ table, policies: expected })),
    actual: tables.map(({ table, actual }) => ({ table, policies: actual })),
  }),
  examples: [{ role: "tenant", tables: [{ table: "shop.orders", expected: ["own_rows"], actual: null }] }],
});

export const ownersNotGiven = defineNote({
  code: "OWNERS_NOT_GIVEN",
  says: ({ count, first, owner }: { count: number; first: string; owner: string }) => ({
    message: `${count} ${count === 1 ? "object belongs" : "objects belong"} to the role that restored, such as ` +
      `${first}, which belonged to ${owner}. Only a superuser can own such objects, and ${owner} is not one here.`,
    object: first,
  }),
  examples: [{ count: 2, first: "watch_ddl", owner: "admin" }],
});

export const publicSchemaClosed = defineNote({
  code: "PUBLIC_SCHEMA_CLOSED",
  says: (_: { object: "public" }) => ({
    message:
      "Every role could create objects in the schema public; here they cannot. Since PostgreSQL 15, a new database does " +
      "not allow it. To allow it again: GRANT CREATE ON SCHEMA public TO PUBLIC.",
    object: "public",
  }),
  examples: [{ object: "public" }],
});

export const grantsOfServerDiffer = defineNote({
  code: "GRANTS_OF_SERVER_DIFFER",
  says: ({ count, first }: { count: number; first: string }) => ({
    message:
      `Grants on ${
        counted(count, "object")
      } of the server or its extensions differ, such as ${first}. Another version has ` +
      "different grants, so it is unknown whether any were lost.",
    object: first,
  }),
  examples: [{ count: 1, first: "pg_catalog.pg_sleep(double precision)" }],
});
