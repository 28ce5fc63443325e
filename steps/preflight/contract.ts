import type {
  Helm,
  HelmRevision,
  Kubernetes,
  KubernetesObject,
  Postgres,
  ResourceKind,
} from "../../clients/contracts.ts";
import type { JsonObject } from "../../model/layering.ts";
import type { LedgerSummary } from "../../model/ledger-summary.ts";
import type { Page } from "../../model/ledger.ts";
import type { OperationalDatabases } from "../../model/operational-databases.ts";
import type { DatabaseReference } from "../../model/service.ts";
import type { PreflightService, PreflightSpec } from "../../model/step-specs.ts";
import type { StepRequest } from "../../model/step.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { StepContext } from "../context.ts";
import type { Discovered } from "../operational/contracts.ts";
import type { WhichServer } from "../operational/server.ts";
import type { DatabaseFacts } from "./database-facts.ts";
import type { PulumiSettings } from "./pulumi-settings.ts";
import type { References } from "./references.ts";
import type { ServiceState } from "./service-state.ts";

/** What one check found. `skipped`: it had nothing to judge. */
export interface CheckResult {
  verdict: Extract<Verdict, "passed" | "failed" | "errored" | "skipped">;
  /** One sentence for the table. */
  summary: string;
  /** Names and numbers that show it, no secrets. */
  evidence: string[];
  /** What to type or do; for `failed` and `errored`. */
  next?: string;
  /** Code of an error that came from deeper; absent: the check's own. */
  code?: `CUT-${number}`;
}

/** One question of preflight (design.md 4). It reads, it never changes anything outside. */
export interface Check {
  /** What an override in the stack file names. */
  name: string;
  /** Stable code of its "no". */
  code: `CUT-${number}`;
  /** False for the checks marked ! in design.md 4. */
  overridable: boolean;
  /** Rejecting means "could not tell": it becomes `errored`. */
  run(context: PreflightContext): Promise<CheckResult>;
}

/** The ledger as it was when preflight began. */
export interface LedgerView {
  pages: Page[];
  summary: LedgerSummary;
  /** The same without the run that this attempt belongs to. */
  before: LedgerSummary;
  /** Names of services that any run ever worked on. */
  worked: Set<string>;
  /** Release sets in which a service has this digest, as far as any run aimed at them. */
  releasesOf: (service: string, digest: string) => ReadonlySet<string>;
  /** Every digest that a run ever aimed at for a service. */
  knownDigests: (service: string) => ReadonlySet<string>;
}

/** The platform's databases on the server where they are now. */
export interface PlatformDatabases extends Discovered {
  settings: OperationalDatabases;
  /** `source`: before the first clones were made. */
  which: WhichServer;
}

/** What the checks share. Everything is fetched at most once, when the first check asks. */
export interface PreflightContext {
  /** The step's own context, for code that other steps share. */
  step: StepContext;
  root: string;
  request: StepRequest;
  spec: PreflightSpec;
  /** What is known of the pulumi process that runs the program. */
  pulumi: PulumiSettings;
  signal: AbortSignal;
  kubernetes: () => Promise<Kubernetes>;
  helm: () => Promise<Helm>;
  ledger: () => Promise<LedgerView>;
  /** All revisions that Helm keeps of a service, newest first. */
  history: (service: Pick<PreflightService, "namespace" | "helmRelease">) => Promise<HelmRevision[]>;
  /** Where every service stands: in the cluster, in the ledger, on the list. In upgrade order. */
  states: () => Promise<ServiceState[]>;
  /** The services that this run will change. */
  pending: () => Promise<PreflightService[]>;
  /** Helm values of a service as they are released, secret ones included; what is secret is hidden in every output. */
  values: (service: PreflightService) => JsonObject;
  /** Manifest of a service's chart with its values. */
  render: (service: PreflightService) => Promise<string>;
  /** The pending services whose charts render; the others are the check render's to report, which nobody can override. */
  renderable: () => Promise<PreflightService[]>;
  /** What that manifest refers to. */
  references: (service: PreflightService) => Promise<References>;
  /** One object of the cluster; null when it does not exist. */
  object: (kind: ResourceKind, namespace: string | null, name: string) => Promise<KubernetesObject | null>;
  postgres: (reference: DatabaseReference) => Promise<Postgres>;
  databaseFacts: (reference: DatabaseReference) => Promise<DatabaseFacts>;
  /** All databases of the platform that this run will save or copy; rejects when the list cannot be relied on. */
  platformDatabases: () => Promise<PlatformDatabases>;
}
