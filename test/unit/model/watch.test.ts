import assert from "node:assert/strict";
import { CutoverError } from "../../../model/error.ts";
import { cronSchedule, watchCommand, watchEnd, watchName, watchObjects, type Watch } from "../../../model/watch.ts";

const watch: Watch = {
  stack: "infomart-prod",
  namespace: "ops",
  ledgerNamespace: "cutover",
  serviceNamespaces: [
    { namespace: "gim", exec: true },
    { namespace: "gsp", exec: false },
  ],
  image: "registry/x:1",
  schedule: "*/15 * * * *",
  until: "2026-11-25T18:00:00Z",
};

describe("the schedule of a watch", () => {
  it("runs in equal steps", () => {
    assert.equal(cronSchedule("15m"), "*/15 * * * *");
    assert.equal(cronSchedule("900s"), "*/15 * * * *");
    assert.equal(cronSchedule("1m"), "* * * * *");
    assert.equal(cronSchedule("60m"), "0 * * * *");
    assert.equal(cronSchedule("6h"), "0 */6 * * *");
    assert.equal(cronSchedule("1d"), "0 0 * * *");
  });

  it("is refused where cron would run in unequal steps", () => {
    for (const every of ["7m", "45m", "90m", "5h", "2d", "30s", "soon", "0m"]) {
      assert.throws(
        () => cronSchedule(every),
        (error) => error instanceof CutoverError && error.details.code === "CUT-6325",
        every,
      );
    }
  });

  it("ends at an instant in UTC", () => {
    assert.equal(watchEnd("3d", Date.parse("2026-11-22T18:00:00.123Z")), "2026-11-25T18:00:00Z");
    assert.throws(() => watchEnd("0d", 0), /CUT-6326/);
    assert.throws(() => watchEnd("forever", 0), /CUT-6326/);
  });
});

describe("the objects of a watch", () => {
  const objects = watchObjects(watch);
  const roles = objects.filter((object) => object.kind === "Role");
  const rulesIn = (namespace: string) =>
    roles
      .filter((role) => role.metadata.namespace === namespace)
      .flatMap((role) => role["rules"] as { resources: string[]; verbs: string[] }[]);

  it("give rights in the namespaces concerned only, one Role each, bound to the one ServiceAccount", () => {
    assert.deepEqual(roles.map((role) => role.metadata.namespace).sort(), ["cutover", "gim", "gsp", "ops"]);
    for (const binding of objects.filter((object) => object.kind === "RoleBinding")) {
      assert.deepEqual(binding["subjects"], [
        { kind: "ServiceAccount", name: watchName(watch.stack), namespace: "ops" },
      ]);
    }
    const kinds = new Set<string>(objects.map((object) => object.kind));
    assert.ok(!kinds.has("ClusterRole"));
  });

  it("may change nothing of the services: only the ledger, and its own CronJob", () => {
    for (const namespace of ["gim", "gsp"]) {
      const changing = rulesIn(namespace).filter((rule) =>
        rule.verbs.some((verb) => !["get", "list", "watch"].includes(verb)),
      );
      assert.deepEqual(
        changing.flatMap((rule) => rule.resources),
        namespace === "gim" ? ["pods/exec"] : [],
      );
    }
  });

  it("merge where services, ledger and CronJob share a namespace", () => {
    const shared = watchObjects({ ...watch, namespace: "gim", ledgerNamespace: "gim" });
    const names = shared.map((object) => `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`);
    assert.equal(new Set(names).size, names.length);
  });

  it("run verify with the end of the watch, and one at a time", () => {
    const cronJob = objects.find((object) => object.kind === "CronJob");
    const spec = cronJob?.["spec"] as { concurrencyPolicy: string; schedule: string; jobTemplate: unknown };
    assert.equal(spec.concurrencyPolicy, "Forbid");
    assert.equal(spec.schedule, watch.schedule);
    assert.ok(JSON.stringify(spec.jobTemplate).includes(JSON.stringify(watchCommand(watch))));
    assert.deepEqual(watchCommand(watch).slice(2), [
      "verify",
      "infomart-prod",
      "--baseline",
      "--json",
      "--until",
      watch.until,
      "--cron-job",
      "ops/cutover-watch-infomart-prod",
    ]);
  });

  it("have names that a CronJob may have", () => {
    const name = watchName(`infomart-${"x".repeat(35)}-eu-west`);
    assert.ok(name.length <= 52);
    assert.match(name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])$/);
  });
});
