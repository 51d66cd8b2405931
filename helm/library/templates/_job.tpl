{{/*
A Job that Helm runs at a certain point, the app's `hook`: "test" or "pre-upgrade". What it printed, Helm prints.

Helm forgets its hooks: `helm uninstall` does not remove them. So Helm removes this one as soon as it has ended, and the
cluster does so itself, a minute later, should Helm have been interrupted. It has one attempt, and three minutes for it, since its image may have to be pulled.

Its pods carry labels of their own, or a Service would send its callers there.
*/}}
{{- define "library.job" -}}
{{- $app := merge (dict "once" true) . -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "library.name" . | quote }}
  labels:
    {{- include "library.jobLabels" . | nindent 4 }}
  annotations:
    helm.sh/hook: {{ .hook }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed
    helm.sh/hook-output-log-policy: hook-succeeded,hook-failed
spec:
  backoffLimit: 0
  activeDeadlineSeconds: 180
  ttlSecondsAfterFinished: 60
  template:
    metadata:
      labels:
        {{- include "library.jobLabels" . | nindent 8 }}
    spec:
      {{- include "library.pod" $app | nindent 6 }}
{{- end -}}

{{- define "library.jobLabels" -}}
kiamol: ch12
app.kubernetes.io/name: {{ .component }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
app.kubernetes.io/part-of: {{ .root.Chart.Name }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}
