{{/* What to type next, as NOTES.txt. */}}

{{- define "library.notes.wait" -}}
Wait until it runs:

  kubectl --namespace {{ .root.Release.Namespace }} rollout status deployment/{{ include "library.name" . }}
{{- end -}}

{{/* Sets URL in the learner's shell, the way that the type of the Service asks for. It begins with the end of a line. */}}
{{- define "library.notes.url" -}}
{{- $name := include "library.name" . -}}
{{- $kubectl := printf "kubectl --namespace %s" .root.Release.Namespace -}}
{{- $port := .values.service.port -}}
{{- /* In a URL an IPv6 address stands in brackets (RFC 3986, 3.2.2). */ -}}
{{- $brackets := "case $HOST in *:*) HOST=\"[$HOST]\" ;; esac" -}}
{{- if eq .values.service.type "LoadBalancer" }}
  HOST=$({{ $kubectl }} get service {{ $name }} \
    -o jsonpath='{.status.loadBalancer.ingress[0].ip}{.status.loadBalancer.ingress[0].hostname}')
  {{ $brackets }}
  URL=http://$HOST:{{ $port }}
{{- else if eq .values.service.type "NodePort" }}
  HOST=$(kubectl get nodes -o jsonpath='{.items[0].status.addresses[0].address}')
  {{ $brackets }}
  URL=http://$HOST:$({{ $kubectl }} get service {{ $name }} -o jsonpath='{.spec.ports[0].nodePort}')
{{- else }}
  {{ $kubectl }} port-forward service/{{ $name }} {{ $port }} &
  URL=http://127.0.0.1:{{ $port }}
{{- end -}}
{{- end -}}

{{- define "library.notes.end" -}}
Test it, and remove it with all that belongs to it:

  helm --namespace {{ .root.Release.Namespace }} test {{ .root.Release.Name }}
  helm --namespace {{ .root.Release.Namespace }} uninstall {{ .root.Release.Name }}
{{- end -}}
