{{- define "todo-list.databaseName" -}}
{{ include "library.name" (dict "root" . "component" "db") }}
{{- end -}}

{{/* The Secret with the password: the release's own, or the one that it is given. */}}
{{- define "todo-list.secretName" -}}
{{ .Values.database.existingSecret | default (include "todo-list.databaseName" .) }}
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
      name: {{ include "todo-list.secretName" . | quote }}
      key: password
{{- end -}}

{{/* The password as a file, for the two servers. */}}
{{- define "todo-list.passwordVolume" -}}
name: password
path: /run/secrets/database
readOnly: true
source:
  secret:
    secretName: {{ include "todo-list.secretName" . | quote }}
{{- end -}}
