import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeploymentRun } from "./run.ts";

/** A request that changes something, as it arrived: kept for tests, whatever became of it. */
export interface RedpointCall {
  /** ISO 8601, UTC. */
  at: string;
  namespace: string;
  pod: string;
  imageTag: string;
  request: "upgrade" | "activateLicence";
}

/** What one cluster (namespace) of Redpoint keeps besides its databases. */
export interface RedpointState {
  /** The last run that ended. */
  lastRun: DeploymentRun | null;
  /** System name of the activated licence. */
  licence: string | null;
}

const folderOf = (directory: string): string => join(directory, "redpoint");
const callsFile = (directory: string): string => join(folderOf(directory), "calls.jsonl");

/** Adds a call. `directory`: folder of the simulators (the sandbox's). */
export function recordCall(directory: string, call: RedpointCall): void {
  mkdirSync(folderOf(directory), { recursive: true });
  appendFileSync(callsFile(directory), `${JSON.stringify(call)}\n`);
}

/** All calls of the sandbox's life, also those before a restart of the simulators, oldest first. */
export function redpointCalls(directory: string, wanted: Partial<RedpointCall> = {}): RedpointCall[] {
  const file = callsFile(directory);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RedpointCall)
    .filter((call) => Object.entries(wanted).every(([key, value]) => call[key as keyof RedpointCall] === value));
}

/** State of one namespace; empty when nothing happened yet. */
export function readState(directory: string, namespace: string): RedpointState {
  const file = join(folderOf(directory), `${namespace}.json`);
  if (!existsSync(file)) return { lastRun: null, licence: null };
  return JSON.parse(readFileSync(file, "utf8")) as RedpointState;
}

/** Changes some of it. */
export function changeState(directory: string, namespace: string, changes: Partial<RedpointState>): void {
  const file = join(folderOf(directory), `${namespace}.json`);
  mkdirSync(folderOf(directory), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify({ ...readState(directory, namespace), ...changes }));
  renameSync(`${file}.new`, file);
}
