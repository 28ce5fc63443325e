import { hostname } from "node:os";
import type { Kubernetes } from "../clients/contracts.ts";
import { selfSubjectReviews } from "../clients/kubernetes-kinds.ts";
import { CutoverError } from "../model/error.ts";
import type { Identity } from "../model/operation.ts";

/** Who is asking, as the API server sees it (SelfSubjectReview): the identity that approvals count by. Throws CUT-6101. */
export async function whoAmI(kubernetes: Kubernetes): Promise<Identity> {
  const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview", metadata: {} };
  const review = await kubernetes.create(selfSubjectReviews, null, body);
  const user = review.status?.["userInfo"] as { username?: unknown; groups?: unknown } | undefined;
  if (typeof user?.username !== "string") {
    throw new CutoverError({
      code: "CUT-6101",
      verdict: "errored",
      happened: "the API server does not say who you are (SelfSubjectReview)",
      untouched: "Nothing was changed.",
      next: "Check: kubectl auth whoami",
      exitCode: 20,
    });
  }
  const groups = Array.isArray(user.groups) ? user.groups.filter((group) => typeof group === "string") : [];
  return { username: user.username, groups };
}

/** The person and process behind an entry, for people: `anna@host pid 12`. */
export function operatorName(): string {
  return `${process.env["USER"] ?? process.env["LOGNAME"] ?? "unknown"}@${hostname()} pid ${process.pid}`;
}
