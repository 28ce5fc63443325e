import { setTimeout as sleep } from "node:timers/promises";
import type { Postgres } from "../../clients/contracts.ts";
import { pods as podKind } from "../../clients/kubernetes-kinds.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import type { Health } from "../../model/pod-health.ts";
import { suits } from "../../model/schema-version.ts";
import type { ServiceIdentity } from "../../model/step-specs.ts";
import type { StepContext } from "../context.ts";
import { troubleEvidence } from "../gates/pod-evidence.ts";
import { formatDuration } from "../gates/progress.ts";
import { watchHealth } from "../gates/watch-health.ts";
import { isChangingSchema, readSchemaVersion } from "./schema-version.ts";

const glanceMilliseconds = 250;
const logLines = 10;
const sayEvery = 10_000;

export interface MigrationSpec {
  service: ServiceIdentity;
  schemaVersion: { from: string; to: string };
  migrate: {
    schemaVersionQuery: string;
    timeoutSeconds: number;
    maxRestarts: number;
    settleSeconds?: number | undefined;
  };
}

/**
 * Waits until the service has migrated its own database: the schema version says so. A service that operates normally
 * (Ready) on the old schema for `settleSeconds`, with no DDL at work, is restarted, as the vendor says (seed 001), up to
 * `maxRestarts` times. Returns how often it was. Throws CUT-5120 (did not migrate), CUT-5121 (pod cannot start), CUT-5122 (time-out).
 */
export async function followMigration(
  context: StepContext,
  spec: MigrationSpec,
  database: Postgres,
): Promise<{ restarts: number; version: string }> {
  const { service, schemaVersion, migrate } = spec;
  const settleMilliseconds = (migrate.settleSeconds ?? 3) * 1000;
  const kubernetes = await context.kubernetes();
  const began = Date.now();
  const deadline = began + migrate.timeoutSeconds * 1000;
  const done = new AbortController();
  const release = {
    namespace: service.namespace,
    helmRelease: service.helmRelease,
    imageTag: service.image?.tag ?? null,
  };
  const seen = new Observation();
  const watching = watchHealth(
    kubernetes,
    release,
    (health) => seen.observe(health),
    AbortSignal.any([context.signal, done.signal]),
  );
  watching.catch((error: unknown) => seen.fail(error));
  let restarts = 0;
  let saidAt = began;
  let version = "";
  try {
    for (;;) {
      version = await readSchemaVersion(database, migrate.schemaVersionQuery);
      if (suits(version, schemaVersion.to, service.schemaClass)) return { restarts, version };
      const { health } = seen;
      const hopeless = seen.hopeless(Date.now());
      if (hopeless.length > 0) {
        throw stopped(
          "CUT-5121",
          spec,
          version,
          await troubleEvidence(kubernetes, service.namespace, hopeless),
          restarts,
        );
      }
      if (Date.now() > deadline) throw timedOut(spec, version, await logsOf(context, service, health), restarts);
      const settled = health !== null && seen.healthyFor(Date.now()) >= settleMilliseconds;
      if (settled && (await isChangingSchema(database))) seen.notYet();
      else if (settled) {
        const evidence = await logsOf(context, service, health);
        if (restarts >= migrate.maxRestarts) throw stopped("CUT-5120", spec, version, evidence, restarts);
        restarts += 1;
        const names = health.pods.map((pod) => pod.metadata.name);
        context.progress(
          `runs, but its schema is still ${version}: restarting ${names.join(", ")} (${restarts} of ${migrate.maxRestarts})`,
        );
        for (const line of evidence.slice(-3)) context.progress(line);
        for (const name of names) await kubernetes.delete(podKind, service.namespace, name);
        seen.forget();
      }
      if (Date.now() - saidAt >= sayEvery) {
        saidAt = Date.now();
        const elapsed = `${formatDuration(saidAt - began)} of ${formatDuration(deadline - began)}`;
        context.progress(`schema is ${version}, waiting for ${schemaVersion.to}, ${elapsed}`);
      }
      await sleep(glanceMilliseconds, undefined, { signal: context.signal });
    }
  } finally {
    done.abort();
  }
}

/** What the watch has shown of the pods, and since when. */
class Observation {
  health: Health | null = null;
  private error: unknown = null;
  private healthySince: number | null = null;
  private readonly troubleSince = new Map<string, number>();

  observe(health: Health): void {
    const now = Date.now();
    this.health = health;
    this.healthySince = health.state === "healthy" ? (this.healthySince ?? now) : null;
    const keys = new Set(health.troubles.map((trouble) => trouble.key));
    for (const key of this.troubleSince.keys()) if (!keys.has(key)) this.troubleSince.delete(key);
    for (const key of keys) if (!this.troubleSince.has(key)) this.troubleSince.set(key, now);
  }

  fail(error: unknown): void {
    this.error = error;
  }

  /** After a restart the old state must not count as the new one. */
  forget(): void {
    this.healthySince = null;
    this.health = null;
  }

  /** Starts the settling time anew. */
  notYet(): void {
    this.healthySince = Date.now();
  }

  healthyFor(now: number): number {
    if (this.error !== null) {
      const happened = `the pods cannot be watched: ${messageOf(this.error)}`;
      throw new CutoverError({ code: "CUT-5123", verdict: "errored", happened }, { cause: this.error });
    }
    return this.healthySince === null ? -1 : now - this.healthySince;
  }

  hopeless(now: number): Health["troubles"] {
    const { health } = this;
    if (health === null || health.state === "healthy") return [];
    const lasting = health.troubles.some(
      (trouble) => trouble.hopeless && now - (this.troubleSince.get(trouble.key) ?? now) >= trouble.graceMilliseconds,
    );
    return lasting ? health.troubles : [];
  }
}

async function logsOf(context: StepContext, service: ServiceIdentity, health: Health | null): Promise<string[]> {
  const kubernetes = await context.kubernetes();
  const lines: string[] = [];
  for (const pod of health?.pods ?? []) {
    const containers = (pod.spec?.["containers"] ?? []) as { name?: string }[];
    for (const { name = "" } of containers) {
      const tail = await kubernetes.logTail(service.namespace, pod.metadata.name, name, logLines).catch(() => []);
      lines.push(...tail.map((line) => `log of ${pod.metadata.name}/${name}: ${line}`));
    }
  }
  return lines;
}

function stopped(
  code: "CUT-5120" | "CUT-5121",
  spec: MigrationSpec,
  version: string,
  evidence: string[],
  restarts: number,
): CutoverError {
  const { service, schemaVersion } = spec;
  const happened =
    code === "CUT-5121"
      ? `${service.name} cannot start, so its database is not migrated (schema ${version}, wanted ${schemaVersion.to})`
      : `${service.name} runs, but after ${restarts} restarts its schema is still ${version} instead of ${schemaVersion.to}`;
  return new CutoverError({ code, verdict: "failed", happened, evidence, ...advice(spec) });
}

function timedOut(spec: MigrationSpec, version: string, evidence: string[], restarts: number): CutoverError {
  const { service, schemaVersion, migrate } = spec;
  return new CutoverError({
    code: "CUT-5122",
    verdict: "failed",
    happened: `the migration of ${service.name} did not end in ${migrate.timeoutSeconds} s: schema ${version}, wanted ${schemaVersion.to}`,
    evidence: [`${restarts} restarts`, ...evidence],
    ...advice(spec),
  });
}

function advice(spec: MigrationSpec): { untouched: string; next: string } {
  const old = spec.service.schemaClass === "any" ? "; the old version can run on a half migrated schema" : "";
  return {
    untouched: `Services after ${spec.service.name} were not touched; the backup stays${old}.`,
    next: "Remove the cause that the log names and run pulumi up again: the migration goes on where it stopped. If it cannot be solved: Genesys Customer Care.",
  };
}
