import { sha256 } from "../model/ledger.ts";

/** Part of a Kubernetes name made of any text: unchanged where legal, else made legal and told apart by a hash. */
export function legalName(text: string, longest = 200): string {
  const legal = text
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-")
    .replace(/^-+|-+$/g, "");
  return legal === text && legal.length <= longest
    ? legal
    : `${legal.slice(0, longest - 9) || "x"}-${sha256(text).slice(0, 8)}`;
}

/** Value of the label that finds a stack's objects; a label may have 63 characters. */
export function stackLabel(stack: string): string {
  return legalName(stack, 63);
}

export const stackLabelKey = "cutover.dev/stack";
export const kindLabelKey = "cutover.dev/kind";

/** Name of a page's ConfigMap: `ledger-infomart-dev-000012`. */
export function pageName(stack: string, number: number): string {
  return `ledger-${legalName(stack)}-${String(number).padStart(6, "0")}`;
}
