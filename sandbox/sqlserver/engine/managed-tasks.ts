// STAND-IN for SQL Server: work that goes on in the background, as RDS' tasks and Azure's copies do.
import type { ManagedTask } from "./histories.ts";
import type { Server } from "./session.ts";

export interface TaskEffect {
  /** Why it cannot go on; null: it can. */
  problem?: () => string | null;
  finish: () => void;
  fail?: () => void;
}

/** Starts a task; it ends by itself, sooner or later (fault `slow`), well or not (fault `taskFails`). */
export function startTask(
  server: Server,
  about: Pick<ManagedTask, "type" | "database" | "subject"> & { overwrite?: boolean },
  effect: TaskEffect,
): ManagedTask {
  const now = new Date().toISOString();
  const task: ManagedTask = {
    id: server.store.tasks.length + 1,
    lifecycle: "CREATED",
    percent: 0,
    information: "",
    createdAt: now,
    updatedAt: now,
    overwrite: false,
    ...about,
  };
  server.store.tasks.push(task);
  server.store.saveCatalog();
  const during = about.type === "RESTORE_DB" ? "RESTORE" : "BACKUP";
  const slow = server.faults.find("slow", (fault) => fault.during === undefined || fault.during === during);
  advance(task, server, Math.max(server.workMilliseconds, slow?.milliseconds ?? 0) / 10, effect);
  return task;
}

function advance(task: ManagedTask, server: Server, everyMilliseconds: number, effect: TaskEffect): void {
  setTimeout(() => {
    const failure = server.faults.find("taskFails")?.message ?? effect.problem?.() ?? null;
    task.percent += 10;
    task.lifecycle = "IN_PROGRESS";
    task.updatedAt = new Date().toISOString();
    if (failure !== null) {
      task.lifecycle = "ERROR";
      task.information = failure;
      effect.fail?.();
    } else if (task.percent >= 100) {
      task.lifecycle = "SUCCESS";
      task.information = "Task execution has completed.";
      effect.finish();
    } else advance(task, server, everyMilliseconds, effect);
    server.store.saveCatalog();
  }, everyMilliseconds).unref();
}
