import { CutoverError } from "../../model/error.ts";
import { keptDatabase, unfinishedRestore } from "../../model/restore.ts";
import { dropDatabase } from "../../steps/database/database-swap.ts";
import { confirmLoss } from "../confirm.ts";
import { operatorName } from "../identity.ts";
import { chooseServices, servicesNow } from "../planned-services.ts";
import { identityNow, manualAttempt, openStepWork } from "../step-work.ts";
import type { VerbContext } from "../verb.ts";
import { administratorOf, openServer } from "./administrator.ts";

/**
 * Removes a database that a finished restore replaced, after asking. Only such a database: never one that the ledger does not know as
 * replaced. Throws CUT-6312, CUT-6314 and CUT-6321. Returns the exit code.
 */
export async function dropReplaced(context: VerbContext, stack: string, name: string): Promise<number> {
  const ledger = await context.ledger(stack);
  const pages = await ledger.pages();
  const kept = keptDatabase(pages, name);
  if (unfinishedRestore(pages, kept.service) !== null) throw unfinished(stack, kept.service);
  const [now] = chooseServices(await servicesNow(context, stack), kept.service);
  if (now?.service.database === null || now === undefined) throw unfinished(stack, kept.service);
  const work = {
    stack,
    step: "backup" as const,
    attempt: manualAttempt(new Date()),
    spec: { service: identityNow(now) },
  };
  const connections = await openStepWork(context, now, work);
  try {
    const credentials = await connections.context.credentials(now.service.database);
    const server = await openServer(administratorOf(credentials));
    try {
      const [found] = await server.query<{ bytes: string; inUse: boolean }>(
        `SELECT pg_database_size(datname)::text AS bytes, datname = $2 AS "inUse" FROM pg_database WHERE datname = $1`,
        [name, credentials.database],
      );
      if (found?.inUse === true) throw unfinished(stack, kept.service);
      if (found !== undefined) {
        const { backupTakenAt, begunAt } = kept.plan;
        context.output.note(`${name} is the only place of what was written from ${backupTakenAt} to ${begunAt}`);
        await confirmLoss(
          context,
          `Remove the database ${name} (${(Number(found.bytes) / 1e6).toFixed(1)} MB) for good?`,
        );
        await dropDatabase(server, name);
        const data = { database: name, restore: kept.id };
        await ledger.append({ kind: "note", text: `replaced database ${name} removed by ${operatorName()}`, data });
      }
      context.output.line(found === undefined ? `${name} is gone already` : `${name} is removed`);
      context.output.document({ stack, dropped: name, wasThere: found !== undefined });
      return 0;
    } finally {
      await server.close();
    }
  } finally {
    await connections.close();
  }
}

function unfinished(stack: string, service: string): CutoverError {
  return new CutoverError({
    code: "CUT-6321",
    verdict: "failed",
    happened: `a restore of ${service} is not finished, or its service uses that database`,
    untouched: "Nothing was removed.",
    next: `Finish it first: cutover restore ${stack} latest --service ${service}`,
  });
}
