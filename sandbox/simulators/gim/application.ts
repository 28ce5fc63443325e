import { messageOf } from "../../../model/error.ts";
import type { Application, Stage } from "../application.ts";
import { withDatabase } from "../database/connection.ts";
import { imageTagOf } from "../pod.ts";
import { databaseLogin } from "./credentials.ts";
import { makeExportViews } from "./export-views.ts";
import { gimMetrics } from "./metrics.ts";
import { migrate, schemaVersionOf } from "./migrate.ts";
import { pendingVersions, schemaOfImage } from "./schema-versions.ts";
import { recordJob, runTransformation } from "./transformation-job.ts";

const retryMilliseconds = 500;
/** Length of `slowFirstJob` when the fault names none. */
const slowJobMilliseconds = 5000;

/** Plays Genesys Info Mart: migrates the schema when it is too old, runs its first job, then is Ready (seed 001). */
export class GimApplication implements Application {
  private schemaVersion = "";

  async start(stage: Stage, adopted: boolean): Promise<void> {
    if (adopted) {
      await this.readSchemaVersion(stage);
      return;
    }
    await this.patiently(stage, () => this.readSchemaVersion(stage));
    // A migration that fails does not keep GIM from working: it goes on with the schema that it finds.
    await this.runMigration(stage, (line) => stage.note(line)).catch((error: unknown) => {
      if (stage.signal.aborted) throw error;
    });
    stage.note("Job_TransformGIM: first transformation job started");
    await stage.pause(stage.timings.firstJob + stage.faults.delay(stage.pod, "slowFirstJob", slowJobMilliseconds));
    await this.patiently(stage, () => this.runFirstJob(stage));
    stage.note("Job_TransformGIM: first transformation job completed");
  }

  metrics(stage: Stage): string {
    return gimMetrics(stage, this.schemaVersion, Date.now());
  }

  facts(): Record<string, string> {
    return { schema: this.schemaVersion };
  }

  /**
   * Job_MigrateGIM as `kubectl exec` runs it: migrates when needed, then makes the export views when asked to.
   * Rejects when the migration fails.
   */
  async runMigrationJob(stage: Stage, exportViews: boolean, say: (line: string) => void): Promise<void> {
    await this.readSchemaVersion(stage);
    await this.runMigration(stage, say);
    if (!exportViews) return;
    const login = await databaseLogin(stage.api, stage.pod);
    const views = await withDatabase(login, makeExportViews);
    say(`Job_MigrateGIM: export views updated: ${views.join(", ")}`);
  }

  private async runMigration(stage: Stage, say: (line: string) => void): Promise<void> {
    const wanted = schemaOfImage(imageTagOf(stage.pod));
    if (pendingVersions(this.schemaVersion, wanted).length === 0) {
      say(`Job_MigrateGIM: schema ${this.schemaVersion} needs no migration (image brings ${wanted})`);
      return;
    }
    const login = await databaseLogin(stage.api, stage.pod);
    try {
      await withDatabase(login, async (client) => {
        await migrate(client, wanted, {
          pod: stage.pod.metadata.name,
          say,
          beforeChunk: () => stage.pause(stage.timings.migrationChunk),
          beforeCommit: (chunk, of) => {
            if (chunk === Math.ceil(of / 2)) failIfTold(stage);
          },
        });
        await recordJob(client, "Job_MigrateGIM", "COMPLETED", stage.pod.metadata.name);
      });
      say(`Job_MigrateGIM: completed, schema ${wanted}`);
    } catch (error) {
      say(`ERROR Job_MigrateGIM failed, GIM goes on with the schema it has: ${messageOf(error)}`);
      await withDatabase(login, (client) => recordJob(client, "Job_MigrateGIM", "FAILED", messageOf(error))).catch(
        () => undefined,
      );
      throw error;
    } finally {
      await this.readSchemaVersion(stage).catch(() => undefined);
    }
  }

  private async runFirstJob(stage: Stage): Promise<void> {
    const login = await databaseLogin(stage.api, stage.pod);
    await withDatabase(login, (client) => runTransformation(client, stage.pod.metadata.name, new Date()));
    await this.readSchemaVersion(stage);
  }

  private async readSchemaVersion(stage: Stage): Promise<void> {
    const login = await databaseLogin(stage.api, stage.pod);
    this.schemaVersion = await withDatabase(login, schemaVersionOf);
  }

  // GIM waits for its database; it is not Ready meanwhile.
  private async patiently(stage: Stage, work: () => Promise<void>): Promise<void> {
    for (let told = ""; ;) {
      try {
        return await work();
      } catch (error) {
        const text = messageOf(error);
        if (text !== told) stage.note(`ERROR database: ${text}`);
        told = text;
        await stage.pause(retryMilliseconds);
      }
    }
  }
}

function failIfTold(stage: Stage): void {
  const always = stage.faults.find(stage.pod, "migrationErrorAlways") !== undefined;
  if (always || stage.faults.spend(stage.pod, "migrationErrorOnce")) {
    throw new Error("could not receive data from server: Connection timed out");
  }
}
