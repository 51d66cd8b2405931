{{/*
The templates of this library take one dict, an "app":

  root       the chart's own context (.)
  program    the program, which is also the name of its image
  component  what is added to the release's name, where a release has more than one program
  values     the values of this program: all of the chart's, or a part of them
  tag        the image's tag; empty: the chart's appVersion
  env        environment variables, a YAML list as text
  checks     what a server's probes look at: readiness, liveness, startup; values.probes say whether and how often

_pod.tpl names some more, for pods that need more.
*/}}

{{/* Names begin with the release's, so that two releases stand side by side. */}}
{{- define "library.name" -}}
{{- $release := .root.Release.Name -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$" $release) -}}
{{- fail (printf "the release cannot be named %q: its Services are named after it, so take up to 40 lower-case letters, digits and '-', and begin with a letter" $release) -}}
{{- end -}}
{{- $release }}{{ with .component }}-{{ . }}{{ end -}}
{{- end -}}

{{/* What tells these pods from all others. It may never change: a Deployment's selector is fixed. */}}
{{- define "library.selector" -}}
app.kubernetes.io/name: {{ .program }}
app.kubernetes.io/instance: {{ .root.Release.Name | quote }}
{{- end -}}

{{/* The chart's version is not among them, or a new version of the chart would restart every pod. */}}
{{- define "library.podLabels" -}}
kiamol: ch12
{{ include "library.selector" . }}
{{- end -}}

{{- define "library.labels" -}}
{{ include "library.podLabels" . }}
app.kubernetes.io/part-of: {{ .root.Chart.Name }}
app.kubernetes.io/version: {{ include "library.tag" . | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{- define "library.tag" -}}
{{ .tag | default .root.Chart.AppVersion }}
{{- end -}}
