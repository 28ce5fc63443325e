// STAND-IN for SQL Server: runs a batch, statement by statement.
import { parseBatch } from "../sql/parse-batch.ts";
import type { Statement } from "../sql/syntax.ts";
import { compile, truth } from "./compile.ts";
import { runStatement } from "./run-statement.ts";
import { noRow, type Scope, type Variable } from "./scope.ts";
import type { Session } from "./session.ts";
import { SqlError } from "./sql-error.ts";
import { rollback } from "./transactions.ts";

/**
 * Parses all of it first, so that nothing runs of a batch with a statement that is not known. Errors go to the answers.
 * @throws Interrupted when an attention or the loss of the connection ends it.
 */
export async function runBatch(sql: string, variables: Map<string, Variable>, session: Session): Promise<boolean> {
  let statements: Statement[];
  try {
    statements = parseBatch(sql);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    session.answers.failed(error);
    return false;
  }
  return runAll(statements, { session, variables, sources: [], parent: null });
}

/** False when the batch ended early. */
async function runAll(statements: readonly Statement[], scope: Scope): Promise<boolean> {
  for (const statement of statements) if (!(await runOne(statement, scope))) return false;
  return true;
}

async function runOne(statement: Statement, scope: Scope): Promise<boolean> {
  const { session } = scope;
  try {
    refuseDeadlocked(statement, session);
    if (statement.kind === "if") {
      const chosen = truth(compile(statement.condition, scope).evaluate(noRow)) ? statement.then : statement.otherwise;
      return await runAll(chosen, scope);
    }
    await runStatement(statement, scope);
    return true;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    const rollsBack = session.abortOnError || error.number === 1205;
    if (rollsBack && session.transaction !== null) rollback(session);
    session.answers.failed(error);
    return !error.endsBatch && !session.abortOnError;
  }
}

function refuseDeadlocked(statement: Statement, session: Session): void {
  const fault = session.server.faults.strike(
    "deadlock",
    ({ times }) => times ?? 1,
    ({ statementContains }) => statement.text.includes(statementContains),
  );
  if (fault === undefined) return;
  throw new SqlError(
    1205,
    `Transaction (Process ID ${session.id}) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.`,
    13,
    { state: 51 },
  );
}
