{{/* Rules of egress, each a list item. Names are looked up over both protocols. */}}
{{- define "migration-gate.egress.dns" -}}
- to:
    {{- toYaml .Values.networkPolicy.dns.to | nindent 4 }}
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end -}}

{{- define "migration-gate.egress.database" -}}
- to:
    {{- toYaml .Values.networkPolicy.database.to | nindent 4 }}
  ports:
    - port: {{ int .Values.networkPolicy.database.port }}
      protocol: TCP
{{- end -}}

{{/* The API server is no pod: it can only be named by its address. */}}
{{- define "migration-gate.egress.apiServer" -}}
- to:
    {{- range .Values.networkPolicy.apiServer.cidrs }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  ports:
    - port: {{ int .Values.networkPolicy.apiServer.port }}
      protocol: TCP
{{- end -}}

{{/* What a pod with the gate must reach; add what your application needs beside it. */}}
{{- define "migration-gate.egress.gate" -}}
{{- include "migration-gate.networkPolicy.validate" . -}}
{{ include "migration-gate.egress.dns" . }}
{{ include "migration-gate.egress.database" . }}
{{ include "migration-gate.egress.apiServer" . }}
{{- end -}}

{{/* For the pods of both Jobs: nobody reaches them, and they reach DNS and the database. */}}
{{- define "migration-gate.networkPolicy" -}}
{{- if .Values.networkPolicy.enabled -}}
{{- include "migration-gate.networkPolicy.validate" . -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "migration-gate.suffixed" (dict "root" . "suffix" "migrator") }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "migration-gate.labels" (dict "root" . "component" "migration") | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ include "migration-gate.migrator.appName" . }}
      app.kubernetes.io/instance: {{ .Release.Name }}
  policyTypes: [Ingress, Egress]
  egress:
    {{- include "migration-gate.egress.dns" . | nindent 4 }}
    {{- include "migration-gate.egress.database" . | nindent 4 }}
{{- end -}}
{{- end -}}

{{- define "migration-gate.networkPolicy.validate" -}}
{{- with .Values.networkPolicy -}}
{{- if not .database.to -}}
{{- fail "networkPolicy.database.to says where the database is, as the `to` of a NetworkPolicy; without it the policy would cut the pods off from it." -}}
{{- end -}}
{{- if not .apiServer.cidrs -}}
{{- fail "networkPolicy.apiServer.cidrs lists the API server's addresses, without which no gate hears of its Job: kubectl get endpointslices -n default -l kubernetes.io/service-name=kubernetes shows them." -}}
{{- end -}}
{{- end -}}
{{- end -}}
