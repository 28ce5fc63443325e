import type { Benchmark } from "../contract.ts";
import { backup } from "./backup.ts";
import { driver } from "./driver.ts";
import { failureToEnd } from "./failure-to-end.ts";
import { noop } from "./noop.ts";
import { scaling } from "./scaling.ts";
import { stepStart } from "./step-start.ts";
import { upgrade } from "./upgrade.ts";

/** In the order in which they run: the short ones first. */
export const benchmarks: readonly Benchmark[] = [stepStart, noop, upgrade, driver, failureToEnd, scaling, backup];
