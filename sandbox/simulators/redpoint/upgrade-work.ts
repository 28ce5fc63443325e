import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../../model/error.ts";
import type { RedpointFault } from "../../contracts.ts";
import type { Stage } from "../application.ts";
import { imageTagOf } from "../pod.ts";
import { readConnectionString } from "./connection-string.ts";
import { upgradeDatabases } from "./migration.ts";
import { changeState } from "./record.ts";
import { runMessage, type DeploymentRun } from "./run.ts";

/** Version that the fault `upgradeWrongVersion` ends with. */
export const wrongVersion = "7.1.24001.1200";
const slowMilliseconds = 5000;

/** Stops the work without a word in the run's messages, as the end of the process would. */
class WorkStopped extends Error {}

/**
 * Does one upgrade and keeps `run` up to date; what ended is kept for later processes too. Never rejects. `environment`: of the
 * container; `stopped` aborts when its process ends.
 */
export async function workOnUpgrade(
  stage: Stage,
  environment: Record<string, string>,
  run: DeploymentRun,
  stopped: AbortSignal,
): Promise<void> {
  const { pod, faults, timings } = stage;
  const is = (fault: RedpointFault): boolean => faults.find(pod, fault) !== undefined;
  // Decided at its start: clearing a fault later does not change a run that is under way.
  const fails = is("upgradeFails");
  const halts = is("upgradeConnectionCutAndStopped");
  const to = is("upgradeWrongVersion") ? wrongVersion : imageTagOf(pod);
  const slow = faults.delay(pod, "upgradeSlow", slowMilliseconds);
  const say = (text: string): void => {
    run.messages.push(runMessage(new Date(), text));
    stage.log(text);
  };
  const between = async (done: number): Promise<void> => {
    await sleep(timings.migrationChunk + (done === 0 ? slow : 0), undefined, { signal: stopped }).catch(
      () => undefined,
    );
    if (stopped.aborted || (halts && done === 1)) throw new WorkStopped();
    if (fails && done === 2)
      throw new Error("Execution Timeout Expired. The timeout period elapsed prior to completion.");
  };
  try {
    const pulse = readConnectionString(environment["CONNECTIONSTRINGS__OPERATIONALDATABASE"] ?? "");
    const { database: logging } = readConnectionString(environment["CONNECTIONSTRINGS__LOGGINGDATABASE"] ?? "");
    const databaseType = environment["ClusterEnvironment__OperationalDatabase__DatabaseType"] ?? "";
    run.pulse = pulse.database;
    await upgradeDatabases({ pulse, logging, databaseType, to, say, between });
    say("Upgrade Complete");
    run.status = "LastRunComplete";
  } catch (error) {
    if (error instanceof WorkStopped) return stage.log("the upgrade's work stopped");
    say(`Upgrade failed: ${messageOf(error)}`);
    run.status = "LastRunFailed";
  }
  changeState(stage.directory, pod.metadata.namespace, { lastRun: run });
}
