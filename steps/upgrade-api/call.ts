import { openDeploymentApi, type DeploymentApi, type PreparedUpgrade } from "../../clients/deployment-api.ts";
import type { SingleResult } from "../../clients/single-request.ts";
import { messageOf } from "../../model/error.ts";
import { isUnderWay, snapshotOf } from "../../model/upgrade-api.ts";
import { callsOf, nextCallId } from "../../model/upgrade-call.ts";
import type { Outcome, StepContext } from "../context.ts";
import { beforeCall } from "./before-call.ts";
import { concludeCall } from "./conclude.ts";
import { otherUpgrade } from "./errors.ts";
import { followCall } from "./follow.ts";
import { waitUntilReady } from "./ready.ts";
import { recordBegin, recordPhase, type CallFacts } from "./record.ts";
import type { CalledMigrationSpec, Situation } from "./situation.ts";

/** The API of a called migration; only pods of the wanted image are asked. */
export async function apiOf(context: StepContext, spec: CalledMigrationSpec): Promise<DeploymentApi> {
  const { namespace, image } = spec.service;
  const { service, port, url } = spec.migrate.endpoint;
  const options = { imageTag: image?.tag ?? null, signal: context.signal };
  return openDeploymentApi(await context.kubernetes(), { namespace, service, port, url }, options);
}

/**
 * Waits for the API, looks what its status is before, connects, records, sends the one call and follows it to its end. Between the record
 * and the first byte nothing else is done, so that "recorded" means "may have been made".
 */
export async function callOnce(context: StepContext, { spec, run }: Situation): Promise<Outcome> {
  const { service, migrate, schemaVersion } = spec;
  const api = await apiOf(context, spec);
  await waitUntilReady(context, spec, api);
  await beforeCall(context, spec);
  const status = await api.status(migrate.statusPath);
  if (isUnderWay(status)) throw otherUpgrade(context.request.stack, spec, status.status);
  const before = snapshotOf(status);
  const earlier = callsOf(await (await context.ledger()).pages(), service.name);
  const prepared = await api.prepareUpgrade(migrate.upgradePath, migrate.waitTimeoutSeconds);
  const id = nextCallId(service.name, run, earlier);
  const facts: CallFacts = { id, service: service.name, run, ...schemaVersion, before, pod: prepared.pod };
  let calledAt: string;
  try {
    calledAt = await recordBegin(context, facts);
  } catch (error) {
    prepared.close();
    throw error;
  }
  const deadline = Date.now() + migrate.timeoutSeconds * 1000;
  context.progress(`calling ${migrate.upgradePath} of ${migrate.endpoint.service} once, as ${id}`);
  const { answer, recorded } = send(context, prepared, facts, deadline);
  const ending = await followCall(context, { api, spec, call: facts, answer, deadline });
  await recorded();
  return concludeCall(context, { spec, call: facts, calledAt, ending });
}

function send(context: StepContext, prepared: PreparedUpgrade, facts: CallFacts, deadline: number) {
  let recording: Promise<void> = Promise.resolve();
  const onSent = () => {
    // The call is under way: a ledger that does not answer now is no reason to give it up.
    recording = recordPhase(context, facts, "sent").catch((error: unknown) => {
      context.progress(`that the call was sent could not be recorded: ${messageOf(error)}`);
    });
  };
  const timeoutMilliseconds = Math.max(1, deadline - Date.now());
  const answer = prepared
    .send({ timeoutMilliseconds, signal: context.signal, onSent })
    // Only an abort rejects, and whoever follows sees it by the signal.
    .catch((error: unknown): SingleResult => ({ outcome: "cut", problem: messageOf(error) }));
  return { answer, recorded: () => recording };
}
