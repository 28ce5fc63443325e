import { describeError } from "../../../../model/error.ts";
import { unreadableId } from "../../../../model/nodes/archive.ts";
import type { Check } from "../../contract.ts";
import { notGuarded } from "../../guarded.ts";
import { count, failed, passed, skipped } from "../../outcome.ts";

/** The folders that are saved exist on every node, and our login can list all that is in them (seed 000, step 1). */
export const nodeFolders: Check = {
  name: "node-folders",
  code: "CUT-3221",
  overridable: true,
  async run(context) {
    const { nodes, procedure, platformSteps, acknowledged } = context.spec;
    const archived = nodes.filter((node) => node.snapshot === undefined);
    if (archived.length === 0 || procedure === null || !platformSteps.includes("backup"))
      return skipped("no folder of a node is archived");
    const free = await notGuarded(context);
    if (free !== null) return free;
    const [{ withNodes }, { listFolder }] = await Promise.all([
      import("../../../nodes/connect.ts"),
      import("../../../nodes/list-files.ts"),
    ]);
    // The backup asks the stack file too.
    const known = new Set(acknowledged);
    const seen: string[] = [];
    const complained = new Set<string>();
    const problems = await withNodes(context.step, archived, procedure, async (connected) => {
      const found: string[] = [];
      for (const one of connected) {
        for (const folder of one.node.folders ?? procedure.folders) {
          const listed = await listFolder(context.step, one, procedure, folder).catch(describeError);
          if (Array.isArray(listed)) {
            found.push(...listed.map((line) => `${one.node.name}: ${line.trim()}`));
            continue;
          }
          seen.push(`${one.node.name}: ${folder}: ${count(listed.files.length, "file")}`);
          if (listed.complaints.length === 0 || known.has(unreadableId(one.node.name))) continue;
          complained.add(unreadableId(one.node.name));
          found.push(...listed.complaints.map((line) => `${one.node.name}: ${folder}: ${line}`));
        }
      }
      return found;
    });
    if (problems.length === 0) return passed(`${count(seen.length, "folder")} can be read`, seen);
    const accept =
      complained.size === 0
        ? ""
        : `, or accept that it is not saved: add ${[...complained].join(", ")} to cutover:acknowledged in stacks/Pulumi.${context.request.stack}.yaml`;
    return failed(
      "a folder of a node cannot be read to its end",
      problems,
      `correct cutover:nodes (folders), or give the login the right to read it${accept}`,
    );
  },
};
