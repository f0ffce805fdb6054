import type { Node } from "jsonc-parser";
import { registerSecret } from "../system/redact.ts";
import type { ConfigProblem } from "./config_problem.ts";

const shortestSecretLine = 8;

/**
 * Puts values from the environment in the place of `${NAME}`, in every string of a parsed document; `$${NAME}` stays as
 * `${NAME}`. What comes from the environment is redacted from then on.
 *
 * @returns What is wrong: variables that are not set.
 */
export function fillInEnvironment(root: Node, env: Record<string, string>): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  visitValues(root, (node) => {
    const text = node.value as string;
    const filled = text.replace(/\$(\$\{[^}]*\})|\$\{([^}]*)\}/g, (_, literal: string | undefined, name: string) => {
      if (literal !== undefined) return literal;
      const value = env[name];
      if (value === undefined) {
        problems.push({ offset: node.offset, message: `the environment has no variable ${name || "without a name"}` });
        return "?"; // so that it is not called empty as well
      }
      registerSecret(value);
      // Logs are read line by line: of a private key, too.
      value.split(/\r?\n/).filter((line) => line.length >= shortestSecretLine).forEach(registerSecret);
      return value;
    });
    // The whole of it too: an address may hold a secret in the middle.
    if (filled !== text) registerSecret(filled);
    Object.assign(node, { value: filled });
  });
  return problems;
}

function visitValues(node: Node, visit: (node: Node) => void): void {
  if (node.type === "string") return visit(node);
  if (node.type === "property") return node.children![1] && visitValues(node.children![1], visit);
  node.children?.forEach((child) => visitValues(child, visit));
}
