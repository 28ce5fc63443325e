{{- define "gim-monitoring.fullname" -}}
{{- if contains "gim-monitoring" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-gim-monitoring{{ end }}
{{- end }}
{{- define "gim-monitoring.labels" -}}
app.kubernetes.io/name: gim-monitoring
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "gim-monitoring.image" -}}
{{- with .Values.image.registry }}{{ . }}/{{ end }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- define "gim-monitoring.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range $name, $_ := . }}
  - name: {{ $name }}
{{- end }}
{{- end }}
{{- end }}
