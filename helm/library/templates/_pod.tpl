{{/*
The pod of an app, as the pod security standard "restricted" wants it and with a root folder that it cannot write to.
Besides what _names.tpl says, an app may have

  command       in place of the image's own
  args          the program's arguments
  port          the port that it listens on, as a dict with name and number
  volumes       dicts with name, path, readOnly, and source: the volume itself
  fsGroup       the group that may write to its volumes
  affinity      which node it belongs on, YAML as text
  graceSeconds  how long it may take to stop
  once          it runs to its end and is not started again
*/}}
{{- define "library.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- if .once }}
restartPolicy: Never
{{- end }}
securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault
  {{- with .fsGroup }}
  fsGroup: {{ . | int64 }}
  # Once, and not at every start: Postgres refuses a data directory that others may read.
  fsGroupChangePolicy: OnRootMismatch
  {{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ quote . }}
  {{- end }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- . | nindent 2 }}
{{- end }}
{{- with .graceSeconds }}
terminationGracePeriodSeconds: {{ . }}
{{- end }}
containers:
  - name: {{ .program }}
    image: {{ .root.Values.image.registry }}/{{ .program }}:{{ include "library.tag" . }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    {{- with .command }}
    command:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .args }}
    args:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- with .env }}
    env:
      {{- . | nindent 6 }}
    {{- end }}
    {{- with .port }}
    ports:
      - name: {{ .name }}
        containerPort: {{ .number }}
    {{- end }}
    {{- range $probe, $check := .checks }}
    {{- $settings := get $.values.probes $probe }}
    {{- if $settings.enabled }}
    {{ $probe }}Probe:
      {{- merge (omit $settings "enabled") $check | toYaml | nindent 6 }}
    {{- end }}
    {{- end }}
    {{- with .values.resources }}
    resources:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities:
        drop: [ALL]
    {{- with .volumes }}
    volumeMounts:
      {{- range . }}
      - name: {{ .name }}
        mountPath: {{ .path }}
        {{- with .readOnly }}
        readOnly: {{ . }}
        {{- end }}
      {{- end }}
    {{- end }}
{{- with .volumes }}
volumes:
  {{- range . }}
  - name: {{ .name }}
    {{- toYaml .source | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}
