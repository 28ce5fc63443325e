// STAND-IN for SQL Server: who is connected, and what runs.
import { bigint, bit, datetime, int, nvarchar, real, smallint } from "../sql/types.ts";
import { hasServerPermission } from "./permissions.ts";
import type { Running, Session } from "./session.ts";
import { view, type View } from "./view.ts";
import { localTime } from "./wall-clock.ts";

/** Without VIEW SERVER STATE a session sees itself only. */
function visible(session: Session): Session[] {
  const all = [...session.server.sessions.values()];
  return hasServerPermission(session, "VIEW SERVER STATE") ? all : all.filter((each) => each === session);
}

interface Request {
  owner: Session;
  running: Running;
}

function requests(session: Session): Request[] {
  return visible(session).flatMap((owner) => {
    if (owner.running !== null) return [{ owner, running: owner.running }];
    return owner === session ? [{ owner, running: { command: "SELECT", percent: 0, startedAt: Date.now() } }] : [];
  });
}

function elapsed({ running }: Request): number {
  return Date.now() - running.startedAt;
}

function left(request: Request): bigint {
  const { percent } = request.running;
  return percent <= 0 ? 0n : BigInt(Math.round((elapsed(request) * (100 - percent)) / percent));
}

export const sessionViews: Record<string, View> = {
  "sys.dm_exec_requests": view<Request>(requests, {
    session_id: [smallint, ({ owner }) => owner.id],
    request_id: [int, () => 0],
    start_time: [datetime, ({ running }) => localTime(new Date(running.startedAt))],
    status: [nvarchar(30), ({ running }) => (running.command === "SELECT" ? "running" : "suspended")],
    command: [nvarchar(32), ({ running }) => running.command],
    database_id: [smallint, ({ owner }) => owner.database.id],
    percent_complete: [real, ({ running }) => running.percent],
    estimated_completion_time: [bigint, left],
    total_elapsed_time: [int, elapsed],
  }),
  "sys.dm_exec_sessions": view<Session>(visible, {
    session_id: [smallint, (each) => each.id],
    login_time: [datetime, (each) => localTime(each.connectedAt)],
    host_name: [nvarchar(128), (each) => each.hostName],
    program_name: [nvarchar(128), (each) => each.application],
    login_name: [nvarchar(128), (each) => each.login.user],
    status: [nvarchar(30), (each) => (each.running === null ? "sleeping" : "running")],
    is_user_process: [bit, () => true],
    database_id: [smallint, (each) => each.database.id],
    open_transaction_count: [int, (each) => (each.transaction === null ? 0 : 1)],
  }),
};
