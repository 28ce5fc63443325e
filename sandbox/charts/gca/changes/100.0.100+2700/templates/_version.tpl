{{- define "gca.versionEnv" -}}
- name: GCA_SNAPSHOT_INTERVAL
  value: 60s
- name: GCA_TOPIC
  value: gca-cfg
{{- end }}
