import { namespaces } from "../../../clients/kubernetes-kinds.ts";
import type { Check } from "../contract.ts";
import { errored, failed, passed } from "../outcome.ts";

/** The kubeconfig leads to the one right cluster: the UID of kube-system is the pinned one. */
export const clusterPinned: Check = {
  name: "cluster-pinned",
  code: "CUT-3101",
  overridable: false,
  async run({ object, request }) {
    const uid = (await object(namespaces, null, "kube-system"))?.metadata.uid;
    const { uid: pinned, context } = request.cluster;
    const file = `stacks/Pulumi.${request.stack}.yaml`;
    if (uid === undefined) {
      return errored(
        "the cluster has no namespace kube-system",
        [],
        "check the kubeconfig: kubectl get namespace kube-system",
      );
    }
    const evidence = [`UID of kube-system: ${uid}`, `context: ${context ?? "the kubeconfig's current one"}`];
    if (pinned === uid) return passed("the cluster is the pinned one", evidence);
    if (pinned !== undefined) {
      return failed(
        "this is not the cluster that the stack is pinned to",
        [...evidence, `pinned: ${pinned}`],
        "choose the right context: cutover:cluster.context in the stack file, or KUBECONFIG",
      );
    }
    if (request.environment !== "prod") return passed(`the cluster is not pinned (${request.environment})`, evidence);
    return failed(
      "a prod stack must be pinned to its cluster",
      evidence,
      `make sure that this is the right cluster, then set cutover:cluster.uid: ${uid} in ${file}`,
    );
  },
};
