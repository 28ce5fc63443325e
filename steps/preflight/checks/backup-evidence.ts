import { serviceIdentity, type PreflightService } from "../../../model/step-specs.ts";
import type { StepContext } from "../../context.ts";
import type { Check, PreflightContext } from "../contract.ts";
import { count, passed, skipped } from "../outcome.ts";

// Below the check's own time-out, so that the user's command is ended and not left behind.
const patienceMilliseconds = 13_000;

/** Where another system backs the database up, its own report shows a recent, good backup of this very server. */
export const backupEvidence: Check = {
  name: "backup-evidence",
  code: "CUT-3144",
  overridable: true,
  async run(context) {
    const services = (await context.pending()).filter(
      (service) => service.backup?.kind === "evidence" && service.steps.includes("backup"),
    );
    if (services.length === 0) return skipped("no service relies on the backups of another system");
    const { judgeEvidence } = await import("../../database/backup-evidence.ts");
    // It throws a CutoverError when the report says no.
    const outcomes = await Promise.all(services.map((service) => judgeEvidence(backupContext(context, service))));
    const evidence = services.map((service, index) => `${service.name}: ${outcomes[index]?.summary ?? ""}`);
    return passed(`${count(services.length, "service")} with a recent backup`, evidence);
  },
};

/** What the step backup of this service would be given, so that both judge by the same code. */
function backupContext({ step, request, spec }: PreflightContext, service: PreflightService): StepContext {
  const { database, backup } = service;
  const own = { service: serviceIdentity.strip().parse(service), database, backup, folder: spec.backupFolder };
  return {
    ...step,
    signal: AbortSignal.any([step.signal, AbortSignal.timeout(patienceMilliseconds)]),
    request: { ...request, step: "backup", service: service.name, spec: own },
  };
}
