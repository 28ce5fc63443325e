// Semantics of local.Command that the design rests on (facts/experiments.md 1, 2, 7), for the stand-in and the official plugin alike.
import assert from "node:assert/strict";
import { readFile, unlink } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { EngineProject } from "./engine-project.ts";

const longTest = 120_000;

describe("plugin command", function () {
  this.timeout(longTest);
  let project: EngineProject;
  beforeEach(async () => {
    project = await EngineProject.create();
  });
  afterEach(async () => {
    await project.remove();
  });

  const passes = async (...argv: string[]): Promise<string> => {
    const { code, output } = await project.up(...argv);
    assert.equal(code, 0, output);
    return output;
  };
  const ran = async (): Promise<string[]> => (await project.read("log")).split("\n").filter((line) => line !== "");

  it("leaves nothing in the state when the first create fails, holds back dependents, and is tried again", async () => {
    await project.program(`
      const gate = new command.local.Command("gate", {
        create: "echo gate >> log; echo checked; echo why >&2; test -e allowed",
      });
      new command.local.Command("next", { create: "echo next >> log" }, { dependsOn: gate });`);
    for (let attempt = 1; attempt <= 2; attempt++) {
      const { code, output } = await project.up();
      assert.notEqual(code, 0);
      assert.match(output, /exit status 1: running "echo gate >> log; .*":\s+(checked\s+why|why\s+checked)/);
      await assert.rejects(project.resource("gate"));
      assert.deepEqual(await ran(), Array<string>(attempt).fill("gate"));
    }
    await project.write("allowed", "");
    await passes();
    assert.deepEqual(await ran(), ["gate", "gate", "gate", "next"]);
    const { outputs } = await project.resource("gate");
    assert.equal(outputs?.["stdout"], "checked");
    assert.equal(outputs["stderr"], "why");
  });

  it("does nothing when nothing changed, and nothing in a preview", async () => {
    await project.program(
      `new command.local.Command("a", { create: "echo create >> log", delete: "echo delete >> log" });`,
    );
    assert.match((await project.preview()).output, /command:local:Command: \(create\)/);
    assert.deepEqual(await ran(), []);
    await passes();
    assert.match(await passes(), /2 unchanged/);
    assert.deepEqual(await ran(), ["create"]);
  });

  it("replaces on a changed trigger: first create, then delete of the old one; a failed replacement keeps the old", async () => {
    const program = (trigger: string): Promise<void> =>
      project.program(`new command.local.Command("a", {
        create: "echo create-${trigger} >> log; test ! -e broken", delete: "echo delete-${trigger} >> log",
        update: "echo update >> log", triggers: ["same", "${trigger}"] });`);
    await program("1");
    await passes();
    await program("2");
    const preview = await project.preview();
    assert.match(preview.output, /1 to replace/);
    assert.match(preview.output, /\(replace\)[\s\S]*~ triggers: \[\s*~ \[1\]: "1" => "2"/);
    assert.deepEqual(await ran(), ["create-1"]);
    await project.write("broken", "");
    const failed = await project.up();
    assert.notEqual(failed.code, 0);
    assert.match(failed.output, /creating failed/);
    assert.deepEqual((await project.resource("a")).inputs?.["triggers"], ["same", "1"]);
    await program("3");
    assert.notEqual((await project.up()).code, 0);
    await unlink(`${project.folder}/broken`);
    await passes();
    assert.deepEqual(await ran(), ["create-1", "create-2", "create-3", "create-3", "delete-1"]);
  });

  it("updates on a changed environment or text, and keeps stdout when update prints it again", async () => {
    const program = (extra: string): Promise<void> =>
      project.program(`new command.local.Command("a", {
        create: "echo create >> log; echo receipt; echo note >&2", ${extra} triggers: ["1"] });`);
    await program("");
    await passes();
    const keep = `update: 'echo "update $CANARY" >> log; printf %s "$PULUMI_COMMAND_STDOUT"',`;
    await program(`${keep} environment: { CANARY: "first" },`);
    assert.match(await passes(), /1 updated/);
    await program(`${keep} environment: { CANARY: "second" },`);
    const preview = await project.preview();
    assert.match(preview.output, /\(update\)[\s\S]*CANARY: "first" => "second"/);
    await passes();
    assert.deepEqual(await ran(), ["create", "update first", "update second"]);
    const { outputs } = await project.resource("a");
    assert.equal(outputs?.["stdout"], "receipt");
    assert.equal(outputs["stderr"], "");
    await program(`update: ":", environment: { CANARY: "third" },`);
    await passes();
    assert.equal((await project.resource("a")).outputs?.["stdout"], "", "an update that prints nothing empties stdout");
  });

  it("hands over the last stdout and stderr, unless addPreviousOutputInEnv is false", async () => {
    const program = (value: string, extra = ""): Promise<void> =>
      project.program(`new command.local.Command("a", {
        create: "echo out; echo err >&2", environment: { V: "${value}" }, ${extra}
        update: 'echo "$PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR" >> log; echo out2',
        delete: 'echo "delete $PULUMI_COMMAND_STDOUT" >> log' });`);
    await program("1");
    await passes();
    await program("2");
    await passes();
    await program("3", "addPreviousOutputInEnv: false,");
    await passes();
    await program("4");
    await passes();
    const destroyed = await project.pulumi("destroy", "--yes", "--skip-preview");
    assert.equal(destroyed.code, 0, destroyed.output);
    assert.deepEqual(await ran(), ["out/err", "/", "out2/", "delete out2"]);
  });

  it("keeps a secret environment and stdin as ciphertext in the state, and out of preview and log", async () => {
    const program = (secret: string): Promise<void> =>
      project.program(`new command.local.Command("a", {
        create: 'printf %s "$PASSWORD" > got; cat >> got; echo done',
        environment: { PASSWORD: pulumi.secret("${secret}") }, stdin: pulumi.secret("${secret}-stdin") });`);
    await program("canary-4711");
    const output = [(await project.preview()).output, await passes()];
    await program("canary-4712");
    output.push((await project.preview()).output, await passes());
    const state = await readFile(`${project.folder}/.pulumi/stacks/engine/test.json`, "utf8");
    assert.equal(await project.read("got"), "canary-4712canary-4712-stdin");
    assert.match(state, /"ciphertext":/);
    assert.doesNotMatch(state + output.join(""), /canary-471/);
    assert.match(output[2] ?? "", /PASSWORD: \[secret\] => \[secret\]/);
    assert.equal((await project.resource("a")).outputs?.["stdout"], "done");
  });

  it("passes stdin, merges the environment over its own, runs in the project folder or dir, with another interpreter", async () => {
    await project.program(`
      new command.local.Command("a", { create: 'cat; echo "$HERE $OVER"; pwd', stdin: "from stdin\\n", environment: { OVER: "mine" } });
      new command.local.Command("b", { create: "pwd", dir: "/" });
      new command.local.Command("c", { create: "process.stdout.write(String(6 * 7))", interpreter: ["node", "-e"] });`);
    Object.assign(project.environment, { HERE: "inherited", OVER: "theirs" });
    await passes();
    assert.equal((await project.resource("a")).outputs?.["stdout"], `from stdin\ninherited mine\n${project.folder}`);
    assert.equal((await project.resource("b")).outputs?.["stdout"], "/");
    assert.equal((await project.resource("c")).outputs?.["stdout"], "42");
  });

  it("shows both streams while it runs, or only what logging says", async () => {
    await project.program(`
      for (const logging of [undefined, "stdout", "stderr", "stdoutAndStderr", "none"])
        new command.local.Command("log-" + logging, { create: "echo " + logging + "-out; echo " + logging + "-err >&2", logging });
      new command.local.Command("slow", { create: "echo early; sleep 2; test -e seen", logging: "stdout" });`);
    const up = project.start("up", "--yes", "--skip-preview");
    while (!up.output().includes("early") && up.child.exitCode === null) await sleep(50);
    assert.equal(up.child.exitCode, null, "the line must be shown before the command has ended");
    await project.write("seen", "");
    const { code, output } = await up.ended;
    assert.equal(code, 0, output);
    const shown = (text: string): boolean => output.includes(text);
    for (const text of [
      "undefined-out",
      "undefined-err",
      "stdout-out",
      "stderr-err",
      "stdoutAndStderr-out",
      "stdoutAndStderr-err",
    ])
      assert.ok(shown(` ${text}`), text);
    for (const text of ["stdout-err", "stderr-out", "none-out", "none-err"]) assert.ok(!shown(` ${text}`), text);
  });
});
