/** What the deployment API says of a run. `InProgress` and `None` are this sandbox's words: no document names Redpoint's (facts A2). */
export type RunStatus = "None" | "InProgress" | "LastRunComplete" | "LastRunFailed";

/** A run of the deployment API: an upgrade, or the installation before it. */
export interface DeploymentRun {
  status: RunStatus;
  pulse: string;
  messages: string[];
}

/** A message as the API writes it: seconds, UTC, no zone (README of release/v7.6). */
export function runMessage(at: Date, text: string): string {
  return `[${at.toISOString().slice(0, 19).replace("T", " ")}] ${text}`;
}

/** Body of an answer to `upgrade` and `status`. */
export function runBody(run: DeploymentRun): Record<string, unknown> {
  return {
    DeploymentInstanceID: "default",
    Status: run.status,
    PulseDatabaseName: run.pulse,
    Messages: run.messages,
  };
}

/** Before anything ran. */
export function noRun(pulse: string): DeploymentRun {
  return { status: "None", pulse, messages: [] };
}

/** An earlier upgrade that ended well, as a cluster that was upgraded once before shows it. */
export function earlierRun(pulse: string, from: string, to: string, at: Date): DeploymentRun {
  const texts = [
    "Upgrade starting",
    `Pulse Database Name: ${pulse}`,
    `Version before upgrade ${from}`,
    `Upgrading to version ${to}`,
    "Upgrading the database",
    "Updating database version",
    "Loading Plugins",
    "Upgrade Complete",
  ];
  return { status: "LastRunComplete", pulse, messages: texts.map((text) => runMessage(at, text)) };
}
