{{/* Environment of one service: dict root, key. */}}
{{- define "rpi.environment" -}}
{{- $root := .root }}
{{- $v := .root.Values }}
{{- $inSecret := ne $v.secretsManagement.provider "sdk" }}
{{- if eq .key "deploymentapi" }}
- name: ClusterEnvironment__OperationalDatabase__ConnectionSettings__DatabaseSchema
  value: {{ $v.databases.operational.databaseSchema | default "dbo" | quote }}
{{- with include "rpi.databaseType" .root }}
- name: ClusterEnvironment__OperationalDatabase__DatabaseType
  value: {{ . }}
{{- end }}
{{- if $inSecret }}
{{- range $name, $key := dict "PulseDatabaseName" "Pulse_Database_Name" "LoggingDatabaseName" "Pulse_Logging_Database_Name" "ConnectionSettings__Server" "ServerHost" "ConnectionSettings__Username" "Server_Username" "ConnectionSettings__Password" "Server_Password" }}
{{ include "rpi.fromSecret" (dict "root" $root "name" (printf "ClusterEnvironment__OperationalDatabase__%s" $name) "key" (printf "Operations_Database_%s" $key)) }}
{{- end }}
{{- end }}
{{- end }}
{{- if $inSecret }}
{{ include "rpi.fromSecret" (dict "root" $root "name" "CONNECTIONSTRINGS__LOGGINGDATABASE" "key" "ConnectionString_Logging_Database") }}
{{ include "rpi.fromSecret" (dict "root" $root "name" "CONNECTIONSTRINGS__OPERATIONALDATABASE" "key" "ConnectionString_Operations_Database") }}
{{- end }}
{{- if eq .key "executionservice" }}
- name: RPI__SMTP__Address
  value: {{ $v.SMTPSettings.SMTP_Address | quote }}
- name: RPI__SMTP__EmailSenderAddress
  value: {{ $v.SMTPSettings.SMTP_SenderAddress | quote }}
{{- if and $inSecret $v.SMTPSettings.UseCredentials }}
{{ include "rpi.fromSecret" (dict "root" $root "name" "RPI__SMTP__Password" "key" "SMTP_Password") }}
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
  value: {{ $v.interactionapi.helpStartPageURL | default "" | quote }}
{{- end }}
{{- if eq .key "queuereader" }}
- name: QueueService__QueueListener__IsEnabled
  value: {{ $v.queuereader.queueListenerEnabled | quote }}
- name: QueueService__QueueListener__QueuePath
  value: {{ $v.realtimeapi.queueProvider.queueNames.listenerQueuePath | quote }}
{{- if and $inSecret $v.queuereader.realtimeConfiguration.isDistributed }}
{{ include "rpi.fromSecret" (dict "root" $root "name" "QueueService__RedisCache__ConnectionString" "key" "QueueService_RedisCache_ConnectionString") }}
{{ include "rpi.fromSecret" (dict "root" $root "name" "QueueService__RabbitMQ__Password" "key" "QueueService_RabbitMQ_Password") }}
{{- end }}
{{- end }}
{{- if eq .key "realtimeapi" }}
{{- include "rpi.realtimeEnvironment" (dict "root" .root "inSecret" $inSecret) }}
{{- end }}
{{- end }}
{{- define "rpi.realtimeEnvironment" -}}
{{- $root := .root }}
{{- $r := .root.Values.realtimeapi }}
- name: RealtimeAPIConfiguration__AppSettings__RPIClientID
  value: {{ $r.rpiClientID | quote }}
{{- if .inSecret }}
{{- if eq $r.authentication.type "basic" }}
{{ include "rpi.fromSecret" (dict "root" $root "name" "RealtimeAPIConfiguration__AppSettings__RPIAuthToken" "key" "RealtimeAPI_Auth_Token") }}
{{- else }}
{{ include "rpi.fromSecret" (dict "root" $root "name" "ConnectionStrings__DefaultConnection" "key" "ConnectionString_RealtimeApi_OAuth") }}
{{- end }}
{{- end }}
{{- if $r.cacheProvider.enabled }}
- name: RealtimeAPIConfiguration__CacheSettings__Provider
  value: {{ $r.cacheProvider.provider | quote }}
{{- with get (dict "mongodb" "RealtimeAPI_MongoCache_ConnectionString" "redis" "RealtimeAPI_RedisCache_ConnectionString" "inMemorySql" "RealtimeAPI_inMemorySql_ConnectionString") $r.cacheProvider.provider }}
{{- if $.inSecret }}
{{ include "rpi.fromSecret" (dict "root" $root "name" "RealtimeAPIConfiguration__CacheSettings__ConnectionString" "key" .) }}
{{- end }}
{{- end }}
{{- end }}
{{- if $r.queueProvider.enabled }}
- name: RealtimeAPIConfiguration__Queues__Provider
  value: {{ $r.queueProvider.provider | quote }}
{{- with get (dict "azureservicebus" "RealtimeAPI_ServiceBus_ConnectionString" "azureeventhubs" "RealtimeAPI_EventHub_ConnectionString" "rabbitmq" "RealtimeAPI_RabbitMQ_Password") $r.queueProvider.provider }}
{{- if $.inSecret }}
{{ include "rpi.fromSecret" (dict "root" $root "name" "RealtimeAPIConfiguration__Queues__Secret" "key" .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
