import * as pulumi from "@pulumi/pulumi";
import { declareStack } from "../../stacks/index.ts";
import type { Page } from "../../model/ledger.ts";

/** One resource as the program declared it. */
export interface Declared {
  type: string;
  name: string;
  /** `<type> <name>` of parent and of everything in dependsOn, as written: a service and its release share a name. */
  parent: string | undefined;
  dependsOn: string[];
  protect: boolean | undefined;
  /** Inputs with secrets still wrapped. */
  props: Record<string, unknown>;
}

/** Inputs as Pulumi's engine would get them; secrets are marked by the SDK's signature key. */
export type SentInputs = Map<string, Record<string, unknown>>;

export interface Program {
  resources: Declared[];
  /** By `<type> <name>`. */
  sent: SentInputs;
  outputs: Record<string, unknown>;
  of(name: string, type?: string): Declared;
  inputs(name: string): Record<string, unknown>;
}

const commandType = "command:local:Command";
export const releaseType = "kubernetes:helm.sh/v3:Release";
export const password = "canary-5512";

/** Runs the program of `infomart-dev` below `root` under Pulumi's mocks and records every resource. */
export async function runProgram(
  root: string,
  pages: readonly Page[] | null,
  withPassword = true,
  other: { stack: string; secrets: Record<string, string> } = { stack: "infomart-dev", secrets: {} },
): Promise<Program> {
  const sent: SentInputs = new Map();
  const resources: Declared[] = [];
  pulumi.runtime.setAllConfig({ ...(withPassword ? { "cutover:databasePassword": password } : {}), ...other.secrets }, [
    ...(withPassword ? ["cutover:databasePassword"] : []),
    ...Object.keys(other.secrets),
  ]);
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        sent.set(`${type} ${name}`, inputs as Record<string, unknown>);
        return { id: name, state: stateOf(type, name, inputs as Record<string, unknown>) };
      },
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    "cutover",
    other.stack,
    false,
  );
  const record: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
    resources.push({
      type,
      name,
      parent: referenceTo(opts.parent),
      dependsOn: [opts.dependsOn ?? []].flat().flatMap((resource) => referenceTo(resource) ?? []),
      protect: opts.protect,
      props: props,
    });
    return undefined;
  };
  const declared = await declareStack(root, async () => pages, { transformations: [record] });
  const outputs = await settle(declared);
  return {
    resources,
    sent,
    outputs,
    of(name, type) {
      const found = resources.find((each) => each.name === name && (type === undefined || each.type === type));
      if (found === undefined)
        throw new Error(`no resource ${name}; there are ${resources.map((each) => each.name).join(", ")}`);
      return found;
    },
    inputs(name) {
      const found = sent.get(`${commandType} ${name}`) ?? sent.get(`${releaseType} ${name}`);
      if (found === undefined) throw new Error(`no resource ${name} was sent`);
      return found;
    },
  };
}

/** The steps of a stack in the order in which they were declared, releases included, components left out. */
export function work(program: Program): string[] {
  return program.resources.filter(isWork).map(({ name }) => name);
}

/** Names of all resources that must be done before this one, over components and their children. */
export function everythingBefore(program: Program, name: string): Set<string> {
  const seen = new Set<Declared>();
  const visit = (declared: Declared): void => {
    const parent = program.resources.find((each) => keyOf(each) === declared.parent);
    for (const dependency of [...declared.dependsOn, ...(parent?.dependsOn ?? [])]) {
      for (const each of program.resources.filter(
        (other) => keyOf(other) === dependency || other.parent === dependency,
      )) {
        if (seen.has(each)) continue;
        seen.add(each);
        visit(each);
      }
    }
  };
  for (const declared of program.resources.filter((each) => each.name === name && isWork(each))) visit(declared);
  return new Set([...seen].filter(isWork).map((each) => each.name));
}

function isWork({ type }: Declared): boolean {
  return type === commandType || type === releaseType;
}

function keyOf({ type, name }: Declared): string {
  return `${type} ${name}`;
}

function stateOf(type: string, name: string, inputs: Record<string, unknown>): Record<string, unknown> {
  if (type === releaseType) return { ...inputs, status: { revision: 7, status: "deployed" } };
  if (type !== commandType) return inputs;
  const gates = name.endsWith("-verify") ? [{ gate: "pods", kind: "pods", verdict: "passed" }] : [];
  const facts = name === "finish" ? { ledgerHead: "ab".repeat(32) } : {};
  return { ...inputs, stdout: JSON.stringify({ verdict: "passed", gates, facts }) };
}

async function settle(outputs: Record<string, unknown>): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    pulumi.output(outputs).apply((value) => resolve(value as Record<string, unknown>));
  });
}

function referenceTo(resource: unknown): string | undefined {
  const found = resource as { __pulumiType: string; __name: string } | undefined;
  return found === undefined ? undefined : `${found.__pulumiType} ${found.__name}`;
}
