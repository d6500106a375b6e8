{{/* Whether the release leaves anything to do once its rollout is over: "true" or nothing. */}}
{{- define "migration-gate.contract.wanted" -}}
{{- $enabled := .Values.contract.enabled -}}
{{- if kindIs "invalid" $enabled -}}
{{- $enabled = .Values.release.contract -}}
{{- end -}}
{{- if $enabled -}}true{{- end -}}
{{- end -}}

{{/*
How long the migrator waits for its gate. It starts together with the expand Job, so that Job's time comes first, then
that of the rollout, and then the soak, which counts as waiting.
*/}}
{{- define "migration-gate.contract.waitSeconds" -}}
{{- with .Values.contract -}}
{{- add (int $.Values.migration.activeDeadlineSeconds) (int .waitSeconds) (int .soakSeconds) -}}
{{- end -}}
{{- end -}}

{{/*
When the Job is ended: waiting and working one after the other. A pod that is started again, for example after
the database restarted, waits anew, and within what is left.
*/}}
{{- define "migration-gate.contract.activeDeadlineSeconds" -}}
{{- add (include "migration-gate.contract.waitSeconds" . | int) (int .Values.contract.workSeconds) -}}
{{- end -}}

{{/*
Spec of the contract Job: the same migrator, image and account as the expand Job. As there, exit code 22 (its gate
stayed closed until the end of the wait) is final: what keeps it closed is a process of an older release that somebody
must end, another try would only wait again in silence, and a Failed Job is what alerts look for. Nothing is lost by it:
the running code does without the contract, and contract.attempt, or the next release's expand Job, applies it.
*/}}
{{- define "migration-gate.contract.spec" -}}
{{- $contract := .Values.contract -}}
{{- $args := list "--phase" "contract" "--wait" (printf "%ss" (include "migration-gate.contract.waitSeconds" .)) -}}
{{- if $contract.soakSeconds -}}
{{- $args = concat $args (list "--soak" (printf "%ds" (int $contract.soakSeconds))) -}}
{{- end -}}
{{- include "migration-gate.migratorJob.spec" (dict
      "root" .
      "component" "contract"
      "image" .Values.migration.image
      "imagePath" "migration.image"
      "args" (include "migration-gate.up" (dict "root" . "seconds" $contract.workSeconds "settings" $contract "args" $args) | fromYamlArray)
      "env" (include "migration-gate.secretEnv" (dict "name" "DATABASE_URL" "secret" .Values.database.migrator "path" "database.migrator"))
      "ca" .Values.database.ca
      "serviceAccountName" (include "migration-gate.migrator.serviceAccountName" .)
      "settings" (set (deepCopy $contract) "activeDeadlineSeconds" (include "migration-gate.contract.activeDeadlineSeconds" .))) -}}
{{- end -}}

{{- define "migration-gate.contract.name" -}}
{{- include "migration-gate.jobName" (dict "root" . "prefix" "contract" "spec" (include "migration-gate.contract.spec" .)) -}}
{{- end -}}

{{/*
The contract Job: runs backfills at once, and contracts when no process of an older release is left. A plain resource
that nothing waits for. `helm rollback` deletes it like any other, even in the middle: the migrator is told to stop, the
statement it runs is undone, a proposed floor without its contract counts for nothing, and a backfill has its checkpoint.
*/}}
{{- define "migration-gate.contract.job" -}}
{{- if include "migration-gate.contract.wanted" . -}}
{{- include "migration-gate.job" (dict
      "root" .
      "component" "contract"
      "name" (include "migration-gate.contract.name" .)
      "spec" (include "migration-gate.contract.spec" .)) -}}
{{- end -}}
{{- end -}}
