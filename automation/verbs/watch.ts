import { isApiError } from "../../clients/kubernetes-error.ts";
import type { Kubernetes, ResourceKind } from "../../clients/contracts.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import { toolVersion } from "../../model/tool-version.ts";
import {
  cronSchedule,
  describeWatch,
  watchEnd,
  watchObjects,
  type RenderedObject,
  type Watch,
} from "../../model/watch.ts";
import { servicesNow } from "../planned-services.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";
import { cronJobs } from "../verify/stop-watching.ts";

const kinds: Record<RenderedObject["kind"], ResourceKind> = {
  ServiceAccount: { version: "v1", plural: "serviceaccounts", namespaced: true },
  Role: { group: "rbac.authorization.k8s.io", version: "v1", plural: "roles", namespaced: true },
  RoleBinding: { group: "rbac.authorization.k8s.io", version: "v1", plural: "rolebindings", namespaced: true },
  CronJob: cronJobs,
};

/** `cutover watch STACK --for 3d`: monitor closely the first days (both seeds), by the cluster itself. */
export const watch: Verb = {
  name: "watch",
  arguments: ["<stack>"],
  summary: "verify a stack again and again for some days",
  description:
    "Renders (or applies) a CronJob with a ServiceAccount and Roles of its own, which runs `cutover verify STACK --baseline`: every verdict is recorded in the ledger, a bad one notifies, and after the time it suspends itself. " +
    "The image must contain this project with its stack files (docs/watching.md); cutover publishes none.",
  examples: [
    "watch infomart-prod --for 3d --image registry.example/cutover-infomart:2026-11 --apply",
    "watch infomart-staging --for 12h --every 5m > watch.yaml",
  ],
  options: [
    { flags: "--for <duration>", description: "how long, such as 3d", required: true },
    { flags: "--every <duration>", description: "how often", default: "15m" },
    { flags: "--apply", description: "apply the objects instead of printing them" },
    { flags: "--image <image>", description: "an image that contains this project", default: `cutover:${toolVersion}` },
    { flags: "--namespace <name>", description: "where the CronJob lives; absent: the ledger's namespace" },
  ],
  exitCodes: [],
  async run(context) {
    const { stack = "" } = context.arguments;
    const { output } = context;
    const settings = context.settings(stack);
    const every = textOption(context, "every") ?? "15m";
    const now = Date.now();
    const { ledgerNamespace } = settings.cluster;
    const described: Watch = {
      stack,
      namespace: textOption(context, "namespace") ?? ledgerNamespace,
      ledgerNamespace,
      serviceNamespaces: await namespacesOf(context, stack),
      image: textOption(context, "image") ?? "",
      schedule: cronSchedule(every),
      until: watchEnd(textOption(context, "for") ?? "", now),
    };
    const objects = watchObjects(described);
    warn(context, described, settings.cluster.context);
    if (context.options["apply"] === true) {
      const kubernetes = await context.kubernetes(stack);
      for (const object of objects) {
        const done = await apply(kubernetes, object);
        output.line(`${object.kind} ${object.metadata.namespace}/${object.metadata.name}: ${done}`);
      }
      output.line(`${stack} is verified ${describeWatch(every, described.until, now)}`);
      output.line(`next: kubectl get jobs -n ${described.namespace}; cutover history ${stack}`);
    } else {
      const { stringify } = (await import("yaml")).default;
      output.line(
        objects
          .map((object) => stringify(object))
          .join("---\n")
          .trimEnd(),
      );
    }
    output.document({ stack, until: described.until, applied: context.options["apply"] === true, objects });
    return 0;
  },
};

/** The services' namespaces; `pods/exec` is asked for only where a gate needs it. */
async function namespacesOf(context: VerbContext, stack: string): Promise<Watch["serviceNamespaces"]> {
  const found = new Map<string, boolean>();
  for (const { service } of await servicesNow(context, stack)) {
    const exec = service.gates.some((gate) => gate.kind === "exec");
    found.set(service.namespace, (found.get(service.namespace) ?? false) || exec);
  }
  return [...found].map(([namespace, exec]) => ({ namespace, exec }));
}

function warn({ output }: VerbContext, described: Watch, kubeContext: string | undefined): void {
  output.note(`the image ${described.image} must contain this project with the stack's file, node and its packages`);
  if (kubeContext !== undefined) {
    output.note(
      `warning: cutover:cluster.context is ${kubeContext}; in the cluster there is no such context: leave it out in the image's stack file`,
    );
  }
}

/** Creates the object, or replaces the one of an earlier watch. */
async function apply(kubernetes: Kubernetes, object: RenderedObject): Promise<"created" | "replaced"> {
  const kind = kinds[object.kind];
  const { namespace, name } = object.metadata;
  try {
    if ((await kubernetes.get(kind, namespace, name)) === null) {
      await kubernetes.create(kind, namespace, object);
      return "created";
    }
    await kubernetes.patch(kind, namespace, name, object.kind === "CronJob" ? unsuspended(object) : object);
    return "replaced";
  } catch (error) {
    throw notApplied(object, error);
  }
}

// The CronJob of an earlier watch may have ended and suspended itself.
function unsuspended(object: RenderedObject): unknown {
  return { ...object, spec: { ...(object["spec"] as Record<string, unknown>), suspend: false } };
}

function notApplied({ kind, metadata }: RenderedObject, cause: unknown): CutoverError {
  const { namespace, name } = metadata;
  return new CutoverError(
    {
      code: "CUT-6327",
      verdict: "errored",
      happened: `${kind} ${namespace}/${name} could not be applied`,
      evidence: [messageOf(cause)],
      untouched: "The services; what was applied before stays.",
      next:
        isApiError(cause) && cause.status === 403
          ? "A role may only grant rights that you have yourself: let an administrator apply the rendered YAML."
          : "Remove the cause, then run the same command again.",
    },
    { cause },
  );
}
