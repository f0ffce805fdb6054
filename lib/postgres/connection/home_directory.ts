import { homedir } from "node:os";

/** The directory that libpq looks for `.pgpass`, `.pg_service.conf` and `.postgresql` in. */
export function homeDirectory(env: Record<string, string | undefined>): string {
  return env.HOME || homedir();
}
