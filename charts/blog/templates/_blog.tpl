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
