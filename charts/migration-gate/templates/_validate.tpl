{{/* What looks harmless and is not, refused in one sentence each. Here, because a chart that uses the library may have no schema. */}}
{{- define "migration-gate.validate" -}}
{{- with .Values -}}

{{- $migrator := .database.migrator.existingSecret | default "" -}}
{{- if and $migrator (eq $migrator (.database.app.existingSecret | default "")) -}}
{{- fail (printf "database.migrator and database.app both name the Secret %s: give each its own, with a role of its own, or the application could change the schema." $migrator) -}}
{{- end -}}

{{- if not .database.app.role -}}
{{- fail "database.app.role names the role in the URL of database.app: the migrator lets it read the record of migrations, without which no gate opens." -}}
{{- end -}}

{{- if lt (int .gate.marginSeconds) 1 -}}
{{- fail (printf "gate.marginSeconds is %v: the gate would give up before the Job's deadline, and its pods would start anew while the migration still runs; leave at least 1." .gate.marginSeconds) -}}
{{- end -}}

{{- if and .release.level (not (regexMatch "^[0-9]{13}$" (toString .release.level))) -}}
{{- fail (printf "release.level is %v: it is a timestamp of 13 digits, in quotes, or YAML makes a rounded number of it." .release.level) -}}
{{- end -}}

{{- $key := regexFind "[0-9]{13}$" (.release.schemaKey | default "") -}}
{{- if and $key .release.level (gt $key (toString .release.level)) -}}
{{- fail (printf "release.level %v is older than the migration release.schemaKey %s: take both from the migrations.json of one release." .release.level .release.schemaKey) -}}
{{- end -}}

{{- end -}}
{{- end -}}
