{{- define "gim-monitoring.moreRules" -}}
- alert: GimOOMKilled
  expr: kube_pod_container_status_last_terminated_reason{reason="OOMKilled"} > 0
  for: 5m
{{- end }}
