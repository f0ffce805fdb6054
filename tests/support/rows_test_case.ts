import type { RowsCluster } from "./rows_cluster.ts";

/**
 * Makes a function like `Deno.test` whose tests share one server, which starts before the first and goes after the last.
 */
export function rowsTest(
  start: () => Promise<RowsCluster>,
): (name: string, work: (cluster: RowsCluster) => Promise<void>) => void {
  let cluster: RowsCluster;
  Deno.test.beforeAll(async () => {
    cluster = await start();
  });
  Deno.test.afterAll(() => cluster?.close());
  return (name, work) => Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn: () => work(cluster) });
}
