{{- define "gim.fullname" -}}
{{- if contains "gim" .Release.Name }}{{ .Release.Name }}{{ else }}{{ .Release.Name }}-gim{{ end }}
{{- end }}
{{- define "gim.labels" -}}
app.kubernetes.io/name: gim
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "gim.image" -}}
{{- with .Values.image.registry }}{{ . }}/{{ end }}{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- define "gim.pullSecrets" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range $name, $_ := . }}
  - name: {{ $name }}
{{- end }}
{{- end }}
{{- end }}
