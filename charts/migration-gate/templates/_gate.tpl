{{/* How long the gate waits: as long as the Job may take, and a margin. */}}
{{- define "migration-gate.timeoutSeconds" -}}
{{- add (int .Values.migration.activeDeadlineSeconds) (int .Values.gate.marginSeconds) -}}
{{- end -}}

{{/*
For the Deployment: a rollout that waits for its migration is no stuck rollout. After the gate's timeout, once the
start-up time for scheduling and pulling and once for starting.
*/}}
{{- define "migration-gate.progressDeadlineSeconds" -}}
{{- add (include "migration-gate.timeoutSeconds" . | int) (mul 2 (int .Values.rollout.startupSeconds)) -}}
{{- end -}}

{{/* An item of initContainers. Needs the volumes below in the same pod. */}}
{{- define "migration-gate.initContainer" -}}
{{- include "migration-gate.validate" . -}}
- name: wait-for-migration
  image: {{ include "migration-gate.image" (dict "image" .Values.gate.image "path" "gate.image") | quote }}
  imagePullPolicy: {{ .Values.gate.image.pullPolicy }}
  args:
    - {{ include "migration-gate.expand.name" . }}
    - --schema
    - {{ required "release.schemaKey names the migration the new code needs: take it from the release's migrations.json." .Values.release.schemaKey | quote }}
    - --level
    - {{ required "release.level is the timestamp of the release's last migration: take it from the release's migrations.json." .Values.release.level | quote }}
    - --timeout
    - {{ printf "%ss" (include "migration-gate.timeoutSeconds" .) }}
    {{- with .Values.database.recordSchema }}
    - --record-schema
    - {{ . | quote }}
    {{- end }}
    {{- with .Values.database.recordTable }}
    - --record-table
    - {{ . | quote }}
    {{- end }}
    {{- if .Values.rbac.diagnostics }}
    - --diagnostics
    {{- end }}
  env:
    {{- include "migration-gate.secretEnv" (dict "name" "DATABASE_URL" "secret" .Values.database.app "path" "database.app") | nindent 4 }}
    {{- with include "migration-gate.databaseCa.env" .Values.database.ca }}
    {{- . | nindent 4 }}
    {{- end }}
  # The gate writes its last line to the termination log; should it die before that, its log says why.
  terminationMessagePolicy: FallbackToLogsOnError
  securityContext:
    {{- include "migration-gate.containerSecurityContext" . | nindent 4 }}
  {{- with .Values.gate.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - name: migration-gate-token
      mountPath: /var/run/secrets/kubernetes.io/serviceaccount
      readOnly: true
    {{- with include "migration-gate.databaseCa.mount" .Values.database.ca }}
    {{- . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* Items of volumes: all that the gate mounts. */}}
{{- define "migration-gate.volumes" -}}
{{- include "migration-gate.tokenVolume" . -}}
{{- with include "migration-gate.databaseCa.volume" .Values.database.ca -}}
{{- . | nindent 0 -}}
{{- end -}}
{{- end -}}

{{/*
An item of volumes: what Kubernetes mounts into every container by default, as a volume of our own, so that only the
gate gets it. The application has no token.
*/}}
{{- define "migration-gate.tokenVolume" -}}
- name: migration-gate-token
  projected:
    sources:
      - serviceAccountToken:
          path: token
          expirationSeconds: 3600
      - configMap:
          name: kube-root-ca.crt
          items:
            - key: ca.crt
              path: ca.crt
      - downwardAPI:
          items:
            - path: namespace
              fieldRef:
                fieldPath: metadata.namespace
{{- end -}}
