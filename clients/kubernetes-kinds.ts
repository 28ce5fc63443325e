import type { ResourceKind } from "./contracts.ts";

const namespaced = (group: string | undefined, version: string, plural: string): ResourceKind => ({
  ...(group === undefined ? {} : { group }),
  version,
  plural,
  namespaced: true,
});

export const pods = namespaced(undefined, "v1", "pods");
export const services = namespaced(undefined, "v1", "services");
export const events = namespaced(undefined, "v1", "events");
export const secrets = namespaced(undefined, "v1", "secrets");
export const configMaps = namespaced(undefined, "v1", "configmaps");
export const persistentVolumeClaims = namespaced(undefined, "v1", "persistentvolumeclaims");
export const namespaces: ResourceKind = { version: "v1", plural: "namespaces", namespaced: false };
export const nodes: ResourceKind = { version: "v1", plural: "nodes", namespaced: false };
export const deployments = namespaced("apps", "v1", "deployments");
export const statefulSets = namespaced("apps", "v1", "statefulsets");
export const daemonSets = namespaced("apps", "v1", "daemonsets");
export const replicaSets = namespaced("apps", "v1", "replicasets");
export const jobs = namespaced("batch", "v1", "jobs");
export const leases = namespaced("coordination.k8s.io", "v1", "leases");
export const selfSubjectAccessReviews: ResourceKind = {
  group: "authorization.k8s.io",
  version: "v1",
  plural: "selfsubjectaccessreviews",
  namespaced: false,
};
export const selfSubjectReviews: ResourceKind = {
  group: "authentication.k8s.io",
  version: "v1",
  plural: "selfsubjectreviews",
  namespaced: false,
};

/** API path of a collection, or of one object when `name` is given; `name/status` is a subresource. */
export function pathOf(kind: ResourceKind, namespace: string | null, name?: string): string {
  const base = kind.group === undefined ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const scope = kind.namespaced && namespace !== null ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${base}${scope}/${kind.plural}${name === undefined ? "" : `/${name.split("/").map(encodeURIComponent).join("/")}`}`;
}
