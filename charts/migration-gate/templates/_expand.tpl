{{/* Spec of the expand Job. Holds nothing of the application: an app-only upgrade renders the same text. */}}
{{- define "migration-gate.expand.spec" -}}
{{- include "migration-gate.migratorJob.spec" (dict
      "root" .
      "component" "migration"
      "image" .Values.migration.image
      "imagePath" "migration.image"
      "args" (include "migration-gate.up" (dict "root" . "seconds" .Values.migration.activeDeadlineSeconds "settings" .Values.migration) | fromYamlArray)
      "env" (include "migration-gate.secretEnv" (dict "name" "DATABASE_URL" "secret" .Values.database.migrator "path" "database.migrator"))
      "ca" .Values.database.ca
      "serviceAccountName" (include "migration-gate.migrator.serviceAccountName" .)
      "settings" .Values.migration) -}}
{{- end -}}

{{/*
The expand Job: a plain resource. A Helm hook would run before the chart's own objects exist or deadlock under --wait,
and .Release.Revision is always 1 under Argo CD.
*/}}
{{- define "migration-gate.expand.job" -}}
{{- include "migration-gate.validate" . -}}
{{- include "migration-gate.job" (dict
      "root" .
      "component" "migration"
      "name" (include "migration-gate.expand.name" .)
      "spec" (include "migration-gate.expand.spec" .)) -}}
{{- end -}}
