{{- define "gsp.flinkExtra" -}}
state.checkpoints.num-retained: 3
{{- end }}
