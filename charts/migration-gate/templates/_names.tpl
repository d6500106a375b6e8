{{/* Name in front of every object: fullnameOverride, else the release name, with the chart's where it does not say it. */}}
{{- define "migration-gate.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* <fullname>-<suffix> in at most 63 characters: the fullname is cut, never the suffix. Takes root, suffix. */}}
{{- define "migration-gate.suffixed" -}}
{{- $room := sub 62 (len .suffix) | int -}}
{{- printf "%s-%s" (include "migration-gate.fullname" .root | trunc $room | trimSuffix "-") .suffix -}}
{{- end -}}

{{/*
<fullname>-<prefix>-<hash of the rendered Job spec>. A Job's spec is immutable, so another spec must be another Job,
and the same spec must be the same Job, finished or not. Hashed as JSON: comments and indentation in templates do not
count. Takes root, prefix, spec.
*/}}
{{- define "migration-gate.jobName" -}}
{{- $hash := .spec | fromYaml | toJson | sha256sum | trunc 10 -}}
{{- include "migration-gate.suffixed" (dict "root" .root "suffix" (printf "%s-%s" .prefix $hash)) -}}
{{- end -}}

{{/* The expand Job's name: the one place it is made, for the Job, the gate and its Role. */}}
{{- define "migration-gate.expand.name" -}}
{{- include "migration-gate.jobName" (dict "root" . "prefix" "migrate" "spec" (include "migration-gate.expand.spec" .)) -}}
{{- end -}}

{{/* The account of the application's pods, whose token the gate gets. */}}
{{- define "migration-gate.serviceAccountName" -}}
{{- .Values.gate.serviceAccount.name | default (include "migration-gate.fullname" .) -}}
{{- end -}}

{{- define "migration-gate.migrator.serviceAccountName" -}}
{{- include "migration-gate.suffixed" (dict "root" . "suffix" "migrator") -}}
{{- end -}}
