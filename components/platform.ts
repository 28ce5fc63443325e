import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { neverAtWorkWith } from "../model/concurrency.ts";
import type { PlatformStepKind } from "../model/release-set.ts";
import type { RunTrigger } from "../model/run-triggers.ts";
import type { StepRequest } from "../model/step.ts";
import type { PreflightSpec } from "../model/step-specs.ts";
import type { StackContext } from "./context.ts";
import { ledgerHead } from "./receipt.ts";
import { Service, type PlannedService } from "./service.ts";
import { Step } from "./step.ts";

export interface PlatformArgs {
  /** Triggers preflight and finish. */
  run: RunTrigger;
  /** In the order in which they are taken: each after those that it needs. */
  services: readonly PlannedService[];
  preflight: PreflightSpec;
  /** Between preflight and the first service, in this order. */
  platformSteps: readonly { kind: PlatformStepKind; spec: StepRequest["spec"] }[];
  releaseSet: string;
  context: StackContext;
}

/** What a reviewer wants to see of one service. */
export interface ServiceSummary {
  releaseSet: string;
  chartVersion: string;
  imageTag: string | null;
  revision: pulumi.Output<number>;
  digest: string;
}

/** A platform: preflight before everything, its own steps, its services in their order, finish after all of them. */
export class Platform extends pulumi.ComponentResource {
  readonly services: Record<string, ServiceSummary>;
  /** Per service, the last verdict of each gate. */
  readonly verdicts: Record<string, pulumi.Output<Record<string, string>>>;
  readonly ledgerHead: pulumi.Output<string>;

  constructor(name: string, args: PlatformArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super("cutover:index:Platform", name, {}, opts);
    const preflight = this.step("preflight", args, args.preflight, []);
    const platformSteps = args.platformSteps.reduce<Step[]>(
      (steps, { kind, spec }) => [...steps, this.step(kind, args, spec, [steps.at(-1) ?? preflight])],
      [],
    );
    const services = this.declareServices(args, platformSteps.at(-1) ?? preflight);
    const targets = args.services.map(({ service: { name: service, releaseSet, digest } }) => ({
      name: service,
      releaseSet,
      digest,
    }));
    const finish = this.step("finish", args, { services: targets }, [
      preflight,
      ...platformSteps,
      ...services.values(),
    ]);

    this.services = Object.fromEntries(
      args.services.map(({ service }) => [service.name, summaryOf(service, services.get(service.name))]),
    );
    this.verdicts = Object.fromEntries([...services].map(([service, { verdicts }]) => [service, verdicts]));
    this.ledgerHead = ledgerHead(finish.stdout);
    this.registerOutputs({ releaseSet: args.releaseSet, ledgerHead: this.ledgerHead });
  }

  private step(
    kind: "preflight" | PlatformStepKind | "finish",
    args: PlatformArgs,
    spec: StepRequest["spec"],
    dependsOn: pulumi.Resource[],
  ): Step {
    const { stack, platform, environment, cluster, databasePassword } = args.context;
    const { attempt, target } = args.run;
    const request = { stack, platform, environment, step: kind, service: null, attempt, target, cluster, spec };
    return new Step(
      kind,
      {
        request,
        triggers: [target.digest, attempt],
        databasePassword: kind === "preflight" ? databasePassword : undefined,
        // Preflight renders the charts as they will be released.
        upgradeAssistant: kind === "preflight" ? args.context.secretValues?.text : undefined,
      },
      { parent: this, dependsOn },
    );
  }

  private declareServices(args: PlatformArgs, before: Step): Map<string, Service> {
    const { context } = args;
    // By name: a rollback takes the services in another order, and that alone shall change no step.
    const all = args.services
      .map(({ service: { name, namespace, helmRelease } }) => ({ name, namespace, helmRelease }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const provider =
      context.cluster.context === undefined ? [] : [this.provider(context.cluster.context, context.stack)];
    const declared = new Map<string, Service>();
    for (const planned of args.services) {
      const { name, needs } = planned.service;
      const needed = needs.flatMap((need) => declared.get(need) ?? []);
      const settled = neverAtWorkWith(
        args.services.map((one) => one.service),
        name,
      );
      const others = all.filter((other) => settled.has(other.name));
      const after = [before, ...needed];
      declared.set(
        name,
        new Service(name, { ...planned, others, after, context }, { parent: this, providers: provider }),
      );
    }
    return declared;
  }

  // Without it the releases would go to the kubeconfig's current context while the steps look at the named one.
  // Its identifier is fixed: otherwise the plugin calls another path of the kubeconfig another cluster and replaces every release. That it
  // is the right cluster is preflight's check.
  private provider(context: string, stack: string): Provider {
    return new Provider("cluster", { context, clusterIdentifier: stack }, { parent: this });
  }
}

function summaryOf(planned: PlannedService["service"], declared: Service | undefined): ServiceSummary {
  return {
    releaseSet: planned.releaseSet,
    chartVersion: planned.chart.version,
    imageTag: planned.image?.tag ?? null,
    revision: declared?.revision ?? pulumi.output(0),
    digest: planned.digest,
  };
}
