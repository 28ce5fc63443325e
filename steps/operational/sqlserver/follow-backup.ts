import { setTimeout as sleep } from "node:timers/promises";
import type { BackupDevice } from "../../../clients/sqlserver/statements.ts";
import { lookAtBackup } from "./look-at-backup.ts";
import { untilReachable } from "./patience.ts";
import { Percent } from "./percent.ts";
import type { SqlServerView } from "./view.ts";

const [firstPause, longestPause] = [250, 5_000];

/** Waits until a BACKUP that another connection began is over, however it ends. */
export async function followBackup(
  view: SqlServerView,
  wanted: { database: string; name: string; device: BackupDevice },
): Promise<void> {
  const { signal } = view.context;
  const percent = new Percent(view, wanted.database);
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    signal.throwIfAborted();
    if (view.seesRequests) await untilReachable(view, () => percent.askOnce(wanted.name));
    const { state } = await untilReachable(view, () => lookAtBackup(view, wanted));
    if (state !== "running") return;
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
}
