{{/* Two accounts without a token of their own: the Job needs none, and the gate brings its volume. */}}
{{- define "migration-gate.serviceAccounts" -}}
{{- with include "migration-gate.serviceAccount" . -}}
{{ . }}
---
{{ end -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "migration-gate.migrator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "migration-gate.labels" (dict "root" . "component" "migration") | nindent 4 }}
automountServiceAccountToken: false
{{- end -}}

{{/* That of the application's pods alone; nothing where it is made elsewhere. */}}
{{- define "migration-gate.serviceAccount" -}}
{{- if .Values.gate.serviceAccount.create -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "migration-gate.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "migration-gate.labels" (dict "root" .) | nindent 4 }}
automountServiceAccountToken: false
{{- end -}}
{{- end -}}

{{/*
What the gate may do: read this one Job. With resourceNames, list and watch are granted only for requests that carry
fieldSelector=metadata.name=<that name>, which is how the gate asks. With rbac.diagnostics also the pods and logs of the
whole namespace: the names of a Job's pods cannot be known beforehand.
*/}}
{{- define "migration-gate.role" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ include "migration-gate.suffixed" (dict "root" . "suffix" "gate") }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "migration-gate.labels" (dict "root" . "component" "gate") | nindent 4 }}
rules:
  - apiGroups: [batch]
    resources: [jobs]
    resourceNames: [{{ include "migration-gate.expand.name" . }}]
    verbs: [get, list, watch]
  {{- if .Values.rbac.diagnostics }}
  - apiGroups: [""]
    resources: [pods]
    verbs: [get, list]
  - apiGroups: [""]
    resources: [pods/log]
    verbs: [get]
  {{- end }}
{{- end -}}

{{- define "migration-gate.roleBinding" -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ include "migration-gate.suffixed" (dict "root" . "suffix" "gate") }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "migration-gate.labels" (dict "root" . "component" "gate") | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ include "migration-gate.suffixed" (dict "root" . "suffix" "gate") }}
subjects:
  - kind: ServiceAccount
    name: {{ include "migration-gate.serviceAccountName" . }}
    namespace: {{ .Release.Namespace }}
{{- end -}}
