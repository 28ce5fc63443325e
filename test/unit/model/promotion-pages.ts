import { sha256, type EntryBody, type ServiceTarget } from "../../../model/ledger.ts";
import type { Verdict } from "../../../model/verdict.ts";
import { attemptEntry, passedRun } from "./ledger-pages.ts";

/** A service of a release set; the digest follows from both. */
export const target = (service: string, releaseSet: string): ServiceTarget => ({
  service,
  releaseSet,
  digest: sha256(`${service} ${releaseSet}`),
});

/** A run that verified GIM and GSP at a release set and recorded what promotion asks for. */
export function verifiedRun(
  number: number,
  releaseSet: string,
  judged: { setHash: string; judgedBy: { [role: string]: string } } = {
    setHash: `hash-${releaseSet}`,
    judgedBy: { gim: "g1", gsp: "s1" },
  },
  services: readonly string[] = ["gim", "gsp"],
): EntryBody[] {
  const targets = services.map((service) => target(service, releaseSet));
  const [_plain, ...rest] = passedRun(number, targets);
  return [{ ...attemptEntry(`${number}.1`, releaseSet, targets), ...judged }, ...rest];
}

/** All gates again outside any run. */
export function verificationEntry(
  verdict: Verdict,
  toolVersion = "0.1.0",
  services: readonly string[] = ["gim", "gsp"],
): EntryBody {
  const results = services.map((service) => ({ service, verdict, summary: "" }));
  return { kind: "verification", verdict, results, by: "anna", toolVersion };
}

export function issueEntry(id: string, state: "open" | "resolved"): EntryBody {
  const words = { text: "lag grows at night", severity: "low", resolution: null, remedy: null, by: "anna" } as const;
  return { kind: "issue", id, state, ...words };
}
