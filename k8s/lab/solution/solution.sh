#!/bin/sh
# solution.sh CPU: prints the solution for a node with so much CPU, as `kubectl get nodes` shows it: 4, or 3920m.
set -eu

case ${1-} in
'' | *[!0-9m]* | m* | *m?*)
    echo "usage: solution.sh CPU, such as 4 or 3920m" >&2
    exit 2
    ;;
*m) node=${1%m} ;;
*) node=$(($1 * 1000)) ;;
esac

quarter=$((node * 25 / 100))
half=$((node * 50 / 100))
# Five pods in a quarter, whatever the node's size: one more than asked for.
pod=$((quarter / 5))

for share in "pi-dev $quarter" "pi-test $quarter" "pi-uat $half"; do
    namespace=${share% *} quota=${share#* }
    cat <<YAML
---
apiVersion: v1
kind: ResourceQuota
metadata:
  name: cpu-quota
  namespace: $namespace
  labels:
    kiamol: ch12-lab
spec:
  hard:
    limits.cpu: ${quota}m
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: pi-web
  namespace: $namespace
  labels:
    kiamol: ch12-lab
spec:
  replicas: 4
  selector:
    matchLabels:
      app: pi-web
  template:
    metadata:
      labels:
        kiamol: ch12-lab
        app: pi-web
    spec:
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: web
          image: localhost/lab/pi-web:1.0.0
          ports:
            - containerPort: 8080
          resources:
            # What a pod may use, and what the quota counts.
            limits:
              cpu: ${pod}m
            # What the node sets aside for it. Without this line it would be the limit, and three namespaces would claim
            # all of the node, of which its own parts need some.
            requests:
              cpu: 1m
          securityContext:
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]
YAML
done
