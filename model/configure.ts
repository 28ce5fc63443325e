import type { ConfigureSpec } from "./release-set.ts";
import type { Attestation } from "./attestation.ts";

/** One setting of one tenant that must be right after the migration. */
export interface WantedSetting {
  tenant: string;
  /** As the product shows it. */
  setting: string;
  /** What it must be; null: a person decides, within `allowed`. */
  value: string | null;
  allowed: { value: string; meaning: string }[];
  text: string;
}

export interface CheckListInput {
  settings: ConfigureSpec["settings"];
  tenants: readonly string[];
  /** Helm values of the service. */
  values: Readonly<Record<string, unknown>>;
  /** `tenantSettings.values` of the stack: per tenant or `*`, for what the release set leaves to a person. */
  chosen: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The check list, and what is wrong with it before any tenant is looked at. */
export interface CheckList {
  wanted: WantedSetting[];
  problems: string[];
}

/** What each tenant's settings must be: as the release set says, derived from Helm values, or chosen in the stack file. */
export function checkListOf({ settings, tenants, values, chosen }: CheckListInput): CheckList {
  const problems: string[] = [];
  const names = new Set(settings.map((setting) => setting.name));
  for (const [tenant, own] of Object.entries(chosen)) {
    if (tenant !== "*" && !tenants.includes(tenant))
      problems.push(`cutover:tenantSettings.values names ${tenant}, which is no tenant`);
    for (const name of Object.keys(own)) {
      if (!names.has(name)) problems.push(`cutover:tenantSettings.values: the release set has no setting "${name}"`);
    }
  }
  const wanted = settings.flatMap((setting) => {
    const { name, allowed, text } = setting;
    const fixed = setting.value === undefined ? null : expandValues(setting.value, values);
    if (fixed !== null && "problem" in fixed) {
      problems.push(`${name}: ${fixed.problem}`);
      return [];
    }
    return tenants.map((tenant): WantedSetting => {
      const own = ownValue(chosen, tenant, name);
      if (fixed !== null && own !== null && !sameValue(own, fixed.value)) {
        problems.push(`${name}: the stack file wants ${own} for ${tenant}, the release set ${fixed.value}`);
      }
      const value = fixed?.value ?? own;
      if (value !== null && !isAllowed(value, allowed)) {
        problems.push(`${name}: ${value} for ${tenant} is not one of ${describeAllowed(allowed)}`);
      }
      return { tenant, setting: name, value, allowed, text };
    });
  });
  return { wanted, problems };
}

function ownValue(chosen: CheckListInput["chosen"], tenant: string, name: string): string | null {
  for (const key of [tenant, "*"]) {
    const own = Object.hasOwn(chosen, key) ? chosen[key] : undefined;
    if (own !== undefined && Object.hasOwn(own, name)) return own[name] ?? null;
  }
  return null;
}

const placeholder = /\$\{values:([^}]*)\}/g;

/** Fills `${values:a.b.c}` with Helm values; only texts, numbers and booleans can be filled in. */
export function expandValues(
  text: string,
  values: Readonly<Record<string, unknown>>,
): { value: string } | { problem: string } {
  const missing: string[] = [];
  const value = text.replace(placeholder, (_whole, path: string) => {
    const found = lookUp(values, path.split("."));
    if (typeof found === "string" || typeof found === "number" || typeof found === "boolean") return String(found);
    missing.push(path);
    return "";
  });
  if (missing.length === 0) return { value };
  return { problem: `the Helm values of the service have no ${missing.join(", ")} (a text, a number or a switch)` };
}

function lookUp(from: unknown, path: readonly string[]): unknown {
  let value = from;
  for (const key of path) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** Equal, switches whatever their case: databases and people write True, true and TRUE. */
export function sameValue(one: string, other: string): boolean {
  const plain = (text: string) => (/^(true|false)$/i.test(text.trim()) ? text.trim().toLowerCase() : text);
  return plain(one) === plain(other);
}

export function isAllowed(value: string, allowed: WantedSetting["allowed"]): boolean {
  return allowed.length === 0 || allowed.some((one) => sameValue(one.value, value));
}

export function describeAllowed(allowed: WantedSetting["allowed"]): string {
  return allowed.map((one) => `${one.value} (${one.meaning})`).join(", ");
}

/** Who sees to a setting: the stack's statements read and write it, only read it, or a person attests it. */
export type SettingKeeper = "written" | "read" | "person";

/** Follows judgeSetting: what can be read and has one right value is judged by the database alone. */
export function keeperOf(
  { value }: Pick<WantedSetting, "value">,
  statements: { read?: string | undefined; write?: string | undefined } | null,
): SettingKeeper {
  if (value === null || statements?.read === undefined) return "person";
  return statements.write === undefined ? "read" : "written";
}

/** What is known of a setting: what the database says (null: it cannot be read), and what a person says. */
export interface KnownSetting {
  wanted: WantedSetting;
  /** Undefined: there is no statement to read it; null: the tenant has no such setting. */
  read: string | null | undefined;
  attested: Pick<Attestation, "value"> | null;
}

export type SettingJudgement =
  | { state: "right"; how: "read" | "attested" }
  /** `found`: what it is; the text to show. */
  | { state: "wrong"; found: string }
  /** A person must look. `found`: what the database says, where that is known. */
  | { state: "open"; found: string | null };

/** Judges one setting. What the database says counts more than what a person said. */
export function judgeSetting({ wanted, read, attested }: KnownSetting): SettingJudgement {
  const { value, allowed } = wanted;
  if (read !== undefined && value !== null) {
    return read !== null && sameValue(read, value)
      ? { state: "right", how: "read" }
      : { state: "wrong", found: read ?? "not set" };
  }
  if (attested === null) return { state: "open", found: read ?? null };
  // A person decides on what is there: a value that has changed since was not decided on. What the statement does not find at all
  // (the configuration of channels) only a person can see.
  if (typeof read === "string" && !sameValue(read, attested.value)) {
    return { state: "wrong", found: `${read}, attested was ${attested.value}` };
  }
  const right = value === null ? isAllowed(attested.value, allowed) : sameValue(attested.value, value);
  return right ? { state: "right", how: "attested" } : { state: "wrong", found: `${attested.value}, as attested` };
}
