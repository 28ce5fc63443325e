import type { Verb } from "../verb.ts";
import { ack } from "./acknowledge.ts";
import { adopt } from "./adopt.ts";
import { announce } from "./announce.ts";
import { approve } from "./approve.ts";
import { attest } from "./attest.ts";
import { backup } from "./backup.ts";
import { exportViews } from "./export-views.ts";
import { history, show } from "./history.ts";
import { hold, unhold } from "./hold.ts";
import { install } from "./install.ts";
import { issue } from "./issue.ts";
import { ledger } from "./ledger.ts";
import { plan } from "./plan.ts";
import { promote } from "./promote.ts";
import { recover } from "./recover.ts";
import { rehearse } from "./rehearse.ts";
import { restore } from "./restore.ts";
import { rollback } from "./rollback.ts";
import { status } from "./status.ts";
import { uninstall } from "./uninstall.ts";
import { upgrade } from "./upgrade.ts";
import { verify } from "./verify.ts";
import { watch } from "./watch.ts";

/** All verbs, in the order in which help shows them. */
export const verbs: readonly Verb[] = [
  plan,
  install,
  adopt,
  upgrade,
  rollback,
  uninstall,
  rehearse,
  recover,
  verify,
  watch,
  exportViews,
  backup,
  restore,
  promote,
  approve,
  announce,
  hold,
  unhold,
  status,
  history,
  show,
  ledger,
  ack,
  attest,
  issue,
];
