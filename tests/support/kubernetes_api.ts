/** What `kubectl --dry-run=client` asks a cluster for: which kinds it knows. Nothing else is there. */
export interface KubernetesApi extends AsyncDisposable {
  url: string;
}

type Kinds = [name: string, kind: string][];

const kinds: Record<string, Kinds> = {
  "v1": [["serviceaccounts", "ServiceAccount"], ["persistentvolumeclaims", "PersistentVolumeClaim"]],
  "batch/v1": [["cronjobs", "CronJob"], ["jobs", "Job"]],
};

export function startKubernetesApi(): KubernetesApi {
  const version = { groupVersion: "batch/v1", version: "v1" };
  const answers: Record<string, unknown> = {
    "/api": { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] },
    "/apis": {
      kind: "APIGroupList",
      apiVersion: "v1",
      groups: [{ name: "batch", versions: [version], preferredVersion: version }],
    },
    "/api/v1": listOf("v1"),
    "/apis/batch/v1": listOf("batch/v1"),
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const answer = answers[new URL(request.url).pathname];
    return answer ? Response.json(answer) : new Response("not found", { status: 404 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function listOf(groupVersion: string): unknown {
  const verbs = ["create", "get", "list"];
  const resources = kinds[groupVersion].map(([name, kind]) => ({
    name,
    singularName: "",
    namespaced: true,
    kind,
    verbs,
  }));
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources };
}
