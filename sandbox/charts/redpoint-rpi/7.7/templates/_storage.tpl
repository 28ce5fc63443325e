{{/* The shared folders of one service: all but deploymentapi have them, the plugins only realtimeapi. dict root, key */}}
{{- define "rpi.mounts" -}}
{{- $key := .key }}
{{- range $name, $claim := .root.Values.storage.persistentVolumeClaims }}
{{- if and $claim.enabled (ne $key "deploymentapi") (or (ne $name "Plugins") (eq $key "realtimeapi")) }}
- name: {{ lower $name }}
  mountPath: {{ $claim.mountPath }}
{{- end }}
{{- end }}
{{- end }}
{{- define "rpi.volumes" -}}
{{- $key := .key }}
{{- range $name, $claim := .root.Values.storage.persistentVolumeClaims }}
{{- if and $claim.enabled (ne $key "deploymentapi") (or (ne $name "Plugins") (eq $key "realtimeapi")) }}
- name: {{ lower $name }}
  persistentVolumeClaim:
    claimName: {{ $claim.claimName }}
{{- end }}
{{- end }}
{{- end }}
