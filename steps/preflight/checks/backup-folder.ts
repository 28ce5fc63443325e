import { access, constants, stat } from "node:fs/promises";
import { messageOf } from "../../../model/error.ts";
import type { Check } from "../contract.ts";
import { existingFolder, freeSpace } from "../free-space.ts";
import { failed, passed, skipped } from "../outcome.ts";

/** Dumps can be written where the stack keeps them. Nothing is created for the question's sake. */
export const backupFolder: Check = {
  name: "backup-folder",
  code: "CUT-3143",
  overridable: true,
  async run(context) {
    const dumped = (await context.pending()).some(
      (service) => service.backup?.kind === "pgDump" && service.steps.includes("backup"),
    );
    if (!dumped) return skipped("this run writes no dump");
    const { backupFolder: folder } = context.spec;
    const existing = await existingFolder(context.root, folder);
    const problem = await writeProblem(existing);
    if (problem === null) return passed(`${folder} can be written`);
    return failed(
      `the backup folder ${folder} cannot be written`,
      [`${existing}: ${problem}`],
      "correct its owner or rights, or set cutover:backupFolder",
    );
  },
};

async function writeProblem(folder: string): Promise<string | null> {
  try {
    if (!(await stat(folder)).isDirectory()) return "it is not a folder";
    await access(folder, constants.W_OK | constants.X_OK);
    return (await freeSpace(folder)).files === 0 ? "the file system has no free inode" : null;
  } catch (error) {
    return messageOf(error);
  }
}
