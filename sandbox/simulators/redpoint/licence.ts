/** The form of activation keys that the sandbox accepts; Redpoint's own is not published. */
const keyForm = /^RPI7(-[A-Z0-9]{4}){4}$/;

/** A key that the simulated licence server accepts. */
export const sandboxActivationKey = "RPI7-SAND-BOX0-CUT0-OVER";

/** Why an activation is refused; null: it is not. `body`: JSON {ActivationKey, SystemName} (facts/domain.md A2). */
export function licenceProblem(body: string): string | null {
  let wanted: { ActivationKey?: unknown; SystemName?: unknown };
  try {
    wanted = JSON.parse(body) as typeof wanted;
  } catch {
    return "The request's body is not valid JSON.";
  }
  if (typeof wanted.SystemName !== "string" || wanted.SystemName === "") return "SystemName is required.";
  if (typeof wanted.ActivationKey !== "string" || !keyForm.test(wanted.ActivationKey)) {
    return "The activation key is not valid.";
  }
  return null;
}

/** System name of a body that has no problem. */
export function systemNameOf(body: string): string {
  return (JSON.parse(body) as { SystemName: string }).SystemName;
}
