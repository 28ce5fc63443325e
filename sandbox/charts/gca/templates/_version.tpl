{{- define "gca.versionEnv" -}}
- name: GCA_SNAPSHOT_INTERVAL
  value: 60s
{{- end }}
