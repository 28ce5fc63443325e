import { pagesOfOperation, receiptsOfOperation } from "../../clients/ledger-receipts.ts";
import type { DatabaseBackup } from "../../model/platform-backup.ts";
import type { StepContext } from "../context.ts";
import type { CloneRecord } from "./clone.ts";
import { begunIn, type BegunClone } from "./earlier-clones.ts";

/**
 * The run's own record of its clones on one server: notes in the ledger, written before each is begun, and the receipt of an
 * attempt that finished all of them.
 */
export async function openCloneRecord(
  context: Pick<StepContext, "ledger">,
  input: { server: string; backupId: string },
): Promise<CloneRecord> {
  const ledger = await context.ledger();
  const pages = await ledger.pages();
  const begun = pagesOfOperation(pages)
    .flatMap((page) => page.entries)
    .flatMap((entry) => (entry.kind === "note" ? begunIn(entry.data) : []));
  const finished = receiptsOfOperation(pages, null, "clone").some(
    ({ verdict, facts }) =>
      verdict === "passed" && facts["backupId"] === input.backupId && facts["server"] === input.server,
  );
  const isOf = (one: BegunClone, clone: string, { proof }: DatabaseBackup): boolean =>
    one.clone === clone && one.server === input.server && one.proof === proof;
  return {
    begun: (clone, backup) => begun.some((one) => isOf(one, clone, backup)),
    finished,
    async begin(clone, backup) {
      const note = { clone, server: input.server, proof: backup.proof };
      if (begun.some((one) => isOf(one, clone, backup))) return;
      const text = `clone ${clone} of ${backup.database} begun on ${input.server} from ${input.backupId}`;
      await ledger.append({ kind: "note", text, data: { begunClone: { ...note } } });
      begun.push(note);
    },
  };
}
