import type { SandboxDatabase } from "../contracts.ts";
import { ClusterApi } from "./cluster-api.ts";
import type { Login } from "./database/connection.ts";
import { ensureTemplate } from "./database/template.ts";
import { ensureTenantDatabase } from "./database/tenant.ts";
import { prepareNamespaces, serviceNamespaces } from "./namespaces.ts";

/** What the applications need before they are installed. */
export interface PrepareOptions {
  kubeconfig: string;
  database: SandboxDatabase;
  /** Each prefix gets namespaces `<prefix>gim`, `<prefix>gsp`, `<prefix>gca` and a database per tenant. */
  prefixes: readonly string[];
  tenants: readonly string[];
  /** Rows in each big fact table. */
  factRows: number;
  /** Unused today; part of the sandbox's common signature. */
  environment?: Record<string, string>;
  /** Receives progress lines. */
  say?: (line: string) => void;
}

/** The login that GIM of one prefix and tenant has; for tests that look into the database. */
export interface PreparedTenant {
  prefix: string;
  tenant: string;
  login: Login;
}

/**
 * Creates namespaces, Secrets and Info Mart databases of the oldest schema. May be called again, also for further
 * prefixes: what exists stays (databases keep their content, passwords are replaced in role and Secret alike).
 */
export async function prepareApplications(options: PrepareOptions): Promise<PreparedTenant[]> {
  const { database, factRows, prefixes, tenants } = options;
  const say = options.say ?? (() => undefined);
  const api = new ClusterApi(options.kubeconfig);
  const began = Date.now();
  const template = await ensureTemplate(database, factRows, new Date());
  say(`Info Mart template database with ${factRows} rows in each big fact: ${Date.now() - began} ms`);
  const prepared: PreparedTenant[] = [];
  for (const prefix of prefixes) {
    const logins = new Map<string, Login>();
    // One after the other: a template database can be copied by one session at a time only.
    for (const tenant of tenants) {
      const login = await ensureTenantDatabase(database, template, prefix, tenant);
      logins.set(tenant, login);
      prepared.push({ prefix, tenant, login });
      say(`database ${login.database} for tenant ${tenant}`);
    }
    await prepareNamespaces(api, serviceNamespaces(prefix), logins);
    say(`namespaces ${Object.values(serviceNamespaces(prefix)).join(", ")} with their Secrets`);
  }
  return prepared;
}
