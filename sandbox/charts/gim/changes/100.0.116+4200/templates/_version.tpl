{{- define "gim.versionEnv" -}}
- name: GIM_RUN_EXPORT
  value: "false"
- name: GIM_PARTITIONING_AHEAD_RANGE
  value: "28"
- name: GIM_POPULATE_SURVEY_FACTS
  value: "true"
- name: GIM_POPULATE_BOT_FACTS
  value: "true"
{{- end }}
