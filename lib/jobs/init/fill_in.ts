/**
 * Puts values into a template, in the place of their `@NAME@`.
 *
 * A line that holds nothing but a name, as a comment or not, becomes as many lines as its value has, at its indentation;
 * with an empty value it goes.
 */
export function fillIn(template: string, values: Record<string, string | readonly string[]>): string {
  const valueOf = (name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`a template wants ${name}, and nothing says it`);
    return value;
  };
  return template.split("\n").flatMap((line) => {
    const whole = /^(\s*)(?:(?:#|\/\/) )?@([A-Z0-9_]+)@$/.exec(line);
    if (whole) return [valueOf(whole[2])].flat().filter((text) => text !== "").map((text) => `${whole[1]}${text}`);
    return line.replace(/@([A-Z0-9_]+)@/g, (_, name) => String(valueOf(name))).trimEnd();
  }).join("\n");
}
