// The simulated nodes' door. kwok 0.8 does not tell the client of a port-forward that the container has closed its connection: it waits
// for the client's side to close too (pkg/utils/net/tunnel.go), where a container runtime ends the stream. This stands between the API
// server and kwok's port and ends it; everything else goes through unchanged, in both directions. Opened for Redpoint's pods only.
import { connect, type Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { AddressInfo } from "node:net";
import type { ClusterApi } from "../cluster-api.ts";

interface Node {
  metadata: { name: string; annotations?: Record<string, string> };
  status: { daemonEndpoints: { kubeletEndpoint: { Port: number } } };
}

/** Where kwok itself listens; a later process of the simulators needs it, when the node's status names an earlier door. */
const portAnnotation = "sandbox.cutover.dev/kwok-port";
/** What the container wrote last still has to pass kwok. */
const drainMilliseconds = 300;
const acceptMilliseconds = 1000;

/** Ends port-forwards whose container has closed its connection. */
export class NodeDoor {
  /** What waits for the container's side of its connection: `<namespace>/<pod>`. */
  private readonly waiting = new Map<string, (container: Socket) => void>();
  private readonly turns = new Map<string, Promise<void>>();
  private readonly kwokPort: number;

  private constructor(kwokPort: number) {
    this.kwokPort = kwokPort;
  }

  /** Listens, and puts the door's port into the nodes' status. */
  static async open(api: ClusterApi): Promise<NodeDoor> {
    // Loaded only here: Info Mart's simulators need no certificate. The API server does not check it.
    const { makeCertificate } = await import("../../sqlserver/certificates/certificate.ts");
    const now = Date.now();
    const { certificate, key } = makeCertificate({
      name: "simulated node",
      hosts: ["localhost"],
      validFrom: new Date(now - 86_400_000),
      validTo: new Date(now + 30 * 86_400_000),
    });
    const { items } = await api.call<{ items: Node[] }>("GET", "/api/v1/nodes");
    const [first] = items;
    const known = Number(first?.metadata.annotations?.[portAnnotation]);
    const door = new NodeDoor(known > 0 ? known : (first?.status.daemonEndpoints.kubeletEndpoint.Port ?? 0));
    const pem = key.export({ type: "pkcs8", format: "pem" });
    const server = createServer({ cert: certificate, key: pem }, (socket) => door.enter(socket));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => resolve());
    });
    server.unref();
    const { port } = server.address() as AddressInfo;
    for (const { metadata } of items) {
      const path = `/api/v1/nodes/${metadata.name}`;
      await api.patch(path, { metadata: { annotations: { [portAnnotation]: String(door.kwokPort) } } });
      await api.patch(`${path}/status`, { status: { daemonEndpoints: { kubeletEndpoint: { Port: port } } } });
    }
    return door;
  }

  /** A pod's container got a connection. */
  accepted(pod: string, container: Socket): void {
    this.waiting.get(pod)?.(container);
  }

  private enter(client: TLSSocket): void {
    const kwok = connect(this.kwokPort, "127.0.0.1");
    const end = (): void => {
      client.destroy();
      kwok.destroy();
    };
    for (const socket of [client, kwok]) socket.on("error", end).on("close", end);
    kwok.pipe(client);
    let head = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      if (!head.includes("\r\n")) return;
      client.off("data", read);
      client.pause();
      const pod = forwardedPod(head.toString("latin1"));
      const passOn = (): void => {
        kwok.write(head);
        client.pipe(kwok);
      };
      if (pod === null) passOn();
      else this.inTurn(pod, passOn, end);
    };
    client.on("data", read);
  }

  // One after the other for each pod, so that the container's next connection is this session's.
  private inTurn(pod: string, passOn: () => void, end: () => void): void {
    const turn = async (): Promise<void> => {
      passOn();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, acceptMilliseconds);
        this.waiting.set(pod, (container) => {
          container.once("close", () => setTimeout(end, drainMilliseconds));
          clearTimeout(timer);
          resolve();
        });
      });
      this.waiting.delete(pod);
    };
    this.turns.set(pod, (this.turns.get(pod) ?? Promise.resolve()).then(turn));
  }
}

/**
 * `<namespace>/<pod>` of a port-forward that has one connection for itself (WebSocket); null: anything else. kubectl's (SPDY) carries
 * many connections in one and is left alone.
 */
export function forwardedPod(head: string): string | null {
  const match = /^GET \/portForward\/([^/?\s]+)\/([^/?\s]+)[^\s]*[?&]port=/.exec(head);
  return match === null ? null : `${match[1]}/${match[2]}`;
}

let door: Promise<NodeDoor> | undefined;

/** The process's one door, opened when it is first needed. */
export function nodeDoor(api: ClusterApi): Promise<NodeDoor> {
  door ??= NodeDoor.open(api);
  return door;
}
