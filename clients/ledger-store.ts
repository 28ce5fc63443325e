import { CutoverError, messageOf } from "../model/error.ts";
import { connectKubernetes } from "./kubernetes.ts";
import type { LedgerStore } from "./ledger-contract.ts";
import { configMapShelf, statusOf } from "./ledger-config-maps.ts";
import { ledgerOver } from "./ledger-writer.ts";
import type { Kubernetes } from "./contracts.ts";

export type { LedgerChange, LedgerStore } from "./ledger-contract.ts";

/** Which ledger: a stack's, in a namespace of the cluster that the kubeconfig's context names. */
export interface LedgerAddress {
  stack: string;
  cluster: { context?: string | undefined; ledgerNamespace: string };
}

/** Opens a stack's ledger in its cluster. Nothing is created before the first write. Throws CUT-5006 from `pages` and
 * `update` when the cluster cannot be read. */
export async function openLedger(address: LedgerAddress): Promise<LedgerStore> {
  const { context } = address.cluster;
  return openLedgerOn(await connectKubernetes(context === undefined ? {} : { context }), address);
}

/** The same over a connection that exists already. */
export function openLedgerOn(kubernetes: Kubernetes, address: LedgerAddress): LedgerStore {
  const namespace = address.cluster.ledgerNamespace;
  const shelf = configMapShelf(kubernetes, address.stack, namespace);
  return ledgerOver({
    ...shelf,
    async read() {
      try {
        return await shelf.read();
      } catch (error) {
        if (error instanceof CutoverError || statusOf(error) === 404) throw error;
        throw new CutoverError(
          {
            code: "CUT-5006",
            verdict: "errored",
            happened: `the ledger of ${address.stack} (namespace ${namespace}) cannot be read`,
            evidence: [messageOf(error)],
            untouched: "Nothing was changed.",
            next: "Check the cluster's address and your rights on ConfigMaps of that namespace: kubectl auth can-i list configmaps",
          },
          { cause: error },
        );
      }
    },
  });
}
