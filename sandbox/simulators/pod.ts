/** The parts of a pod that the simulators read. */
export interface Pod {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
  };
  spec: { nodeName?: string; containers: Container[] };
  status?: PodStatus;
}
export interface Container {
  name: string;
  image: string;
  env?: {
    name: string;
    value?: string;
    valueFrom?: { secretKeyRef?: { name: string; key: string; optional?: boolean } };
  }[];
  ports?: { containerPort: number }[];
  readinessProbe?: { httpGet?: { path?: string } };
  envFrom?: { secretRef?: { name: string; optional?: boolean } }[];
}
export interface Condition {
  type: string;
  status: "True" | "False";
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}
export interface PodStatus {
  phase?: string;
  podIP?: string;
  conditions?: Condition[];
  startTime?: string;
  containerStatuses?: { name: string; restartCount?: number; ready?: boolean; started?: boolean }[];
}

/** Which simulator plays a pod; undefined: none of ours. */
export const applicationAnnotation = "sandbox.cutover.dev/application";

/** Name of the application that a pod stands for. */
export function applicationOf(pod: Pod): string | undefined {
  return pod.metadata.annotations?.[applicationAnnotation];
}

/** Helm release by the usual label; empty when the chart sets none. */
export function releaseOf(pod: Pod): string {
  return pod.metadata.labels?.["app.kubernetes.io/instance"] ?? "";
}

/** Tag of the first container's image. */
export function imageTagOf(pod: Pod): string {
  const image = pod.spec.containers[0]?.image ?? "";
  return image.slice(image.lastIndexOf(":") + 1);
}

/** True when all containers were ready at the last look. */
export function wasReady(pod: Pod): boolean {
  return (
    pod.status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") ?? false
  );
}

/** Secrets without which a container can't be created: name, and key unless all keys are taken. */
export function requiredSecrets(pod: Pod): { name: string; key?: string }[] {
  return pod.spec.containers.flatMap((container) => [
    ...(container.env ?? []).flatMap((entry) => {
      const reference = entry.valueFrom?.secretKeyRef;
      return reference === undefined || reference.optional === true
        ? []
        : [{ name: reference.name, key: reference.key }];
    }),
    ...(container.envFrom ?? []).flatMap((entry) =>
      entry.secretRef === undefined || entry.secretRef.optional === true ? [] : [{ name: entry.secretRef.name }],
    ),
  ]);
}
