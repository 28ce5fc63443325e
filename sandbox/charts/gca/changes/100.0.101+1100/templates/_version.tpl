{{- define "gca.versionEnv" -}}
- name: GCA_SNAPSHOT_INTERVAL
  value: 30s
- name: GCA_TOPIC
  value: gca-cfg
- name: GCA_COMPRESS_SNAPSHOTS
  value: "true"
{{- end }}
