{{/* How many pods may be taken away at once when nodes are emptied. A broken pod may always go. */}}
{{- define "library.disruptionBudget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "library.name" . | quote }}
  labels:
    {{- include "library.labels" . | nindent 4 }}
spec:
  maxUnavailable: {{ .values.disruptionBudget.maxUnavailable }}
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "library.selector" . | nindent 6 }}
{{- end -}}

{{- define "library.autoscaling" -}}
{{- if not ((.values.resources | default dict).requests | default dict).cpu -}}
{{- fail "autoscaling measures CPU in percent of resources.requests.cpu: set that too" -}}
{{- end -}}
{{- if gt (int .values.autoscaling.minReplicas) (int .values.autoscaling.maxReplicas) -}}
{{- fail (printf "autoscaling.minReplicas (%v) is above autoscaling.maxReplicas (%v)" .values.autoscaling.minReplicas .values.autoscaling.maxReplicas) -}}
{{- end -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "library.name" . | quote }}
  labels:
    {{- include "library.labels" . | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "library.name" . | quote }}
  minReplicas: {{ .values.autoscaling.minReplicas }}
  maxReplicas: {{ .values.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ .values.autoscaling.targetCPUPercent }}
{{- end -}}

{{/*
Lets connections in to the app's port alone, from everywhere or from allowFrom, and out to what egress lists: to nothing,
if it lists nothing. Both are YAML as text. The kubelet's probes pass in any case.
*/}}
{{- define "library.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "library.name" . | quote }}
  labels:
    {{- include "library.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "library.selector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress:
    - ports:
        - port: {{ .port.name }}
      {{- with .allowFrom }}
      from:
        {{- . | nindent 8 }}
      {{- end }}
  {{- with .egress }}
  egress:
    {{- . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "library.ingress" -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "library.name" . | quote }}
  labels:
    {{- include "library.labels" . | nindent 4 }}
spec:
  {{- with .values.ingress.className }}
  ingressClassName: {{ quote . }}
  {{- end }}
  rules:
    - host: {{ required "ingress.host: the name under which the Ingress is to answer" .values.ingress.host | quote }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: {{ include "library.name" . | quote }}
                port:
                  name: {{ .port.name }}
  {{- with .values.ingress.tlsSecret }}
  tls:
    - hosts: [{{ quote $.values.ingress.host }}]
      secretName: {{ quote . }}
  {{- end }}
{{- end -}}

{{- define "library.httpRoute" -}}
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: {{ include "library.name" . | quote }}
  labels:
    {{- include "library.labels" . | nindent 4 }}
spec:
  parentRefs:
    - name: {{ required "httpRoute.gateway: the name of the Gateway that the route belongs to" .values.httpRoute.gateway | quote }}
      {{- with .values.httpRoute.gatewayNamespace }}
      namespace: {{ quote . }}
      {{- end }}
  {{- with .values.httpRoute.host }}
  hostnames: [{{ quote . }}]
  {{- end }}
  rules:
    - backendRefs:
        - name: {{ include "library.name" . | quote }}
          port: {{ .values.service.port }}
{{- end -}}

{{- define "library.serviceMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "library.name" . | quote }}
  labels:
    {{- include "library.labels" . | nindent 4 }}
    {{- with .values.serviceMonitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "library.selector" . | nindent 6 }}
  endpoints:
    - port: {{ .port.name }}
      path: /metrics
      interval: {{ .values.serviceMonitor.intervalSeconds }}s
{{- end -}}
