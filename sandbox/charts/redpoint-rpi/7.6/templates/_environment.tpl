{{/* Environment of one service: dict root, key. */}}
{{- define "rpi.environment" -}}
{{- $v := .root.Values }}
{{- $o := $v.databases.operational }}
{{- $secret := $v.cloudIdentity.secretsManagement.secretName }}
{{- $inSecret := eq $v.cloudIdentity.secretsManagement.secretsProvider "kubernetes" }}
{{- if eq .key "deploymentapi" }}
- name: ClusterEnvironment__OperationalDatabase__PulseDatabaseName
  value: {{ $o.pulse_database_name | quote }}
- name: ClusterEnvironment__OperationalDatabase__LoggingDatabaseName
  value: {{ $o.pulse_logging_database_name | quote }}
- name: ClusterEnvironment__OperationalDatabase__ConnectionSettings__Server
  value: {{ $o.server_host | quote }}
- name: ClusterEnvironment__OperationalDatabase__ConnectionSettings__Username
  value: {{ $o.server_username | quote }}
- name: ClusterEnvironment__OperationalDatabase__ConnectionSettings__DatabaseSchema
  value: {{ $o.databaseSchema | quote }}
{{- with include "rpi.databaseType" .root }}
- name: ClusterEnvironment__OperationalDatabase__DatabaseType
  value: {{ . }}
{{- end }}
{{- if $inSecret }}
{{ include "rpi.fromSecret" (dict "secret" $secret "name" "ClusterEnvironment__OperationalDatabase__ConnectionSettings__Password" "key" "Operations_Database_Server_Password") }}
{{- end }}
{{- end }}
{{- if $inSecret }}
{{ include "rpi.fromSecret" (dict "secret" $secret "name" "CONNECTIONSTRINGS__LOGGINGDATABASE" "key" "ConnectionString_Logging_Database") }}
{{ include "rpi.fromSecret" (dict "secret" $secret "name" "CONNECTIONSTRINGS__OPERATIONALDATABASE" "key" "ConnectionString_Operations_Database") }}
{{- end }}
{{- if eq .key "executionservice" }}
- name: RPI__SMTP__Address
  value: {{ $v.SMTPSettings.SMTP_Address | quote }}
- name: RPI__SMTP__EmailSenderAddress
  value: {{ $v.SMTPSettings.SMTP_SenderAddress | quote }}
{{- if and $inSecret $v.SMTPSettings.UseCredentials }}
{{ include "rpi.fromSecret" (dict "secret" $secret "name" "RPI__SMTP__Password" "key" "SMTP_Password") }}
{{- end }}
{{- with $v.storage.persistentVolumeClaims.FileOutputDirectory }}
{{- if .enabled }}
- name: RPI__FileOutput__Directory
  value: {{ .mountPath }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq .key "interactionapi" }}
- name: RPIClient__HelpStartPageURL
  value: {{ $v.interactionapi.helpStartPageURL | quote }}
{{- end }}
{{- if eq .key "queuereader" }}
- name: QueueService__QueueListener__IsEnabled
  value: {{ $v.queuereader.queueListenerEnabled | quote }}
- name: QueueService__QueueListener__QueuePath
  value: {{ $v.realtimeapi.queueProvider.queueNames.listenerQueuePath | quote }}
{{- end }}
{{- if eq .key "realtimeapi" }}
{{- include "rpi.realtimeEnvironment" . }}
{{- end }}
{{- end }}
{{- define "rpi.realtimeEnvironment" -}}
{{- $r := .root.Values.realtimeapi }}
{{- $secret := .root.Values.cloudIdentity.secretsManagement.secretName }}
- name: RealtimeAPIConfiguration__AppSettings__RPIClientID
  value: {{ $r.rpiClientID | quote }}
{{- if eq $r.authentication.type "basic" }}
{{ include "rpi.fromSecret" (dict "secret" $secret "name" "RealtimeAPIConfiguration__AppSettings__RPIAuthToken" "key" "RealtimeAPI_Auth_Token") }}
{{- end }}
{{- if $r.cacheProvider.enabled }}
- name: RealtimeAPIConfiguration__CacheSettings__Provider
  value: {{ $r.cacheProvider.provider | quote }}
{{- with get (dict "mongodb" "RealtimeAPI_MongoCache_ConnectionString" "redis" "RealtimeAPI_RedisCache_ConnectionString" "inMemorySql" "RealtimeAPI_inMemorySql_ConnectionString") $r.cacheProvider.provider }}
{{ include "rpi.fromSecret" (dict "secret" $secret "name" "RealtimeAPIConfiguration__CacheSettings__ConnectionString" "key" .) }}
{{- end }}
{{- end }}
{{- if $r.queueProvider.enabled }}
- name: RealtimeAPIConfiguration__Queues__Provider
  value: {{ $r.queueProvider.provider | quote }}
{{- with get (dict "azureservicebus" "RealtimeAPI_ServiceBus_ConnectionString" "azureeventhubs" "RealtimeAPI_EventHub_ConnectionString" "rabbitmq" "RABBITMQ_Password") $r.queueProvider.provider }}
{{ include "rpi.fromSecret" (dict "secret" $secret "name" "RealtimeAPIConfiguration__Queues__Secret" "key" .) }}
{{- end }}
{{- end }}
{{- end }}
