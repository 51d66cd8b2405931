{{- define "todo-list.databaseName" -}}
{{ include "library.name" (dict "root" . "component" "db") }}
{{- end -}}

{{/* How clients find the database, in libpq's own names. */}}
{{- define "todo-list.connection" -}}
- name: PGHOST
  value: {{ include "todo-list.databaseName" . | quote }}
- name: PGDATABASE
  value: todo
- name: PGUSER
  value: todo
{{- end -}}

{{/* The same for psql, which knows no file with nothing but a password. */}}
{{- define "todo-list.psql" -}}
{{ include "todo-list.connection" . }}
- name: PGCONNECT_TIMEOUT
  value: "10"
- name: PGPASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ include "todo-list.databaseName" . | quote }}
      key: password
{{- end -}}

{{/* The password as a file, for the two servers. */}}
{{- define "todo-list.passwordVolume" -}}
name: password
path: /run/secrets/database
readOnly: true
source:
  secret:
    secretName: {{ include "todo-list.databaseName" . | quote }}
{{- end -}}
