import type { Kubernetes } from "../../../clients/contracts.ts";
import { openFileLedger } from "../../../clients/ledger-file-store.ts";
import type { LedgerStore } from "../../../clients/ledger-store.ts";
import type { StepKind } from "../../../model/step.ts";
import type { StepContext } from "../../../steps/context.ts";

export const stack = "redpoint-dev";
const never = () => Promise.reject(new Error("this test has no such system"));

export interface StepInput {
  /** Folder of the ledger. */
  folder: string;
  step: StepKind;
  spec: Record<string, unknown>;
  attempt?: string;
  signal?: AbortSignal;
  kubernetes?: Kubernetes;
  said?: string[];
}

export const ledgerIn = (folder: string): LedgerStore => openFileLedger({ stack, folder });

/** A cluster that has no Service and no Secret. */
export const emptyCluster = { get: () => Promise.resolve(null) } as unknown as Kubernetes;

export const identity = {
  name: "rpi",
  role: "rpi",
  tenant: null,
  namespace: "rpi",
  helmRelease: "rpi",
  releaseSet: "v7.6",
  digest: "d1",
  image: { tag: "7.6.20250722.1216", valuesKey: "image.tag" },
  schemaClass: "restore",
};

/** A context of one step whose ledger is a folder. */
export function stepContext(input: StepInput): StepContext {
  const { folder, step, spec, attempt = "1.1", said = [] } = input;
  const ledger = ledgerIn(folder);
  return {
    root: folder,
    request: {
      ...{ stack, platform: "redpoint", environment: "dev", step, service: "rpi", attempt },
      ...{ target: { releaseSet: "v7.6", digest: "t1" }, cluster: { ledgerNamespace: "cutover" }, spec },
    },
    signal: input.signal ?? new AbortController().signal,
    progress: (text) => void said.push(text),
    kubernetes: () => Promise.resolve(input.kubernetes ?? emptyCluster),
    ledger: () => Promise.resolve(ledger),
    helm: never,
    credentials: never,
    postgres: never,
    connectionString: never,
    sqlServer: never,
  };
}
