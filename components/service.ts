import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceTrigger } from "../model/run-triggers.ts";
import { withSecretValues } from "../model/secret-values.ts";
import type { ResolvedService } from "../model/service.ts";
import type { SecretValues, StackContext } from "./context.ts";
import { gateVerdicts } from "./receipt.ts";
import { identityOf, specOf, type CommandKind, type Neighbour } from "./service-specs.ts";
import { Step } from "./step.ts";

/** A service with what triggers its steps. */
export interface PlannedService {
  service: ResolvedService;
  /** `releaseSet`: the one named to its steps and in Helm's description. */
  trigger: ServiceTrigger;
}

export interface ServiceArgs extends PlannedService {
  /** All other services of the stack. */
  others: readonly Neighbour[];
  /** What must be done before its first step. */
  after: readonly pulumi.Resource[];
  context: StackContext;
}

/** One service: the steps that its release set declares, each after the one before. */
export class Service extends pulumi.ComponentResource {
  readonly revision: pulumi.Output<number>;
  /** Last verdict per gate. */
  readonly verdicts: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: ServiceArgs, opts: pulumi.ComponentResourceOptions) {
    super("cutover:index:Service", name, {}, { ...opts, dependsOn: [...args.after] });
    const { service, trigger } = args;
    const before = this.steps("before", args, args.after);
    const release = this.helmRelease(args, before.length === 0 ? args.after : before.slice(-1));
    const after = this.steps("after", args, [release], release.status.revision);

    this.revision = release.status.revision;
    this.verdicts = gateVerdicts(after.at(-1)?.stdout ?? pulumi.output(""));
    this.registerOutputs({
      releaseSet: trigger.releaseSet,
      digest: service.digest,
      revision: this.revision,
      verdicts: this.verdicts,
    });
  }

  /** The steps on one side of the Helm release; those after it also run when the release has a new revision. */
  private steps(
    side: "before" | "after",
    args: ServiceArgs,
    first: readonly pulumi.Resource[],
    revision?: pulumi.Output<number>,
  ): Step[] {
    const { service, trigger, context } = args;
    const border = service.steps.indexOf("release");
    const kinds = side === "before" ? service.steps.slice(0, border) : service.steps.slice(border + 1);
    const identity = identityOf(service, trigger.releaseSet);
    const steps: Step[] = [];
    for (const kind of kinds.filter((step): step is CommandKind => step !== "release")) {
      const { stack, platform, environment, cluster } = context;
      const { attempt, target } = trigger;
      const spec = specOf(kind, service, identity, args.others, context);
      const step = new Step(
        `${service.name}-${kind}`,
        {
          request: { stack, platform, environment, step: kind, service: service.name, attempt, target, cluster, spec },
          triggers: [service.digest, attempt, ...(revision === undefined ? [] : [revision])],
          databasePassword: service.database === null || kind === "check" ? undefined : context.databasePassword,
        },
        { parent: this, dependsOn: steps.length === 0 ? [...first] : steps.slice(-1) },
      );
      steps.push(step);
    }
    return steps;
  }

  private helmRelease(args: ServiceArgs, after: readonly pulumi.Resource[]): Release {
    const { service, trigger, context } = args;
    return new Release(
      service.name,
      {
        name: service.helmRelease,
        namespace: service.namespace,
        // Relative to the project folder, so that the state fits every machine.
        chart: service.chart.path,
        version: service.chart.version,
        values: helmValues(service, context.secretValues),
        // Pulumi compares only a local chart's version: the digest brings changed content to the cluster.
        // After a recovery it differs, since Pulumi may believe that the interrupted upgrade was done (experiments.md C8).
        description: `sha256:${service.digest} ${trigger.releaseSet}${recovery(trigger.recoveries)}`,
        skipAwait: service.await !== "helm",
        timeout: service.helmTimeoutSeconds,
      },
      { parent: this, dependsOn: [...after], protect: context.protect },
    );
  }
}

/** The values of the files; where a secret may add to a key, the whole key is secret. */
function helmValues(service: ResolvedService, secret: SecretValues | undefined): Record<string, pulumi.Input<unknown>> {
  if (secret === undefined) return service.values;
  const merged = pulumi
    .secret(secret.values)
    .apply((all) => withSecretValues(secret.keys, service.values, all[service.name] ?? {}));
  const touched = secret.keys.map((key) => [key, merged.apply((values) => values[key])] as const);
  return { ...service.values, ...Object.fromEntries(touched) };
}

function recovery(count: number): string {
  return count === 0 ? "" : ` recovery-${count}`;
}
