import { persistentVolumeClaims } from "../../../clients/kubernetes-kinds.ts";
import type { Check } from "../contract.ts";
import { missingObjects } from "../missing-objects.ts";
import { count, failed, passed, skipped } from "../outcome.ts";

/** Storage claims that the charts mount but do not bring along exist and are not lost. */
export const storageClaims: Check = {
  name: "storage-claims",
  code: "CUT-3153",
  overridable: true,
  async run(context) {
    const services = await context.renderable();
    const claims = (
      await Promise.all(
        services.map(async (service) =>
          [...(await context.references(service)).storageClaims].map((name) => ({
            service,
            namespace: service.namespace,
            name,
            keys: [],
          })),
        ),
      )
    ).flat();
    if (claims.length === 0) return skipped("no chart mounts a storage claim of others");
    const lost = await Promise.all(
      claims.map(async ({ service, namespace, name }) => {
        const claim = await context.object(persistentVolumeClaims, namespace, name);
        return claim?.status?.["phase"] === "Lost"
          ? [`${service.name}: storage claim ${namespace}/${name} is Lost`]
          : [];
      }),
    );
    const problems = [
      ...(await missingObjects(context, persistentVolumeClaims, "storage claim", claims)),
      ...lost.flat(),
    ];
    if (problems.length === 0) return passed(`${count(claims.length, "storage claim")} there`);
    return failed("a storage claim is missing", problems, "create or restore it before the upgrade");
  },
};
