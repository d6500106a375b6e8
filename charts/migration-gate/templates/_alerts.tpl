{{/*
Alerts on the series of kube-state-metrics, as groups of rules: what stands below `spec` of a PrometheusRule, or in a
rule file of Prometheus. Objects are chosen by namespace and name, so nothing needs to be on the allowlist for labels,
and `max by` makes one alert of what two replicas of kube-state-metrics report.
*/}}
{{- define "migration-gate.alerts.groups" -}}
{{- $ns := .Release.Namespace -}}
{{- $expand := include "migration-gate.alerts.jobs" (dict "root" . "kinds" (list "migrate")) -}}
{{- $contract := include "migration-gate.alerts.jobs" (dict "root" . "kinds" (list "contract")) -}}
{{- $jobs := include "migration-gate.alerts.jobs" (dict "root" . "kinds" (list "migrate" "contract")) -}}
{{- $gate := printf `namespace="%s", container="wait-for-migration"` $ns -}}
{{- $deployments := include "migration-gate.alerts.deployments" . -}}
{{- $pods := printf `max by (namespace, pod) (kube_pod_owner{namespace="%s", owner_kind="ReplicaSet", owner_name=~"(%s)-[a-z0-9]+"})` $ns $deployments -}}
{{- $job := "{{ $labels.job_name }}" -}}
{{- $pod := "{{ $labels.pod }}" -}}
{{- $howLong := "{{ $value | humanizeDuration }}" -}}
groups:
  - name: {{ include "migration-gate.fullname" . }}.migration
    rules:
      {{- include "migration-gate.alert" (dict "root" . "name" "MigrationFailed"
            "expr" (include "migration-gate.alerts.failed" $expand)
            "summary" (printf "Migration %s failed; its release waits for it." $job)
            "description" (printf "The pods that serve go on serving. Why it failed: kubectl -n %s describe job/%s, and kubectl -n %s logs job/%s. When that is repaired, deploy the same release with migration.attempt=%d, or go back: helm -n %s rollback %s." $ns $job $ns $job (add 1 (int .Values.migration.attempt)) $ns .Release.Name)) | nindent 6 }}
      {{- include "migration-gate.alert" (dict "root" . "name" "MigrationContractFailed"
            "expr" (include "migration-gate.alerts.failed" $contract)
            "summary" (printf "Contract Job %s failed; the schema still has what the new release no longer needs." $job)
            "description" (printf "Everything goes on serving. Why it failed, and which older process is still alive: kubectl -n %s logs job/%s. When that is repaired, deploy the same release with contract.attempt=%d, or leave it to the next release." $ns $job (add 1 (int .Values.contract.attempt)))) | nindent 6 }}
      {{- include "migration-gate.alert" (dict "root" . "name" "MigrationTooLong"
            "expr" (include "migration-gate.alerts.tooLong" (dict "jobs" $jobs "percent" .Values.alerts.jobDeadlinePercent))
            "summary" (printf "Job %s has been running for %s, more than %d %% of the time it has." $job $howLong (int .Values.alerts.jobDeadlinePercent))
            "description" (printf "At its activeDeadlineSeconds it is killed and has failed. What it is doing, or who holds the lock it needs: kubectl -n %s logs job/%s --tail=20." $ns $job)) | nindent 6 }}
      {{- $seconds := include "migration-gate.alerts.gateSeconds" . }}
      {{- include "migration-gate.alert" (dict "root" . "name" "MigrationGateStuck" "for" $seconds
            "expr" (include "migration-gate.alerts.stuck" (dict "gate" $gate "pods" $pods))
            "summary" (printf "Pod %s has waited for its migration for more than %s s." $pod $seconds)
            "description" (printf "No Job has ended, for or against it. What it waits for: kubectl -n %s logs %s -c wait-for-migration. The Jobs that are there: kubectl -n %s get jobs." $ns $pod $ns)) | nindent 6 }}
      {{- include "migration-gate.alert" (dict "root" . "name" "MigrationGateRefuses" "for" 300
            "expr" (include "migration-gate.alerts.refuses" (dict "gate" $gate "pods" $pods))
            "summary" (printf "Pod %s is kept back: its gate refuses to open, or cannot run." $pod)
            "description" (printf "It does not start until somebody repairs the cause, which stands below Init Containers: kubectl -n %s describe pod %s." $ns $pod)) | nindent 6 }}
      {{- $seconds = include "migration-gate.alerts.mixedSeconds" . }}
      {{- include "migration-gate.alert" (dict "root" . "name" "MigrationMixedVersions" "for" $seconds
            "expr" (include "migration-gate.alerts.mixed" (dict "namespace" $ns "deployments" $deployments))
            "summary" (printf "Deployment %s has had ready pods of {{ $value }} revisions for more than %s s." "{{ $labels.owner_name }}" $seconds)
            "description" (printf "The rollout does not end, and contract migrations wait for the older release. Which pods are old, and what the new ones lack: kubectl -n %s rollout status deploy/%s, and kubectl -n %s get pods -L app.kubernetes.io/version." $ns "{{ $labels.owner_name }}" $ns)) | nindent 6 }}
{{- end -}}

{{/* One rule. Takes root, name, expr, summary, description and, where it has one, for (in seconds). */}}
{{- define "migration-gate.alert" -}}
{{- $alerts := .root.Values.alerts -}}
- alert: {{ .name }}
  expr: |
    {{- .expr | nindent 4 }}
  {{- with .for }}
  for: {{ . }}s
  {{- end }}
  labels:
    {{- merge (dict) $alerts.alertLabels (dict "severity" "warning" "release" .root.Release.Name) | toYaml | nindent 4 }}
  annotations:
    summary: {{ .summary | quote }}
    description: {{ .description | quote }}
    {{- with $alerts.runbookUrl }}
    runbook_url: {{ printf "%s#%s" . ($.name | lower) | quote }}
    {{- end }}
{{- end -}}

{{/* The alerts for the Prometheus operator; nothing unless they are asked for. */}}
{{- define "migration-gate.prometheusRule" -}}
{{- if .Values.alerts.enabled -}}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ include "migration-gate.suffixed" (dict "root" . "suffix" "migration") }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "migration-gate.labels" (dict "root" . "component" "alerts") | fromYaml | merge (dict) .Values.alerts.labels | toYaml | nindent 4 }}
spec:
  {{- include "migration-gate.alerts.groups" . | nindent 2 }}
{{- end -}}
{{- end -}}
