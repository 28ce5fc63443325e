// A small chart with a hook Job, for tests of Helm releases.
import { mkdir } from "node:fs/promises";
import type { EngineProject } from "./engine-project.ts";

/** Writes ./chart: a ConfigMap with `tag` and `content`, and a hook Job that runs, or fails by its deadline (`hook: bad`). */
export async function writeHookChart(project: EngineProject, version: string, content = "first"): Promise<void> {
  await mkdir(`${project.folder}/chart/templates`, { recursive: true });

  await project.write("chart/Chart.yaml", `apiVersion: v2\nname: app\nversion: ${version}\nappVersion: "7"\n`);
  await project.write(
    "chart/templates/map.yaml",
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "{{ .Release.Name }}-map"}\n` +
      `data: {tag: {{ .Values.tag | quote }}, content: ${content}}\n`,
  );
  // A hook that cannot be scheduled fails by its deadline; the other one runs on the simulated node.
  await project.write(
    "chart/templates/hook.yaml",
    `{{- if .Values.hook }}
apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-pre"
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  backoffLimit: 0
  {{- if ne .Values.hook "good" }}
  activeDeadlineSeconds: {{ .Values.deadline | default 1 }}
  {{- end }}
  template:
    spec:
      restartPolicy: Never
      containers: [{name: main, image: none}]
      {{- if ne .Values.hook "good" }}
      nodeSelector: {nowhere: "true"}
      {{- end }}
{{- end }}
`,
  );
}
