import { CutoverError } from "./error.ts";
import { didYouMean } from "./suggestion.ts";

/** What `${tenant}`, `${namespace}` and `${release}` (the Helm release) stand for in one service. */
export interface PlaceholderValues {
  tenant: string | null;
  namespace: string;
  release: string;
}

const placeholder = /\$?\$\{([^}]*)\}/g;

/**
 * Expands placeholders in every text of a JSON-like value; keys stay as they are. `$${x}` is written for a literal `${x}`.
 * `where` is named in the error. Throws CUT-2020 for an unknown placeholder.
 */
export function expandPlaceholders<Value>(value: Value, known: PlaceholderValues, where: string): Value {
  return expandAny(value, known, where) as Value;
}

function expandAny(value: unknown, known: PlaceholderValues, where: string): unknown {
  if (typeof value === "string") return expandText(value, known, where);
  if (Array.isArray(value)) return value.map((item) => expandAny(item, known, where));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandAny(item, known, where)]));
}

function expandText(text: string, known: PlaceholderValues, where: string): string {
  return text.replaceAll(placeholder, (written: string, name: string) => {
    if (written.startsWith("$$")) return written.slice(1);
    const value = Object.hasOwn(known, name) ? known[name as keyof PlaceholderValues] : undefined;
    if (typeof value === "string") return value;
    throw unknownPlaceholder(name, known, where);
  });
}

function unknownPlaceholder(name: string, known: PlaceholderValues, where: string): CutoverError {
  const usable = Object.entries(known).flatMap(([key, value]) => (value === null ? [] : [key]));
  const reason = name === "tenant" ? "has no meaning here, since the role is not per tenant" : "is unknown";
  return new CutoverError({
    code: "CUT-2020",
    verdict: "errored",
    happened: `placeholder \${${name}} in ${where} ${reason}${didYouMean(name, usable)}`,
    evidence: [`known here: ${usable.map((key) => `\${${key}}`).join(", ")}`],
    untouched: "nothing was touched",
    next: `correct the placeholder, or write $\${${name}} for the text itself`,
    exitCode: 2,
  });
}
