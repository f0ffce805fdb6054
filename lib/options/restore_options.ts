import type { Declaration } from "./declaration.ts";

/** What roles become on the server that is restored to. */
export const roleOptions = {
  map_role: {
    flag: "--map-role <old=new>",
    type: "texts",
    help: "what a role of the backup is called on the server; may be repeated",
  },
  owner: {
    flag: "--owner <name>",
    type: "text",
    help: "the role that owns everything on the server, whoever owned it at the backup",
  },
} as const satisfies Record<string, Declaration>;
