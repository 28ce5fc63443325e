{{- define "gim.versionEnv" -}}
- name: GIM_RUN_EXPORT
  value: "false"
- name: GIM_PARTITIONING_AHEAD_RANGE
  value: "14"
{{- end }}
