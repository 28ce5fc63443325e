import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { CutoverError } from "../../model/error.ts";
import { lastLines, runCommand } from "../process/run.ts";
import { toolchainCache } from "../toolchain/cache-folder.ts";
import { withFolderLock } from "../toolchain/folder-lock.ts";
import { findOnPath } from "../toolchain/on-path.ts";
import { withProgress } from "../toolchain/progress.ts";

export const kafkaVersion = "3.9.1";

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>dev.cutover</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${kafkaVersion}</version></dependency>
  </dependencies>
</project>
`;

/** Java with Kafka's jars, or why there is none. */
export type KafkaJars = { java: string; jars: string } | { missing: string };

/** Finds Java and Kafka's jars; the jars are fetched once per user by Maven. Throws CUT-9050 when Maven fails. */
export async function ensureKafkaJars(say: (line: string) => void): Promise<KafkaJars> {
  const java = findOnPath("java");
  if (java === null) return { missing: "java is not on PATH" };
  const folder = path.join(toolchainCache(), `kafka-${kafkaVersion}`);
  if (existsSync(folder)) return { java, jars: folder };
  const maven = findOnPath("mvn");
  if (maven === null) return { missing: "mvn is not on PATH" };
  await withFolderLock(`${folder}.lock`, `kafka ${kafkaVersion}`, say, async () => {
    if (existsSync(folder)) return;
    await withProgress(`Kafka ${kafkaVersion} by Maven`, 10, say, () => copyJars(maven, folder));
  });
  return { java, jars: folder };
}

async function copyJars(maven: string, folder: string): Promise<void> {
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  await writeFile(path.join(part, "pom.xml"), pom);
  const goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", `-DoutputDirectory=${part}`];
  const result = await runCommand(maven, ["-q", "-B", "-f", path.join(part, "pom.xml"), ...goal], {
    timeoutMilliseconds: 300_000,
  });
  if (result.exitCode !== 0) {
    throw new CutoverError({
      code: "CUT-9050",
      verdict: "errored",
      happened: `Maven could not fetch Kafka ${kafkaVersion}`,
      evidence: lastLines(`${result.stdout}\n${result.stderr}`, 6),
      next: "see the lines above (is the Maven repository within reach?), then run the same command again",
    });
  }
  await rename(part, folder);
}
