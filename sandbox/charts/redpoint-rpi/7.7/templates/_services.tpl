{{/* `probes`: callbackapi has none in this generation. */}}
{{- define "rpi.services" -}}
- { key: callbackapi, probes: false, host: callbackapi }
- { key: deploymentapi, probes: true, host: config }
- { key: executionservice, probes: true }
- { key: integrationapi, probes: true, host: integration }
- { key: interactionapi, probes: true, host: client }
- { key: nodemanager, probes: true }
- { key: queuereader, probes: true }
- { key: realtimeapi, probes: true, host: realtime }
{{- end }}
{{/* dict root, name */}}
{{- define "rpi.labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/part-of: redpoint-rpi
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Values.global.deployment.images.tag | quote }}
{{- with .root.Values.customLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- define "rpi.image" -}}
{{- $images := .root.Values.global.deployment.images }}
{{- $name := get ($images.nameOverrides | default dict) .name | default .name }}
{{- get ($images.overrides | default dict) .name | default (printf "%s/%s:%s" $images.registry $name $images.tag) }}
{{- end }}
{{- define "rpi.pullSecrets" -}}
{{- with .Values.global.deployment.images.imagePullSecret }}
{{- if .enabled }}
imagePullSecrets:
  - name: {{ .name }}
{{- end }}
{{- end }}
{{- end }}
{{- define "rpi.secretName" -}}
{{- if eq .Values.secretsManagement.provider "csi" }}{{ .Values.secretsManagement.csi.secretName }}
{{- else if eq .Values.secretsManagement.provider "sdk" }}rpi-internal-services
{{- else }}{{ .Values.secretsManagement.kubernetes.secretName }}{{ end }}
{{- end }}
{{- define "rpi.databaseType" -}}
{{- $provider := .Values.databases.operational.provider -}}
{{- if eq $provider "postgresql" }}PostgreSQL
{{- else if eq $provider "sqlserveronvm" }}SQLServer
{{- else if eq $provider "sqlserver" -}}
{{- get (dict "amazon" "AmazonRDSSQL" "azure" "AzureSQLDatabase" "google" "GoogleCloudSQL") .Values.global.deployment.platform }}
{{- end }}
{{- end }}
{{/* dict root, name, key */}}
{{- define "rpi.fromSecret" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ include "rpi.secretName" .root }}
      key: {{ .key }}
{{- end }}
