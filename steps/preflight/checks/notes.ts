import type { Check } from "../contract.ts";
import { count, failed, passed, skipped } from "../outcome.ts";

/** Every note of the release set was read by a person (seed 001: review the release notes of GIM, RAA and GCXI). */
export const notes: Check = {
  name: "notes",
  code: "CUT-3114",
  overridable: true,
  async run({ spec, ledger, request }) {
    if (spec.notes.length === 0) return skipped("the release set has no notes");
    const known = new Set([...spec.acknowledged, ...(await ledger()).summary.acknowledged]);
    const open = spec.notes.filter((note) => !known.has(note.id));
    if (open.length === 0) return passed(`${count(spec.notes.length, "note")} acknowledged`);
    return failed(
      `${count(open.length, "note")} of ${request.target.releaseSet} not acknowledged`,
      open.map((note) => `${note.id} (${note.source}): ${note.text}`),
      `read them, act on them, then: ${open.map((note) => `cutover ack ${request.stack} ${note.id}`).join("; ")}; or add them to cutover:acknowledged in stacks/Pulumi.${request.stack}.yaml`,
    );
  },
};
