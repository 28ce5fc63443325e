{{- define "gim.versionEnv" -}}
- name: GIM_RUN_EXPORT
  value: "false"
- name: GIM_PARTITIONING_AHEAD_RANGE
  value: "14"
- name: GIM_POPULATE_SURVEY_FACTS
  value: "true"
{{- end }}
