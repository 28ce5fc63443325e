// STAND-IN for SQL Server: runs one statement.
import { setTimeout as sleep } from "node:timers/promises";
import { runInformation } from "../backup/information.ts";
import { runBackup } from "../backup/run-backup.ts";
import { runRestore } from "../backup/run-restore.ts";
import { Interrupted } from "../backup/work.ts";
import type { Select, Statement } from "../sql/syntax.ts";
import { compile } from "./compile.ts";
import { findProcedure } from "./procedures.ts";
import { runBatch } from "./run-batch.ts";
import { runDelete, runInsert, runSelectInto, runUpdate } from "./run-content.ts";
import { runCreateDatabase, runDropDatabase, runRenameDatabase, runSetDatabase, runUse } from "./run-databases.ts";
import { runAlterTable, runCreateSchema, runCreateTable, runDropTable } from "./run-definition.ts";
import { noRow, type Scope } from "./scope.ts";
import { prepareSelect } from "./select.ts";
import type { Session } from "./session.ts";
import { notKnown, SqlError } from "./sql-error.ts";
import { begin, commit, rollback } from "./transactions.ts";
import { asText, convert } from "./values.ts";
import type { SqlValue } from "../sql/types.ts";

type Of<Kind extends Statement["kind"]> = Extract<Statement, { kind: Kind }>;
type Runners = {
  [Kind in Exclude<Statement["kind"], "if">]: (statement: Of<Kind>, scope: Scope) => Promise<void> | void;
};

/** @throws SqlError, Interrupted. */
export async function runStatement(statement: Exclude<Statement, { kind: "if" }>, scope: Scope): Promise<void> {
  const run = runners[statement.kind] as (statement: Statement, scope: Scope) => Promise<void> | void;
  await run(statement, scope);
}

/** A statement that returns nothing. */
function quiet<Kind extends Statement["kind"]>(
  run: (statement: Of<Kind>, scope: Scope) => void,
): (statement: Of<Kind>, scope: Scope) => void {
  return (statement, scope) => {
    run(statement, scope);
    scope.session.answers.done(null);
  };
}

/** A statement that changes rows. */
function counted<Kind extends Statement["kind"]>(
  run: (statement: Of<Kind>, scope: Scope) => number,
): (statement: Of<Kind>, scope: Scope) => void {
  return (statement, scope) => scope.session.answers.done(run(statement, scope));
}

const runners: Runners = {
  select: runSelect,
  insert: counted(runInsert),
  update: counted(runUpdate),
  delete: counted(runDelete),
  createTable: quiet(runCreateTable),
  createSchema: quiet((statement, scope) => runCreateSchema(statement.name, scope)),
  alterTable: quiet(runAlterTable),
  dropTable: quiet(runDropTable),
  createDatabase: quiet((statement, { session }) => runCreateDatabase(statement, session)),
  renameDatabase: quiet((statement, { session }) => runRenameDatabase(statement, session)),
  setDatabase: quiet((statement, { session }) => runSetDatabase(statement, session)),
  dropDatabase: quiet((statement, { session }) => runDropDatabase(statement, session)),
  use: quiet((statement, { session }) => runUse(statement.database, session)),
  backup: async (statement, scope) => {
    await runBackup(statement, scope);
    scope.session.answers.done(null);
  },
  restore: async (statement, scope) => {
    await runRestore(statement, scope);
    scope.session.answers.done(null);
  },
  restoreInformation: runInformation,
  declare: runDeclare,
  setVariable: (statement, scope) => assign(statement.name, compile(statement.value, scope).evaluate(noRow), scope),
  setOption: quiet((statement, { session }) => {
    if (statement.name === "XACT_ABORT") session.abortOnError = statement.on;
  }),
  execute: runExecute,
  print: quiet((statement, scope) => {
    const value = compile(statement.value, scope).evaluate(noRow);
    scope.session.answers.information(0, value === null ? "" : asText(value));
  }),
  throw: (statement, scope) => {
    const [number, message] = [statement.number, statement.message].map((each) => compile(each, scope).evaluate(noRow));
    throw new SqlError(Number(number), asText(message ?? ""));
  },
  waitFor: async (statement, { session }) => {
    await waitFor(statement.milliseconds, session);
    session.answers.done(null);
  },
  transaction: quiet((statement, { session }) => ({ begin, commit, rollback })[statement.action](session)),
};

async function waitFor(milliseconds: number, session: Session): Promise<void> {
  session.running = { command: "WAITFOR", percent: 0, startedAt: Date.now() };
  try {
    await sleep(milliseconds, undefined, { signal: session.signal });
  } catch {
    throw new Interrupted(session.signal.reason === "lost");
  } finally {
    session.running = null;
  }
}

function runSelect(statement: Select, scope: Scope): void {
  const { answers } = scope.session;
  if (statement.into !== null) {
    answers.done(runSelectInto(statement, statement.into, scope));
    return;
  }
  const query = prepareSelect(statement, scope);
  const rows = query.run(null);
  if (statement.items.some(({ assignTo }) => assignTo !== undefined)) {
    const last = rows.at(-1);
    statement.items.forEach(({ assignTo }, index) => {
      if (assignTo !== undefined && last !== undefined) assign(assignTo, last[index] ?? null, scope);
    });
    return;
  }
  answers.columns(query.columns);
  for (const row of rows) answers.row(row);
  answers.done(rows.length);
}

function runDeclare(statement: Of<"declare">, scope: Scope): void {
  for (const { name, type, value } of statement.variables) {
    if (scope.variables.has(name)) {
      throw new SqlError(134, `The variable name '@${name}' has already been declared.`, 15);
    }
    const initial = value === null ? null : compile(value, scope).evaluate(noRow);
    scope.variables.set(name, { type, value: convert(initial, type) });
  }
}

function assign(name: string, value: SqlValue, scope: Scope): void {
  const variable = scope.variables.get(name);
  if (variable === undefined) throw new SqlError(137, `Must declare the scalar variable "@${name}".`, 15);
  variable.value = convert(value, variable.type);
}

async function runExecute(statement: Of<"execute">, scope: Scope): Promise<void> {
  if (statement.arguments.some(({ output }) => output)) throw notKnown(statement.text);
  const values = statement.arguments.map(({ name, value }, index) => ({
    name: name ?? String(index),
    ...compiledValue(value, scope),
  }));
  if (statement.procedure.at(-1)?.toLowerCase() === "sp_executesql") {
    const [sql, , ...given] = values;
    await runBatch(
      asText(sql?.value ?? ""),
      new Map(given.map(({ name, type, value }) => [name, { type, value }])),
      scope.session,
    );
    return;
  }
  const procedure = findProcedure(statement.procedure, scope.session);
  const status = procedure(new Map(values.map(({ name, value }) => [name, value])), scope.session);
  if (statement.into !== null) assign(statement.into, status, scope);
}

function compiledValue(
  expression: Of<"setVariable">["value"],
  scope: Scope,
): { type: ReturnType<typeof compile>["type"]; value: SqlValue } {
  const compiled = compile(expression, scope);
  return { type: compiled.type, value: compiled.evaluate(noRow) };
}
