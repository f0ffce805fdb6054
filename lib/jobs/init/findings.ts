import { defineFinding, defineNote } from "../../system/define_finding.ts";

export const databasesAlike = defineFinding({
  code: "DATABASES_ALIKE",
  means: "unknown",
  says: ({ name }: { name: string }) => ({
    message: `Two databases would both be called ${name}.`,
    fix: "Give one of them to init, and add the other to the configuration by hand.",
  }),
  examples: [{ name: "shop" }],
});

export const passwordNotWritten = defineNote({
  code: "PASSWORD_NOT_WRITTEN",
  says: ({ variables, file }: { variables: readonly string[]; file: string | undefined }) => ({
    message:
      `The password was not written to any file. Before pgrehearse runs, set ${
        variables.join(" and ")
      } to the URL with it` +
      `${file === undefined ? "" : `, as a line of ${file}`}.`,
  }),
  examples: [{ variables: ["DATABASE_URL"], file: "/etc/pgrehearse/environment" }],
});

export const next = defineNote({
  code: "NEXT",
  says: ({ config }: { config: string }) => ({
    message: `Try it with pgrehearse backup --config ${config}, then pgrehearse drill --config ${config}.`,
  }),
  examples: [{ config: "/etc/pgrehearse/pgrehearse.jsonc" }],
});
