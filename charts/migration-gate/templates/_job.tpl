{{/*
Spec of a Job that runs the migrator once. Takes root, component, image (with path), args, env, serviceAccountName,
settings (attempt, activeDeadlineSeconds, backoffLimit, ttlSecondsAfterFinished, resources) and, if any, initContainers
and ca (database.ca).
*/}}
{{- define "migration-gate.migratorJob.spec" -}}
backoffLimit: {{ int .settings.backoffLimit }}
activeDeadlineSeconds: {{ int .settings.activeDeadlineSeconds }}
{{- with .settings.ttlSecondsAfterFinished }}
ttlSecondsAfterFinished: {{ int . }}
{{- end }}
# A pod on its way out still holds the migration lock: start the next one only when it is gone.
podReplacementPolicy: Failed
podFailurePolicy:
  rules:
    # An evicted or drained pod is no failed attempt. First, because its exit code could look like one.
    - action: Ignore
      onPodConditions:
        - type: DisruptionTarget
          status: "True"
    # Exit codes of the migrator that another try cannot change: usage, a migration failed, checksum or order,
    # contract gate closed, database moved past this release, login or privilege refused.
    - action: FailJob
      onExitCodes:
        containerName: migrator
        operator: In
        values: [2, 20, 21, 22, 24, 31]
template:
  metadata:
    labels:
      {{- include "migration-gate.jobPodLabels" . | nindent 6 }}
    annotations:
      migration-gate/attempt: {{ .settings.attempt | quote }}
  spec:
    restartPolicy: Never
    serviceAccountName: {{ .serviceAccountName }}
    automountServiceAccountToken: false
    # No variables of other Services in the environment: configuration is what is written here.
    enableServiceLinks: false
    {{- with .root.Values.imagePullSecrets }}
    imagePullSecrets:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    securityContext:
      {{- include "migration-gate.podSecurityContext" . | nindent 6 }}
    {{- with .initContainers }}
    initContainers:
      {{- . | nindent 6 }}
    {{- end }}
    containers:
      - name: migrator
        image: {{ include "migration-gate.image" (dict "image" .image "path" .imagePath) | quote }}
        imagePullPolicy: {{ .image.pullPolicy }}
        args:
          {{- toYaml .args | nindent 10 }}
        env:
          {{- .env | nindent 10 }}
          {{- with include "migration-gate.databaseCa.env" .ca }}
          {{- . | nindent 10 }}
          {{- end }}
        terminationMessagePolicy: FallbackToLogsOnError
        securityContext:
          {{- include "migration-gate.containerSecurityContext" . | nindent 10 }}
        {{- with .settings.resources }}
        resources:
          {{- toYaml . | nindent 10 }}
        {{- end }}
        {{- with include "migration-gate.databaseCa.mount" .ca }}
        volumeMounts:
          {{- . | nindent 10 }}
        {{- end }}
    {{- with include "migration-gate.databaseCa.volume" .ca }}
    volumes:
      {{- . | nindent 6 }}
    {{- end }}
{{- end -}}

{{/* A whole Job. Takes root, component, name, spec. */}}
{{- define "migration-gate.job" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "migration-gate.labels" . | nindent 4 }}
spec:
  {{- .spec | nindent 2 }}
{{- end -}}
