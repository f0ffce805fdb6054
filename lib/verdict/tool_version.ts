import project from "../../deno.json" with { type: "json" };

/** Which pgrehearse, on which Deno. */
export const toolVersion = { version: project.version, deno: Deno.version.deno };
