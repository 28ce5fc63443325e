import { askKafka } from "../../clients/kafka.ts";
import { readCredentials } from "../../clients/database-credentials.ts";
import { connectPostgres } from "../../clients/postgres.ts";
import { createPrometheus } from "../../clients/prometheus.ts";
import { CutoverError, describeError } from "../../model/error.ts";
import type { OperationalDatabases } from "../../model/operational-databases.ts";
import { manualAttempt, openStepWork } from "../step-work.ts";
import { planStack } from "../../stacks/stack-plan.ts";
import type { Driver } from "./driver.ts";

/**
 * Asks every third-party dependency of the stack (seed 001: ask them before a rollback). Throws CUT-6410 (exit code 17) naming all that do
 * not answer; nothing has been touched then.
 */
export async function refuseWhileDown(driver: Driver, what: string): Promise<void> {
  const { settings, stack, kubernetes, ledger } = driver;
  const { services, outside } = await planStack(driver.context.root, stack, () => ledger.pages());
  const references = new Map(
    services.flatMap(({ service: { database } }) =>
      database === null ? [] : [[`${database.namespace}/${database.secret}/${database.key}`, database] as const],
    ),
  );
  const questions: [string, () => Promise<unknown>][] = [...references].map(([name, reference]) => [
    `PostgreSQL (${name})`,
    async () => {
      const database = await connectPostgres(await readCredentials(kubernetes, reference), {
        applicationName: "cutover",
      });
      await database.close();
    },
  ]);
  if (outside.operationalDatabases !== null) questions.push(operationalQuestion(driver, outside.operationalDatabases));
  const { kafka, prometheus } = settings;
  if (kafka !== undefined) questions.push(["Kafka", () => askKafka(kafka)]);
  if (prometheus !== undefined) questions.push(["Prometheus", () => createPrometheus(prometheus).ready()]);
  const down = await Promise.all(
    questions.map(([name, ask]) =>
      ask().then(
        () => [],
        (error: unknown) => [`${name}: ${describeError(error).slice(0, 2).join("; ")}`],
      ),
    ),
  );
  const evidence = down.flat();
  if (evidence.length === 0) return;
  throw new CutoverError({
    code: "CUT-6410",
    verdict: "failed",
    happened: `${what} of ${stack} does not start while a third-party dependency is down`,
    evidence,
    untouched: "Nothing was changed: neither the cluster, nor a database, nor the stack file.",
    next: "Bring it back, then type the same command again.",
    exitCode: 17,
  });
}

function operationalQuestion(
  { context, stack }: Driver,
  databases: OperationalDatabases,
): [string, () => Promise<unknown>] {
  const { namespace, secret, key } = databases.server.connection;
  const ask = async (): Promise<void> => {
    const { openHost } = await import("../../steps/operational/open-host.ts");
    const work = { stack, step: "restore" as const, attempt: manualAttempt(new Date()), spec: {} };
    const connections = await openStepWork(context, null, work);
    try {
      await (await openHost(connections.context, databases, "server")).close();
    } finally {
      await connections.close();
    }
  };
  return [`the operational databases (${namespace}/${secret}/${key})`, ask];
}
