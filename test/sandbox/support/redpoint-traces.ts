import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { redpointSecrets } from "../../../sandbox/redpoint/secrets.ts";
import { sandboxActivationKey } from "../../../sandbox/simulators/redpoint/licence.ts";
import { secrets } from "./cluster-view.ts";
import type { RedpointScenario } from "./redpoint-scenario.ts";
import { pages } from "./world.ts";

/** What nobody may read outside of Secrets and databases, by what it is. */
export async function secretsOf({ kubernetes, environment }: RedpointScenario): Promise<Record<string, string>> {
  const { world, source, target, nodes } = environment;
  const application = await kubernetes.get(secrets, world.namespace, redpointSecrets.application);
  const inSecret = Object.entries(application?.data ?? {})
    .filter(([key]) => /password|token|connectionstring_(operations|logging)/i.test(key))
    .map(([key, value]) => [key, Buffer.from(value, "base64").toString()]);
  return {
    "the service's login": world.source.password,
    "the administrator of v6's server": source.administrator.password,
    "the administrator of the clones' server": target.administrator.password,
    "licence key": sandboxActivationKey,
    "a line of the node's private key": nodes[0]?.sshd.privateKey.split("\n")[2] ?? "",
    ...(Object.fromEntries(inSecret) as Record<string, string>),
  };
}

/** Everything that a run leaves besides databases: ledger, Pulumi's state, stack file, and what the project folder keeps. By place. */
export async function tracesOf(scenario: RedpointScenario): Promise<Record<string, string>> {
  const { sandbox, workspace, prefix, stack } = scenario;
  return {
    ledger: JSON.stringify(await pages(scenario)),
    "Pulumi's state": textIn(join(sandbox.directory, "states", prefix)),
    "stack file": readFileSync(join(workspace.directory, "stacks", `Pulumi.${stack}.yaml`), "utf8"),
    "kept files": textIn(join(workspace.directory, ".cutover")),
  };
}

function textIn(folder: string): string {
  if (!existsSync(folder)) return "";
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => `${file}\n${readFileSync(file, "latin1")}`)
    .join("\n");
}
