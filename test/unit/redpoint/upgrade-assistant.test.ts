import assert from "node:assert/strict";
import fc from "fast-check";
import { CutoverError, describeError } from "../../../model/error.ts";
import { findJsonProblem } from "../../../model/json-problem.ts";
import { pluginNote, readPlugins } from "../../../model/redpoint/assistant-plugins.ts";
import { assistantValues, pluginNotes, type AssistantTarget } from "../../../model/redpoint/assistant-values.ts";
import { readAssistant } from "../../../model/redpoint/upgrade-assistant.ts";
import { secretTexts, secretValuesKeys, secretValuesOf, withSecretValues } from "../../../model/secret-values.ts";
import { assistantOutput, canary } from "./assistant-output.ts";

const inPlace: AssistantTarget = { generation: "from77", mode: "inPlace", realtimeReleases: 0 };
function errorOf(text: string): string {
  try {
    readAssistant(text);
  } catch (error) {
    assert.ok(error instanceof CutoverError);
    return describeError(error).join("\n");
  }
  assert.fail("it was read");
}

describe("where a text stops being JSON", () => {
  const cases: [what: string, text: string, line: number, column: number, expected: RegExp][] = [
    [
      "the vendor's own example, which lacks a quote",
      '{\n  "General": {\n    "ConnectionStrings__OperationalDatabase": "[your_v6_connection_string],\n    "ConnectionStrings__LoggingDatabase": "[x]"\n  }\n}',
      3,
      47,
      /the closing quote of the value of ConnectionStrings__OperationalDatabase is missing/,
    ],
    ["a missing comma", '{\n  "a": 1\n  "b": 2\n}', 3, 3, /a comma or } is missing after the value of a/],
    ["a comma too many", '{ "a": 1, }', 1, 11, /a comma too many before } after the value of a/],
    ["a missing colon", '{ "a" 1 }', 1, 7, /the colon after the key a is missing/],
    ["a missing opening quote", '{ "a": abc" }', 1, 8, /the opening quote of the value of a is missing/],
    ["a Windows path", '{ "a": "C:\\RPI" }', 1, 11, /single backslash; JSON writes it twice/],
    ["a missing end", '{ "a": { "b": 1 }', 1, 1, /the closing } of this object is missing/],
    ["text after the end", "{}\n{}", 2, 1, /more text after the end/],
    ["nothing at all", "", 1, 1, /a value is missing at the end/],
    ["a control character", '{ "a": "x\ty" }', 1, 10, /control character/],
  ];
  for (const [what, text, line, column, expected] of cases) {
    it(`${what} is pointed at`, () => {
      const found = findJsonProblem(text);
      assert.ok(found !== null);
      assert.deepEqual([found.line, found.column], [line, column], found.text);
      assert.match(found.text, expected);
    });
  }

  it("finds a problem exactly where JSON.parse does, and none in JSON", () => {
    const damaged = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom("", '"', ",", "}", "\\", "x"))
      .map(([text, at, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1));
    fc.assert(
      fc.property(fc.oneof(fc.json(), damaged, fc.string()), (text) => {
        let isJson = true;
        try {
          JSON.parse(text);
        } catch {
          isJson = false;
        }
        assert.equal(findJsonProblem(text) === null, isJson, text);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the Upgrade Assistant's output", () => {
  it("never shows a value in an error, wherever it is damaged", () => {
    for (let at = 0; at < assistantOutput.length; at += 1) {
      for (const put of ["", '"', "\n", ":"]) {
        const damaged = assistantOutput.slice(0, at) + put + assistantOutput.slice(at + 1);
        try {
          readAssistant(damaged);
        } catch (error) {
          assert.ok(error instanceof CutoverError);
          const text = describeError(error).join("\n");
          assert.doesNotMatch(text, /sql01|rpi_|2525|help\.example|-queue|canary|Pulse/, text);
          assert.match(text, /pulumi config set --secret cutover:upgradeAssistant/);
        }
      }
    }
  });

  it("is refused when it is something else, and read with a byte order mark", () => {
    assert.match(errorOf("[1]"), /CUT-2066.*not an object/);
    assert.match(errorOf('{ "name": "x" }'), /CUT-2066.*neither a section/);
    assert.equal(readAssistant(`\uFEFF${assistantOutput}`).settings.get("General")?.get("RPI__SMTP__Port"), 2525);
    assert.deepEqual(readAssistant(assistantOutput).notSet, ["General.ConnectionStrings__LoggingDatabase"]);
  });

  it("becomes values and Secret keys of the chart from 7.7 on; nothing is dropped", () => {
    const { values, secretKeys, unmapped } = assistantValues(readAssistant(assistantOutput), inPlace);
    assert.deepEqual(values["rpi"], {
      SMTPSettings: {
        SMTP_SenderAddress: `noreply@${canary}.example`,
        SMTP_Address: `smtp.${canary}.example`,
        SMTP_Port: 2525,
        EnableSSL: false,
        UseCredentials: false,
      },
      ingress: { domain: `${canary}.example`, hosts: { client: "rpi" } },
      queuereader: { queueListenerEnabled: true },
      realtimeapi: { queueProvider: { queueNames: { listenerQueuePath: `${canary}-queue` } } },
    });
    assert.equal(
      secretKeys["ConnectionString_Operations_Database"],
      `Server=tcp:sql01.corp.example,1433;Database=Pulse;User ID=rpi_${canary};Password="${canary};x";Encrypt=False;TrustServerCertificate=True;Connection Timeout=30;`,
    );
    assert.equal(secretKeys["Operations_Database_Server_Password"], `${canary};x`);
    assert.deepEqual(
      unmapped.map((line) => line.split(":")[0]),
      ["InteractionAPI.RPIClient__HelpStartPageURL", "General.ConnectionStrings__LoggingDatabase"],
    );
  });

  it("becomes database values of the chart up to 7.6, which makes its Secret itself", () => {
    const target = { ...inPlace, generation: "upTo76" } as const;
    const { values, secretKeys } = assistantValues(readAssistant(assistantOutput), target);
    assert.deepEqual(values["rpi"]?.["databases"], {
      operational: {
        server_host: "sql01.corp.example",
        server_username: `rpi_${canary}`,
        server_password: `${canary};x`,
        pulse_database_name: "Pulse",
      },
    });
    assert.deepEqual(secretKeys, {});
    const odd = assistantOutput.replace("1433", "2433");
    assert.match(assistantValues(readAssistant(odd), target).unmapped.join(), /only port 1433/);
  });

  it("leaves v6's addresses out where the stack is a clone: host name, database, queue", () => {
    for (const generation of ["upTo76", "from77"] as const) {
      const target = { generation, mode: "clone", realtimeReleases: 1 } as const;
      const { values, secretKeys, unmapped } = assistantValues(readAssistant(assistantOutput), target);
      assert.deepEqual(Object.keys(values["rpi"] ?? {}).sort(), ["SMTPSettings", "queuereader"]);
      assert.deepEqual(secretKeys, {});
      assert.equal(unmapped.filter((line) => line.includes("belongs to the v6 environment")).length, 3);
      assert.doesNotMatch(unmapped.join(), new RegExp(canary));
    }
  });

  it("gives the queue to one realtime release, and never to several", () => {
    const one = assistantValues(readAssistant(assistantOutput), { ...inPlace, realtimeReleases: 1 });
    assert.match(JSON.stringify(one.values["rpi-realtime"]), /listenerQueuePath/);
    const two = assistantValues(readAssistant(assistantOutput), { ...inPlace, realtimeReleases: 2 });
    assert.doesNotMatch(JSON.stringify(two.values["rpi-realtime"]), /listenerQueuePath/);
    assert.match(two.unmapped.join(), /2 realtime releases cannot share one queue/);
  });

  it("accounts for every setting, known or not", () => {
    const value = fc.oneof(fc.string({ minLength: 1 }), fc.integer(), fc.boolean(), fc.constant(null), fc.object());
    const key = fc.oneof(fc.constantFrom("RPI__SMTP__Port", "RPI__Other", "__proto__"), fc.string({ minLength: 1 }));
    const section = fc.dictionary(key, value, { noNullPrototype: true });
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("General", "Execution", "Other"), section, { minKeys: 1 }),
        (output) => {
          const text = JSON.stringify(output);
          const known = JSON.parse(text) as Record<string, Record<string, unknown>>;
          let report;
          try {
            report = readAssistant(text);
          } catch {
            return;
          }
          const { values, unmapped } = assistantValues(report, inPlace);
          for (const [name, settings] of Object.entries(known)) {
            for (const [setting, inner] of Object.entries(settings)) {
              if (/plugin/i.test(setting) && typeof inner === "object") continue;
              const used =
                name === "General" && setting === "RPI__SMTP__Port" && JSON.stringify(values).includes("SMTP_Port");
              assert.ok(used || unmapped.some((line) => line.startsWith(`${name}.${setting}:`)), `${name}.${setting}`);
            }
          }
        },
      ),
    );
  });
});

describe("plugins of v6", () => {
  const shapes: [what: string, key: string, value: unknown, expected: [string, boolean][]][] = [
    [
      "names",
      "IncompatiblePlugins",
      ["SMS Channel", "X"],
      [
        ["SMS Channel", false],
        ["X", false],
      ],
    ],
    [
      "objects",
      "Plugins",
      [
        { Name: "A", IsCompatible: true },
        { PluginName: "B", Version: "6.1" },
      ],
      [
        ["A", true],
        ["B", false],
      ],
    ],
    [
      "a map to switches",
      "PluginCompatibility",
      { A: true, B: false },
      [
        ["A", true],
        ["B", false],
      ],
    ],
    ["a map to details", "Plugins", { A: { Version: "1", Compatible: false } }, [["A", false]]],
    ["an inverted switch", "Plugins", [{ Name: "A", IsIncompatible: false }], [["A", true]]],
    [
      "a name twice",
      "Plugins",
      [
        { Name: "A", Compatible: true },
        { Name: "A", Compatible: false },
      ],
      [["A", false]],
    ],
    ["none", "IncompatiblePlugins", [], []],
  ];
  for (const [what, key, value, expected] of shapes) {
    it(`are read from ${what}`, () => {
      assert.deepEqual(
        readPlugins(key, value)?.map(({ name, compatible }) => [name, compatible]),
        expected,
      );
    });
  }

  it("are read from lists by verdict", () => {
    const found = readPlugins("Plugins", { CompatiblePlugins: ["A"], IncompatiblePlugins: [{ Name: "B" }] });
    assert.deepEqual(found, [
      { name: "A", compatible: true },
      { name: "B", compatible: false },
    ]);
  });

  it("in a shape without any name are said to be not understood", () => {
    const text = JSON.stringify({ General: { a: "b" }, Plugins: 3 });
    assert.deepEqual(readAssistant(text).notUnderstood, ["Plugins"]);
  });

  it("are acknowledged by an id of their name", () => {
    const report = readAssistant(JSON.stringify({ General: {}, IncompatiblePlugins: ["Acme SMS (v2)"] }));
    assert.deepEqual(pluginNotes(report), [{ id: "plugin-acme-sms-v2", name: "Acme SMS (v2)" }]);
    fc.assert(fc.property(fc.string(), (name) => assert.match(pluginNote(name), /^plugin-([a-z0-9]+(-[a-z0-9]+)*)?$/)));
  });
});

describe("secret Helm values", () => {
  const services = [
    { name: "rpi", role: "rpi", tenant: null, chart: { version: "7.7.0" } },
    { name: "rpi-realtime-a", role: "rpi-realtime", tenant: "a", chart: { version: "7.6.0" } },
  ];

  it("exist per service by its role and its chart's generation, and name every text worth hiding", () => {
    const values = secretValuesOf("upgradeAssistant", assistantOutput, services, "inPlace");
    assert.deepEqual([...values.keys()], ["rpi", "rpi-realtime-a"]);
    assert.equal(values.get("rpi")?.["databases"], undefined);
    const texts = secretTexts(values.get("rpi") ?? {});
    assert.ok(texts.includes(`${canary}-queue`) && texts.includes(`smtp.${canary}.example`));
    assert.ok(!texts.includes("true"));
  });

  it("lie above the files and touch only the keys that they say", () => {
    const keys = secretValuesKeys("upgradeAssistant");
    const secret = secretValuesOf("upgradeAssistant", assistantOutput, services, "inPlace").get("rpi") ?? {};
    for (const key of Object.keys(secret)) assert.ok(keys.includes(key), key);
    const files = { global: { a: 1 }, SMTPSettings: { SMTP_Port: 25, SMTP_SenderName: "RPI" } };
    const merged = withSecretValues(keys, files, secret);
    assert.deepEqual(merged["global"], { a: 1 });
    assert.equal((merged["SMTPSettings"] as Record<string, unknown>)["SMTP_Port"], 2525);
    assert.equal((merged["SMTPSettings"] as Record<string, unknown>)["SMTP_SenderName"], "RPI");
    assert.deepEqual(merged["databases"], {});
  });
});
