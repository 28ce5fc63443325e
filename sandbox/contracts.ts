// What the parts of the sandbox promise each other.

/** Where an application simulator stands with one tenant's or service's pod faults. */
export interface Fault {
  /** Application: gim, gsp or gca. */
  application: "gim" | "gsp" | "gca";
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
    | "slowFirstJob";
  milliseconds?: number;
}

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
