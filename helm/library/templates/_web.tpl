{{/*
Everything that a web service of this lab consists of. What the cluster may lack is there only when it is asked for.
*/}}
{{- define "library.web" -}}
{{- $stopping := .values.stopping -}}
{{- $env := list (include "library.serviceEnv" .) .env | compact | join "\n" -}}
{{- $app := merge (dict
    "env" $env
    "port" (dict "name" "http" "number" 8080)
    "graceSeconds" (add $stopping.drainSeconds $stopping.finishSeconds 5)
) . -}}
{{ include "library.service" $app }}
---
{{ include "library.deployment" $app }}
{{- range list "disruptionBudget" "autoscaling" "networkPolicy" "ingress" "httpRoute" "serviceMonitor" }}
{{- if (get $app.values . | default dict).enabled }}
---
{{ include (printf "library.%s" .) $app }}
{{- end }}
{{- end }}
{{- end -}}

{{/* The settings that the crate `service` gives every web service. Environment variables are texts, so quoted. */}}
{{- define "library.serviceEnv" -}}
- name: LOG_FILTER
  value: {{ .values.logFilter | quote }}
- name: DRAIN_SECONDS
  value: {{ .values.stopping.drainSeconds | int64 | quote }}
- name: STOP_SECONDS
  value: {{ .values.stopping.finishSeconds | int64 | quote }}
- name: LISTEN
  value: {{ printf "%s:8080" .values.listen | quote }}
- name: HEADER_SECONDS
  value: {{ .values.connections.headerSeconds | int64 | quote }}
- name: IDLE_SECONDS
  value: {{ .values.connections.idleSeconds | int64 | quote }}
- name: HALF_CLOSE_SECONDS
  value: {{ .values.connections.halfCloseSeconds | int64 | quote }}
- name: MAX_CONNECTIONS
  value: {{ .values.connections.most | int64 | quote }}
{{- with .values.publicOrigins }}
- name: PUBLIC_ORIGINS
  value: {{ join "," . | quote }}
{{- end }}
{{- end -}}
