import { Command, CommanderError, InvalidArgumentError, type OptionValues } from "commander";
import { CutoverError, describeError } from "../model/error.ts";
import { toolVersion } from "../model/tool-version.ts";
import { createRedactor } from "../clients/redaction.ts";
import { openContext } from "./context.ts";
import { openOutput } from "./output.ts";
import type { Verb } from "./verb.ts";
import { verbs } from "./verbs/index.ts";

const exitTexts: Readonly<Record<number, string>> = {
  10: "changes pending",
  11: "failed and rolled back",
  12: "failed and the rollback failed",
  13: "outside the window",
  14: "locked by another run",
  15: "preflight failed",
  16: "backup failed",
  17: "a third-party dependency is down",
  18: "approval missing",
  19: "paused for a person",
  20: "state unknown (cutover recover)",
};

/** Runs `cutover <verb> ...` and returns the exit code (design.md 8). `root`: the project folder. */
export async function run(root: string, argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = new Command("cutover")
    .description(
      "Upgrades multi-service platforms on Kubernetes together with their databases, and can take them back.",
    )
    .version(toolVersion)
    .showSuggestionAfterError()
    .exitOverride()
    .configureHelp({ sortSubcommands: false });
  for (const verb of verbs) {
    const command = program.command([verb.name, ...verb.arguments].join(" ")).summary(verb.summary);
    command.description(verb.description);
    declareOptions(command, verb);
    command.addHelpText("after", helpTail(verb));
    command.action(async () => {
      exitCode = await runVerb(root, verb, command.processedArgs as (string | undefined)[], command.opts());
    });
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are answers; everything else is a wrong command line.
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

function declareOptions(command: Command, verb: Verb): void {
  for (const option of verb.options) {
    const { flags, description } = option;
    if (option.repeatable === true) command.option(flags, description, collect, [] as string[]);
    else if (option.required === true) command.requiredOption(flags, description, notEmpty);
    else if (flags.includes("<")) command.option(flags, description, notEmpty, option.default);
    else command.option(flags, description);
  }
  command.option("--json", "print one JSON document on stdout");
  command.option("--yes", "ask nothing");
  command.option("--no-color", "no colours");
  command.option("--debug", "show stack traces");
}

function collect(value: string, before: string[]): string[] {
  return [...before, notEmpty(value)];
}

function notEmpty(value: string): string {
  if (value.trim() === "") throw new InvalidArgumentError("it is empty");
  return value;
}

function helpTail(verb: Verb): string {
  const codes = [0, 1, 2, ...verb.exitCodes].map((code) => {
    const text = ({ 0: "done", 1: "failed or errored", 2: "wrong usage or configuration" } as Record<number, string>)[
      code
    ];
    return `  ${String(code).padStart(2)}  ${text ?? exitTexts[code] ?? ""}`;
  });
  return [
    "",
    "Examples:",
    ...verb.examples.map((example) => `  $ cutover ${example}`),
    "",
    "Exit codes:",
    ...codes,
  ].join("\n");
}

async function runVerb(
  root: string,
  verb: Verb,
  values: readonly (string | undefined)[],
  options: OptionValues,
): Promise<number> {
  const names = verb.arguments.map((argument) => argument.replace(/[<>[\].]/g, ""));
  const given = Object.fromEntries(
    names.flatMap((name, index) => (values[index] === undefined ? [] : [[name, values[index]]])),
  );
  const redactor = createRedactor([process.env["PULUMI_CONFIG_PASSPHRASE"] ?? ""]);
  const output = openOutput({ json: options["json"] === true, color: options["color"] !== false, redactor });
  const context = openContext({ root, output, arguments: given, options });
  try {
    return await verb.run(context);
  } catch (error) {
    const lines = describeError(error);
    for (const line of lines) output.note(line);
    if (options["debug"] === true && error instanceof Error) output.note(error.stack ?? "");
    const code = error instanceof CutoverError ? (error.details.exitCode ?? 1) : 1;
    output.document({ verb: verb.name, exitCode: code, error: errorDocument(error, lines) });
    return code;
  } finally {
    context.close();
  }
}

function errorDocument(error: unknown, lines: readonly string[]): unknown {
  return error instanceof CutoverError
    ? error.details
    : { code: "CUT-1000", verdict: "errored", happened: lines.join("; ") };
}
