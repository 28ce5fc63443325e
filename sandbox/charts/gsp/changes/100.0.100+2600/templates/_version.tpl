{{- define "gsp.flinkExtra" -}}
state.checkpoints.num-retained: 3
high-availability.kubernetes.leader-election.lease-duration: 60s
{{- end }}
