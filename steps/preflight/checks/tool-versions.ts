import { toolVersion } from "../../../model/tool-version.ts";
import { compareVersions } from "../../../model/version.ts";
import type { Check } from "../contract.ts";
import { failed, passed } from "../outcome.ts";

const oldestNode = "22.18.0";

/** Node is new enough, and this cutover is not older than the one that wrote the ledger. */
export const toolVersions: Check = {
  name: "tool-versions",
  code: "CUT-3162",
  overridable: true,
  async run({ ledger }) {
    const entries = (await ledger()).pages.flatMap((page) => page.entries);
    const last = entries.findLast((entry) => entry.kind === "receipt");
    const wrote = last?.kind === "receipt" ? last.receipt.toolVersion : toolVersion;
    const problems = [
      ...(compareVersions(process.versions.node, oldestNode) < 0
        ? [`Node ${process.versions.node}: at least ${oldestNode} is needed`]
        : []),
      ...(compareVersions(toolVersion, wrote) < 0
        ? [`cutover ${toolVersion}: the ledger was last written by the newer ${wrote}`]
        : []),
    ];
    if (problems.length === 0) return passed(`Node ${process.versions.node}, cutover ${toolVersion}`);
    return failed("a version is too old", problems, "use the newer version that the last run used");
  },
};
