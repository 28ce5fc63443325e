{{/* `probe`: path of the readiness probe, which this generation points at /health/live; "" where it has none. */}}
{{- define "rpi.services" -}}
- { key: callbackapi, probe: "", host: callback }
- { key: deploymentapi, probe: "", host: config }
- { key: executionservice, probe: /health/live }
- { key: integrationapi, probe: /health/live, host: integration }
- { key: interactionapi, probe: /health/live, host: client }
- { key: nodemanager, probe: /health/live }
- { key: queuereader, probe: /health/live }
- { key: realtimeapi, probe: /health/live, host: realtime }
{{- end }}
{{/* dict root, name */}}
{{- define "rpi.labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: rpi
app.kubernetes.io/version: {{ .root.Values.global.deployment.images.tag | quote }}
{{- end }}
{{/* The server part of a connection string: 1433 unless the host brings a port. */}}
{{- define "rpi.server" -}}
{{- if contains "," . }}{{ . }}{{ else }}{{ . }},1433{{ end }}
{{- end }}
{{- define "rpi.connection" -}}
{{- $o := .operational -}}
{{- if eq $o.provider "postgresql" -}}
PostgreSQL:Server={{ $o.server_host }};Database={{ .database }};User Id={{ $o.server_username }};Password={{ $o.server_password }};
{{- else if eq $o.provider "sqlserveronvm" -}}
Server={{ include "rpi.server" $o.server_host }};Database={{ .database }};uid={{ $o.server_username }};pwd={{ $o.server_password }};ConnectRetryCount=12;ConnectRetryInterval=10;{{ if $o.encrypt }}Encrypt=True;{{ end }}TrustServerCertificate=True;
{{- else -}}
Server=tcp:{{ include "rpi.server" $o.server_host }};Database={{ .database }};User ID={{ $o.server_username }};Password={{ $o.server_password }};Encrypt=True;TrustServerCertificate=True;Connection Timeout=30;
{{- end }}
{{- end }}
{{- define "rpi.databaseType" -}}
{{- $platform := .Values.global.deployment.platform -}}
{{- $provider := .Values.databases.operational.provider -}}
{{- if eq $provider "postgresql" }}PostgreSQL
{{- else if eq $provider "sqlserveronvm" }}SQLServer
{{- else if eq $provider "sqlserver" -}}
{{- get (dict "amazon" "AmazonRDSSQL" "azure" "AzureSQLDatabase" "google" "GoogleCloudSQL") $platform }}
{{- end }}
{{- end }}
{{- define "rpi.fromSecret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ .secret }}
      key: {{ .key }}
{{- end }}
