{{- define "gsp.podLabels" -}}
app: {{ include "gsp.fullname" . }}
{{ include "gsp.labels" . }}
{{- end }}
{{- define "gsp.env" -}}
- name: S3_ACCESS_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.job.storage.s3.secret }}
      key: accessKey
- name: S3_SECRET_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.job.storage.s3.secret }}
      key: secretKey
- name: KAFKA_BOOTSTRAP
  value: {{ .Values.kafka.bootstrap | quote }}
{{- end }}
