{{- define "gca.fullname" -}}
{{- if contains "gca" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-gca{{ end }}
{{- end }}
{{- define "gca.labels" -}}
app.kubernetes.io/name: gca
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "gca.image" -}}
{{- with .Values.image.registry }}{{ . }}/{{ end }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- define "gca.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range $name, $_ := . }}
  - name: {{ $name }}
{{- end }}
{{- end }}
{{- end }}
