import { namespaces as namespaceKind } from "../../../clients/kubernetes-kinds.ts";
import type { Check } from "../contract.ts";
import { count, failed, passed } from "../outcome.ts";

/** Every namespace that the run works in exists and is not being deleted. */
export const namespaces: Check = {
  name: "namespaces",
  code: "CUT-3150",
  overridable: true,
  async run({ spec, object }) {
    const names = [...new Set(spec.services.map((service) => service.namespace))];
    const found = await Promise.all(names.map((name) => object(namespaceKind, null, name)));
    const problems = names.flatMap((name, index) => {
      const namespace = found[index] ?? null;
      if (namespace === null) return [`namespace ${name} does not exist`];
      return namespace.metadata.deletionTimestamp === undefined ? [] : [`namespace ${name} is being deleted`];
    });
    if (problems.length === 0) return passed(`${count(names.length, "namespace")} there`);
    return failed(
      "a namespace is missing",
      problems,
      "create it with its pull secret and secrets (kubectl create namespace ...), or correct cutover:namespaces in the stack file",
    );
  },
};
