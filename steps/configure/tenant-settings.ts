import type { StepContext } from "../context.ts";
import type { DatabaseHost } from "../operational/database-host.ts";
import { openHost } from "../operational/open-host.ts";
import { listTenants, readTenantSetting, writeTenantSetting } from "../operational/settings.ts";
import type { ConfigureStepSpec } from "./licence.ts";

/** The tenants' settings in the operational databases, as far as the user's statements reach them. */
export interface TenantSettingStore {
  /** Suffixes of the tenants that the databases show. */
  tenants(): Promise<string[]>;
  /** Absent: there is no statement, so that people have to look. Null: the tenant has no such setting. */
  read?(tenant: string, setting: string): Promise<string | null>;
  /** Absent as well where it could not be read back. */
  write?(tenant: string, setting: string, value: string): Promise<void>;
  /** Ends the connection that all questions share. */
  close(): Promise<void>;
}

/** Null: the platform has no operational databases. */
export function tenantSettingsOf(context: StepContext, spec: ConfigureStepSpec): TenantSettingStore | null {
  const { operationalDatabases: databases, tenantSettings: statements } = spec;
  if (databases === null) return null;
  const readable = statements?.read !== undefined;
  let opened: Promise<DatabaseHost> | null = null;
  const host = (): Promise<DatabaseHost> => (opened ??= openHost(context, databases, "server"));
  return {
    close: async () => {
      if (opened !== null) await (await opened.catch(() => null))?.close();
    },
    tenants: () => listTenants(context, databases),
    ...(statements !== null && readable
      ? {
          read: async (tenant, setting) =>
            readTenantSetting(context, databases, statements, tenant, setting, await host()),
        }
      : {}),
    ...(statements !== null && readable && statements.write !== undefined
      ? {
          write: async (tenant, setting, value) =>
            writeTenantSetting(context, databases, statements, tenant, setting, value, await host()),
        }
      : {}),
  };
}
