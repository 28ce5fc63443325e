import { readdirSync } from "node:fs";
import path from "node:path";
import { CutoverError } from "../model/error.ts";
import { stackSettingsSchema, type StackSettings } from "../model/stack-settings.ts";
import { closestWord, didYouMean } from "../model/suggestion.ts";
import { refusedSettings } from "./refused-settings.ts";
import type { Problem } from "./schema-problems.ts";
import { problemsError, readYamlFile, validateYaml, type YamlFile } from "./yaml-file.ts";

/** Keys of a stack file that belong to Pulumi itself. */
export const pulumiKeys = ["config", "encryptionsalt", "secretsprovider", "encryptedkey", "environment"] as const;
/** Settings that must be Pulumi secrets; they are read by `pulumi.Config`, never from the file. */
export const secretSettings = ["databasePassword", "upgradeAssistant"] as const;
const booleanSettings = ["protect"] as const;
const prefix = "cutover:";
// Settings of Pulumi and of the two providers that the program uses.
const foreignPrefixes = ["pulumi:", "kubernetes:", "command:"];
const settingNames = Object.keys(stackSettingsSchema.shape);

/** Path of a stack's file, relative to the project folder. */
export function stackFile(stack: string): string {
  return `stacks/Pulumi.${stack}.yaml`;
}

/**
 * The one loader of a stack's settings. Throws CUT-2010 (no such file), CUT-2011 (not YAML), CUT-2012 (unknown key or wrong
 * type, with line, column and what is allowed), CUT-2069 (a setting that cutover refuses, with the reason) and CUT-2013 (a secret in clear, or a secret where none may be).
 */
export function loadStackSettings(root: string, stack: string): StackSettings {
  const source = readYamlFile(root, stackFile(stack));
  if (source === null) throw missingFile(root, stack);
  const config = splitConfig(source);
  const at = (keyPath: readonly PropertyKey[]): readonly PropertyKey[] =>
    keyPath.length === 0 ? ["config"] : ["config", prefix + String(keyPath[0]), ...keyPath.slice(1)];
  const refused = refusedSettings(config).map((problem) => ({ ...problem, path: at(problem.path) }));
  if (refused.length > 0) throw problemsError(source, "CUT-2069", refused);
  return validateYaml(source, stackSettingsSchema, config, "CUT-2012", { at, prefix });
}

// Takes the `cutover:` keys out of the file. Secrets are left out, so that no later message can hold one.
function splitConfig(source: YamlFile): Record<string, unknown> {
  const file = asMap(source.data);
  const strangers = Object.keys(file).filter((key) => !(pulumiKeys as readonly string[]).includes(key));
  const config = asMap(file["config"]);
  const problems: Problem[] = [
    ...strangers.map((key) => ({ path: [key], text: unknownTopLevel(key) })),
    ...Object.keys(config)
      .filter((key) => !key.startsWith(prefix) && !foreignPrefixes.some((foreign) => key.startsWith(foreign)))
      .map((key) => ({ path: ["config", key], text: unknownNamespace(key) })),
  ];
  if (problems.length > 0) throw problemsError(source, "CUT-2012", problems);
  const own = Object.entries(config).filter(([key]) => key.startsWith(prefix));
  const secretProblems = own.flatMap(([key, value]) => secretProblem(key, value));
  if (secretProblems.length > 0) throw problemsError(source, "CUT-2013", secretProblems);
  return Object.fromEntries(
    own
      .filter(([, value]) => !isSecret(value))
      .map(([key, value]) => [key.slice(prefix.length), asWritten(key, value)]),
  );
}

// Pulumi writes the file anew now and then (`pulumi stack init`, `config set`) and puts plain booleans in quotes.
function asWritten(key: string, value: unknown): unknown {
  if (!(booleanSettings as readonly string[]).includes(key.slice(prefix.length))) return value;
  return value === "true" ? true : value === "false" ? false : value;
}

function secretProblem(key: string, value: unknown): Problem[] {
  const name = key.slice(prefix.length);
  const mustBeSecret = (secretSettings as readonly string[]).includes(name);
  if (mustBeSecret === isSecret(value)) return [];
  const text = mustBeSecret
    ? `${key} must not stand here in clear; remove the line and run \`pulumi config set --secret ${key}\``
    : `${key} cannot be a secret; write its value in clear (secrets: ${secretSettings.join(", ")})`;
  return [{ path: ["config", key], text }];
}

function isSecret(value: unknown): boolean {
  return Object.keys(asMap(value)).join() === "secure";
}

function unknownTopLevel(key: string): string {
  const setting = closestWord(key.replace(prefix, ""), settingNames);
  return setting === null
    ? `unknown key ${key}; allowed: ${pulumiKeys.join(", ")}`
    : `unknown key ${key}; settings stand below config: as ${prefix}${setting}`;
}

function unknownNamespace(key: string): string {
  const name = key.slice(key.indexOf(":") + 1);
  const setting = closestWord(name, settingNames);
  const hint = setting === null ? "" : ` (did you mean ${prefix}${setting}?)`;
  return `unknown key ${key}${hint}; allowed: ${settingNames.map((known) => prefix + known).join(", ")}`;
}

function asMap(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function missingFile(root: string, stack: string): CutoverError {
  const known = readdirSync(path.join(root, "stacks")).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
  return new CutoverError({
    code: "CUT-2010",
    verdict: "errored",
    happened: `stack ${stack} has no file ${stackFile(stack)}${didYouMean(stack, known)}`,
    evidence: [`stack files: ${known.join(", ")}`],
    untouched: "nothing was touched",
    next: "choose one of these stacks, or write its file",
    exitCode: 2,
  });
}
