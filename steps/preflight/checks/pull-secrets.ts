import { secrets } from "../../../clients/kubernetes-kinds.ts";
import type { Check } from "../contract.ts";
import { missingObjects, type Expected } from "../missing-objects.ts";
import { count, failed, passed, skipped } from "../outcome.ts";
import { pullSecretsOfValues } from "../references.ts";

/** The Secrets by which images are pulled exist: found out now, not by an ImagePullBackOff. */
export const pullSecrets: Check = {
  name: "pull-secrets",
  code: "CUT-3151",
  overridable: true,
  async run(context) {
    const expected = await Promise.all(
      (await context.renderable()).map(async (service): Promise<Expected[]> => {
        const { pullSecrets: named } = await context.references(service);
        const names = new Set([...named, ...pullSecretsOfValues(service.values)]);
        return [...names].map((name) => ({ service, namespace: service.namespace, name, keys: [] }));
      }),
    );
    const all = expected.flat();
    if (all.length === 0) return skipped("no chart names a pull secret");
    const missing = await missingObjects(context, secrets, "pull secret", all);
    if (missing.length === 0)
      return passed(`pull secrets of ${count(new Set(all.map((one) => one.service.name)).size, "service")} there`);
    return failed(
      "a pull secret is missing",
      missing,
      "create it: kubectl create secret docker-registry <name> -n <namespace> ...",
    );
  },
};
