{{/* What selects an object. Never a version: selectors and finished Jobs outlive it. Takes root and, for what has one, component. */}}
{{- define "migration-gate.selectorLabels" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{/* Labels of an object itself. Takes root, component. */}}
{{- define "migration-gate.labels" -}}
{{ include "migration-gate.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end -}}

{{/*
Labels of a Job's pod. It is no "name" of the application: a Service that selects by name and instance alone, as
`helm create` writes it, would send requests to a running migrator, and an autoscaler would count it.
*/}}
{{- define "migration-gate.jobPodLabels" -}}
app.kubernetes.io/name: {{ include "migration-gate.migrator.appName" .root }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "migration-gate.migrator.appName" -}}
{{- printf "%s-migrator" (.Chart.Name | trunc 54 | trimSuffix "-") -}}
{{- end -}}
