import type { WantedSetting } from "../../model/configure.ts";
import { CutoverError } from "../../model/error.ts";
import type { ConfigureStepSpec } from "./licence.ts";

const untouched =
  "The migrated databases and the licence stay; no other setting was changed than those named as written.";

const mostCommands = 4;

export function notDerived(stack: string, { service }: ConfigureStepSpec, problems: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5740",
    verdict: "failed",
    happened: `the tenants' settings of ${service.name} cannot be told from the release set and the stack file`,
    evidence: problems,
    untouched: "No setting was read or changed.",
    next: `Correct the release set's configure.settings or cutover:tenantSettings.values, then: cutover upgrade ${stack}`,
  });
}

export function noTenants(stack: string, { service }: ConfigureStepSpec): CutoverError {
  return new CutoverError({
    code: "CUT-5741",
    verdict: "failed",
    happened: `${service.name} has settings to check, and no tenant is known`,
    evidence: ["cutover:operationalDatabases.tenants is empty, and no tenant was found in the databases"],
    untouched: "No setting was read or changed.",
    next: `Name the tenants' suffixes in cutover:operationalDatabases.tenants, then: cutover upgrade ${stack}`,
  });
}

export function wrongSettings(
  stack: string,
  { service }: ConfigureStepSpec,
  wrong: string[],
  open: string[],
): CutoverError {
  return new CutoverError({
    code: "CUT-5742",
    verdict: "failed",
    happened: `${wrong.length} setting(s) of ${service.name}'s tenants are not what they must be`,
    evidence: [...wrong, ...open],
    untouched,
    next:
      "Correct them in the Configuration tab of the RPI client, or the mount path in the Helm values when that is the wrong one; " +
      `what was attested wrongly is attested again: cutover attest ${stack} --tenant TENANT --setting NAME --value VALUE; then: cutover upgrade ${stack}`,
  });
}

export function openSettings(stack: string, missing: readonly WantedSetting[], evidence: string[]): CutoverError {
  const commands = missing.map(({ tenant, setting, value }) => {
    const chosen = value === null ? "VALUE" : quoted(value);
    return `cutover attest ${stack} --tenant ${tenant} --setting ${quoted(setting)} --value ${chosen}`;
  });
  // Long lists are worked off by the list that `attest` shows.
  const shown = commands.length <= mostCommands ? commands : commands.slice(0, 1);
  // --all says that a setting is as the release set wants it; where a person decides there is no such value.
  const tenants = [...new Set(missing.flatMap(({ tenant, value }) => (value === null ? [] : [tenant])))];
  const all = tenants.map((tenant) => `cutover attest ${stack} --tenant ${tenant} --all`).join("; ");
  const more = commands.length === shown.length ? "" : `; and so on for ${commands.length - shown.length} more`;
  return new CutoverError({
    code: "CUT-5743",
    verdict: "inconclusive",
    happened: `${missing.length} setting(s) have to be looked at by a person in the Configuration tab of the RPI client`,
    evidence,
    untouched,
    next: `Set them there, then say so: ${shown.join("; ")}${more}${all === "" || missing.length === 1 ? "" : `; or all of a tenant that are as the list says: ${all}`}; then: cutover upgrade ${stack}`,
    exitCode: 19,
  });
}

function quoted(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
