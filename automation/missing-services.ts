import { expandServices } from "../model/expand.ts";
import type { FindMissing } from "../model/rollback.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import { loadPlatform } from "../stacks/load-platform.ts";
import { openReleaseSets, type ReleaseSets } from "../stacks/release-sets.ts";

/** Tells which of a stack's services a release set does not have (`absentRoles`). */
export async function missingServices(root: string, settings: StackSettings): Promise<FindMissing> {
  const sets = openReleaseSets(root, settings.platform);
  const platform = await loadPlatform(root, settings.platform);
  const slots = expandServices(platform, { ...settings, pins: {} });
  return (before, releaseSet) => {
    const name = before ?? sets.order[sets.order.indexOf(releaseSet) - 1];
    if (name === undefined) return null;
    // A service that stood nowhere before a failed run goes back past that run's set, to the newest one that has it not.
    const without = sets.order
      .slice(0, sets.order.indexOf(name) + 1)
      .findLast((earlier) => absentRolesOf(sets, earlier).length > 0);
    if (without === undefined) return null;
    const absent = absentRolesOf(sets, without);
    const missing = slots.filter(({ role }) => absent.includes(role)).map((slot) => slot.name);
    return missing.length === 0 ? null : { releaseSet: without, services: new Set(missing) };
  };
}

// An old set that is gone or damaged must not stand in the way of a rollback.
function absentRolesOf(sets: ReleaseSets, name: string): readonly string[] {
  try {
    return sets.load(name).set.absentRoles;
  } catch {
    return [];
  }
}
