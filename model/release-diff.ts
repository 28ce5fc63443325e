import { createTwoFilesPatch } from "diff";
import { parseAllDocuments, stringify } from "yaml";
import { maskSecrets } from "./secret-mask.ts";

/** How a manifest changes; texts without secrets. */
export interface ManifestDiff {
  /** Unified diff; empty when nothing changes. */
  patch: string;
  /** `Deployment gim-t100`, and so on, of the new manifest. */
  objects: string[];
  /** Helm hooks of the new manifest: Helm keeps them apart, so that they are named and not compared. */
  hooks: string[];
}

interface Sides {
  before: string;
  after: string;
}

/** Unified diff of Helm values, keys sorted; empty when they are the same. */
export function valuesDiff(before: unknown, after: unknown, names: Sides): string {
  return patchOf(yamlOf(maskSecrets(before)), yamlOf(maskSecrets(after, before)), names);
}

/**
 * Compares two manifests object by object, whatever their order, comments and formatting. Throws when one of them is not
 * YAML.
 */
export function manifestDiff(before: string, after: string, names: Sides): ManifestDiff {
  const old = objectsOf(before);
  const all = objectsOf(after);
  const hooks = [...all].filter(([, object]) => isHook(object)).map(([name]) => name);
  const kept = new Map([...all].filter(([name]) => !hooks.includes(name)));
  const textOf = (objects: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): string =>
    [...objects.keys()]
      .sort()
      .map((name) => `# ${name}\n${yamlOf(maskSecrets(objects.get(name), other.get(name)))}`)
      .join("---\n");
  return { patch: patchOf(textOf(old, new Map()), textOf(kept, old), names), objects: [...kept.keys()].sort(), hooks };
}

function objectsOf(manifest: string): Map<string, unknown> {
  const objects = new Map<string, unknown>();
  for (const document of parseAllDocuments(manifest)) {
    const error = document.errors[0];
    if (error !== undefined) throw error;
    const object = document.toJS() as { kind?: string; metadata?: { name?: string; namespace?: string } } | null;
    if (object === null || typeof object !== "object") continue;
    const { name = "", namespace } = object.metadata ?? {};
    objects.set(`${object.kind ?? "?"} ${namespace === undefined ? "" : `${namespace}/`}${name}`, object);
  }
  return objects;
}

function isHook(object: unknown): boolean {
  const { metadata } = object as { metadata?: { annotations?: Record<string, unknown> | null } };
  return metadata?.annotations?.["helm.sh/hook"] !== undefined;
}

function yamlOf(value: unknown): string {
  return stringify(value, { sortMapEntries: true, lineWidth: 0 });
}

function patchOf(before: string, after: string, names: Sides): string {
  if (before === after) return "";
  const options = { context: 2 };
  const patch = createTwoFilesPatch(names.before, names.after, before, after, undefined, undefined, options);
  return patch.replace(/^=+\n/, "");
}
