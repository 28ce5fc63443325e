{{- define "gim.versionEnv" -}}
- name: GIM_RUN_EXPORT
  value: "false"
{{- end }}
