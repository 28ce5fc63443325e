import { rolesJudgedDifferently, type JudgedBy } from "./judged-by.ts";
import type { Page, PromotionProof } from "./ledger.ts";

/** A release set as a stack would run it. */
export interface JudgedSet {
  name: string;
  /** Sha256 of its folder. */
  hash: string;
  judgedBy: JudgedBy;
}

/** What a stack's own ledger says of a promotion to it; `problems` empty: it may be run. */
export interface ProofJudgement {
  /** The latest promotion of this name or hash; null: none. */
  proof: PromotionProof | null;
  problems: string[];
}

/** Was this very release set promoted from `lower`, judged there as it would be here, and by this version of cutover? */
export function judgeProof(pages: readonly Page[], lower: string, set: JudgedSet, toolVersion: string): ProofJudgement {
  const proofs = pages
    .toSorted((a, b) => a.number - b.number)
    .flatMap((page) => page.entries)
    .flatMap((entry) => (entry.kind === "promotion" && entry.from === lower ? [entry.proof] : []));
  const proof =
    proofs.findLast((one) => one.hash === set.hash) ?? proofs.findLast((one) => one.releaseSet === set.name) ?? null;
  if (proof === null) return { proof, problems: [`${set.name} was not promoted from ${lower}`] };
  const roles = rolesJudgedDifferently(set.judgedBy, proof.judgedBy);
  return {
    proof,
    problems: [
      ...(proof.hash === set.hash
        ? []
        : [`the folder of ${set.name} is ${set.hash.slice(0, 12)}, promoted was ${proof.hash.slice(0, 12)}`]),
      ...(roles.length === 0
        ? []
        : [`${lower} did not judge ${roles.join(", ")} by the steps and gates of this stack`]),
      ...(proof.toolVersion === toolVersion
        ? []
        : [`it was judged by cutover ${proof.toolVersion}, this is ${toolVersion}`]),
    ],
  };
}
