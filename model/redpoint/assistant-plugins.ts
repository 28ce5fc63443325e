/** A plugin in use in v6, as the Upgrade Assistant lists it. */
export interface AssistantPlugin {
  name: string;
  /** False also where the Assistant does not say: then a person has to find out. */
  compatible: boolean;
}

const nameKeys = ["name", "pluginname", "plugin", "displayname", "title", "assembly", "assemblyname", "id"];
const compatibleKeys = ["iscompatible", "compatible", "v7compatible", "iscompatiblewithv7", "supported", "available"];

/** True of a key of the Assistant's output that holds plugins. The vendor publishes no schema of that part (facts/domain.md A7). */
export function holdsPlugins(key: string): boolean {
  return /plugin/i.test(key);
}

/**
 * Reads plugins in whatever shape they come: names, objects with a name, or a map from name to details; nested once. Under a key that
 * says `incompatible` every entry is. Returns null when nothing in it has a name.
 */
export function readPlugins(key: string, value: unknown): AssistantPlugin[] | null {
  const incompatible = /incompatible|unsupported|missing|unavailable/i.test(key);
  const compatible = !incompatible && /compatible|supported|available/i.test(key);
  const found = entriesOf(value, incompatible ? false : compatible ? true : null);
  return found.length === 0 && !isEmpty(value) ? null : distinct(found);
}

/** Id by which a person acknowledges a plugin: `plugin-` and the name in small letters. */
export function pluginNote(name: string): string {
  return `plugin-${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")}`;
}

function entriesOf(value: unknown, verdict: boolean | null): AssistantPlugin[] {
  if (Array.isArray(value)) return value.flatMap((item: unknown) => entriesOf(item, verdict));
  if (typeof value === "string" && value.trim() !== "") return [{ name: value.trim(), compatible: verdict ?? false }];
  if (!isMap(value)) return [];
  const name = nameOf(value);
  if (name !== null) return [{ name, compatible: verdict ?? flagOf(value) ?? false }];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner === "boolean") return [{ name: key, compatible: verdict ?? inner }];
    if (Array.isArray(inner) || holdsPlugins(key)) return readPlugins(key, inner) ?? [];
    if (isMap(inner)) return [{ name: nameOf(inner) ?? key, compatible: verdict ?? flagOf(inner) ?? false }];
    // A detail such as a version, or the text that the Assistant shows.
    return [{ name: key, compatible: verdict ?? false }];
  });
}

function nameOf(value: Record<string, unknown>): string | null {
  for (const wanted of nameKeys) {
    const found = Object.entries(value).find(([key]) => key.toLowerCase().replace(/[\s_-]/g, "") === wanted)?.[1];
    if (typeof found === "string" && found.trim() !== "") return found.trim();
  }
  return null;
}

function flagOf(value: Record<string, unknown>): boolean | null {
  for (const [key, inner] of Object.entries(value)) {
    const plain = key.toLowerCase().replace(/[\s_-]/g, "");
    const negative = plain.startsWith("in") || plain.startsWith("not") || plain.startsWith("isin");
    if (typeof inner !== "boolean") continue;
    if (compatibleKeys.includes(plain)) return inner;
    if (negative && plain.includes("compatible")) return !inner;
  }
  return null;
}

// Named twice, it counts as incompatible when either place says so.
function distinct(plugins: readonly AssistantPlugin[]): AssistantPlugin[] {
  const names = [...new Set(plugins.map((plugin) => plugin.name))];
  return names.map((name) => ({
    name,
    compatible: plugins.filter((plugin) => plugin.name === name).every((plugin) => plugin.compatible),
  }));
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
