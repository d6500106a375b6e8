{{/* Everything but your own Deployment, so that one file of your chart is enough. What is not wanted is not there. */}}
{{- define "migration-gate.manifests" -}}
{{- $names := list "serviceAccounts" "role" "roleBinding" "networkPolicy" "prometheusRule" "expand.job" "contract.job" -}}
{{- range $names -}}
{{- with include (printf "migration-gate.%s" .) $ | trim }}
---
{{ . }}
{{- end -}}
{{- end -}}
{{- end -}}
