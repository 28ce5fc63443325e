import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mergedMetrics, withLabels } from "../../../sandbox/prometheus/merge-targets.ts";

describe("merged metrics", () => {
  it("adds labels to samples with and without their own, and never replaces one", () => {
    const text = '# TYPE a gauge\na 1\nb{x="1"} 2\nc{pod="own",y="}"} 3 1700000000000\nd{} NaN\n';
    assert.equal(
      withLabels(text, { pod: 'p"q' }),
      'a{pod="p\\"q"} 1\nb{x="1",pod="p\\"q"} 2\nc{pod="own",y="}"} 3 1700000000000\nd{pod="p\\"q"} NaN\n',
    );
  });

  it("a label whose name only ends alike is added all the same", () => {
    assert.equal(withLabels('a{my_pod="1"} 1\n', { pod: "p" }), 'a{my_pod="1",pod="p"} 1\n');
  });

  it("leaves out a target that does not answer", async () => {
    const server = createServer((request, response) => response.end(`path{at="${request.url}"} 1\n`));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const alive = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const groups = [
      { targets: [alive], labels: { pod: "p", __metrics_path__: "/m" } },
      { targets: ["127.0.0.1:9"], labels: { pod: "dead" } },
    ];
    assert.equal(await mergedMetrics(groups, 1000), `path{at="/m",pod="p",instance="${alive}"} 1\n`);
    await new Promise((resolve) => server.close(resolve));
  });
});
