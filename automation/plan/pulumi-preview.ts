import { CutoverError } from "../../model/error.ts";
import { openPulumi } from "../pulumi-command.ts";

/** Pulumi's own preview of the stack file as it is, or why there is none. */
export type PulumiPreview =
  | { counts: Record<string, number> }
  | { counts: null; why: string; /** It was tried and went wrong. */ failed: boolean; evidence: string[] };

/** True when Pulumi would do more than look. */
export function previewChanges(preview: PulumiPreview): boolean {
  const idle = ["same", "read", "refresh"];
  return Object.entries(preview.counts ?? {}).some(([operation, count]) => count > 0 && !idle.includes(operation));
}

/** `pulumi preview --refresh`: what Pulumi would do, beside what really is in the cluster. Changes neither state nor cluster. */
export async function pulumiPreview(root: string, stack: string): Promise<PulumiPreview> {
  try {
    const text = await openPulumi(root, stack)(["preview", "--refresh", "--json"]);
    const { changeSummary } = JSON.parse(text) as { changeSummary?: Record<string, number> };
    return { counts: changeSummary ?? {} };
  } catch (error) {
    if (error instanceof CutoverError) {
      const { happened, evidence = [] } = error.details;
      return { counts: null, why: happened, failed: true, evidence: [...evidence] };
    }
    if (error instanceof SyntaxError) {
      return { counts: null, why: "pulumi preview did not answer in JSON", failed: true, evidence: [] };
    }
    throw error;
  }
}
