import { judgedByOf } from "../model/judged-by.ts";
import type { StackSettings } from "../model/stack-settings.ts";
import type { Guards } from "../model/step-specs.ts";
import type { ReleaseSets } from "./release-sets.ts";

/** A service as far as promotion cares: which role it is of, and which release set it is taken from. */
export interface TakenService {
  role: string;
  releaseSet: string;
}

/** What the stack demands before a run, and the identity of every release set that the run takes something from. */
export function guardsOf(settings: StackSettings, services: readonly TakenService[], sets: ReleaseSets): Guards {
  const names = [...new Set([settings.release, ...services.map((service) => service.releaseSet)])];
  return {
    lower: settings.lower ?? null,
    releaseSets: Object.fromEntries(
      names.map((name) => [name, { hash: sets.hash(name), judgedBy: judgedByStack(settings, services, sets, name) }]),
    ),
    window: settings.window ?? null,
    approvals: settings.approvals,
    announce: settings.announce ?? null,
    rehearsal: settings.rehearsal ?? null,
  };
}

/** Per role that the stack takes from this release set: digest of the steps and gates that judge it there. Throws CUT-2034. */
export function judgedByStack(
  settings: Pick<StackSettings, "gateSettings">,
  services: readonly TakenService[],
  sets: ReleaseSets,
  name: string,
): { [role: string]: string } {
  const roles = [...new Set(services.filter((one) => one.releaseSet === name).map((one) => one.role))];
  return judgedByOf(sets.load(name).set.roles, roles, settings.gateSettings);
}
