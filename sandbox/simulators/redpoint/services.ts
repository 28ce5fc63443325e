import type { RedpointService } from "../../contracts.ts";

// Typed by the contract, so that a service that is missing here is a compile error.
const names: Record<RedpointService, true> = {
  "rpi-callbackapi": true,
  "rpi-deploymentapi": true,
  "rpi-executionservice": true,
  "rpi-integrationapi": true,
  "rpi-interactionapi": true,
  "rpi-nodemanager": true,
  "rpi-queuereader": true,
  "rpi-realtimeapi": true,
};

/** Services of Redpoint's chart (facts/domain.md A4); also the names of their Deployments and of the simulated applications. */
export const redpointServices = Object.keys(names) as [RedpointService, ...RedpointService[]];

/** Which service an application's name stands for; undefined: none. */
export function redpointService(application: string | undefined): RedpointService | undefined {
  return redpointServices.find((service) => service === application);
}
