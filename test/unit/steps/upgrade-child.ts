// A step process for tests that kill it: argv[2] is JSON of {folder, spec}.
import { run } from "../../../steps/upgrade-api/index.ts";
import { stepContext } from "./upgrade-context.ts";

const { folder, spec } = JSON.parse(process.argv[2] ?? "{}") as { folder: string; spec: Record<string, unknown> };
await run(stepContext({ folder, step: "migrate", spec }));
