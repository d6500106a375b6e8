{{/*
Which Jobs: those named by jobName, of any release of this application. Not the one of this release alone: the rule is
the last thing an upgrade writes, and one that breaks off before would be watched by the rule of the release before.
Takes root, kinds ("migrate", "contract").
*/}}
{{- define "migration-gate.alerts.jobs" -}}
{{- $names := list -}}
{{- range .kinds -}}
{{- $name := include "migration-gate.suffixed" (dict "root" $.root "suffix" (printf "%s-0000000000" .)) -}}
{{- $names = append $names (printf "%s[0-9a-f]{10}" (trimSuffix "0000000000" $name | replace "." "[.]")) -}}
{{- end -}}
namespace="{{ .root.Release.Namespace }}", job_name=~"{{ join "|" $names }}"
{{- end -}}

{{/* Which Deployments have the gate, as a pattern. */}}
{{- define "migration-gate.alerts.deployments" -}}
{{- .Values.alerts.deployments | default (list (include "migration-gate.fullname" .)) | join "|" | replace "." "[.]" -}}
{{- end -}}

{{/* How long a pod may stand in its gate: until the gate's own timeout, and once the time to start. */}}
{{- define "migration-gate.alerts.gateSeconds" -}}
{{- .Values.alerts.gateSeconds | default (add (include "migration-gate.timeoutSeconds" . | int) (int .Values.rollout.startupSeconds)) | int -}}
{{- end -}}

{{/* How long two releases may serve: half of the time the contract Job grants the older one, so that it is heard before that Job fails. */}}
{{- define "migration-gate.alerts.mixedSeconds" -}}
{{- .Values.alerts.mixedVersionsSeconds | default (div (int .Values.contract.waitSeconds) 2 | max 1) | int -}}
{{- end -}}

{{/*
The latest of these Jobs failed. The condition, not the pods that failed: a pod may be tried again. The latest: what
runs after it, another attempt or a rollback, ends the alert, also where nobody removes the old Job (Argo CD without
prune). Takes what chooses the Jobs.
*/}}
{{- define "migration-gate.alerts.failed" -}}
max by (namespace, job_name) (kube_job_failed{condition="true", {{ . }}}) == 1
and on (namespace, job_name)
topk by (namespace) (1, max by (namespace, job_name) (kube_job_created{ {{- . -}} }))
{{- end -}}

{{/* A Job that has not ended has used up so much of its own deadline. Takes jobs, percent. */}}
{{- define "migration-gate.alerts.tooLong" -}}
(time() - max by (namespace, job_name) (kube_job_status_start_time{ {{- .jobs -}} }))
  > {{ divf .percent 100 }} * max by (namespace, job_name) (kube_job_spec_active_deadline_seconds{ {{- .jobs -}} })
unless on (namespace, job_name)
(kube_job_complete{condition="true", {{ .jobs }}} == 1 or kube_job_failed{condition="true", {{ .jobs }}} == 1)
{{- end -}}

{{/*
The gate runs. A gate that timed out is started again within seconds, which a look at the last two minutes bridges.
Takes gate and pods, which choose the containers and give the pods that exist.
*/}}
{{- define "migration-gate.alerts.stuck" -}}
max by (namespace, pod) (max_over_time(kube_pod_init_container_status_running{ {{- .gate -}} }[2m])) == 1
and on (namespace, pod) {{ .pods }}
{{- end -}}

{{/*
The gate ended with an error and waits to be started again, or cannot be started at all. Between two tries it runs for
some seconds, so it counts as refusing for five minutes after it was last seen to wait. Takes gate, pods.
*/}}
{{- define "migration-gate.alerts.refuses" -}}
max by (namespace, pod) (
  max_over_time(kube_pod_init_container_status_waiting_reason{ {{- .gate }}, reason!~"PodInitializing|ContainerCreating"}[5m])
) == 1
and on (namespace, pod) {{ .pods }}
{{- end -}}

{{/*
Several ReplicaSets of one Deployment have ready pods. No label of a pod is needed to know it; what differs may be the
configuration instead of the version. Takes namespace, deployments.
*/}}
{{- define "migration-gate.alerts.mixed" -}}
count by (namespace, owner_name) (
  max by (namespace, replicaset, owner_name) (
    kube_replicaset_owner{namespace="{{ .namespace }}", owner_kind="Deployment", owner_name=~"{{ .deployments }}"}
  )
  and on (namespace, replicaset)
  max by (namespace, replicaset) (kube_replicaset_status_ready_replicas{namespace="{{ .namespace }}"}) > 0
) > 1
{{- end -}}
