import { runProcess } from "../../../clients/process.ts";
import { compareVersions, majorOf } from "../../../model/version.ts";
import type { Check } from "../contract.ts";
import { factsOf } from "../database-users.ts";
import { failed, passed } from "../outcome.ts";

// Helm 3 records are read and written; the schema of values is checked since 3.2.
const oldestHelm = "3.8.0";
const tools = {
  helm: ["helm", "version", "--template", "{{.Version}}"],
  pg_dump: ["pg_dump", "--version"],
  pg_restore: ["pg_restore", "--version"],
} as const;

/** The programs that this run starts are there and new enough; pg_dump refuses servers newer than itself. */
export const clientTools: Check = {
  name: "client-tools",
  code: "CUT-3141",
  overridable: true,
  async run(context) {
    const dumped = (await context.pending()).filter(
      (service) => service.backup?.kind === "pgDump" && service.steps.includes("backup"),
    );
    const [helm, dump, restore, databases] = await Promise.all([
      versionOf("helm"),
      dumped.length === 0 ? null : versionOf("pg_dump"),
      dumped.length === 0 ? null : versionOf("pg_restore"),
      // A server that gives no answer is the check postgresql's to report.
      factsOf(context, dumped).catch(() => []),
    ]);
    const newest = Math.max(0, ...databases.map(({ facts }) => majorOf(facts.version)));
    const problems = [
      ...(compareVersions(helm, oldestHelm) < 0 ? [`helm ${helm}: at least ${oldestHelm} is needed`] : []),
      ...[dump, restore].flatMap((version, index) =>
        version !== null && majorOf(version) < newest
          ? [`${index === 0 ? "pg_dump" : "pg_restore"} ${version}: the server is PostgreSQL ${newest}`]
          : [],
      ),
    ];
    const found = [`helm ${helm}`, ...(dump === null ? [] : [`pg_dump ${dump}`])].join(", ");
    if (problems.length === 0) return passed(found);
    return failed("a program is too old", problems, "install a newer one and put its folder first on PATH");
  },
};

async function versionOf(tool: keyof typeof tools): Promise<string> {
  const result = await runProcess(tools[tool], { timeoutMilliseconds: 10_000, maxOutputBytes: 4096 });
  const version = /v?(\d+(?:\.\d+)+\S*|\d+\S*)/.exec(result.stdout.replace(/^[^\d]*/, ""))?.[1];
  if (result.exitCode === 0 && version !== undefined) return version;
  throw new Error(
    `${tools[tool].join(" ")} did not tell its version: ${(result.stderr || result.stdout).trim().slice(0, 200)}`,
  );
}
