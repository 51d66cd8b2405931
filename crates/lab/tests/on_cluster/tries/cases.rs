//! What people type, and what is to be said of it.

/// Somebody's way through an item.
pub(super) struct Case {
    pub(super) exercise: &'static str,
    pub(super) item: usize,
    pub(super) name: &'static str,
    pub(super) then: &'static [Then],
}

/// One thing after another.
pub(super) enum Then {
    /// Commands, in the folder k8s; `$NS` is the namespace.
    Types(&'static str),
    /// Commands that are typed until a check says that all has been seen: on a slow machine the kubelet's pauses begin later.
    Again(&'static str),
    /// A check says, now or soon, that this is what lacks first.
    Lacks(&'static str),
    /// A check says that all has been seen.
    Done,
}

use Then::{Again, Done, Lacks, Types};

const fn case(exercise: &'static str, item: usize, name: &'static str, then: &'static [Then]) -> Case {
    Case {
        exercise,
        item,
        name,
        then,
    }
}

/// Two pods, of which one is broken and has a label.
const BROKEN: Then = Types(
    "kubectl apply -f numbers/update/api-with-readiness.yaml
     kubectl rollout status deploy/numbers-api --timeout=120s
     pod=$(kubectl get pods -l app=numbers-api -o name | head -n 1)
     kubectl label $pod broken=yes
     kubectl exec $pod -- /numbers-api --get http://127.0.0.1:8080/rng
     kubectl wait --for=condition=Ready=false $pod --timeout=120s",
);
/// Both probes, which look each second so that nobody waits for them.
const BOTH_PROBES: Then = Types(
    "sed 's/periodSeconds: .*/periodSeconds: 1/; s/initialDelaySeconds: .*/initialDelaySeconds: 1/; s/replicas: 2/replicas: 1/' \
       numbers/update/api-with-readiness-and-liveness.yaml | kubectl apply -f -
     kubectl rollout status deploy/numbers-api --timeout=120s",
);
const CHART: Then = Types("helm install todo-list ../helm/todo-list --namespace $NS --wait --timeout 120s");
const DATABASE: Then =
    Types("kubectl apply -f todo-list/db/; kubectl rollout status deploy/todo-db --timeout=120s");
const DIARY: Then =
    Types("kubectl apply -f starting/order/; kubectl rollout status deploy/diary --timeout=120s");
const STEADY: Then = Types(
    "kubectl apply -f stopping/steady-api.yaml; kubectl rollout status deploy/steady-api --timeout=120s",
);
/// A pod of the class Guaranteed.
const GUARANTEED: Then = Types(
    "sed \"s/namespace: .*/namespace: $NS/; s/^      ports:/      resources: {limits: {cpu: 250m, memory: 64Mi}}\\n      ports:/\" \
       resources/defaults/02-pi-web.yaml | kubectl apply -f -
     kubectl wait --for=condition=Ready pod/pi-web --timeout=120s",
);
const LIMITED: Then = Types("kubectl apply -f pi/update/web-with-cpu-limit.yaml");

/// All of them; each item has at least two right ways, and what is not done yet or only looks like it.
pub(super) const CASES: &[Case] = &[
    case("12.1", 1, "from inside", &[
        BROKEN,
        Lacks("object-why-recovered"),
        Types("kubectl exec $(kubectl get pods -l broken -o name) -- /numbers-api --get http://127.0.0.1:8080/reset"),
        Done,
    ]),
    case("12.1", 1, "through the API server", &[
        BROKEN,
            Lacks("object-why-recovered"),
        Types("kubectl get --raw /api/v1/namespaces/$NS/$(kubectl get pods -l broken -o name | sed s.pod/.pods/.):8080/proxy/reset"),
        Done,
    ]),
    case("12.1", 1, "a new pod in its place", &[
        BROKEN,
        Types("kubectl delete pod -l broken; kubectl rollout status deploy/numbers-api --timeout=120s"),
        Lacks("object-why-told"),
    ]),
    case("12.2", 1, "from inside, again and again", &[
        BOTH_PROBES,
        Lacks("object-why-told"),
        Again(
            "kubectl wait --for=condition=Ready pod -l app=numbers-api --timeout=120s
               kubectl exec deploy/numbers-api -- /numbers-api --get http://127.0.0.1:8080/rng || true
               kubectl wait --for=condition=Ready=false pod -l app=numbers-api --timeout=120s",
        ),
        Done,
    ]),
    case("12.2", 1, "through the API server, again and again", &[
        BOTH_PROBES,
        Again(
            "pod=$(kubectl get pods -l app=numbers-api -o name | sed s.pod/..)
             kubectl wait --for=condition=Ready pod/$pod --timeout=120s
               kubectl get --raw /api/v1/namespaces/$NS/pods/$pod:8080/proxy/rng || true
               kubectl wait --for=condition=Ready=false pod/$pod --timeout=120s",
        ),
        Done,
    ]),
    case("12.2", 1, "only once", &[
        BOTH_PROBES,
        Types(
            "kubectl exec deploy/numbers-api -- /numbers-api --get http://127.0.0.1:8080/rng || true
             kubectl wait --for=condition=Ready=false pod -l app=numbers-api --timeout=120s
             kubectl wait --for=condition=Ready pod -l app=numbers-api --timeout=120s",
        ),
        Lacks("object-why-paused"),
    ]),
    case("12.3", 1, "as the answer has it", &[
        CHART,
        Lacks("object-why-field"),
        Types("helm upgrade todo-list ../helm/todo-list --namespace $NS --wait --rollback-on-failure --timeout 120s --set web.replicas=0"),
        Lacks("goal-event-none"),
        Types("! helm test todo-list --namespace $NS"),
        Done,
    ]),
    case("12.3", 1, "with values in a file", &[
        CHART,
        Types(
            "echo '{web: {replicas: 0}}' | helm upgrade todo-list ../helm/todo-list --namespace $NS --values - --wait --timeout 120s
             ! helm test todo-list --namespace $NS",
        ),
        Done,
    ]),
    case("12.3", 1, "without Helm", &[
        CHART,
        Types("kubectl scale deploy/todo-list-web --replicas=0"),
        Lacks("object-why-field"),
    ]),
    case("12.4", 1, "a copy of the file", &[
        Types(
            "sed 's|          ports:|          livenessProbe: {httpGet: {path: \"/?dp=50000\", port: 8080}, timeoutSeconds: 1}\\n          ports:|' \
               pi/update/web-with-cpu-limit.yaml | kubectl apply -f -
             kubectl rollout status deploy/pi-web --timeout=120s",
        ),
        Lacks("object-why-restarts"),
        Lacks("object-why-field"),
        // A machine that does much else at the same time gets fewer decimals.
        Types(
            "sed '/resources:/,/cpu: 250m/d; s|          ports:|          livenessProbe: {httpGet: {path: \"/?dp=500\", port: 8080}, timeoutSeconds: 1}\\n          ports:|' \
               pi/update/web-with-cpu-limit.yaml | kubectl apply -f -",
        ),
        Done,
    ]),
    case("12.4", 1, "patches", &[
        LIMITED,
        Types(
            "kubectl patch deploy pi-web -p '{\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"livenessProbe\":
               {\"httpGet\":{\"path\":\"/?dp=50000\",\"port\":8080},\"timeoutSeconds\":1,\"periodSeconds\":2}}]}}}}'
             kubectl rollout status deploy/pi-web --timeout=120s",
        ),
        Lacks("object-why-field"),
        // Three checks in six seconds may all come to nothing on a machine that does much else.
        Types(
            "kubectl patch deploy pi-web --type json -p '[{\"op\":\"remove\",\"path\":\"/spec/template/spec/containers/0/resources\"},
               {\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/livenessProbe/periodSeconds\",\"value\":10},
               {\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/livenessProbe/httpGet/path\",\"value\":\"/?dp=500\"}]'",
        ),
        Done,
    ]),
    case("12.4", 1, "a probe that asks for what is not there", &[
        Types(
            "sed 's|          ports:|          livenessProbe: {httpGet: {path: /nothing, port: 8080}, periodSeconds: 1}\\n          ports:|' \
               pi/update/web-with-cpu-limit.yaml | kubectl apply -f -",
        ),
        Lacks("object-why-told"),
    ]),
    case("12.5", 1, "as the item has it", &[
        DATABASE,
        Lacks("object-why-restarts"),
        Types("kubectl exec deploy/todo-db -- sh -c 'kill 1'"),
        Lacks("object-why-replaced"),
        Types("kubectl delete pod -l app=todo-db"),
        Done,
    ]),
    case("12.5", 1, "another signal, and no pod for a while", &[
        DATABASE,
        Types("kubectl exec deploy/todo-db -- sh -c 'kill -INT 1'"),
        Lacks("object-why-replaced"),
        Types(
            "kubectl scale deploy/todo-db --replicas=0
             kubectl wait --for=delete pod -l app=todo-db --timeout=120s
             kubectl scale deploy/todo-db --replicas=1",
        ),
        Done,
    ]),
    case("12.5", 1, "only deleted", &[
        DATABASE,
        Types("kubectl delete pod -l app=todo-db; kubectl rollout status deploy/todo-db --timeout=120s"),
        Lacks("object-why-restarts"),
    ]),
    case("12.6", 1, "limits", &[
        Types("kubectl create quota mine --hard=limits.memory=128Mi; kubectl apply -f lab/web/pi-web.yaml"),
        Lacks("goal-refused-otherwise"),
        Types(
            "kubectl set resources deploy/pi-web --limits=memory=64Mi
             kubectl scale deploy/pi-web --replicas=3",
        ),
        Done,
    ]),
    case("12.6", 1, "requests, and many at once", &[
        Types(
            "kubectl create quota other --hard=requests.memory=100Mi
             kubectl set resources -f lab/web/pi-web.yaml --local --requests=memory=40Mi -o yaml | kubectl apply -f -
             kubectl scale deploy/pi-web --replicas=7",
        ),
        Done,
    ]),
    case("12.6", 1, "a quota with room for one", &[
        Types(
            "kubectl create quota mine --hard=limits.memory=100Mi
             kubectl set resources -f lab/web/pi-web.yaml --local --limits=memory=64Mi -o yaml | kubectl apply -f -
             kubectl scale deploy/pi-web --replicas=3",
        ),
        Lacks("goal-refused-too-soon"),
    ]),
    case("12.7", 1, "as the item has it", &[
        DIARY,
        Lacks("object-why-restarts"),
        Types("kubectl exec deploy/diary -c helper -- sh -c 'kill 1'"),
        Lacks("object-why-replaced"),
        Types("kubectl delete pod -l app=diary"),
        Done,
    ]),
    case("12.7", 1, "replaced by an update", &[
        DIARY,
        Types("kubectl exec $(kubectl get pods -l app=diary -o name) -c helper -- sh -c 'kill -s TERM 1'"),
        Lacks("object-why-replaced"),
        Types("kubectl rollout restart deploy/diary"),
        Done,
    ]),
    case("12.7", 1, "the app instead", &[
        DIARY,
        Types("kubectl exec deploy/diary -c app -- sh -c 'kill 1'"),
        Lacks("object-why-restarted"),
    ]),
    case("12.7", 2, "as the item has it", &[
        STEADY,
        Lacks("object-why-field"),
        Types("kubectl set env deploy/steady-api DRAIN_SECONDS-; kubectl rollout status deploy/steady-api --timeout=120s"),
        Lacks("object-why-updated"),
        Types("kubectl rollout restart deploy/steady-api"),
        Done,
    ]),
    case("12.7", 2, "a file, and another label", &[
        STEADY,
        Types(
            "sed '/# Without this/d; /env:/d; /DRAIN_SECONDS/d; /value: \"0\"/d' stopping/steady-api.yaml | kubectl apply -f -
             kubectl patch deploy steady-api -p '{\"spec\":{\"template\":{\"metadata\":{\"labels\":{\"version\":\"v2\"}}}}}'",
        ),
        Done,
    ]),
    case("12.7", 2, "restarted as it was", &[
        STEADY,
        Types("kubectl rollout restart deploy/steady-api"),
        Lacks("object-why-field"),
    ]),
    case("12.8", 1, "CPU", &[
        GUARANTEED,
        Lacks("object-why-field"),
        Types(
            "kubectl patch pod pi-web --subresource resize -p \\
               '{\"spec\":{\"containers\":[{\"name\":\"web\",\"resources\":{\"requests\":{\"cpu\":\"300m\"},\"limits\":{\"cpu\":\"300m\"}}}]}}'",
        ),
        Done,
    ]),
    case("12.8", 1, "memory, of a pod with both written", &[
        GUARANTEED,
        Types(
            "kubectl patch pod pi-web --subresource resize --type json -p \\
               '[{\"op\":\"replace\",\"path\":\"/spec/containers/0/resources\",\"value\":{\"requests\":{\"cpu\":\"250m\",\"memory\":\"80Mi\"},
                 \"limits\":{\"cpu\":\"250m\",\"memory\":\"80Mi\"}}}]'",
        ),
        Done,
    ]),
    case("12.8", 1, "another class, resized", &[
        Types(
            "sed \"s/namespace: .*/namespace: $NS/; s/^      ports:/      resources: {requests: {cpu: 10m}, limits: {cpu: 250m}}\\n      ports:/\" \
               resources/defaults/02-pi-web.yaml | kubectl apply -f -
             kubectl wait --for=condition=Ready pod/pi-web --timeout=120s
             kubectl patch pod pi-web --subresource resize -p \\
               '{\"spec\":{\"containers\":[{\"name\":\"web\",\"resources\":{\"limits\":{\"cpu\":\"300m\"}}}]}}'",
        ),
        Lacks("object-why-field"),
    ]),
    case("12.8", 2, "a copy of the file", &[
        Types("sed 's/      emptyDir:/      emptyDir:\\n        medium: Memory/' resources/scratch/pod.yaml | kubectl apply -f -"),
        Done,
    ]),
    case("12.8", 2, "a patch on the way, and less room", &[
        Types(
            "kubectl patch --local -f resources/scratch/pod.yaml --type json -o yaml -p \\
               '[{\"op\":\"replace\",\"path\":\"/spec/volumes/0/emptyDir\",\"value\":{\"medium\":\"Memory\",\"sizeLimit\":\"5Mi\"}}]' | kubectl create -f -",
        ),
        Done,
    ]),
    case("12.8", 2, "as it was", &[
        Types("kubectl apply -f resources/scratch/pod.yaml"),
        Lacks("object-why-field"),
    ]),
    case("12.8", 2, "with room for all of it", &[
        Types("sed 's/sizeLimit: 10Mi/sizeLimit: 100Mi\\n        medium: Memory/' resources/scratch/pod.yaml | kubectl apply -f -"),
        Lacks("object-why-field"),
    ]),
];
