{{/*
A statement that waits without lock_timeout (CONCURRENTLY, VALIDATE) must end before the Job's deadline does, so that
the migrator can clean up and say why: a minute before, or after half of a short time. Never 0: that is no limit.
Takes the seconds the Job may work.
*/}}
{{- define "migration-gate.statementBudgetSeconds" -}}
{{- $seconds := int . -}}
{{- max (sub $seconds 60) (div $seconds 2) 1 -}}
{{- end -}}

{{/* Arguments of `migrator up`, as YAML. Takes root, seconds (the Job may work), settings (extraArgs), args of its own. */}}
{{- define "migration-gate.up" -}}
{{- $database := .root.Values.database -}}
{{- $args := concat (list "up") (.args | default list) -}}
{{- $args = concat $args (list "--statement-budget" (printf "%ss" (include "migration-gate.statementBudgetSeconds" .seconds))) -}}
{{- with $database.recordSchema -}}
{{- $args = concat $args (list "--record-schema" .) -}}
{{- end -}}
{{- with $database.recordTable -}}
{{- $args = concat $args (list "--record-table" .) -}}
{{- end -}}
{{- with $database.app.role -}}
{{- $args = concat $args (list "--reader" .) -}}
{{- end -}}
{{- range $database.readers -}}
{{- $args = concat $args (list "--reader" .) -}}
{{- end -}}
{{- range $database.ignoreRoles -}}
{{- $args = concat $args (list "--ignore-role" .) -}}
{{- end -}}
{{- concat $args .settings.extraArgs | toYaml -}}
{{- end -}}
