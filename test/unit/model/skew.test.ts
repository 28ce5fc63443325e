import assert from "node:assert/strict";
import fc from "fast-check";
import { directionOf } from "../../../model/direction.ts";
import { intermediateStops, oldestRunning, releaseDistance, skewProblems, supportedSkew } from "../../../model/skew.ts";

const order = ["r2026-05", "r2026-08", "r2026-11", "r2027-02", "r2027-05"];
const position = fc.nat(order.length - 1);
const at = (index: number): string => order[index] ?? "";

describe("direction", () => {
  it("is judged by the list, not by the names", () => {
    const list = ["z-first", "a-second"];
    assert.equal(directionOf("z-first", "a-second", list), "upgrade");
    assert.equal(directionOf("a-second", "z-first", list), "downgrade");
    assert.equal(directionOf("a-second", "a-second", list), "same");
    assert.equal(directionOf(null, "a-second", list), "install");
    assert.equal(directionOf("gone", "a-second", list), "unknown");
  });

  it("turns round when the two are exchanged", () => {
    fc.assert(
      fc.property(position, position, (from, to) => {
        const back = {
          upgrade: "downgrade",
          downgrade: "upgrade",
          same: "same",
          install: "install",
          unknown: "unknown",
        };
        assert.equal(directionOf(at(to), at(from), order), back[directionOf(at(from), at(to), order)]);
      }),
    );
  });
});

describe("N-2", () => {
  it("lets two releases pass and refuses three", () => {
    assert.deepEqual(skewProblems([{ service: "gim", from: "r2026-05", to: "r2026-11" }], order), []);
    assert.deepEqual(skewProblems([{ service: "gim", from: "r2026-05", to: "r2027-02" }], order), [
      { service: "gim", release: "r2027-02", with: null, distance: 3 },
    ]);
    assert.deepEqual(intermediateStops("r2026-05", "r2027-02", order), ["r2026-11"]);
  });

  it("is judged across services too, also while the run is between them", () => {
    const pinned = skewProblems(
      [
        { service: "gim", from: "r2026-11", to: "r2027-02" },
        { service: "gca", from: "r2026-05", to: "r2026-05" },
      ],
      order,
    );
    assert.deepEqual(pinned, [
      { service: "gim", release: "r2027-02", with: { service: "gca", release: "r2026-05" }, distance: 3 },
    ]);
    const between = skewProblems(
      [
        { service: "gim", from: "r2026-11", to: "r2027-05" },
        { service: "gca", from: "r2026-08", to: "r2026-11" },
      ],
      order,
    );
    assert.deepEqual(between, [
      { service: "gim", release: "r2027-05", with: { service: "gca", release: "r2026-08" }, distance: 3 },
    ]);
  });

  it("has nothing against a first install", () => {
    assert.deepEqual(
      skewProblems(
        order.map((_release, index) => ({ service: `s${index}`, from: null, to: "r2027-05" })),
        order,
      ),
      [],
    );
  });

  it("finds a problem exactly when some pair is too far apart", () => {
    const move = fc.tuple(fc.option(position), position);
    fc.assert(
      fc.property(fc.array(move, { minLength: 1, maxLength: 5 }), (moves) => {
        const problems = skewProblems(
          moves.map(([from, to], index) => ({
            service: `s${index}`,
            from: from === null ? null : at(from),
            to: at(to),
          })),
          order,
        );
        const tooFar = moves.some(([from, to], index) => {
          const later = moves.slice(index + 1).flatMap((other) => other.filter((one) => one !== null));
          return [...(from === null ? [] : [from]), ...later].some((other) => Math.abs(other - to) > supportedSkew);
        });
        assert.equal(problems.length > 0, tooFar);
        for (const problem of problems) assert.ok(problem.distance > supportedSkew);
      }),
    );
  });
});

describe("intermediate stops", () => {
  it("keep every step within the limit, with as few stops as possible", () => {
    fc.assert(
      fc.property(position, position, fc.integer({ min: 1, max: 4 }), (from, to, limit) => {
        const stops = intermediateStops(at(from), at(to), order, limit);
        const path = [at(from), ...stops, at(to)];
        if (to < from) return assert.deepEqual(stops, []);
        for (const [index, release] of path.entries()) {
          const next = path[index + 1];
          if (next === undefined) continue;
          assert.ok((releaseDistance(release, next, order) ?? Infinity) <= limit);
          if (from !== to) assert.equal(directionOf(release, next, order), "upgrade");
        }
        assert.equal(stops.length, Math.max(0, Math.ceil((to - from) / limit) - 1));
      }),
    );
  });

  it("are none for release sets off the list", () => {
    assert.deepEqual(intermediateStops("gone", "r2026-11", order), []);
    assert.deepEqual(intermediateStops("r2026-05", "gone", order), []);
  });

  it("start at the oldest service", () => {
    const moves = [
      { service: "gim", from: "r2026-11", to: "r2027-05" },
      { service: "gsp", from: null, to: "r2027-05" },
      { service: "gca", from: "r2026-08", to: "r2027-05" },
    ];
    assert.equal(oldestRunning(moves, order), "r2026-08");
    assert.equal(oldestRunning([], order), null);
  });
});
