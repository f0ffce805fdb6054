import { z } from "zod";

const name = z.string();
/** `SELECT, INSERT* TO alice, PUBLIC BY OWNER`: a star is the grant option, OWNER the object's owner. */
const grants = z.array(z.string());

/** A role, as far as it says who may do what; without password or settings. */
const roleSchema = z.object({
  name,
  is_superuser: z.literal(true).optional(),
  bypasses_row_security: z.literal(true).optional(),
  /** Privileges of the roles that it is a member of are not its own (before PostgreSQL 16: of none). */
  does_not_inherit: z.literal(true).optional(),
  member_of: z.array(z.object({
    role: name,
    inherits: z.boolean(),
    /** Whether it may grant the membership to others. */
    is_admin: z.literal(true).optional(),
  })).optional(),
});

export const privilegesSchema = z.object({
  /** The role that made the cluster, and owns what every database has. */
  bootstrap_role: name,
  /** What objects' grants are where they are not what they are by default; the same ones together. */
  grants: z.array(z.object({ kind: z.string(), grants, objects: z.array(z.string()) })),
  /** Objects of the server's own and of extensions whose grants are not as they came; the same ones together. */
  changed: z.array(z.object({
    kind: z.string(),
    /** The extension that it came with; absent for the server's own. */
    extension: z.string().optional(),
    initial: grants,
    grants,
    objects: z.array(z.string()),
  })),
  database: z.object({ owner: name, grants }),
  /** Large objects of the same owner and grants; `ids` such as `16384-16390,17000`. */
  large_objects: z.array(z.object({ owner: name, grants, ids: z.string() })),
  /** Tables whose row security is on, and whom each of their policies binds: roles, or PUBLIC. */
  row_security: z.array(z.object({
    table: z.string(),
    is_forced: z.literal(true).optional(),
    policies: z.array(z.object({ name, roles: z.array(z.string()) })),
  })),
  /** Every role of the cluster but Postgres's own. */
  roles: z.array(roleSchema),
  /**
   * What roles can really do, digested: through memberships and what everybody has, as owners, and which policies of row
   * security bind them. Roles that can do the same are listed together, quoted where needed; PUBLIC is everybody, and superusers are
   * left out.
   */
  rights: z.array(z.object({
    roles: grants,
    digest: z.string().regex(/^[0-9a-f]{32}$/),
    /** Of each kind of object, and of `row_security`. */
    by_kind: z.record(z.string(), z.string().regex(/^[0-9a-f]{32}$/)),
  })).optional(),
});
