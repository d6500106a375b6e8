{{/*
The certificate authority of the database's server, for whatever runs on Node: its TLS trusts it beside those it
knows. Each of the three takes database.ca and gives nothing where no ConfigMap is named.
*/}}
{{- define "migration-gate.databaseCa.env" -}}
{{- if (. | default dict).configMap -}}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/database-ca/ca.crt
{{- end -}}
{{- end -}}

{{- define "migration-gate.databaseCa.mount" -}}
{{- if (. | default dict).configMap -}}
- name: database-ca
  mountPath: /etc/database-ca
  readOnly: true
{{- end -}}
{{- end -}}

{{- define "migration-gate.databaseCa.volume" -}}
{{- if (. | default dict).configMap -}}
- name: database-ca
  configMap:
    name: {{ .configMap }}
    items:
      - key: {{ .key | default "ca.crt" }}
        path: ca.crt
{{- end -}}
{{- end -}}
