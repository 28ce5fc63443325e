// STAND-IN for SQL Server: SQL batches, RPC and transaction requests.
import { findProcedure } from "../engine/procedures.ts";
import { runBatch } from "../engine/run-batch.ts";
import type { Variable } from "../engine/scope.ts";
import type { Session } from "../engine/session.ts";
import { SqlError } from "../engine/sql-error.ts";
import { begin, commit, rollback } from "../engine/transactions.ts";
import { asText } from "../engine/values.ts";
import { packetType, type TdsMessage } from "./packets.ts";
import { readBatch, readRpc, type Parameter, type RpcRequest } from "./parameters.ts";
import { returnValueToken } from "./tokens.ts";
import type { WireAnswers } from "./wire-answers.ts";

const executeSql = 10;

/** @throws Interrupted. */
export async function answerRequest(message: TdsMessage, session: Session, answers: WireAnswers): Promise<void> {
  switch (message.type) {
    case packetType.sqlBatch:
      await runBatch(readBatch(message.data), new Map(), session);
      answers.end();
      return;
    case packetType.rpc:
      await answerRpc(message.data, session, answers);
      return;
    case packetType.transaction:
      answerTransaction(message.data, session, answers);
      return;
    default:
      answers.failed(
        new SqlError(50000, `STAND-IN for SQL Server: messages of type ${message.type} are not known here.`),
      );
      answers.end();
  }
}

async function answerRpc(data: Buffer, session: Session, answers: WireAnswers): Promise<void> {
  let request: RpcRequest;
  try {
    request = readRpc(data);
  } catch (error) {
    answers.failed(new SqlError(50000, `STAND-IN for SQL Server: ${(error as Error).message}`));
    answers.endProcedure(1, []);
    return;
  }
  const { procedure, parameters } = request;
  const name = typeof procedure === "string" ? procedure.toLowerCase() : "";
  if (procedure === executeSql || name === "sp_executesql") {
    await executeStatement(parameters, session, answers);
    return;
  }
  try {
    const parts = typeof procedure === "string" ? procedure.split(".").map(unquoted) : [`number ${procedure}`];
    const values = parameters.map(
      ({ name: parameter, value }, index) => [parameter.toLowerCase() || String(index), value] as const,
    );
    const status = findProcedure(parts, session)(new Map(values), session);
    answers.endProcedure(status, []);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    answers.failed(error);
    answers.endProcedure(1, []);
  }
}

/** sp_executesql: a statement, the declarations of its parameters, and their values. */
async function executeStatement(
  parameters: readonly Parameter[],
  session: Session,
  answers: WireAnswers,
): Promise<void> {
  const [statement, , ...given] = parameters;
  const variables = new Map<string, Variable>(
    given.map(({ name, type, value }) => [name.toLowerCase(), { type, value }]),
  );
  const well = await runBatch(asText(statement?.value ?? ""), variables, session);
  const outputs = given
    .filter(({ output }) => output)
    .map(({ name, type }) => {
      const value = variables.get(name.toLowerCase())?.value ?? null;
      return returnValueToken(name, { name, type, nullable: true }, value);
    });
  answers.endProcedure(well ? 0 : 1, outputs);
}

function unquoted(part: string): string {
  return part.replace(/^\[(.*)\]$/, "$1").replaceAll("]]", "]");
}

const transactionRequests: Record<number, (session: Session) => void> = { 5: begin, 7: commit, 8: rollback };

function answerTransaction(data: Buffer, session: Session, answers: WireAnswers): void {
  const type = data.readUInt16LE(data.readUInt32LE(0));
  try {
    const run = transactionRequests[type];
    if (run === undefined)
      throw new SqlError(50000, `STAND-IN for SQL Server: transaction request ${type} is not known here.`);
    run(session);
    answers.done(null);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    answers.failed(error);
  }
  answers.end();
}
