import type { ClusterApi } from "../cluster-api.ts";

/** Id of the one Flink job; constant, as in application mode. */
export const flinkJob = "00000000000000000000000000000000";

interface ConfigMap {
  data?: Record<string, string>;
}

/** The ConfigMaps that Flink keeps its pointers in: labelled `app=<fullname>`, owned by nobody (facts/domain.md B4). */
export class HighAvailability {
  private readonly api: ClusterApi;
  private readonly namespace: string;
  private readonly fullname: string;

  constructor(api: ClusterApi, namespace: string, fullname: string) {
    this.api = api;
    this.namespace = namespace;
    this.fullname = fullname;
  }

  /** Id of the newest checkpoint or savepoint on record; null: the job starts without state. */
  async lastCheckpoint(): Promise<number | null> {
    const map = await this.api.find<ConfigMap>(this.path(this.jobMap()));
    const ids = Object.keys(map?.data ?? {}).flatMap((key) =>
      key.startsWith("checkpointID-") ? [Number(key.slice(13))] : [],
    );
    return ids.length === 0 ? null : Math.max(...ids);
  }

  /** Records a checkpoint; only the newest three stay. */
  async record(id: number, kind: "checkpoint" | "savepoint"): Promise<void> {
    const key = (number: number): string => `checkpointID-${String(number).padStart(19, "0")}`;
    const kept = [id, id - 1, id - 2].filter((number) => number > 0);
    const pointers = kept.map((number) => [
      key(number),
      `s3p://infomart/gsp/${this.fullname}/${kind}s/${flinkJob}/${number}`,
    ]);
    await this.write(this.jobMap(), {
      counter: String(id + 1),
      ...(Object.fromEntries(pointers) as Record<string, string>),
    });
  }

  /** Records the leader. */
  async lead(pod: string): Promise<void> {
    await this.write(`${this.fullname}-cluster-config-map`, { "org.apache.flink.k8s.leader.resourcemanager": pod });
  }

  private async write(name: string, data: Record<string, string>): Promise<void> {
    const labels = { app: this.fullname, "configmap-type": "high-availability", type: "flink-native-kubernetes" };
    const map = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: this.namespace, labels }, data };
    await this.api.patch(this.path(name), map, "apply");
  }

  private jobMap(): string {
    return `${this.fullname}-${flinkJob}-config-map`;
  }

  private path(name: string): string {
    return `/api/v1/namespaces/${this.namespace}/configmaps/${name}`;
  }
}
