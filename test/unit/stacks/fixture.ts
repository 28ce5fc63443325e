import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { sha256 } from "../../../model/ledger.ts";

/** A project folder with Info Mart's platform and two release sets, `a1` and `b2`, of tiny charts. */
export interface ProjectFixture {
  root: string;
  write(file: string, text: string): void;
  /** Writes stacks/Pulumi.<stack>.yaml from lines below `config:`. */
  stack(stack: string, lines: readonly string[]): void;
  remove(): void;
}

export const devLines = [
  "  cutover:platform: infomart",
  "  cutover:environment: dev",
  "  cutover:release: b2",
  "  cutover:tenants: [{ id: t100 }, { id: t200 }]",
];

/** Makes the folder; the caller removes it. */
export function createProject(): ProjectFixture {
  const root = mkdtempSync(path.join(tmpdir(), "cutover-stacks-"));
  const write = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  const stack = (name: string, lines: readonly string[]): void =>
    write(`stacks/Pulumi.${name}.yaml`, ["config:", ...lines, ""].join("\n"));
  // Only its presence counts: the definition comes from the repository.
  write("stacks/infomart/platform.ts", "");
  write("stacks/infomart/releases/index.yaml", "releases: [a1, b2]\n");
  for (const set of ["a1", "b2"]) writeReleaseSet(write, set);
  stack("infomart-dev", devLines);
  return { root, write, stack, remove: () => rmSync(root, { recursive: true, force: true }) };
}

function writeReleaseSet(write: ProjectFixture["write"], set: string): void {
  const folder = `stacks/infomart/releases/${set}`;
  // GSP's chart is the same in both sets.
  const charts = { gim: set, "gim-monitoring": set, gsp: "same", gca: set, "gca-monitoring": set };
  for (const [role, content] of Object.entries(charts)) write(`${folder}/charts/${role}.tgz`, `${role} ${content}`);
  write(`${folder}/values/gim.yaml`, `replicas: 1\nname: \${release} of \${tenant}\nkafka: { bootstrap: ${set} }\n`);
  const role = (name: keyof typeof charts, more: string[] = []): string[] => [
    `  ${name}:`,
    `    chart: { path: charts/${name}.tgz, version: 1.0.0, sha256: ${sha256(`${name} ${charts[name]}`)} }`,
    ...more.map((line) => `    ${line}`),
  ];
  const lines = [
    `name: ${set}`,
    "notes:",
    `  - { id: note-${set}, source: release notes, text: read me }`,
    `thirdParties: { postgresql: { minimum: "${set === "a1" ? 11 : 12}" } }`,
    "roles:",
    ...role("gim", [
      `image: { tag: ${set}.1 }`,
      "values: values/gim.yaml",
      "schemaVersion: { from: '1', to: '2' }",
      "steps: [check, inventory, backup, release, migrate, verify]",
      "backup: { kind: pgDump }",
      "migrate: { schemaVersionQuery: select 1 }",
      "gates:",
      "  - { kind: pods, name: gim-pods }",
      `  - { kind: metric, name: gim-lag, query: 'lag{namespace="\${namespace}",pod=~"\${release}-.*"}', windowSeconds: 300, tolerance: 1000 }`,
    ]),
    ...role("gim-monitoring"),
    ...role("gsp", ["gates: [{ kind: pods, name: gsp-pods }]"]),
    ...role("gca", ["helmTimeoutSeconds: 900", "await: helm"]),
    ...role("gca-monitoring"),
    "",
  ];
  write(`${folder}/release.yaml`, lines.join("\n"));
}
