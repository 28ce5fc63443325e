import { namespaces } from "../../../clients/kubernetes-kinds.ts";
import { verifyPages } from "../../../model/ledger-verify.ts";
import type { Check } from "../contract.ts";
import { failed, passed } from "../outcome.ts";

/** The ledger is whole and may be written: nothing counts that is not recorded. */
export const ledger: Check = {
  name: "ledger",
  code: "CUT-3102",
  overridable: false,
  async run(context) {
    const { pages } = await context.ledger();
    const problems = verifyPages(pages);
    if (problems.length > 0) {
      return failed(
        "the ledger was changed by someone else than cutover",
        problems.slice(0, 5).map((one) => `page ${one.page}, entry ${one.entry}: ${one.problem}`),
        "restore the named pages (ConfigMaps) from a backup of the cluster and find out who changed them",
      );
    }
    const namespace = context.request.cluster.ledgerNamespace;
    const kubernetes = await context.kubernetes();
    const verbs = ["get", "list", "create", "update"];
    const [exists, ...allowed] = await Promise.all([
      context.object(namespaces, null, namespace),
      ...verbs.map((verb) => kubernetes.can(verb, "", "configmaps", namespace)),
    ]);
    const missing = verbs
      .filter((_verb, index) => allowed[index] === false)
      .map((verb) => `${verb} configmaps in ${namespace}`);
    if (exists === null && !(await kubernetes.can("create", "", "namespaces", null))) {
      missing.push(`create namespaces (${namespace} does not exist)`);
    }
    if (missing.length === 0) return passed(`${pages.length} pages, the chain is whole, it may be written`);
    return failed(
      "the ledger cannot be written",
      missing.map((right) => `missing right: ${right}`),
      `grant these rights to ${await kubernetes.whoAmI()}, or create the namespace: kubectl create namespace ${namespace}`,
    );
  },
};
