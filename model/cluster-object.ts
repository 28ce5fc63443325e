import type { Json } from "./service.ts";

/** The part of a Kubernetes object that rules look at. */
export interface ClusterObject {
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    generation?: number;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { kind: string; name: string; uid: string; controller?: boolean }[];
  };
  spec?: { [key: string]: Json };
  status?: { [key: string]: Json };
}

/** The value at a path of keys; undefined when any part is absent. */
export function at(from: Json | undefined, ...path: readonly string[]): Json | undefined {
  let value: Json | undefined = from;
  for (const key of path) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
    value = value[key];
  }
  return value;
}

/** The number at a path, or `otherwise`. */
export function numberAt(from: Json | undefined, otherwise: number, ...path: readonly string[]): number {
  const value = at(from, ...path);
  return typeof value === "number" ? value : otherwise;
}

/** The text at a path, or "". */
export function textAt(from: Json | undefined, ...path: readonly string[]): string {
  const value = at(from, ...path);
  return typeof value === "string" ? value : "";
}

/** The list at a path, or an empty one. */
export function listAt(from: Json | undefined, ...path: readonly string[]): Json[] {
  const value = at(from, ...path);
  return Array.isArray(value) ? value : [];
}

/** The condition of this type: status ("True", "False", "Unknown"), reason and message; null when it is not there. */
export function conditionOf(
  object: ClusterObject,
  type: string,
): { status: string; reason: string; message: string } | null {
  const found = listAt(object.status, "conditions").find((condition) => textAt(condition, "type") === type);
  if (found === undefined) return null;
  return { status: textAt(found, "status"), reason: textAt(found, "reason"), message: textAt(found, "message") };
}

/** The owner that controls an object. */
export function controllerOf(object: ClusterObject): { kind: string; name: string; uid: string } | null {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true) ?? null;
}
