{{/* The Service of an app, on the port that values.service names. */}}
{{- define "library.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "library.name" . | quote }}
  labels:
    {{- include "library.labels" . | nindent 4 }}
spec:
  type: {{ .values.service.type }}
  selector:
    {{- include "library.selector" . | nindent 4 }}
  ports:
    - name: {{ .port.name }}
      port: {{ .values.service.port }}
      targetPort: {{ .port.name }}
{{- end -}}
