import { CutoverError } from "../model/error.ts";
import type { Identity } from "../model/operation.ts";
import type { Kubernetes } from "./contracts.ts";
import { selfSubjectReviews } from "./kubernetes-kinds.ts";

/** Who is asking, as the API server sees it (SelfSubjectReview): the identity that approvals count by. Throws CUT-6101. */
export async function whoAmI(kubernetes: Pick<Kubernetes, "create">): Promise<Identity> {
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
