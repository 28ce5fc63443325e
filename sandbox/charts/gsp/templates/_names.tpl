{{- define "gsp.fullname" -}}
{{- if contains "gsp" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-gsp{{ end }}
{{- end }}
{{- define "gsp.labels" -}}
app.kubernetes.io/name: gsp
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "gsp.image" -}}
{{- with .Values.image.registry }}{{ . }}/{{ end }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- define "gsp.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range $name, $_ := . }}
  - name: {{ $name }}
{{- end }}
{{- end }}
{{- end }}
