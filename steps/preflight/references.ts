/** What a release's manifest expects to find in its namespace, because it does not bring it along. */
export interface References {
  /** Secrets with the keys that are asked for (none: the whole Secret). */
  secrets: Map<string, Set<string>>;
  pullSecrets: Set<string>;
  tlsSecrets: Set<string>;
  configMaps: Set<string>;
  storageClaims: Set<string>;
  /** `group/plural` of everything that the release creates. */
  creates: Set<string>;
}

type Tree = { [key: string]: unknown };

// Objects of other controllers that make Secrets of these names.
const secretMakers: Record<string, (object: Tree) => unknown> = {
  Secret: (object) => at(object, "metadata", "name"),
  SealedSecret: (object) => at(object, "metadata", "name"),
  Certificate: (object) => at(object, "spec", "secretName"),
  ExternalSecret: (object) => at(object, "spec", "target", "name") ?? at(object, "metadata", "name"),
};

/** Finds the references in the objects of a rendered chart; pure. Optional references do not count. */
export function findReferences(objects: readonly unknown[]): References {
  const found: References = {
    secrets: new Map(),
    pullSecrets: new Set(),
    tlsSecrets: new Set(),
    configMaps: new Set(),
    storageClaims: new Set(),
    creates: new Set(),
  };
  // Helm does not run a chart's tests by itself.
  const release = objects.filter(isTree).filter((object) => !/\btest/.test(text(hookOf(object))));
  for (const object of release) {
    found.creates.add(pluralOf(object));
    visit(object, found);
  }
  for (const object of release) forgetOwn(object, found);
  return found;
}

function hookOf(object: Tree): unknown {
  return at(object, "metadata", "annotations", "helm.sh/hook");
}

/** `apps/deployments` of a Deployment; the core group has an empty name. */
function pluralOf(object: Tree): string {
  const apiVersion = text(object["apiVersion"]);
  const kind = text(object["kind"]).toLowerCase();
  const plural = /[^aeiou]y$/.test(kind)
    ? `${kind.slice(0, -1)}ies`
    : /(s|x|ch)$/.test(kind)
      ? `${kind}es`
      : `${kind}s`;
  return `${apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : ""}/${kind === "endpoints" ? kind : plural}`;
}

function visit(value: unknown, found: References): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, found);
    return;
  }
  if (!isTree(value)) return;
  for (const secret of list(value["imagePullSecrets"])) add(found.pullSecrets, at(secret, "name"));
  for (const tls of list(value["tls"])) add(found.tlsSecrets, at(tls, "secretName"));
  if (Array.isArray(value["containers"])) for (const volume of list(value["volumes"])) visitVolume(volume, found);
  for (const [key, inner] of Object.entries(value)) {
    if (key === "secretKeyRef" || key === "secretRef") addSecret(found, at(inner, "name"), inner, at(inner, "key"));
    if (key === "configMapKeyRef" || key === "configMapRef") addConfigMap(found, at(inner, "name"), inner);
    visit(inner, found);
  }
}

function visitVolume(volume: unknown, found: References): void {
  addSecret(found, at(volume, "secret", "secretName"), at(volume, "secret"));
  addConfigMap(found, at(volume, "configMap", "name"), at(volume, "configMap"));
  add(found.storageClaims, at(volume, "persistentVolumeClaim", "claimName"));
  for (const source of list(at(volume, "projected", "sources"))) {
    addSecret(found, at(source, "secret", "name"), at(source, "secret"));
    addConfigMap(found, at(source, "configMap", "name"), at(source, "configMap"));
  }
}

function addSecret(found: References, name: unknown, reference: unknown, key?: unknown): void {
  if (typeof name !== "string" || at(reference, "optional") === true) return;
  const keys = found.secrets.get(name) ?? new Set<string>();
  if (typeof key === "string") keys.add(key);
  found.secrets.set(name, keys);
}

function addConfigMap(found: References, name: unknown, reference: unknown): void {
  if (at(reference, "optional") !== true) add(found.configMaps, name);
}

function forgetOwn(object: Tree, found: References): void {
  const kind = text(object["kind"]);
  const name = text(at(object, "metadata", "name"));
  const secret = secretMakers[kind]?.(object);
  if (typeof secret === "string") {
    for (const names of [found.secrets, found.pullSecrets, found.tlsSecrets]) names.delete(secret);
  }
  if (kind === "ConfigMap") found.configMaps.delete(name);
  if (kind === "PersistentVolumeClaim") found.storageClaims.delete(name);
}

/** Names in a chart's `imagePullSecrets` values: Genesys writes a map, others a list (facts/domain.md B1). */
export function pullSecretsOfValues(values: Tree): string[] {
  const value = values["imagePullSecrets"];
  if (isTree(value)) return Object.keys(value);
  return list(value).flatMap((item) => (typeof item === "string" ? [item] : text(at(item, "name")) || []));
}

function at(value: unknown, ...path: string[]): unknown {
  let current = value;
  for (const key of path) current = isTree(current) ? current[key] : undefined;
  return current;
}

function isTree(value: unknown): value is Tree {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function add(names: Set<string>, name: unknown): void {
  if (typeof name === "string" && name !== "") names.add(name);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
