import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { openDeploymentApi, type DeploymentApi } from "../../clients/deployment-api.ts";
import { secrets } from "../../clients/kubernetes-kinds.ts";
import { CutoverError, messageOf } from "../../model/error.ts";
import type { configureStepSpec } from "../../model/step-specs.ts";
import type { StepContext } from "../context.ts";
import { keepSecret, redactText } from "../redaction.ts";

export type ConfigureStepSpec = z.infer<typeof configureStepSpec>;
type Licence = NonNullable<ConfigureStepSpec["configure"]["licence"]>;

const paceMilliseconds = 1_000;
// As long as the charts let a container start (10 s + 60 x 10 s, facts/domain.md A4).
const readyMilliseconds = 610_000;
const activeMilliseconds = 30_000;

/** How the licence stands at the end: it was active, it was activated now, or the release set asks for none. */
export type LicenceState = "active" | "activated" | "notAsked";

/**
 * Activates the licence where it is not active yet: one POST with the key of the Secret. Whether it worked is read back.
 * Throws CUT-5731 (no key), CUT-5732 (refused), CUT-5733 (not active afterwards), CUT-5734 (its status cannot be read).
 */
export async function activateLicence(context: StepContext, spec: ConfigureStepSpec): Promise<LicenceState> {
  const { licence, endpoint } = spec.configure;
  if (licence === undefined) return "notAsked";
  const { namespace, image } = spec.service;
  const kubernetes = await context.kubernetes();
  const options = { imageTag: image?.tag ?? null, signal: context.signal };
  const api = openDeploymentApi(kubernetes, { namespace, ...endpoint }, options);
  if (await untilRead(context, spec, api, licence)) return "active";
  const activationKey = await keyOf(context, spec, licence);
  context.progress(`activating the licence of ${licence.systemName}`);
  const { accepted, problem } = await api.activateLicence(licence.activatePath, {
    activationKey,
    systemName: licence.systemName,
  });
  // The status is asked in any case: an answer that got lost says nothing about the activation.
  const until = Date.now() + (accepted ? activeMilliseconds : 0);
  for (;;) {
    if (await untilRead(context, spec, api, licence)) return "activated";
    if (Date.now() >= until) throw accepted ? notActive(context, spec, licence) : refused(context, licence, problem);
    await pause(context);
  }
}

/** The status, as soon as the API gives it: this may be the first time that the service is asked after its release. */
async function untilRead(
  context: StepContext,
  spec: ConfigureStepSpec,
  api: DeploymentApi,
  { statusPath }: Licence,
): Promise<boolean> {
  const deadline = Date.now() + readyMilliseconds;
  let said = "";
  for (;;) {
    try {
      return await api.licenceActive(statusPath);
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason;
      const problem = messageOf(error);
      if (Date.now() >= deadline) throw unreadable(context, spec, statusPath, error);
      if (problem !== said) context.progress(redactText(problem));
      said = problem;
      await pause(context);
    }
  }
}

async function pause(context: StepContext): Promise<void> {
  await sleep(paceMilliseconds, undefined, { signal: context.signal }).catch(() => undefined);
  if (context.signal.aborted) throw context.signal.reason;
}

async function keyOf(context: StepContext, spec: ConfigureStepSpec, { secret, key }: Licence): Promise<string> {
  const { namespace } = spec.service;
  const found = await (await context.kubernetes()).get(secrets, namespace, secret);
  const encoded = found?.data?.[key];
  const value = Buffer.from(encoded ?? "", "base64")
    .toString("utf8")
    .trim();
  if (value !== "") {
    keepSecret(value);
    return value;
  }
  const names = Object.keys(found?.data ?? {}).join(", ") || "none";
  const problem =
    found === null
      ? `there is no Secret ${secret} in namespace ${namespace}`
      : encoded === undefined
        ? `Secret ${namespace}/${secret} has no key ${key}; its keys: ${names}`
        : `the key ${key} of Secret ${namespace}/${secret} is empty`;
  throw new CutoverError({
    code: "CUT-5731",
    verdict: "failed",
    happened: `the licence of ${spec.service.name} is not active, and its activation key is missing`,
    evidence: [problem],
    untouched: "Nothing was activated; the migrated databases stay.",
    next:
      `kubectl create secret generic ${secret} -n ${namespace} --from-file=${key}=FILE with the key of Redpoint support, ` +
      `then: cutover upgrade ${context.request.stack}`,
  });
}

function refused(context: StepContext, licence: Licence, problem: string): CutoverError {
  return new CutoverError({
    code: "CUT-5732",
    verdict: "failed",
    happened: `the licence of ${licence.systemName} was not activated`,
    evidence: [redactText(problem), `key: Secret ${licence.secret}, ${licence.key}`],
    untouched: "The migrated databases stay; it was tried once.",
    next: `Have the key checked by Redpoint support, put the right one into the Secret, then: cutover upgrade ${context.request.stack}`,
  });
}

function notActive(context: StepContext, { service }: ConfigureStepSpec, licence: Licence): CutoverError {
  return new CutoverError({
    code: "CUT-5733",
    verdict: "failed",
    happened: `the activation of ${licence.systemName} was accepted, but the licence of ${service.name} is not active`,
    evidence: [`${licence.statusPath}: not active for ${activeMilliseconds / 1000} s`],
    untouched: "The migrated databases stay; it was tried once.",
    next: `Ask Redpoint support about this key, then: cutover upgrade ${context.request.stack}`,
  });
}

function unreadable(context: StepContext, spec: ConfigureStepSpec, path: string, cause: unknown): CutoverError {
  return new CutoverError(
    {
      code: "CUT-5734",
      verdict: "errored",
      happened: `the licence of ${spec.service.name} cannot be asked for`,
      evidence: [redactText(`${path}: ${messageOf(cause)}`)],
      untouched: "Nothing was activated.",
      next: `kubectl get pods -n ${spec.service.namespace}; then: cutover upgrade ${context.request.stack}`,
    },
    { cause },
  );
}
