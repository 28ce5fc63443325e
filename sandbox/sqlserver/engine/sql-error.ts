// STAND-IN for SQL Server: its errors, with the real numbers and texts.

/** An error of a statement: the last message is the one that a client throws, those before it are its causes. */
export class SqlError extends Error {
  readonly number: number;
  readonly severity: number;
  readonly state: number;
  /** Sent before this one, such as 3201 before 3013. */
  readonly causes: SqlError[];
  /** False: the statements behind it in the batch still run, as SQL Server does after a failed BACKUP. */
  readonly endsBatch: boolean;

  constructor(
    number: number,
    text: string,
    severity = 16,
    options: { state?: number; causes?: SqlError[]; endsBatch?: boolean } = {},
  ) {
    super(text);
    this.number = number;
    this.severity = severity;
    this.state = options.state ?? 1;
    this.causes = options.causes ?? [];
    this.endsBatch = options.endsBatch ?? true;
  }

  /** The causes in their order, then this. */
  all(): SqlError[] {
    return [...this.causes.flatMap((cause) => cause.all()), this];
  }
}

/** The refusal of everything that the stand-in does not play. */
export function notKnown(what: string): SqlError {
  const shown = what.replace(/\s+/g, " ").trim();
  const cut = shown.length > 120 ? `${shown.slice(0, 120)}...` : shown;
  return new SqlError(50000, `STAND-IN for SQL Server: this statement is not known here: ${cut}`);
}
