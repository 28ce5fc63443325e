import { approvalsOf, judgeApprovals } from "../../model/approval.ts";
import { millisecondsOf } from "../../model/duration.ts";
import { expandServices } from "../../model/expand.ts";
import { verifyPages } from "../../model/ledger-verify.ts";
import { canonicalJson, type EntryBody, type Page, type PromotionProof } from "../../model/ledger.ts";
import { judgePromotion, type PromotionJudgement } from "../../model/promotion.ts";
import { lastRehearsal, type Rehearsal } from "../../model/rehearsal.ts";
import { toolVersion } from "../../model/tool-version.ts";
import { lastVerifiedRelease } from "../../model/verified-set.ts";
import { editStackSettings } from "../../stacks/edit-stack-file.ts";
import { judgedByStack } from "../../stacks/guards.ts";
import { loadPlatform } from "../../stacks/load-platform.ts";
import { openReleaseSets } from "../../stacks/release-sets.ts";
import { operatorName } from "../identity.ts";
import { damaged, notBelow, nothingVerified, refused } from "../promotion-errors.ts";
import { textOption, type Verb, type VerbContext } from "../verb.ts";

/** `cutover promote FROM TO`: what the lower stack has proved may be run on the upper one. */
export const promote: Verb = {
  name: "promote",
  arguments: ["<from>", "<to>"],
  summary: "let a stack run what the stack below it has verified",
  description:
    "Judges whether <from> verified this very release set with the same steps, gates and version of cutover, whether it has soaked there and " +
    "not failed since. Then it copies the proof (and a rehearsal's) into the ledger of <to> and sets cutover:release in its stack file. " +
    "Nothing runs: that is `cutover upgrade`.",
  examples: [
    "promote infomart-staging infomart-prod",
    "promote infomart-dev infomart-staging --release r2026-11 --dry-run",
  ],
  options: [
    { flags: "--release <name>", description: "the release set; default: what <from> has verified last" },
    { flags: "--dry-run", description: "only say whether it may be promoted" },
  ],
  exitCodes: [15],
  run: async (context) => judge(context),
};

async function judge(context: VerbContext): Promise<number> {
  const { from = "", to = "" } = context.arguments;
  const [lower, upper] = [context.settings(from), context.settings(to)];
  if (upper.lower !== from || upper.platform !== lower.platform) throw notBelow(context);
  const pages = await (await context.ledger(from)).pages();
  const damage = verifyPages(pages);
  if (damage.length > 0) throw damaged(from, damage[0]?.problem ?? "");
  const releaseSet = textOption(context, "release") ?? lastVerifiedRelease(pages);
  if (releaseSet === null) throw nothingVerified(from);
  const sets = openReleaseSets(context.root, upper.platform);
  const hash = sets.hash(sets.load(releaseSet).name);
  const services = expandServices(await loadPlatform(context.root, upper.platform), upper).map(({ role, pin }) => ({
    role,
    releaseSet: pin ?? releaseSet,
  }));
  const judgement = judgePromotion({
    ...{ lower: from, pages, releaseSet, hash, toolVersion, now: Date.now() },
    judgedBy: judgedByStack(upper, services, sets, releaseSet),
    soak: millisecondsOf(lower.soak ?? ""),
  });
  for (const issue of judgement.openIssues) {
    context.output.line(`open issue of ${from}: ${issue.id} (${issue.severity}): ${issue.text}`);
  }
  if (judgement.proof === null) throw refused(context, releaseSet, judgement);
  return take(context, judgement.proof, judgement, pages);
}

async function take(
  context: VerbContext,
  proof: PromotionProof,
  { openIssues }: PromotionJudgement,
  lowerPages: readonly Page[],
): Promise<number> {
  const { to = "" } = context.arguments;
  const { releaseSet, hash } = proof;
  const dryRun = context.options["dryRun"] === true;
  const ledger = await context.ledger(to);
  let pages = await ledger.pages();
  if (!dryRun) {
    const news = newsFor(pages, proof, lowerPages);
    if (news.length > 0) pages = await ledger.append(news);
    await editStackSettings(context.root, to, { release: releaseSet });
  }
  const missing = judgeApprovals(context.settings(to).approvals, approvalsOf(pages), hash, null)
    .filter((role) => role.missing > 0)
    .map(({ role }) => `cutover approve ${to} ${releaseSet} --role ${role}`);
  const next = dryRun
    ? [`cutover promote ${proof.stack} ${to} --release ${releaseSet}`]
    : [...missing, `cutover plan ${to}`, `cutover upgrade ${to}`];
  const line = (text: string) => context.output.line(text);
  line(
    `${releaseSet} (${hash.slice(0, 12)}) ${dryRun ? "may be" : "is"} promoted from ${proof.stack} to ${to}: run ${proof.run} verified it at ${proof.verifiedAt}`,
  );
  if (!dryRun) line(`cutover:release of ${to} is now ${releaseSet}; nothing has run yet`);
  for (const command of next) line(`next: ${command}`);
  context.output.document({ from: proof.stack, to, releaseSet, dryRun, proof, openIssues, next });
  return 0;
}

/** What the upper ledger does not know yet: the proof, and the lower stack's last rehearsal of this release set. */
function newsFor(pages: readonly Page[], proof: PromotionProof, lowerPages: readonly Page[]): EntryBody[] {
  const known = pages.some((page) =>
    page.entries.some((entry) => entry.kind === "promotion" && withoutHead(entry.proof) === withoutHead(proof)),
  );
  const rehearsal = lastRehearsal(lowerPages, proof.hash);
  const fresh = rehearsal !== null && rehearsal.at > (lastRehearsal(pages, proof.hash)?.at ?? 0);
  return [
    ...(known ? [] : [{ kind: "promotion", from: proof.stack, proof, by: operatorName() } as const]),
    ...(fresh ? [copied(proof.stack, rehearsal)] : []),
  ];
}

function withoutHead({ ledgerHead: _moves, ...proof }: PromotionProof): string {
  return canonicalJson(proof);
}

function copied(from: string, { at, ...rehearsal }: Rehearsal): EntryBody {
  return { kind: "rehearsal", ...rehearsal, from, rehearsedAt: new Date(at).toISOString() };
}
