import type { Check } from "../contract.ts";
import { factsOf } from "../database-users.ts";
import { existingFolder, freeSpace, inMegabytes } from "../free-space.ts";
import { failed, passed, skipped } from "../outcome.ts";

// A dump is compressed, so it is smaller; the reserve is for the reading back and for growth during the dump.
const reserve = 1.2;

/** The dumps of this run fit on the disk beside everything else. */
export const backupSpace: Check = {
  name: "backup-space",
  code: "CUT-3142",
  overridable: true,
  async run(context) {
    const dumped = (await context.pending()).filter(
      (service) => service.backup?.kind === "pgDump" && service.steps.includes("backup"),
    );
    if (dumped.length === 0) return skipped("this run writes no dump");
    const databases = await factsOf(context, dumped);
    const wanted = Math.ceil(reserve * databases.reduce((sum, { facts }) => sum + facts.sizeBytes, 0));
    const folder = await existingFolder(context.root, context.spec.backupFolder);
    const { bytes } = await freeSpace(folder);
    const summary = `${inMegabytes(wanted)} wanted, ${inMegabytes(bytes)} free`;
    if (bytes >= wanted) return passed(summary);
    return failed(
      `too little space for the backups: ${summary}`,
      databases.map(
        ({ service, facts }) => `${service.name}: database ${facts.database} has ${inMegabytes(facts.sizeBytes)}`,
      ),
      "free space there, or set cutover:backupFolder to a larger disk",
    );
  },
};
