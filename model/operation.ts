/** What a run does with its services (design.md 1, Operation); each has an order of its own. */
export type OperationKind = "install" | "upgrade" | "rollback" | "uninstall" | "adopt";

/** What one service is moved to by an operation; `absent`: removed. */
export interface OperationTarget {
  service: string;
  releaseSet: string;
}

/** An operation that the driver began and has not ended: plain `pulumi up` and every step see it in the ledger. */
export interface OpenOperation {
  /** `op-<page number>`: unique in its ledger. */
  id: string;
  operation: OperationKind;
  /** In the order in which the services are moved. */
  targets: OperationTarget[];
  reason: string;
  by: string;
  /** Number of the run that it answers to (the one that failed); null when there is none. */
  answersRun: number | null;
  at: string;
}

/** A Kubernetes identity, as a SelfSubjectReview gives it. */
export interface Identity {
  username: string;
  groups: string[];
}
