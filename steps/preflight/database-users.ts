import type { DatabaseReference } from "../../model/service.ts";
import type { PreflightService } from "../../model/step-specs.ts";
import type { PreflightContext } from "./contract.ts";
import { databaseKey } from "./context.ts";
import type { DatabaseFacts } from "./database-facts.ts";

/** A service with its database. */
export interface DatabaseUser {
  service: PreflightService;
  reference: DatabaseReference;
}

/** The services that have a database. */
export function databaseUsers(services: readonly PreflightService[]): DatabaseUser[] {
  return services.flatMap((service) => (service.database === null ? [] : [{ service, reference: service.database }]));
}

/** Facts of every database of these services, each once; rejects when one cannot be reached. */
export async function factsOf(
  context: PreflightContext,
  services: readonly PreflightService[],
): Promise<{ service: PreflightService; facts: DatabaseFacts }[]> {
  const users = new Map(databaseUsers(services).map((user) => [databaseKey(user.reference), user]));
  return Promise.all(
    [...users.values()].map(async ({ service, reference }) => ({
      service,
      facts: await context.databaseFacts(reference),
    })),
  );
}
