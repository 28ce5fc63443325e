{{- define "gca-monitoring.fullname" -}}
{{- if contains "gca-monitoring" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-gca-monitoring{{ end }}
{{- end }}
{{- define "gca-monitoring.labels" -}}
app.kubernetes.io/name: gca-monitoring
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "gca-monitoring.image" -}}
{{- with .Values.image.registry }}{{ . }}/{{ end }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- define "gca-monitoring.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range $name, $_ := . }}
  - name: {{ $name }}
{{- end }}
{{- end }}
{{- end }}
