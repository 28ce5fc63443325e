import { secrets } from "../../../../clients/kubernetes-kinds.ts";
import type { Check } from "../../contract.ts";
import { missingObjects, type Expected } from "../../missing-objects.ts";
import { failed, passed, skipped } from "../../outcome.ts";

/** The activation key of v7 is there: the licence is activated after the database upgrade, which cannot be undone. */
export const licence: Check = {
  name: "redpoint-licence",
  code: "CUT-3206",
  overridable: true,
  async run(context) {
    const expected = (await context.pending()).flatMap((service): Expected[] => {
      const wanted = service.configure?.licence;
      if (wanted === undefined || !service.steps.includes("configure")) return [];
      return [{ service, namespace: service.namespace, name: wanted.secret, keys: [wanted.key] }];
    });
    if (expected.length === 0) return skipped("this run activates no licence");
    const commandOf = ({ name, namespace, keys }: Expected): string =>
      `kubectl create secret generic ${name} -n ${namespace} --from-file=${keys.join()}=FILE --dry-run=client -o yaml | kubectl apply -f -`;
    const missing = await missingObjects(context, secrets, "Secret", expected);
    if (missing.length === 0) return passed("the licence's activation key is there");
    return failed(
      "the licence's activation key is missing",
      missing,
      `ask Redpoint support for it, then: ${expected.map(commandOf).join("; ")}`,
    );
  },
};
