import * as pulumi from "@pulumi/pulumi";
import type { Verdict } from "../model/verdict.ts";

const verdicts: readonly string[] = [
  "passed",
  "failed",
  "errored",
  "inconclusive",
  "skipped",
  "notRun",
] satisfies Verdict[];

/**
 * Last verdict per gate, read from a verify step's receipt. Only known words get through, so the result is in clear even
 * where a secret in the step's environment made its whole output secret.
 */
export function gateVerdicts(stdout: pulumi.Output<string>): pulumi.Output<Record<string, string>> {
  return pulumi.unsecret(
    stdout.apply((text) => {
      const gates = parseReceipt(text)["gates"];
      const named = (Array.isArray(gates) ? gates : []) as { gate?: unknown; verdict?: unknown }[];
      return Object.fromEntries(
        named.flatMap(({ gate, verdict }) =>
          /^[a-z][a-z0-9-]*$/.test(String(gate)) && verdicts.includes(String(verdict))
            ? [[String(gate), String(verdict)]]
            : [],
        ),
      );
    }),
  );
}

/** Head of the ledger's hash chain, read from finish's receipt; empty when it holds none. */
export function ledgerHead(stdout: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.unsecret(
    stdout.apply((text) => {
      const facts = parseReceipt(text)["facts"] as Record<string, unknown> | undefined;
      const head = facts?.["ledgerHead"];
      return typeof head === "string" && /^[0-9a-f]{64}$/.test(head) ? head : "";
    }),
  );
}

function parseReceipt(text: string | undefined): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text ?? "");
    return parsed !== null && typeof parsed === "object" ? (parsed as Record<string, unknown>) : {};
  } catch {
    // The receipt that counts is in the ledger; a reviewer's summary must not stop a run.
    return {};
  }
}
