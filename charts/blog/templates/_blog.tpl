{{- define "blog.labels" -}}
{{ include "migration-gate.labels" (dict "root" . "component" "web") }}
app.kubernetes.io/version: {{ .Values.release.version | quote }}
{{- end -}}

{{- define "blog.selectorLabels" -}}
{{ include "migration-gate.selectorLabels" (dict "root" . "component" "web") }}
{{- end -}}

{{- define "blog.image" -}}
{{ include "migration-gate.image" (dict "image" .Values.image "path" "image") }}
{{- end -}}

{{/* Items of initContainers: the gate, unless another way of migrating stands in for it, then what else is wanted. */}}
{{- define "blog.initContainers" -}}
{{- if .Values.gate.enabled -}}
{{- include "migration-gate.initContainer" . | nindent 0 -}}
{{- end -}}
{{- with .Values.extraInitContainers -}}
{{- tpl (toYaml .) $ | nindent 0 -}}
{{- end -}}
{{- end -}}

{{/* Items of volumes. Without the gate no pod needs a token. */}}
{{- define "blog.volumes" -}}
{{- $gate := .Values.gate.enabled -}}
{{- include (ternary "migration-gate.volumes" "blog.databaseCa.volume" $gate) . -}}
{{- end -}}

{{- define "blog.databaseCa.volume" -}}
{{- include "migration-gate.databaseCa.volume" .Values.database.ca -}}
{{- end -}}

{{/* Where a pod tells of itself. */}}
{{- define "blog.metricsPort" -}}
9464
{{- end -}}

{{/* Leave the routes, drain kept-alive connections, finish the slowest request, close the database: one after another. */}}
{{- define "blog.terminationGracePeriodSeconds" -}}
{{- with .Values.rollout -}}
{{- add (int .preStopSeconds) (int .drainSeconds) (int .shutdownSeconds) 5 -}}
{{- end -}}
{{- end -}}

{{/* How many pods, in words. */}}
{{- define "blog.pods" -}}
{{- with .Values.autoscaling -}}
{{- if .enabled -}}{{ int .minReplicas }} to {{ int .maxReplicas }}{{- else -}}{{ int $.Values.replicaCount }}{{- end -}}
{{- end -}}
{{- end -}}
