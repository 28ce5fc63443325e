import { expandServices } from "../model/expand.ts";
import type { FindMissing } from "../model/rollback.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import { loadPlatform } from "../stacks/load-platform.ts";
import { openReleaseSets } from "../stacks/release-sets.ts";

/** Tells which of a stack's services a release set does not have (`absentRoles`). */
export async function missingServices(root: string, settings: StackSettings): Promise<FindMissing> {
  const sets = openReleaseSets(root, settings.platform);
  const platform = await loadPlatform(root, settings.platform);
  const slots = expandServices(platform, { ...settings, pins: {} });
  return (before, releaseSet) => {
    const name = before ?? sets.order[sets.order.indexOf(releaseSet) - 1];
    if (name === undefined || !sets.order.includes(name)) return null;
    const { absentRoles } = sets.load(name).set;
    const missing = slots.filter(({ role }) => absentRoles.includes(role)).map((slot) => slot.name);
    return missing.length === 0 ? null : { releaseSet: name, services: new Set(missing) };
  };
}
