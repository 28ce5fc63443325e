import type { Kubernetes } from "../clients/contracts.ts";
import { leases } from "../clients/kubernetes-kinds.ts";
import { kindLabelKey, stackLabel, stackLabelKey } from "../clients/ledger-name.ts";
import { judgeHolder } from "../model/lease.ts";
import { removeLogins } from "../steps/work/files.ts";
import { endLeftBehind } from "../steps/work/left-behind.ts";
import { leaseStateOf } from "../steps/work/lease-store.ts";
import { thisMachine } from "../steps/work/machine.ts";
import type { Voice } from "./recover.ts";

/** Gives back the leases of dead workers and ends what they left behind; living workers are left alone and named. */
export async function settleWork(
  kubernetes: Kubernetes,
  ledger: { namespace: string; stack: string },
  voice: Voice,
): Promise<void> {
  const labelSelector = `${stackLabelKey}=${stackLabel(ledger.stack)},${kindLabelKey}=work`;
  const machine = thisMachine();
  for (const object of await kubernetes.list(leases, ledger.namespace, { labelSelector })) {
    const { name } = object.metadata;
    const judged = judgeHolder(leaseStateOf(object), machine, Date.now());
    if (judged.state === "alive" || judged.state === "unsure") {
      const { pid, host, run } = judged.holder;
      voice.say(
        `${name}: the worker of attempt ${run} (pid ${pid} on ${host}) is at work; the next pulumi up joins it`,
      );
    }
    if (judged.state !== "dead") continue;
    const local = judged.holder.host === machine.host;
    const ended = local ? await endLeftBehind(judged.holder.id) : [];
    if (local) await removeLogins(judged.holder.folder);
    // With the version read above: had someone taken it over meanwhile, this would be refused.
    await kubernetes.replace(leases, ledger.namespace, name, {
      ...object,
      spec: { ...object.spec, holderIdentity: "" },
    });
    const also = ended.length === 0 ? "" : `; ended ${ended.join(", ")}`;
    voice.act(`gave back ${name} (${judged.proof}${also})`);
  }
}
