import type { Application } from "./application.ts";
import { ExporterApplication, GcaApplication } from "./gca/application.ts";
import { GimApplication } from "./gim/application.ts";
import { GspApplication, SavepointApplication } from "./gsp/application.ts";
import { applicationOf, releaseOf, type Pod } from "./pod.ts";
import { PodPlay, type Theatre } from "./pod-play.ts";
import { redpointApplication } from "./redpoint/application.ts";

/** Which simulator plays a pod; null: none. */
function applicationFor(pod: Pod): Application | null {
  switch (applicationOf(pod)) {
    case "gim":
      return new GimApplication();
    case "gsp":
      return new GspApplication(pod.spec.containers[0]?.name ?? "");
    case "gsp-savepoint":
      return new SavepointApplication();
    case "gca":
      return new GcaApplication();
    case "exporter":
      return new ExporterApplication();
    default:
      return redpointApplication(applicationOf(pod));
  }
}

/** All plays of this process, one per pod that is scheduled and ours. */
export class Company {
  private readonly plays = new Map<string, PodPlay>();
  private readonly theatre: Theatre;
  private addresses = 0;

  constructor(theatre: Omit<Theatre, "siblings">) {
    this.theatre = { ...theatre, siblings: (pod) => this.siblings(pod) };
  }

  /** A pod is new or has changed. */
  see(pod: Pod): void {
    const { uid, deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) return this.gone(uid);
    const finished = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
    if (this.plays.has(uid) || pod.spec.nodeName === undefined || finished) return;
    const application = applicationFor(pod);
    if (application === null) return;
    this.addresses += 1;
    const address = `10.64.${Math.floor(this.addresses / 250) % 250}.${(this.addresses % 250) + 1}`;
    const play = new PodPlay(this.theatre, pod, application, address);
    this.plays.set(uid, play);
    void play.run();
  }

  /** A pod is being deleted or does not exist any more. */
  gone(uid: string): void {
    this.plays.get(uid)?.end();
    this.plays.delete(uid);
  }

  /** The play of one pod. */
  find(namespace: string, name: string): PodPlay | undefined {
    return this.all().find(({ pod }) => pod.metadata.namespace === namespace && pod.metadata.name === name);
  }

  /** All plays. */
  all(): PodPlay[] {
    return [...this.plays.values()];
  }

  private siblings(pod: Pod): Pod[] {
    const same = (other: Pod): boolean =>
      other.metadata.namespace === pod.metadata.namespace &&
      applicationOf(other) === applicationOf(pod) &&
      releaseOf(other) === releaseOf(pod);
    return this.all()
      .filter((play) => play.serves && same(play.pod))
      .map((play) => play.pod);
  }
}
