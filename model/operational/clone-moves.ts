import type { DatabaseState } from "./restore-moves.ts";

/** What is known of one wanted clone. */
export interface CloneAround {
  target: DatabaseState;
  /** The ledger of this run says that it began to make this database from this backup. */
  begun: boolean;
  /** An earlier attempt of this run finished all clones: their content may have been migrated since. */
  finished: boolean;
  /** Whether its rows are those of the backup; null: not compared yet, or not known. */
  sameRows: boolean | null;
}

/**
 * `make`: it is not there. `remake`: this run's own, and only half made. `compare`: this run's own, rows to be compared. `keep`: it is
 * this run's and complete. `refuse`: not made by this run. `changed`: made by this run and no longer what it was.
 */
export type CloneMove = "make" | "remake" | "compare" | "keep" | "refuse" | "changed";

/** What to do with one wanted clone. Nothing that this run did not begin is ever touched. */
export function nextCloneMove({ target, begun, finished, sameRows }: CloneAround): CloneMove {
  if (target === "absent") return "make";
  if (!begun) return "refuse";
  // Only what is still being restored is surely no one's work; an online database may have been.
  if (target === "partial") return finished ? "changed" : "remake";
  if (target === "unusable") return "changed";
  if (finished) return "keep";
  if (sameRows === null) return "compare";
  return sameRows ? "keep" : "changed";
}
