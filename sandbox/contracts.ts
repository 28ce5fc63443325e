// What the parts of the sandbox promise each other.

/** Where an application simulator stands with one tenant's or service's pod faults. */
export interface Fault {
  /** Application: gim, gsp, gca, or a service of Redpoint. */
  application: "gim" | "gsp" | "gca" | RedpointService;
  /** Namespace of the pods concerned; absent: all. */
  namespace?: string;
  /** Helm release concerned (label app.kubernetes.io/instance); absent: all. */
  release?: string;
  /** Image tag concerned, such as 100.0.116.4200; absent: all. */
  imageTag?: string;
  fault:
    | "slow" // everything takes `milliseconds` longer
    | "crashLoop"
    | "imagePullError"
    | "neverReady"
    | "unschedulable"
    | "migrationErrorOnce"
    | "migrationErrorAlways"
    | "growingLag"
    | "metricsAbsent"
    | "failedJobSteps"
    | "checkpointsStalled"
    | "snapshotsStale"
    | "slowFirstJob"
    | RedpointFault;
  milliseconds?: number;
}

/** Services of Redpoint's chart, by the fixed names of their Deployments. */
export type RedpointService =
  | "rpi-callbackapi"
  | "rpi-deploymentapi"
  | "rpi-executionservice"
  | "rpi-integrationapi"
  | "rpi-interactionapi"
  | "rpi-nodemanager"
  | "rpi-queuereader"
  | "rpi-realtimeapi";

/** What goes wrong in Redpoint's deployment API (application rpi-deploymentapi). */
export type RedpointFault =
  /** The upgrade takes `milliseconds` longer (default 5000), so that the call answers before its end. */
  | "upgradeSlow"
  /** The call is answered `milliseconds` later (default 5000), whatever waitTimeoutSeconds says. The work is not slower. */
  | "upgradeAnswersLate"
  /** HTTP 500; nothing was begun. */
  | "upgradeErrorBeforeWork"
  /** HTTP 500; the upgrade is done all the same. */
  | "upgradeErrorAfterWork"
  /** The upgrade fails in the middle: the first tenant is migrated, Pulse is not. */
  | "upgradeFails"
  /** Call and status show an earlier run's LastRunComplete for `milliseconds`, then the work begins; without a time it never does. */
  | "upgradeOldStatus"
  /** The connection is cut once the work has begun; the work goes on. */
  | "upgradeConnectionCut"
  /** The connection is cut and the work stops in the middle; the status stays as it was then. */
  | "upgradeConnectionCutAndStopped"
  /** The upgrade ends well, with another version than the image's. */
  | "upgradeWrongVersion"
  /** Every activation key is refused. */
  | "licenceRefused";

/** The running simulators, driven over loopback HTTP. */
export interface SimulatorControl {
  url: string;
  setFaults(faults: readonly Fault[]): Promise<void>;
  clearFaults(): Promise<void>;
}

/** One PostgreSQL server of the sandbox. */
export interface SandboxDatabase {
  host: string;
  port: number;
  superuser: string;
  password: string;
  /** Folder with pg_dump, pg_restore, psql of the same major version. */
  binaries: string;
  dataDirectory: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Everything a demo, test or benchmark needs; made by `createSandbox`, ended by `stop`. */
export interface Sandbox {
  /** All files of this sandbox; removed by `stop`. */
  directory: string;
  kubeconfig: string;
  /** Environment for pulumi, helm and kubectl: PATH with the toolchain first, KUBECONFIG, PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, ... */
  environment: Record<string, string>;
  database: SandboxDatabase;
  prometheusUrl: string;
  /** host:port, or null where Java and Maven are missing. */
  kafka: string | null;
  simulators: SimulatorControl;
  /** One line per part: which binary, real or stand-in, which version. */
  parts: string[];
  stop(): Promise<void>;
}

export interface SandboxOptions {
  /** Receives progress lines. */
  say?: (line: string) => void;
  /** Start a Kafka broker where Java and Maven are present. Default true. */
  kafka?: boolean;
  /** Rows in each big fact table. Default 2000. */
  factRows?: number;
  /** Namespace prefixes that get a complete set of namespaces, secrets and tenant databases. Default [""]. */
  prefixes?: string[];
  tenants?: string[];
}
