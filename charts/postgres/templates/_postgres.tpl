{{- define "postgres.labels" -}}
{{ include "migration-gate.labels" (dict "root" . "component" "database") }}
{{- end -}}

{{- define "postgres.selectorLabels" -}}
{{ include "migration-gate.selectorLabels" (dict "root" . "component" "database") }}
{{- end -}}

{{/* The image that brings Node to the bootstrap Job also waits for the database: a failed pod would cost ten seconds and more. */}}
{{- define "postgres.bootstrap.wait" -}}
- name: wait-for-postgres
  image: {{ include "migration-gate.image" (dict "image" .Values.bootstrap.image "path" "bootstrap.image") | quote }}
  imagePullPolicy: {{ .Values.bootstrap.image.pullPolicy }}
  command: [/nodejs/bin/node, --input-type=module, --eval]
  args:
    - |
      {{- .Files.Get "files/speaks-postgres.mjs" | nindent 6 }}
    - {{ include "migration-gate.fullname" . }}
    - {{ .Values.bootstrap.activeDeadlineSeconds | quote }}
  terminationMessagePolicy: FallbackToLogsOnError
  securityContext:
    {{- include "migration-gate.containerSecurityContext" . | nindent 4 }}
  {{- with .Values.bootstrap.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
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
      "initContainers" (include "postgres.bootstrap.wait" $)
      "args" (list "bootstrap")
      "env" (join "\n" $env)
      "serviceAccountName" (include "migration-gate.fullname" $)
      "settings" .bootstrap) -}}
{{- end -}}
{{- end -}}

{{- define "postgres.bootstrap.name" -}}
{{- include "migration-gate.jobName" (dict "root" . "prefix" "bootstrap" "spec" (include "postgres.bootstrap.spec" .)) -}}
{{- end -}}
