{{- define "library.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "library.name" . | quote }}
  labels:
    {{- include "library.labels" . | nindent 4 }}
spec:
  {{- /* Null leaves the number to somebody else, such as an autoscaler of your own. */}}
  {{- if and (hasKey .values "replicas") (not (.values.autoscaling | default dict).enabled) }}
  {{- if not (kindIs "invalid" .values.replicas) }}
  replicas: {{ .values.replicas }}
  {{- end }}
  {{- end }}
  # An old pod goes only when a new one is ready: an update that never gets ready changes nothing for its callers.
  strategy:
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  selector:
    matchLabels:
      {{- include "library.selector" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "library.podLabels" . | nindent 8 }}
    spec:
      {{- include "library.pod" . | nindent 6 }}
{{- end -}}
