import { createRedactor } from "../clients/redaction.ts";

// One per process: whatever learns a secret adds it, whatever leaves the process passes through.
const redactor = createRedactor();

/** Hides this value in everything that the step prints or records from now on. */
export function keepSecret(value: string): void {
  redactor.add(value);
}

export function redactText(text: string): string {
  return redactor.redact(text);
}

/** Redacts all texts inside a JSON-like value. */
export function redactValue<Value>(value: Value): Value {
  return redactAny(value) as Value;
}

function redactAny(value: unknown): unknown {
  if (typeof value === "string") return redactor.redact(value);
  if (Array.isArray(value)) return value.map(redactAny);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redactAny(inner)]));
  }
  return value;
}

/** Replacements made so far: design.md 7, every sink counts what it redacted. */
export function redactionCount(): number {
  return redactor.count();
}
