import * as z from "zod";
import { runProcess } from "../../clients/process.ts";
import { CutoverError } from "../../model/error.ts";
import type { BackupSpec } from "../../model/release-set.ts";
import type { Outcome, StepContext } from "../context.ts";
import { redactText } from "../redaction.ts";
import { workIdVariable } from "../work/files.ts";

const receiptShape = z.object({
  id: z.string().min(1),
  finishedAt: z.iso.datetime({ offset: true }),
  sizeBytes: z.number().positive(),
  sha256: z.string().optional(),
});

type CommandSpec = Extract<BackupSpec, { kind: "command" }>;

/** Runs the user's own backup and checks the receipt it prints. Exit code 16 when it is no proof of a fresh backup. */
export async function runBackupCommand(context: StepContext, spec: CommandSpec): Promise<Outcome> {
  const began = Date.now();
  const id = process.env[workIdVariable];
  const result = await runProcess(spec.command, {
    cwd: context.root,
    signal: context.signal,
    onStderrLine: (line) => context.progress(redactText(line)),
    ...(id === undefined ? {} : { environment: { [workIdVariable]: id } }),
  });
  context.signal.throwIfAborted();
  const program = spec.command[0] ?? "";
  if (result.exitCode !== 0) {
    const how = result.exitCode === null ? `ended by ${result.endedBy}` : `exit code ${result.exitCode}`;
    throw failure(`the backup command ${program} failed: ${how}`, result.stderr.trim().split("\n").slice(-8));
  }
  const last = result.stdout.trim().split("\n").at(-1) ?? "";
  const receipt = parse(last, program);
  const age = (Date.now() - Date.parse(receipt.finishedAt)) / 3_600_000;
  const found = [`id ${receipt.id}`, `finished ${receipt.finishedAt}`, `${receipt.sizeBytes} bytes`];
  if (age > spec.maxAgeHours) {
    throw failure(`the backup of ${program} is ${age.toFixed(1)} h old, allowed are ${spec.maxAgeHours} h`, found);
  }
  // Five minutes: the clocks of two machines differ.
  if (age < -5 / 60) throw failure(`the backup of ${program} claims to end in the future`, found);
  return {
    verdict: "passed",
    summary: `backup ${receipt.id} by ${program}: ${receipt.sizeBytes} bytes, finished ${receipt.finishedAt}`,
    evidence: [...found, `took ${Math.round((Date.now() - began) / 1000)} s`],
    facts: {
      kind: "command",
      backupId: receipt.id,
      finishedAt: receipt.finishedAt,
      bytes: receipt.sizeBytes,
      sha256: receipt.sha256 ?? null,
    },
  };
}

function parse(text: string, program: string): z.infer<typeof receiptShape> {
  try {
    return receiptShape.parse(JSON.parse(text));
  } catch (error) {
    const issues =
      error instanceof z.ZodError ? error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) : [];
    throw failure(`${program} printed no backup receipt on its last line`, [
      "wanted one JSON line {id, finishedAt, sizeBytes, sha256?}",
      ...issues,
    ]);
  }
}

function failure(happened: string, evidence: string[]): CutoverError {
  return new CutoverError({
    code: "CUT-5150",
    verdict: "failed",
    happened,
    evidence,
    untouched: "The service was not changed.",
    next: "Repair the backup command of the release set, then run pulumi up again.",
    exitCode: 16,
  });
}
