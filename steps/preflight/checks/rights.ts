import type { Check } from "../contract.ts";
import { count, failed, passed } from "../outcome.ts";
import { distinctRights, ledgerRights, platformRights, rightsByResource, rightsOf, type Right } from "../rights.ts";

/** The user of the kubeconfig may do everything that the run will do (`kubectl auth can-i`). */
export const rights: Check = {
  name: "rights",
  code: "CUT-3160",
  overridable: true,
  async run(context) {
    const kubernetes = await context.kubernetes();
    const services = await context.renderable();
    const needed = await Promise.all(
      services.map(async (service) => rightsOf(service, await context.references(service))),
    );
    const { ledgerNamespace } = context.request.cluster;
    const all = distinctRights([
      ...needed.flat(),
      ...(services.length === 0 ? [] : platformRights(context.spec)),
      ...ledgerRights(ledgerNamespace),
    ]);
    const places = [...new Set(all.map((right) => right.namespace))];
    // One question settles it for an administrator of the namespace; the long list is for everyone else.
    const everything = await Promise.all(places.map((namespace) => kubernetes.can("*", "*", "*", namespace)));
    const open = all.filter((right) => everything[places.indexOf(right.namespace)] === false);
    const may = await Promise.all(
      open.map(({ verb, group, resource, namespace }: Right) => kubernetes.can(verb, group, resource, namespace)),
    );
    const missing = open.filter((_right, index) => may[index] === false);
    if (missing.length === 0) return passed(`${count(all.length, "right")} in ${count(places.length, "namespace")}`);
    return failed(
      `${await kubernetes.whoAmI()} lacks ${count(missing.length, "right")}`,
      rightsByResource(missing),
      "have them granted by a Role in each namespace; try them: kubectl auth can-i <verb> <resource> -n <namespace>",
    );
  },
};
