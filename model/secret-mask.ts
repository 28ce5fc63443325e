const secretKey = /(password|passwd|passphrase|token|secret|api[-_]?key|private[-_]?key|access[-_]?key|credentials?)$/i;
const mask = "(masked)";
const otherMask = "(masked, differs)";

type Tree = unknown;

/**
 * Hides what may be secret in a Kubernetes object or in Helm values: data of Secrets, values under keys that sound like
 * secrets, environment variables with such names. `before` is the other side of a comparison: a masked value that differs
 * from it says so, so that a change still shows. Pure; returns a copy.
 */
export function maskSecrets(value: Tree, before?: Tree): Tree {
  return maskTree(value, before, isSecretObject(value));
}

function maskTree(value: Tree, before: Tree, inSecret: boolean): Tree {
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => maskTree(item, counterpart(item, index, before), inSecret));
  }
  if (!isRecord(value)) return value;
  const other = keysOf(before);
  const namedSecret = typeof value["name"] === "string" && secretKey.test(value["name"]);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, Tree] => {
      if (inSecret && (key === "data" || key === "stringData")) return [key, maskAll(inner, other.get(key))];
      const hidden = secretKey.test(key) || (namedSecret && key === "value");
      if (hidden && isScalar(inner)) return [key, maskScalar(inner, other.get(key))];
      return [key, maskTree(inner, other.get(key), inSecret)];
    }),
  );
}

function maskAll(value: Tree, before: Tree): Tree {
  if (!isRecord(value)) return isScalar(value) ? maskScalar(value, before) : value;
  const other = keysOf(before);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, maskScalar(inner, other.get(key))]));
}

function maskScalar(value: Tree, before: Tree): string {
  return before === undefined || JSON.stringify(before) === JSON.stringify(value) ? mask : otherMask;
}

// A map, since on an object a key such as `constructor` would find what every object inherits.
function keysOf(value: Tree): ReadonlyMap<string, unknown> {
  return new Map(isRecord(value) ? Object.entries(value) : []);
}

/** Items with a name (containers, variables, volumes) are compared with the one of that name, others with their place. */
function counterpart(item: Tree, index: number, before: Tree): Tree {
  if (!Array.isArray(before)) return undefined;
  const list = before as readonly unknown[];
  if (!isRecord(item) || typeof item["name"] !== "string") return list[index];
  return list.find((other) => isRecord(other) && other["name"] === item["name"]);
}

function isSecretObject(value: Tree): boolean {
  return isRecord(value) && value["kind"] === "Secret";
}

// An empty text or a switch is no secret, and worth seeing.
function isScalar(value: Tree): boolean {
  return (typeof value === "string" && value !== "") || typeof value === "number";
}

function isRecord(value: Tree): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
