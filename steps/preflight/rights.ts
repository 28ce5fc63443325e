import type { PreflightService, PreflightSpec } from "../../model/step-specs.ts";
import type { References } from "./references.ts";

/** One question to the API server: may I? */
export interface Right {
  verb: string;
  group: string;
  resource: string;
  namespace: string | null;
}

// Helm keeps its records in Secrets; gates watch workloads and read logs.
const alwaysNeeded: readonly [group: string, resource: string, verbs: readonly string[]][] = [
  ["", "secrets", ["get", "list", "create", "update", "delete"]],
  ["", "pods", ["get", "list", "watch"]],
  ["", "pods/log", ["get"]],
  ["", "events", ["list"]],
  ["apps", "deployments", ["get", "list", "watch", "patch"]],
  ["apps", "statefulsets", ["get", "list", "watch"]],
  ["apps", "daemonsets", ["list"]],
  ["apps", "replicasets", ["get", "list", "watch"]],
];

/** Everything that a run of this service asks of the API server, in its own namespaces; pure. */
export function rightsOf(service: PreflightService, references: References): Right[] {
  const { namespace } = service;
  const rights = alwaysNeeded.flatMap(([group, resource, verbs]) =>
    verbs.map((verb) => ({ verb, group, resource, namespace })),
  );
  for (const created of references.creates) {
    const [group = "", resource = ""] = created.split("/");
    // Cluster-wide objects are rare in these charts; a namespaced question about them is answered as well.
    for (const verb of ["get", "create", "patch"]) rights.push({ verb, group, resource, namespace });
  }
  // A migration that the service runs by itself is helped along by deleting a pod.
  if (service.steps.includes("migrate") && service.upgradeApi === null)
    rights.push({ verb: "delete", group: "", resource: "pods", namespace });
  if (usesPortForward(service)) {
    rights.push({ verb: "get", group: "", resource: "services", namespace });
    rights.push({ verb: "create", group: "", resource: "pods/portforward", namespace });
  }
  if (service.gates.some((gate) => gate.kind === "exec"))
    rights.push({ verb: "create", group: "", resource: "pods/exec", namespace });
  if (service.gates.some((gate) => gate.kind === "job"))
    rights.push({ verb: "watch", group: "batch", resource: "jobs", namespace });
  if (service.database !== null) {
    rights.push({ verb: "get", group: "", resource: "secrets", namespace: service.database.namespace });
  }
  return rights;
}

/** An API is asked by port-forward to a pod of its Service: to migrate, to configure, by a gate. */
function usesPortForward({ steps, upgradeApi, configure, gates }: PreflightService): boolean {
  const apis = [
    ...(steps.includes("migrate") ? [upgradeApi] : []),
    ...(steps.includes("configure") ? [configure?.endpoint] : []),
    ...gates.map((gate) => {
      if (gate.kind === "http") return gate;
      return gate.kind === "performance" && gate.source.kind === "http" ? gate.source : null;
    }),
  ];
  return apis.some((api) => api?.service !== undefined && api.url === undefined);
}

/** The Secrets of the platform's own steps: connection strings and keys of nodes. */
export function platformRights({ operationalDatabases, nodes }: PreflightSpec): Right[] {
  const places = [
    operationalDatabases?.server.connection.namespace,
    operationalDatabases?.source?.connection.namespace,
    ...nodes.map((node) => node.privateKey.namespace),
  ];
  return places.flatMap((namespace) =>
    namespace === undefined ? [] : [{ verb: "get", group: "", resource: "secrets", namespace }],
  );
}

/** What the ledger and the workers of long steps need in the ledger's namespace. */
export function ledgerRights(namespace: string): Right[] {
  const verbs = ["get", "create", "update"];
  return [
    ...["list", ...verbs].map((verb) => ({ verb, group: "", resource: "configmaps", namespace })),
    ...verbs.map((verb) => ({ verb, group: "coordination.k8s.io", resource: "leases", namespace })),
  ];
}

/** `patch deployments.apps in gim`. */
export function describeRight({ verb, group, resource, namespace }: Right): string {
  return `${verb} ${resource}${group === "" ? "" : `.${group}`}${namespace === null ? "" : ` in ${namespace}`}`;
}

/** One line per resource and namespace: `secrets in gim: create, update`. */
export function rightsByResource(rights: readonly Right[]): string[] {
  const verbs = new Map<string, string[]>();
  for (const right of rights) {
    const what = describeRight(right).slice(right.verb.length + 1);
    verbs.set(what, [...(verbs.get(what) ?? []), right.verb]);
  }
  return [...verbs].map(([what, list]) => `${what}: ${list.join(", ")}`);
}

/** The same without repetitions. */
export function distinctRights(rights: readonly Right[]): Right[] {
  return [...new Map(rights.map((right) => [describeRight(right), right])).values()];
}
