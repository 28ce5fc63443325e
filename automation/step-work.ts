import { stackSettingsSecret } from "./stack-secret.ts";
import { identityOf } from "../components/service-specs.ts";
import type { ServiceIdentity } from "../model/step-specs.ts";
import type { StepKind } from "../model/step.ts";
import { openConnections, type Connections } from "../steps/connections.ts";
import { keepSecret, redactText } from "../steps/redaction.ts";
import type { ServiceNow } from "./planned-services.ts";
import type { VerbContext } from "./verb.ts";

/** A step's work that a verb does by itself, outside any run. */
export interface StepWork {
  stack: string;
  step: StepKind;
  /** Names its files; it never is `<run>.<try>`, which belongs to runs. */
  attempt: string;
  spec: Record<string, unknown>;
}

/** What the verb's step is told of its service. */
export function identityNow({ service, releaseSet }: ServiceNow): ServiceIdentity {
  return identityOf(service, releaseSet);
}

/**
 * Opens the context in which the code of a step runs for a verb: the same clients, progress on stderr. Passwords that it reads are
 * hidden from then on in what passes `redactText`. The Pulumi secret `databasePassword` is used as a run would use it. `now` null: the
 * platform's own step.
 */
export async function openStepWork(
  context: VerbContext,
  now: Pick<ServiceNow, "service" | "releaseSet"> | null,
  work: StepWork,
): Promise<Connections> {
  const settings = context.settings(work.stack);
  process.env["CUTOVER_DATABASE_PASSWORD"] ??= await stackSettingsSecret(context.root, work.stack, "databasePassword");
  keepSecret(process.env["CUTOVER_DATABASE_PASSWORD"] ?? "");
  const subject = now?.service.name ?? settings.platform;
  return openConnections({
    root: context.root,
    request: {
      stack: work.stack,
      platform: settings.platform,
      environment: settings.environment,
      step: work.step,
      service: now?.service.name ?? null,
      attempt: work.attempt,
      target: { releaseSet: now?.releaseSet ?? settings.release, digest: now?.service.digest ?? "" },
      cluster: settings.cluster,
      spec: work.spec,
    },
    pulumiBackend: process.env["PULUMI_BACKEND_URL"] ?? null,
    signal: context.signal,
    progress: (text) => context.output.note(redactText(`${subject} ${work.step}: ${text}`)),
  });
}

/** `manual-20261122T191422Z`: sortable, and no run's. */
export function manualAttempt(now: Date): string {
  return `manual-${now
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:]/g, "")}`;
}
