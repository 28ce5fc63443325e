import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse, stringify } from "yaml";
import type { Sandbox } from "../contracts.ts";
import { ClusterApi } from "../simulators/cluster-api.ts";

/** Somebody else than the one who runs: the API server knows them by a token of their own. */
export interface SecondPerson {
  /** The Kubernetes user that `cutover:approvals` names. */
  username: string;
  /** A kubeconfig with that identity; it may read and write ConfigMaps of the ledgers' namespace and nothing else. */
  kubeconfig: string;
}

const namespace = "people";
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const apiGroup = "rbac.authorization.k8s.io";
const hourSeconds = 3600;

/**
 * Makes a ServiceAccount with just enough rights for `cutover approve` (the ledgers in `ledgerNamespace`), and a kubeconfig with a
 * token for an hour. Rejects with `ApiError`.
 */
export async function addSecondPerson(
  sandbox: Pick<Sandbox, "directory" | "kubeconfig">,
  name: string,
  ledgerNamespace: string,
): Promise<SecondPerson> {
  const api = new ClusterApi(sandbox.kubeconfig);
  const apply = (at: string, body: Record<string, unknown>) => api.patch(at, body, "apply");
  for (const one of [namespace, ledgerNamespace]) {
    await apply(`/api/v1/namespaces/${one}`, { apiVersion: "v1", kind: "Namespace", metadata: { name: one } });
  }
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
  await apply(account, { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
  const role = { apiVersion: `${apiGroup}/v1`, metadata: { name: "cutover-approver", namespace: ledgerNamespace } };
  await apply(`${rbac}/namespaces/${ledgerNamespace}/roles/cutover-approver`, {
    ...role,
    kind: "Role",
    rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "create", "update", "patch"] }],
  });
  await apply(`${rbac}/namespaces/${ledgerNamespace}/rolebindings/cutover-approver`, {
    ...role,
    kind: "RoleBinding",
    subjects: [{ kind: "ServiceAccount", name, namespace }],
    roleRef: { apiGroup, kind: "Role", name: "cutover-approver" },
  });
  const request = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: hourSeconds },
  };
  const { status } = await api.call<{ status: { token: string } }>("POST", `${account}/token`, request);
  const kubeconfig = path.join(sandbox.directory, `kubeconfig-${ledgerNamespace}-${name}`);
  const admin = parse(await readFile(sandbox.kubeconfig, "utf8")) as { users: { name: string }[] };
  const users = admin.users.map((user) => ({ name: user.name, user: { token: status.token } }));
  await writeFile(kubeconfig, stringify({ ...admin, users }), { mode: 0o600 });
  return { username: `system:serviceaccount:${namespace}:${name}`, kubeconfig };
}
