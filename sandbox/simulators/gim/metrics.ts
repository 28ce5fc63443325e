import { metric, type Stage } from "../application.ts";

const topics: Readonly<Record<string, number>> = { "voice-callthread": 2, "digital-itx": 2, "gca-cfg": 1 };
const restingLag = 180;
const noise = 40;
/** Without a number of its own, a growing lag grows as if nothing were read: one second each second. */
const growthPerSecond = 1000;

/** GIM's metrics (facts/domain.md B3). `now`: milliseconds since the epoch. */
export function gimMetrics(stage: Stage, schemaVersion: string, now: number): string {
  const lag = stage.faults.find(stage.pod, "growingLag");
  const grown = lag === undefined ? 0 : ((now - lag.since) / 1000) * (lag.milliseconds ?? growthPerSecond);
  const lines = [
    metric("gim_server_state", 1, { schema_version: schemaVersion }),
    metric("gim_failed_jobsteps", stage.faults.find(stage.pod, "failedJobSteps") === undefined ? 0 : 3),
    metric("gim_number_failed_kafkajob", 0),
  ];
  for (const [topic, partitions] of Object.entries(topics)) {
    for (let partition = 0; partition < partitions; partition += 1) {
      const value = Math.round(restingLag + noise * Math.sin(now / 700 + partition + topic.length) + grown);
      lines.push(metric("gim_kafka_timestamp_behind", value, { topic, partition: String(partition) }));
    }
  }
  return lines.join("");
}
