{{/* What the schema cannot compare, or can only refuse without saying why. One sentence each. */}}
{{- define "blog.validate" -}}
{{- with .Values -}}

{{- if not (has (toString .rollout.maxUnavailable) (list "0" "0%")) -}}
{{- fail (printf "rollout.maxUnavailable is %v: pods that serve would end before new ones are ready, and during a migration none becomes ready for as long as that takes; it must be 0." .rollout.maxUnavailable) -}}
{{- end -}}

{{- if has (toString .rollout.maxSurge) (list "0" "0%") -}}
{{- fail "rollout.maxSurge is 0: with maxUnavailable 0 no pod could ever be replaced; allow at least 1." -}}
{{- end -}}

{{- if has (toString .podDisruptionBudget.maxUnavailable) (list "0" "0%") -}}
{{- fail "podDisruptionBudget.maxUnavailable is 0: no node under these pods could ever be drained; allow at least 1, or set podDisruptionBudget.enabled to false." -}}
{{- end -}}

{{- if .autoscaling.enabled -}}
{{- if gt (int .autoscaling.minReplicas) (int .autoscaling.maxReplicas) -}}
{{- fail (printf "autoscaling.minReplicas %d is more than autoscaling.maxReplicas %d: swap them, or raise the second." (int .autoscaling.minReplicas) (int .autoscaling.maxReplicas)) -}}
{{- end -}}
{{- if not (dig "requests" "cpu" "" .resources) -}}
{{- fail "autoscaling is on, but resources.requests.cpu is not set: the autoscaler measures usage in percent of it, and would never scale." -}}
{{- end -}}
{{- end -}}

{{- if and .ingress.enabled (not .ingress.hosts) -}}
{{- fail "ingress is on, but ingress.hosts is empty: name the hosts the blog answers for, or it would answer for every one." -}}
{{- end -}}

{{- end -}}
{{- end -}}
