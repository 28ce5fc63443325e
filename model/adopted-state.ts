/** One resource as `pulumi stack export` and `pulumi preview --json` write it. */
export interface StateResource {
  urn: string;
  type: string;
  custom?: boolean;
  id?: string;
  parent?: string;
  provider?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  dependencies?: string[];
  [key: string]: unknown;
}

/** One step of `pulumi preview --json`. */
export interface PreviewStep {
  op: string;
  urn: string;
  newState?: StateResource;
}

// Pulumi's marks in a state and in a preview.
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";
const unknownMarks = ["04da6b54-80e4-46f7-96ec-b56ff0331ba9", "[secret]", "[unknown]"];

const providerType = "pulumi:providers:";

/**
 * The resources that a state needs besides those it has, so that it knows these Helm releases with exactly the inputs that the program
 * declares: releases, their parents and providers, in an order that Pulumi accepts. `newId` makes the ids of providers. Throws when the preview
 * does not create one of them or one of its inputs is not known.
 */
export function adoptedResources(
  existing: readonly StateResource[],
  steps: readonly PreviewStep[],
  releases: readonly string[],
  newId: () => string,
): StateResource[] {
  const known = new Map(existing.map((resource) => [resource.urn, resource]));
  const planned = new Map(steps.flatMap(({ urn, newState }) => (newState === undefined ? [] : [[urn, newState]])));
  const added: StateResource[] = [];
  const need = (urn: string): StateResource => {
    const there = known.get(urn);
    if (there !== undefined) return there;
    const declared = planned.get(urn) ?? defaultProvider(urn);
    if (declared === null) throw new Error(`the preview does not create ${urn}`);
    if (declared.parent !== undefined && declared.parent !== "") need(declared.parent);
    const provider = declared.provider === undefined ? {} : { provider: providerReference(declared.provider, need) };
    const entry: StateResource = { ...entryOf(declared, newId), ...provider };
    known.set(urn, entry);
    // Steps that are no part of the state yet are no dependencies; the run that follows stores the real ones.
    entry.dependencies = (declared.dependencies ?? []).filter((dependency) => known.has(dependency));
    delete entry["propertyDependencies"];
    added.push(entry);
    return entry;
  };
  for (const release of releases) need(release);
  return added;
}

function providerReference(reference: string, need: (urn: string) => StateResource): string {
  const urn = reference.slice(0, reference.lastIndexOf("::"));
  return `${urn}::${need(urn).id ?? ""}`;
}

/** Default providers are in no preview; their name holds the version: `default_4_32_0`. */
function defaultProvider(urn: string): StateResource | null {
  const match = /::(pulumi:providers:[^:]+)::default_(\d+)_(\d+)_([^:]+)$/.exec(urn);
  if (match === null) return null;
  const [, type = "", major, minor, patch] = match;
  return { urn, custom: true, type, inputs: { version: `${major}.${minor}.${patch}` } };
}

function entryOf(declared: StateResource, newId: () => string): StateResource {
  const { sourcePosition: _place, stackTrace: _trace, ...resource } = declared;
  const inputs = resource.inputs ?? {};
  const text = JSON.stringify(inputs);
  if (unknownMarks.some((mark) => text.includes(mark))) throw new Error(`not all inputs of ${resource.urn} are known`);
  if (resource.custom !== true) return resource;
  if (resource.type.startsWith(providerType)) return { ...resource, id: newId(), inputs, outputs: inputs };
  const name = (key: string) => (typeof inputs[key] === "string" ? inputs[key] : "");
  // As the plugin keeps them: what the last operation was given, as a secret. All other outputs come from the cluster, by a refresh.
  const given = { [signature]: secretMark, plaintext: text };
  return { ...resource, id: `${name("namespace")}/${name("name")}`, inputs, outputs: { ...inputs, __inputs: given } };
}
