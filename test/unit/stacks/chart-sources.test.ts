import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { packArchive } from "../../../clients/chart-archive.ts";
import { packChartFolder } from "../../../clients/chart-folder.ts";
import { gitUrlProblem } from "../../../model/git-source.ts";
import { readHelmIgnore } from "../../../model/helm-ignore.ts";
import { sha256 } from "../../../model/ledger.ts";
import { planStack } from "../../../stacks/stack-plan.ts";
import { errorText } from "./expect-error.ts";
import { createProject, type ProjectFixture } from "./fixture.ts";
import { makePages, passedRun } from "../model/ledger-pages.ts";

const release = "stacks/infomart/releases/b2/release.yaml";
const chartYaml = "apiVersion: v2\nname: gsp\nversion: 1.0.0\n";

/** Writes a chart's folder. */
function writeChart(folder: string, more: Record<string, string> = {}): void {
  const files = { "Chart.yaml": chartYaml, "values.yaml": "a: 1\n", "templates/a.yaml": "kind: ConfigMap\n", ...more };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
}

describe("charts as archives", () => {
  it("have bytes that depend on paths and contents alone, and hold them", () => {
    const file = fc.record({
      path: fc.stringMatching(/^[a-z]{1,60}(\/[a-z.]{1,60}){0,3}$/),
      content: fc.uint8Array({ maxLength: 200_000, size: "max" }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(file, { selector: (one) => one.path, maxLength: 5 }), (files) => {
        const named = files.map((one) => ({ path: one.path, content: Buffer.from(one.content) }));
        const archive = packArchive(named);
        assert.deepEqual(packArchive([...named].reverse()), archive);
        const tar = gunzipSync(archive);
        for (const { content } of named) assert.ok(tar.includes(content));
      }),
      { numRuns: 30 },
    );
    assert.throws(() => packArchive([{ path: "a".repeat(300), content: Buffer.alloc(0) }]), /too long/);
  });

  it("are what Helm and tar read, long paths too", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "cutover-chart-"));
    try {
      const deep = `templates/${"very-long-folder-name/".repeat(6)}a-file.yaml`;
      writeChart(folder, { [deep]: "kind: Secret\n" });
      writeFileSync(path.join(folder, "x.tgz"), packChartFolder(folder).archive);
      const listed = execFileSync("tar", ["-tzf", "x.tgz"], { cwd: folder, encoding: "utf8" }).split("\n");
      assert.ok(listed.includes(`gsp/${deep}`) && listed.includes("gsp/Chart.yaml"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("of one tree are the same whatever its times, rights and .git; .helmignore counts", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "cutover-chart-"));
    try {
      writeChart(folder);
      const before = packChartFolder(folder).archive;
      utimesSync(path.join(folder, "values.yaml"), 1, 1);
      chmodSync(path.join(folder, "values.yaml"), 0o600);
      mkdirSync(path.join(folder, ".git"));
      writeFileSync(path.join(folder, ".git/HEAD"), "x");
      assert.deepEqual(packChartFolder(folder).archive, before);
      writeChart(folder, { "ci/a.yaml": "x", "README.md": "x", ".helmignore": "ci/\n*.md\n" });
      const ignored = gunzipSync(packChartFolder(folder).archive).toString();
      assert.ok(!ignored.includes("gsp/ci/") && !ignored.includes("README") && ignored.includes("gsp/values.yaml"));
      symlinkSync("/etc/passwd", path.join(folder, "templates/link"));
      assert.throws(() => packChartFolder(folder), /templates\/link is neither a file nor a folder/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("leave out what Helm's patterns say", () => {
    const ignored = readHelmIgnore("# comment\n*.bak\n/root.txt\ndocs/\na/*.md\n!keep*\n");
    assert.equal(readHelmIgnore("")("values.yaml", false), false);
    const some = readHelmIgnore("*.bak\n/root.txt\ndocs/\na/*.md\n[ab]?.x\n");
    for (const [name, folder, expected] of [
      ["x/y.bak", false, true],
      ["root.txt", false, true],
      ["x/root.txt", false, false],
      ["docs", true, true],
      ["docs", false, false],
      ["a/b.md", false, true],
      ["x/a/b.md", false, false],
      ["b1.x", false, true],
      ["c1.x", false, false],
    ] as const)
      assert.equal(some(name, folder), expected, name);
    assert.equal(ignored("keep.yaml", false), false);
    assert.equal(ignored("other.yaml", false), true);
  });
});

describe("a chart by folder of the release set", () => {
  let project: ProjectFixture;
  beforeEach(() => (project = createProject()));
  afterEach(() => project.remove());
  const use = (source: string): void => {
    const text = readFileSync(path.join(project.root, release), "utf8");
    project.write(release, text.replace(/chart: \{ path: charts\/gsp\.tgz[^}]*\}/, `chart: ${source}`));
  };
  const plan = () => planStack(project.root, "infomart-dev", async () => []);

  it("is packed into the cache once, and a changed one is refused with the digest that it has", async () => {
    const folder = path.join(project.root, "stacks/infomart/releases/b2/charts/gsp");
    writeChart(folder);
    const digest = sha256(packChartFolder(folder).archive);
    use(`{ path: charts/gsp, version: 1.0.0, sha256: "${digest}" }`);
    const { services } = await plan();
    const chart = services.find(({ service }) => service.role === "gsp")?.service.chart;
    assert.deepEqual(chart, { path: `.cutover/charts/${digest}/gsp-1.0.0.tgz`, version: "1.0.0", sha256: digest });
    assert.equal(sha256(readFileSync(path.join(project.root, chart.path))), digest);
    writeChart(folder, { "values.yaml": "a: 2\n" });
    const text = await errorText("CUT-2043", plan);
    assert.ok(
      text.includes(`sha256 named: ${digest}`) &&
        text.includes(`sha256 found: ${sha256(packChartFolder(folder).archive)}`),
    );
  });

  it("needs the named version, and a Chart.yaml", async () => {
    const folder = path.join(project.root, "stacks/infomart/releases/b2/charts/gsp");
    writeChart(folder);
    use(`{ path: charts/gsp, version: 2.0.0, sha256: "${"0".repeat(64)}" }`);
    assert.match(await errorText("CUT-2061", plan), /version named: 2\.0\.0\n.*version in Chart\.yaml: 1\.0\.0/);
    rmSync(path.join(folder, "Chart.yaml"));
    assert.match(await errorText("CUT-2062", plan), /it has no Chart\.yaml/);
  });
});

describe("a chart by Git checkout", function () {
  this.timeout(60_000);
  let project: ProjectFixture;
  let repository: string;
  let commit: string;
  let digest: string;
  const git = (...argv: string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example", ...argv], {
      cwd: repository,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }).trim();
  const sourceOf = (
    more: { url?: string; commit?: string; folder?: string; version?: string; sha256?: string } = {},
  ): string =>
    `{ git: { url: "${more.url ?? `file://${repository}`}", commit: "${more.commit ?? commit}", folder: ${more.folder ?? "charts/gsp"} }, version: ${more.version ?? "1.0.0"}, sha256: "${more.sha256 ?? digest}" }`;
  const use = (source: string, set = "b2"): void => {
    const file = `stacks/infomart/releases/${set}/release.yaml`;
    const text = readFileSync(path.join(project.root, file), "utf8");
    project.write(file, text.replace(/ {2}gsp:\n {4}chart: .*/, `  gsp:\n    chart: ${source}`));
  };
  const plan = () => planStack(project.root, "infomart-dev", async () => []);
  const cached = (): string => path.join(project.root, ".cutover/charts", digest);

  beforeEach(() => {
    project = createProject();
    repository = mkdtempSync(path.join(tmpdir(), "cutover-repository-"));
    git("init", "--quiet", "--initial-branch=main", "--template=");
    writeChart(path.join(repository, "charts/gsp"), { "templates/crlf.yaml": "a: 1\r\nb: 2\r\n" });
    writeFileSync(path.join(repository, ".gitattributes"), "*.yaml text=auto\n*.bin filter=missing\n");
    git("add", ".");
    git("commit", "--quiet", "-m", "one");
    commit = git("rev-parse", "HEAD");
    const checkout = mkdtempSync(path.join(tmpdir(), "cutover-checkout-"));
    execFileSync("git", ["clone", "--quiet", repository, checkout]);
    digest = sha256(packChartFolder(path.join(checkout, "charts/gsp")).archive);
    rmSync(checkout, { recursive: true });
    // What came later must not matter.
    writeChart(path.join(repository, "charts/gsp"), { "values.yaml": "a: 2\n" });
    git("commit", "--quiet", "-am", "two");
  });
  afterEach(() => {
    project.remove();
    rmSync(repository, { recursive: true, force: true });
  });

  it("is fetched at its commit, checked and kept; afterwards no repository is needed", async () => {
    use(sourceOf());
    const { services } = await plan();
    const chart = services.find(({ service }) => service.role === "gsp")?.service.chart;
    assert.deepEqual(chart, {
      path: `.cutover/charts/${digest}/${path.basename(repository)}-1.0.0.tgz`,
      version: "1.0.0",
      sha256: digest,
    });
    assert.equal(sha256(readFileSync(path.join(project.root, chart.path))), digest);
    rmSync(repository, { recursive: true });
    await plan();
    rmSync(cached(), { recursive: true });
    assert.match(
      await errorText("CUT-2060", plan),
      /chart of gsp in release set b2 could not be fetched[^]*charts\/gsp[^]*next: /,
    );
  });

  it("is fetched again when the cache is damaged", async () => {
    use(sourceOf());
    await plan();
    const [file = ""] = readdirSync(cached());
    writeFileSync(path.join(cached(), file), "damaged");
    await plan();
    assert.equal(sha256(readFileSync(path.join(cached(), file))), digest);
  });

  it("two at once leave one whole archive and nothing else", async () => {
    use(sourceOf());
    await Promise.all([plan(), plan(), plan()]);
    const files = readdirSync(cached());
    assert.equal(files.length, 1);
    assert.equal(sha256(readFileSync(path.join(cached(), files[0] ?? ""))), digest);
  });

  it("with another digest is refused with both, and not kept", async () => {
    const wrong = "0".repeat(64);
    use(sourceOf({ sha256: wrong }));
    const text = await errorText("CUT-2043", plan);
    assert.ok(text.includes(`sha256 named: ${wrong}`) && text.includes(`sha256 found: ${digest}`));
    assert.ok(!existsSync(path.join(project.root, ".cutover/charts")));
  });

  it("without that folder, commit or version is refused", async () => {
    use(sourceOf({ folder: "charts/gim" }));
    assert.match(await errorText("CUT-2062", plan), /has no folder charts\/gim/);
    use(sourceOf({ commit: "1".repeat(40) }));
    assert.match(await errorText("CUT-2062", plan), /the repository has no commit 1{40}/);
    use(sourceOf({ version: "1.0.1" }));
    assert.match(await errorText("CUT-2061", plan), /version named: 1\.0\.1/);
  });

  it("of the way back that cannot be had is preflight's to judge, no error of the program", async () => {
    use(sourceOf(), "a1");
    rmSync(repository, { recursive: true });
    const pages = makePages([passedRun(1, [{ service: "gsp", releaseSet: "a1", digest: "d" }])]);
    const { preflight } = await planStack(project.root, "infomart-dev", async () => pages);
    const way = preflight.waysBack.find(({ service }) => service === "gsp");
    assert.equal(way?.target, null);
    assert.match(way?.problem ?? "", /CUT-2060.*chart of gsp in release set a1 could not be fetched/);
  });

  it("a url with credentials, another protocol or a folder outside is refused where it stands, without showing it", async () => {
    for (const [url, expected] of [
      ["https://user:canary-77@git.example/a.git", /contains credentials/],
      ["https://canary-77@git.example/a.git", /contains credentials/],
      ["ssh://git:canary-77@git.example/a.git", /contains credentials/],
      ["ext::sh -c canary-77", /neither an address|not allowed/],
    ] as const) {
      use(sourceOf({ url }));
      const text = await errorText("CUT-2041", plan);
      assert.match(text, expected);
      assert.doesNotMatch(text, /canary-77/);
    }
    use(sourceOf({ folder: "../x" }));
    assert.match(await errorText("CUT-2041", plan), /lies outside/);
    assert.equal(gitUrlProblem("ssh://git@git.example/a.git"), null);
    assert.equal(gitUrlProblem("git@git.example:team/a.git"), null);
    assert.equal(gitUrlProblem("https://git.example/a.git"), null);
  });
});
