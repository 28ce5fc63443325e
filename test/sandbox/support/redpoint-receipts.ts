import { createHelm } from "../../../clients/helm.ts";
import type { Receipt } from "../../../model/step.ts";
import type { RedpointScenario } from "./redpoint-scenario.ts";
import { receipts } from "./world.ts";

/** Steps of one try, in the order in which they ended: `platform backup passed`. */
export async function stepsOf(scenario: RedpointScenario, attempt: string): Promise<string[]> {
  return (await receipts(scenario))
    .filter((receipt) => receipt.attempt === attempt)
    .map(({ service, step, verdict }) => `${service ?? "platform"} ${step} ${verdict}`);
}

/** The only receipt of a step in one try. */
export async function receiptOf(
  scenario: RedpointScenario,
  attempt: string,
  service: string | null,
  step: Receipt["step"],
): Promise<Receipt> {
  const found = (await receipts(scenario)).filter(
    (receipt) => receipt.attempt === attempt && receipt.service === service && receipt.step === step,
  );
  const [receipt] = found;
  if (receipt === undefined || found.length > 1)
    throw new Error(`${found.length} receipts of ${service ?? "platform"} ${step} in ${attempt}`);
  return receipt;
}

/** Newest Helm revision of the main release and of acme's realtime release; 0 when not installed. */
export async function revisionsIn({ kubernetes, prefix }: RedpointScenario): Promise<Record<string, number>> {
  const helm = createHelm(kubernetes);
  const revisions: Record<string, number> = {};
  for (const release of ["rpi", "rpi-realtime-acme"])
    revisions[release] = (await helm.history(`${prefix}${release}`, release))[0]?.revision ?? 0;
  return revisions;
}
