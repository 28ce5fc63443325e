// Signatures of the outside world that steps and automation are written against; one implementation each in clients/.
import type { Duplex } from "node:stream";
import type { Json } from "../model/service.ts";

/** Any Kubernetes object as the API server returns it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
  };
  spec?: { [key: string]: Json };
  status?: { [key: string]: Json };
  data?: Record<string, string>;
  type?: string;
  immutable?: boolean;
}

/** A group/version/plural with scope, such as `{ version: "v1", plural: "pods", namespaced: true }`. */
export interface ResourceKind {
  group?: string;
  version: string;
  plural: string;
  namespaced: boolean;
}

export interface ListOptions {
  labelSelector?: string;
  fieldSelector?: string;
}

/** Thrown for every HTTP answer >= 400 of the API server; `status` is the HTTP code. */
export interface KubernetesApiError extends Error {
  status: number;
  reason: string;
}

/** The API server, over the kubeconfig's context. Retries 429 and 5xx of reads with backoff; never repeats a write blindly. */
export interface Kubernetes {
  get(kind: ResourceKind, namespace: string | null, name: string): Promise<KubernetesObject | null>;
  list(kind: ResourceKind, namespace: string | null, options?: ListOptions): Promise<KubernetesObject[]>;
  create(kind: ResourceKind, namespace: string | null, body: unknown): Promise<KubernetesObject>;
  /** PUT; with `metadata.resourceVersion` it fails with status 409 when someone else was faster. */
  replace(kind: ResourceKind, namespace: string | null, name: string, body: unknown): Promise<KubernetesObject>;
  /** JSON merge patch. */
  patch(kind: ResourceKind, namespace: string | null, name: string, body: unknown): Promise<KubernetesObject>;
  delete(kind: ResourceKind, namespace: string | null, name: string): Promise<void>;
  /**
   * Informer: lists, then watches; relists after 410 and reconnects after a cut. `onChange` gets the whole current set
   * after the first list and after every event. Ends when `signal` aborts; rejects only on errors that cannot heal (401, 403, 404).
   */
  watch(
    kind: ResourceKind,
    namespace: string | null,
    options: ListOptions,
    onChange: (objects: readonly KubernetesObject[]) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Last lines of a container's log; `previous`: of the instance before the last restart. Empty when there is none. */
  logTail(namespace: string, pod: string, container: string, lines: number, previous?: boolean): Promise<string[]>;
  /** Runs argv in a container and waits for its end. */
  exec(
    namespace: string,
    pod: string,
    container: string | undefined,
    command: readonly string[],
    options: { timeoutMilliseconds: number; signal?: AbortSignal },
  ): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** One fresh connection to a port of a pod, over the API server; nothing is sent on it yet. */
  portForward(request: { namespace: string; pod: string; port: number; signal?: AbortSignal }): Promise<Duplex>;
  /** GET of a raw API path, such as `/version` or `/readyz`. */
  raw(path: string): Promise<Json>;
  /** SelfSubjectAccessReview. */
  can(verb: string, group: string, resource: string, namespace: string | null): Promise<boolean>;
  /** Name of the user the API server sees (SelfSubjectReview). */
  whoAmI(): Promise<string>;
}

/** What Helm recorded of a release's revision, decoded from its Secret (no helm CLI needed). */
export interface HelmRevision {
  name: string;
  namespace: string;
  revision: number;
  /** deployed, failed, superseded, pending-install, pending-upgrade, pending-rollback, uninstalling. */
  status: string;
  description: string;
  chartName: string;
  chartVersion: string;
  values: { [key: string]: Json };
  manifest: string;
  lastDeployed: string;
}

export interface Helm {
  /** All revisions, newest first; empty when never installed. */
  history(namespace: string, release: string): Promise<HelmRevision[]>;
  /** Marks a stale pending revision as failed, so that the next upgrade works (experiments.md 5). */
  unlock(namespace: string, release: string, revision: number): Promise<void>;
  /** `helm template` of a chart archive with values, by the helm CLI; rejects with the schema or template error. */
  render(input: {
    release: string;
    namespace: string;
    chartPath: string;
    values: { [key: string]: Json };
    /** The values hold secrets: the result is kept nowhere. */
    secret?: boolean;
  }): Promise<string>;
}

/** One sample of one Prometheus series. Times in seconds since the epoch, as Prometheus gives them. */
export interface Sample {
  labels: Record<string, string>;
  time: number;
  value: number;
  /** The server's clock at the evaluation; `evaluatedAt - time` is the sample's age, whatever our own clock says. */
  evaluatedAt?: number;
}
export interface Series {
  labels: Record<string, string>;
  points: { time: number; value: number }[];
}
export interface Prometheus {
  /** Instant query. The time is that of the sample's scrape (by `timestamp()`), not of the query, where the query is a selector. */
  query(query: string): Promise<Sample[]>;
  /** Raw samples of a selector over the last `windowSeconds` (a range vector, so true scrape times). */
  window(selector: string, windowSeconds: number): Promise<Series[]>;
  /** Rejects when the server cannot be reached or is not ready. */
  ready(): Promise<void>;
}

/** Connection facts of one database. `password` must never be printed. */
export interface DatabaseCredentials {
  host: string;
  port: number;
  database: string;
  user: string;
  password: string;
  /** As libpq's sslmode; absent: no TLS. */
  sslMode?: "disable" | "require" | "verify-ca" | "verify-full";
  /** PEM text of the certificate authority, for the two verifying modes; absent: the system's. */
  rootCertificate?: string;
}

export interface Postgres {
  /** Rows as objects. Values are parameters, never text in the statement. */
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}
