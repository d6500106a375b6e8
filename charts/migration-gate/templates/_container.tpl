{{/* Image reference; a digest wins over a tag. Takes image and path (where the value lies, for the message). */}}
{{- define "migration-gate.image" -}}
{{- $image := .image | default dict -}}
{{- if not (and $image.repository (or $image.tag $image.digest)) -}}
{{- fail (printf "%s.repository and %s.tag (or .digest) say which image to run: set them, for example from the values file made when the release was built." .path .path) -}}
{{- end -}}
{{- if and (eq (toString $image.tag) "latest") (not $image.digest) -}}
{{- fail (printf "%s.tag is latest: that names another image tomorrow, and an upgrade or rollback could not tell; use a tag that never moves, or .digest." .path) -}}
{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository $image.tag -}}
{{- end -}}
{{- end -}}

{{/* One environment variable from a Secret. Takes name, secret (existingSecret, key) and path. */}}
{{- define "migration-gate.secretEnv" -}}
{{- $secret := .secret | default dict -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ required (printf "%s.existingSecret names the Secret that holds %s: create it first, then set the value." .path .name) $secret.existingSecret }}
      key: {{ $secret.key | default .name }}
{{- end -}}

{{/* Pod Security "restricted" for images whose user is 65532. */}}
{{- define "migration-gate.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Pod Security "restricted" for one container, complete in itself: the gate also runs in pods of other charts. */}}
{{- define "migration-gate.containerSecurityContext" -}}
runAsNonRoot: true
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}
