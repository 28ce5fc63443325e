import { CutoverError } from "../../model/error.ts";
import type { SqlMessage } from "./contracts.ts";

/**
 * How a statement ended. `refused`: the server answered with errors. `lost`: the connection broke, and nobody knows whether the
 * server went on. `timeout`: the time limit passed and the server was asked to stop. `cancelled`: we asked it to stop.
 */
export type SqlFailure = "refused" | "lost" | "timeout" | "cancelled";

const codes = { refused: "CUT-4255", lost: "CUT-4256", timeout: "CUT-4261", cancelled: "CUT-4262" } as const;

/** A statement that did not end well, with everything that the server said, first cause first. Holds no password. */
export class SqlServerError extends CutoverError {
  readonly failure: SqlFailure;
  /** All errors of the statement in their order: the last of BACKUP is 3013, the cause stands before it. */
  readonly messages: readonly SqlMessage[];

  constructor(
    input: { failure: SqlFailure; server: string; messages: readonly SqlMessage[] },
    options?: { cause?: unknown },
  ) {
    const { failure, server, messages } = input;
    super(
      {
        code: codes[failure],
        verdict: "errored",
        happened: happened(failure, server),
        evidence: messages.map(messageText),
        exitCode: 17,
        ...(failure === "lost"
          ? { next: "Run the same command again: it looks at what the server did meanwhile." }
          : {}),
      },
      options,
    );
    this.name = "SqlServerError";
    this.failure = failure;
    this.messages = messages;
  }

  /** True when one of the errors has this number. */
  has(...numbers: readonly number[]): boolean {
    return this.messages.some(({ number }) => numbers.includes(number));
  }
}

/** `Msg 3201: Cannot open backup device ...`; numbers of the server only. */
export function messageText({ number, text }: SqlMessage): string {
  return number > 0 ? `Msg ${number}: ${text}` : text;
}

/** True when the connection is gone or the server cannot be reached: the server may have gone on. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof SqlServerError) return error.failure === "lost";
  return error instanceof CutoverError && error.details.code === "CUT-4251";
}

function happened(failure: SqlFailure, server: string): string {
  switch (failure) {
    case "refused":
      return `SQL Server at ${server} refused a statement.`;
    case "lost":
      return `The connection to SQL Server at ${server} was lost in the middle of a statement.`;
    case "timeout":
      return `SQL Server at ${server} did not answer a statement in time.`;
    case "cancelled":
      return `A statement on SQL Server at ${server} was stopped.`;
  }
}
