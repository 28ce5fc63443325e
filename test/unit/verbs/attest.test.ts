import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ack } from "../../../automation/verbs/acknowledge.ts";
import { attest } from "../../../automation/verbs/attest.ts";
import { createProject, devLines, type ProjectFixture } from "../stacks/fixture.ts";
import { openBench, type VerbBench } from "./verb-context.ts";

const stack = "infomart-dev";
const configure = `    steps: [release, configure, verify]
    configure:
      endpoint: { service: gsp-api }
      settings:
        - { name: Environment > Folder, value: "\${values:mount.path}", text: where the chart mounts it }
        - { name: Environment > Target, allowed: [{ value: "0", meaning: Folder }, { value: "1", meaning: FTP }] }
    values: values/gsp.yaml
`;

describe("cutover attest", () => {
  let project: ProjectFixture;
  let bench: VerbBench;
  beforeEach(() => {
    project = createProject();
    bench = openBench(project.root);
    const file = "stacks/infomart/releases/b2/release.yaml";
    const text = readFileSync(join(project.root, file), "utf8");
    project.write(file, text.replace(/( {2}gsp:\n {4}chart:.*\n)/, `$1${configure}`));
    project.write("stacks/infomart/releases/b2/values/gsp.yaml", "mount: { path: /rpifileoutputdir }\n");
  });
  afterEach(() => project.remove());
  const run = (options: Record<string, string | boolean> = {}) =>
    bench.run(attest, {
      arguments: { stack },
      options: { tenant: "acme", ...options },
      identity: { username: "anna", groups: [] },
    });
  const recorded = async () =>
    (await bench.ledger(stack).pages())
      .flatMap((page) => page.entries)
      .flatMap((entry) =>
        entry.kind === "attestation" ? [[entry.tenant, entry.setting, entry.value, entry.by.username]] : [],
      );

  it("shows the list with what each setting must be, and records nothing by that", async () => {
    const { exitCode, text } = await run();
    assert.equal(exitCode, 0, text);
    assert.match(text, /gsp at b2, tenant acme:/);
    assert.match(text, /Environment > Folder: must be \/rpifileoutputdir; not attested\. where the chart mounts it/);
    assert.match(text, /Environment > Target: must be one of 0 \(Folder\), 1 \(FTP\); not attested/);
    assert.deepEqual(await recorded(), []);
  });

  it("records one setting with who said it, and all that have one right value", async () => {
    await run({ setting: "Environment > Target", value: "1" });
    const { text } = await run({ all: true });
    assert.deepEqual(await recorded(), [
      ["acme", "Environment > Target", "1", "anna"],
      ["acme", "Environment > Folder", "/rpifileoutputdir", "anna"],
    ]);
    assert.match(text, /attested as 1 \(anna, /);
    assert.match(text, /next: cutover upgrade infomart-dev/);
  });

  it("records what a person saw also when it is wrong, and says so", async () => {
    const { exitCode, text } = await run({ setting: "Environment > Folder", value: "/fileoutputdir" });
    assert.equal(exitCode, 0);
    assert.match(text, /attested as \/fileoutputdir, WRONG/);
    assert.match(text, /, 2 to go/);
  });

  describe("where the stack's statements see to settings", () => {
    const connection = "{ namespace: gsp, secret: s, key: k }";
    const withStatements = (statements: string) =>
      project.stack(stack, [
        ...devLines,
        `  cutover:operationalDatabases: { provider: sqlserver, mode: inPlace, server: { connection: ${connection} }, backupFolder: /b }`,
        `  cutover:tenantSettings: ${statements}`,
      ]);

    it("lists them as written by SQL, and counts only what a person has to attest", async () => {
      withStatements("{ read: SELECT 1, write: UPDATE x }");
      const { text } = await run();
      assert.match(text, /Environment > Folder: must be \/rpifileoutputdir; written by SQL .*nothing to attest/);
      assert.match(text, /Environment > Target: must be one of .*; not attested/);
      assert.match(text, /, 1 to go/);
      await run({ setting: "Environment > Target", value: "1" });
      const all = await run({ all: true });
      assert.deepEqual(await recorded(), [["acme", "Environment > Target", "1", "anna"]]);
      assert.match(all.text, /next: cutover upgrade infomart-dev/);
    });

    it("says read by SQL where nothing writes, and records nothing that would not count", async () => {
      withStatements("{ read: SELECT 1 }");
      assert.match((await run()).text, /Environment > Folder: .*; read by SQL/);
      const said = await run({ setting: "Environment > Folder", value: "/rpifileoutputdir" });
      assert.deepEqual([said.code, said.exitCode], ["CUT-6478", 2]);
      assert.deepEqual(await recorded(), []);
    });
  });

  it("refuses what cannot be meant", async () => {
    const codes = [];
    for (const options of [
      { setting: "Environment > Target" },
      { all: true, setting: "Environment > Target", value: "1" },
      { setting: "Environment > Foldr", value: "x" },
      { setting: "Environment > Target", value: "9" },
      { service: "gca-t100" },
    ]) {
      const { code, exitCode } = await run(options);
      codes.push(code);
      assert.equal(exitCode, 2);
    }
    assert.deepEqual(codes, ["CUT-6474", "CUT-6474", "CUT-6475", "CUT-6476", "CUT-6313"]);
    project.stack(
      stack,
      devLines.map((line) => line.replace("b2", "a1")),
    );
    assert.equal((await run()).code, "CUT-6470");
    assert.deepEqual(await recorded(), []);
  });
});

describe("cutover ack of an upgrade call", () => {
  it("lets it be made again with a reason, and only while its end is unknown or bad", async () => {
    const project = createProject();
    const bench = openBench(project.root);
    try {
      const call = {
        kind: "upgradeCall",
        id: "rpi-upgrade-call-3",
        service: "rpi",
        run: 3,
        from: "6",
        to: "7",
      } as const;
      const before = { status: "None", count: 0, digest: "" };
      const note = (reason?: string) =>
        bench.run(ack, { arguments: { stack, note: call.id }, options: reason === undefined ? {} : { reason } });
      assert.equal((await note("why not")).code, "CUT-6252");
      await bench.ledger(stack).append({ ...call, before, pod: null, phase: "sent" });
      assert.equal((await note()).code, "CUT-6477");
      assert.equal((await note("version in Pulse is still 6.7")).exitCode, 0);
      const entries = (await bench.ledger(stack).pages()).flatMap((page) => page.entries);
      const [last] = entries.slice(-1);
      assert.ok(last?.kind === "acknowledgement" && last.note === call.id);
      await bench.ledger(stack).append({ ...call, before, pod: null, phase: "done" });
      assert.equal((await note("again")).code, "CUT-6252");
    } finally {
      project.remove();
    }
  });
});
