{{- define "postgres.labels" -}}
{{ include "migration-gate.labels" (dict "root" . "component" "database") }}
{{- end -}}

{{- define "postgres.selectorLabels" -}}
{{ include "migration-gate.selectorLabels" (dict "root" . "component" "database") }}
{{- end -}}

{{- define "postgres.bootstrap.spec" -}}
{{- with .Values -}}
{{- $env := list
      (include "migration-gate.secretEnv" (dict "name" "DATABASE_URL" "secret" (dict "existingSecret" .admin.existingSecret "key" .admin.urlKey) "path" "admin"))
      (include "migration-gate.secretEnv" (dict "name" "MIGRATOR_DATABASE_URL" "secret" .bootstrap.migrator "path" "bootstrap.migrator"))
      (include "migration-gate.secretEnv" (dict "name" "APP_DATABASE_URL" "secret" .bootstrap.app "path" "bootstrap.app")) -}}
{{- include "migration-gate.migratorJob.spec" (dict
      "root" $
      "component" "bootstrap"
      "image" .bootstrap.image
      "imagePath" "bootstrap.image"
      "args" (list "bootstrap")
      "env" (join "\n" $env)
      "serviceAccountName" (include "migration-gate.fullname" $)
      "settings" .bootstrap) -}}
{{- end -}}
{{- end -}}

{{- define "postgres.bootstrap.name" -}}
{{- include "migration-gate.jobName" (dict "root" . "prefix" "bootstrap" "spec" (include "postgres.bootstrap.spec" .)) -}}
{{- end -}}
