{{/*
A statement that waits without lock_timeout (CONCURRENTLY, VALIDATE) must end before the Job's deadline does, so that
the migrator can clean up and say why: a minute before, or after half of a short deadline. Never 0: that is no limit.
*/}}
{{- define "migration-gate.statementBudgetSeconds" -}}
{{- $deadline := int .Values.migration.activeDeadlineSeconds -}}
{{- max (sub $deadline 60) (div $deadline 2) 1 -}}
{{- end -}}

{{/* Spec of the expand Job. Holds nothing of the application: an app-only upgrade renders the same text. */}}
{{- define "migration-gate.expand.spec" -}}
{{- $args := list "up" "--statement-budget" (printf "%ss" (include "migration-gate.statementBudgetSeconds" .)) -}}
{{- with .Values.database.recordSchema -}}
{{- $args = concat $args (list "--schema" .) -}}
{{- end -}}
{{- with .Values.database.app.role -}}
{{- $args = concat $args (list "--reader" .) -}}
{{- end -}}
{{- include "migration-gate.migratorJob.spec" (dict
      "root" .
      "component" "migration"
      "image" .Values.migration.image
      "imagePath" "migration.image"
      "args" (concat $args .Values.migration.extraArgs)
      "env" (include "migration-gate.secretEnv" (dict "name" "DATABASE_URL" "secret" .Values.database.migrator "path" "database.migrator"))
      "serviceAccountName" (include "migration-gate.migrator.serviceAccountName" .)
      "settings" .Values.migration) -}}
{{- end -}}

{{/*
The expand Job: a plain resource. A Helm hook would run before the chart's own objects exist or deadlock under --wait,
and .Release.Revision is always 1 under Argo CD.
*/}}
{{- define "migration-gate.expand.job" -}}
{{- include "migration-gate.job" (dict
      "root" .
      "component" "migration"
      "name" (include "migration-gate.expand.name" .)
      "spec" (include "migration-gate.expand.spec" .)) -}}
{{- end -}}
