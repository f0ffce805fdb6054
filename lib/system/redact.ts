/**
 * Keeps secrets out of everything that leaves the process.
 *
 * Passwords are registered as soon as they are known; text that comes from outside (a tool's stderr, the server's or the
 * driver's message) goes through {@linkcode redact} before it is shown or stored.
 */
const secrets = new Set<string>();

/** Registers a value that must never be shown. Empty values are ignored. */
export function registerSecret(value: string | undefined): void {
  if (!value) return;
  secrets.add(value);
  secrets.add(encodeURIComponent(value));
}

/** Returns the text with every registered secret, and everything that looks like a password in a URL or conninfo, replaced by `***`. */
export function redact(text: string): string {
  let redacted = text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@?#]*):[^\s/?#]*@/gi, "$1:***@")
    .replace(/\b(password|sslpassword)(\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&'"]+)/gi, "$1$2***")
    .replace(/\b(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s"'<]+/gi, "$1***"); // in presigned URLs
  // The longest first: a secret may contain another one.
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    redacted = redacted.replaceAll(secret, "***");
  }
  return redacted;
}

/** The same for every string in a document; its keys stay. */
export function redactDocument<T>(document: T): T {
  if (typeof document === "string") return redact(document) as T;
  if (Array.isArray(document)) return document.map(redactDocument) as T;
  if (typeof document !== "object" || document === null) return document;
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, redactDocument(value)])) as T;
}
