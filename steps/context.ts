import type { z } from "zod";
import type { DatabaseCredentials, Helm, Kubernetes, Postgres } from "../clients/contracts.ts";
import type { LedgerStore } from "../clients/ledger-contract.ts";
import type { SqlServer } from "../clients/sqlserver/contracts.ts";
import { CutoverError } from "../model/error.ts";
import type { GateResult } from "../model/gate.ts";
import type { ConnectionReference, DatabaseServer } from "../model/operational-databases.ts";
import type { DatabaseReference, Json } from "../model/service.ts";
import type { StepRequest } from "../model/step.ts";
import type { Verdict } from "../model/verdict.ts";

/** What a step found or did; main.ts makes the receipt of it. */
export interface Outcome {
  verdict: Verdict;
  /** One sentence. */
  summary: string;
  evidence?: string[];
  gates?: GateResult[];
  facts?: { [key: string]: Json };
  /** Work of an earlier attempt of the same run was kept. */
  reused?: boolean;
  /** Ends the run together with the receipt (finish only). */
  close?: { verdict: Verdict; reason: string };
}

/** What every step gets. Connections are opened when first asked for and closed by main.ts. */
export interface StepContext {
  /** Project folder, absolute. */
  root: string;
  request: StepRequest;
  /** Where Pulumi keeps its state (PULUMI_BACKEND_URL, which steps drop from their environment), when that is known. */
  pulumiBackend?: string | null;
  /** Aborts when the step has to stop; its reason is a CutoverError. */
  signal: AbortSignal;
  /** One line on stderr, prefixed with service and step. */
  progress: (text: string) => void;
  kubernetes: () => Promise<Kubernetes>;
  helm: () => Promise<Helm>;
  ledger: () => Promise<LedgerStore>;
  /** Credentials by reference; `CUTOVER_DATABASE_PASSWORD` replaces the Secret's password. */
  credentials: (reference: DatabaseReference) => Promise<DatabaseCredentials>;
  /** A connection, closed at the end of the step. */
  postgres: (reference: DatabaseReference) => Promise<Postgres>;
  /** A connection string from its Secret; what is secret in it is redacted from then on. */
  connectionString: (reference: ConnectionReference) => Promise<string>;
  /**
   * A pool on a SQL Server, closed at the end of the step. Absent `database`: the connection string's own. `applicationName` is
   * the sessions' program_name, by which a long statement is found again; absent: the step's.
   */
  sqlServer: (server: DatabaseServer, database?: string, applicationName?: string) => Promise<SqlServer>;
}

/** What a file in steps/ exports. */
export interface StepModule {
  /** The step itself. Long steps run it in a worker. */
  run: (context: StepContext) => Promise<Outcome>;
  /** For long steps: finishes in the caller what needs no worker; null when the worker is needed. */
  quick?: (context: StepContext) => Promise<Outcome | null>;
}

/** The step's part of the request, checked. Throws CUT-5020 when program and step disagree. */
export function parseSpec<Schema extends z.ZodType>(schema: Schema, request: StepRequest): z.infer<Schema> {
  const parsed = schema.safeParse(request.spec);
  if (parsed.success) return parsed.data;
  throw new CutoverError({
    code: "CUT-5020",
    verdict: "errored",
    happened: `the request for ${request.service ?? request.platform} ${request.step} is not understood`,
    evidence: parsed.error.issues.map((issue) => `${issue.path.map(String).join(".")}: ${issue.message}`),
    untouched: "Nothing was changed.",
    next: "Remove dist/ and run the same command again; if it stays, program and steps are of different versions.",
  });
}
