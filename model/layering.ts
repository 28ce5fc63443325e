import type { Json } from "./service.ts";

export type JsonObject = { [key: string]: Json };

/**
 * Layers Helm values: later layers win, objects are merged, everything else (lists too) is replaced as a whole.
 * null stays, since Helm reads it as "take the chart's default away".
 */
export function layerValues(layers: readonly JsonObject[]): JsonObject {
  return layers.reduce<JsonObject>((below, above) => mergeObjects(below, above), {});
}

/** Puts a value at a dotted path such as `image.tag`, creating the objects on the way. */
export function valueAt(path: string, value: Json): JsonObject {
  return path
    .split(".")
    .reverse()
    .reduce<Json>((inner, key) => ({ [key]: inner }), value) as JsonObject;
}

function mergeObjects(below: JsonObject, above: JsonObject): JsonObject {
  // A Map, because a values file may hold a key such as `__proto__`.
  const merged = new Map<string, Json>(Object.entries(below));
  for (const [key, value] of Object.entries(above)) {
    const present = merged.get(key);
    merged.set(key, isObject(present) && isObject(value) ? mergeObjects(present, value) : value);
  }
  return Object.fromEntries(merged);
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
