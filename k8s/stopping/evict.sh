#!/bin/sh
# evict.sh LABEL: asks the API server to evict the pods that carry the label, one after another, as `kubectl drain` does with
# all pods of a node. It ends at the first refusal, and leaves the node alone.
set -eu

pods=$(kubectl get pods --selector "$1" --output go-template='{{range .items}}{{if not .metadata.deletionTimestamp
    }}{{.metadata.namespace}}/pods/{{.metadata.name}}{{"\n"}}{{end}}{{end}}')
if [ -z "$pods" ]; then
    echo "no pod has the label $1" >&2
    exit 1
fi
for pod in $pods; do
    name=${pod##*/}
    printf '{"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "%s"}}' "$name" |
        kubectl create --raw "/api/v1/namespaces/$pod/eviction" --filename - >/dev/null
    echo "pod/$name evicted"
done
