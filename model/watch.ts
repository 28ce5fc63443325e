import { CutoverError } from "./error.ts";
import { parseDuration, showDuration } from "./duration.ts";

const minute = 60_000;

/**
 * The cron schedule that runs each `every`. Cron counts within the hour and within the day: only what divides them evenly comes in equal
 * steps. Throws CUT-6325 (exit code 2) for anything else, naming what is possible.
 */
export function cronSchedule(every: string): string {
  const minutes = (parseDuration(every) ?? 0) / minute;
  if (Number.isInteger(minutes) && minutes >= 1 && minutes < 60 && 60 % minutes === 0) {
    return minutes === 1 ? "* * * * *" : `*/${minutes} * * * *`;
  }
  const hours = minutes / 60;
  if (Number.isInteger(hours) && hours >= 1 && hours < 24 && 24 % hours === 0) {
    return hours === 1 ? "0 * * * *" : `0 */${hours} * * *`;
  }
  if (hours === 24) return "0 0 * * *";
  throw new CutoverError({
    code: "CUT-6325",
    verdict: "errored",
    happened: `a CronJob cannot run every ${every} in equal steps`,
    evidence: ["possible: 1m 2m 3m 4m 5m 6m 10m 12m 15m 20m 30m, 1h 2h 3h 4h 6h 8h 12h, 1d"],
    untouched: "Nothing was rendered or applied.",
    next: "Choose one of these by --every.",
    exitCode: 2,
  });
}

/** The instant at which watching ends, ISO 8601 in UTC, whole seconds. Throws CUT-6326 (exit code 2) for what is no duration. */
export function watchEnd(duration: string, now: number): string {
  const milliseconds = parseDuration(duration);
  if (milliseconds !== null && milliseconds > 0)
    return new Date(now + milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
  throw new CutoverError({
    code: "CUT-6326",
    verdict: "errored",
    happened: `${duration} is no duration`,
    untouched: "Nothing was rendered or applied.",
    next: "Write it as 12h or 3d.",
    exitCode: 2,
  });
}

/** What the CronJob of `cutover watch` is made of. */
export interface Watch {
  stack: string;
  /** Where the CronJob lives. */
  namespace: string;
  ledgerNamespace: string;
  /** Namespaces of the services, and whether a gate there starts a command in a pod. */
  serviceNamespaces: readonly { namespace: string; exec: boolean }[];
  image: string;
  schedule: string;
  /** ISO 8601, UTC. */
  until: string;
}

/** A Kubernetes object to be rendered or applied. */
export interface RenderedObject {
  apiVersion: string;
  kind: "ServiceAccount" | "Role" | "RoleBinding" | "CronJob";
  metadata: { name: string; namespace: string; labels: Record<string, string> };
  [field: string]: unknown;
}

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
  resourceNames?: string[];
}

/** Name of everything that watches a stack. Long names are cut: a CronJob's may have 52 characters. */
export function watchName(stack: string): string {
  return `cutover-watch-${stack}`.slice(0, 52).replace(/[^a-z0-9]+$/, "");
}

/** The command that the CronJob runs, relative to the project folder in its image. */
export function watchCommand(watch: Pick<Watch, "stack" | "namespace" | "until">): string[] {
  const cronJob = `${watch.namespace}/${watchName(watch.stack)}`;
  const flags = ["--baseline", "--json", "--until", watch.until, "--cron-job", cronJob];
  return ["node", "bin/cutover.cjs", "verify", watch.stack, ...flags];
}

/** ServiceAccount, Roles (one per namespace, no cluster-wide right), RoleBindings and the CronJob; pure. */
export function watchObjects(watch: Watch): RenderedObject[] {
  const name = watchName(watch.stack);
  const labels = { "app.kubernetes.io/name": "cutover-watch", "app.kubernetes.io/managed-by": "cutover" };
  const inNamespace = (namespace: string) => ({ name, namespace, labels });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: inNamespace(watch.namespace) },
    ...[...rulesOf(watch, name)].flatMap(([namespace, rules]) => [
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role" as const, metadata: inNamespace(namespace), rules },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding" as const,
        metadata: inNamespace(namespace),
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
        subjects: [{ kind: "ServiceAccount", name, namespace: watch.namespace }],
      },
    ]),
    {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { ...inNamespace(watch.namespace), labels: { ...labels, "cutover.dev/until": labelOf(watch.until) } },
      spec: cronJobSpec(watch, name),
    },
  ];
}

/** Rules by namespace; one namespace may be the place of services, ledger and CronJob at once. */
function rulesOf(watch: Watch, name: string): Map<string, Rule[]> {
  const rules = new Map<string, Rule[]>();
  const add = (namespace: string, ...more: Rule[]): void => {
    rules.set(namespace, [...(rules.get(namespace) ?? []), ...more]);
  };
  for (const { namespace, exec } of watch.serviceNamespaces) {
    add(
      namespace,
      { apiGroups: [""], resources: ["pods", "events"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["pods/log"], verbs: ["get"] },
      // Helm's record of the release, and the database's credentials.
      { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"] },
      {
        apiGroups: ["apps"],
        resources: ["deployments", "statefulsets", "daemonsets", "replicasets"],
        verbs: ["get", "list", "watch"],
      },
      { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "list", "watch"] },
      // WebSockets ask for get, SPDY for create.
      ...(exec ? [{ apiGroups: [""], resources: ["pods/exec"], verbs: ["create", "get"] }] : []),
    );
  }
  add(
    watch.ledgerNamespace,
    { apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "create", "update"] },
    { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get"] },
  );
  add(watch.namespace, {
    apiGroups: ["batch"],
    resources: ["cronjobs"],
    resourceNames: [name],
    verbs: ["get", "patch"],
  });
  return rules;
}

function cronJobSpec(watch: Watch, name: string): Record<string, unknown> {
  const container = {
    name: "verify",
    image: watch.image,
    command: watchCommand(watch),
    resources: { requests: { cpu: "100m", memory: "192Mi" }, limits: { memory: "512Mi" } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
  return {
    schedule: watch.schedule,
    timeZone: "Etc/UTC",
    // A verification that takes longer than the interval leaves the next one out.
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: 120,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 5,
    jobTemplate: {
      spec: {
        // A verdict is an answer: asked again at once it would only be recorded twice.
        backoffLimit: 0,
        template: { spec: { serviceAccountName: name, restartPolicy: "Never", containers: [container] } },
      },
    },
  };
}

// Labels allow no colons.
function labelOf(instant: string): string {
  return instant.replaceAll(":", "-");
}

/** For people: `every 15m until 2026-11-25T18:00:00Z (3d)`. */
export function describeWatch(every: string, until: string, now: number): string {
  return `every ${every} until ${until} (${showDuration(Date.parse(until) - now)})`;
}
