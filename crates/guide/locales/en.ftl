# What the lab says in English. A sentence that has several lines here is one line of text.
# ko.ftl has the same ids with the same values; a test compares them, and looks for each in the code.

## What has to be proved, and what was there (guide::proof, proofs)

throughout = all the time
stays = and stays so for {$seconds} s
exit-code = exit code {$code}
no-answer = no answer

address = {$service} has an address outside the cluster
address-without = the Service is there, without an address
address-no-service = there is no such Service
address-unknown = the address is the name {$name}, which cannot be looked up yet
hint-address-without =
    Something has to give {$service} an address: a cloud, MetalLB, `minikube tunnel`; lab doctor says what this cluster has.
hint-address-taken =
    The Service {$holder} has port {$port} already, and this cluster may have one address for all: delete that one first.
hint-address-no-service = Is the manifest with the Service {$service} applied, in this namespace?
hint-address-unknown = A cloud may take minutes to make a new name known; `getent hosts {$name}` looks it up.

computation-unlimited = {$service} computes {$decimals} decimals of pi, without a CPU limit
computation-limited = {$service} computes {$decimals} decimals of pi, held back by a CPU limit of {$limit}
computation-within = {$service} computes {$decimals} decimals of pi below a CPU limit of {$limit}
computation-none = {$service} gave no such answer
computation =
    {$decimals} decimals, {$cpu} s of CPU time in {$wall} s, {$throttled} s throttled, limit {$limit}
hint-computation-none = Is the pod ready, and does the Service have an address (kubectl get service)?
hint-computation-digits = These are not the decimals that were asked for: does something else answer at this address?
hint-computation-limit =
    The pod that answered has the limit {$there}, not {$limit}: is the update applied, and its pod ready?
hint-computation-not-felt =
    The limit was not felt. Ask for more decimals: a short computation is over before it is used up.
hint-computation-busy =
    It took long, but the answer itself says that the limit was not the reason: the machine is busy with something else.
hint-computation-page =
    The HTML page does not show the same decimals, or not the time they took: open it, and see what it says.

file = {$file} holds {$content}
file-none = there is no {$file}
hint-file-none = The command of this step writes {$file} into the folder where it is typed: k8s.
hint-file = {$file} should hold {$content}: look at the command that wrote it.

log = the last line that {$pods} logged is {$line}
log-grows = the last line that {$pods} logged is {$line}, and the number grows
log-empty = nothing was logged
hint-log-empty =
    No pod has logged anything: is one running (kubectl get pods), and does the selector match its labels?
hint-log =
    The last line of the log is a different one: give the program a few seconds more, or see whether it was killed
    (kubectl get pods).

nothing-in-namespace = nothing with {$label} is left in the namespace, of any kind
nothing-anywhere = nothing with {$label} is left, of any kind, in the namespace or in none
nothing = nothing
nothing-left-more = {$named} and {$more} more
hint-nothing =
    Deleting takes as long as the pods take to stop. Anything that stays was not named by the commands: kubectl delete KIND
    -l removes it, as does lab reset.

pods = pods {$pods}: {$facts}
pods-running = {$count} running
pods-pending = {$count} pending
pods-ready = {$count} ready
pods-restarts = {$count ->
    [one] 1 restart
   *[other] {$count} restarts
}
pods-restarted = restarted at least {$least ->
    [one] once
   *[other] {$least} times
}
pods-none-ended = no container has ended yet
pods-unschedulable = without a node: {$reason}
pods-each = each asked for {$path}: {$answers}
hint-pods-none =
    No pod carries {$pods}: is its manifest applied, in this namespace, and do the labels of its pod template match?
hint-pods-running =
    The number of running pods is wrong: look at the Deployment's replicas, at pods that cannot start (kubectl describe
    pods), and whether a rollout is still under way.
hint-pods-ended =
    No container has ended with {$reason}: is the limit in the applied manifest, and has the program had the time to reach
    it?
hint-pods-not-restarted =
    A container is restarted when its liveness probe has failed as often as failureThreshold says, or when it ends: has the
    pod been broken, has the probe had its time, and is there one?
hint-pods-restarted =
    Containers have been restarted more often than they should have been by now: kubectl describe pods says which probe or
    exit caused it. lab reset takes you back to the start.
address-seen = {$service} has an address outside the cluster: {$url}
pods-none-waits = no container waits
hint-pods-waiting = No container waits with {$reason} now: it may run just for the moment; look at the STATUS column (kubectl get pods).
hint-pods-unschedulable =
    No pod waits for a node with {$reason}: the scheduler adds a pod's request to those of the pods that the node has already
    (kubectl describe node).
hint-pods-too-many-ready =
    More pods are ready than should be: without a readiness probe a running pod counts as ready. Is the probe there, and is a
    pod broken?
hint-pods-ready =
    Fewer pods are ready than should be: kubectl describe pods says what the readiness probe asked and got.
hint-pods-answers =
    Asked one by one, the pods answer differently: how often was the app called, and was a pod replaced since?

release = the Helm release {$release} is {$state}
release-revision = the Helm release {$release} has revision {$revision}: {$state}
release-none = there is no Helm release {$release}
hint-release-none =
    There is no release {$release} in this namespace: helm list --deployed --failed --pending shows the ones that exist.
hint-release-pending =
    Helm is at work, or was interrupted. If no helm is running any more: helm rollback {$release}, or uninstall and install
    again.
hint-release = helm history {$release} tells what was tried, and what came of it.

replicas = {$deployment} has {$there} of {$wanted} pods
replicas-refused = {$deployment} has {$there} of {$wanted} pods; more were refused: {$refusal}
replicas-none = there is no Deployment {$deployment} with a ReplicaSet
hint-replicas-none = Is its manifest applied, and in the right namespace?
hint-replicas-wanted =
    {$wanted} replicas are expected: kubectl scale deployment {$deployment}, or its manifest, sets them.
hint-replicas-not-refused =
    Nothing was refused: is the ResourceQuota there, in the same namespace, and do the limits of the pods together exceed it?
hint-replicas =
    The events of the ReplicaSet say what was refused and how much was asked for: kubectl describe replicaset.

budget =
    { $allowed ->
        [one] the budget {$budget} allows {$allowed} eviction
       *[other] the budget {$budget} allows {$allowed} evictions
    }
budget-none = there is no PodDisruptionBudget {$budget}
budget-unseen = the budget has not been looked at since it was changed
hint-budget-none = Is its manifest applied?
hint-budget-unseen = That takes a moment. If it stays so, the controller manager is not running.
hint-budget =
    {$healthy} of its pods are ready, and {$needed} have to be. Are all pods there that its selector means, and is it the
    budget of the guide?
rollout = the rollout of {$deployment} {$state}: {$updated} updated, {$available} available
rollout-revision =
    the rollout of {$deployment} (revision {$revision}) {$state}: {$updated} updated, {$available} available
rollout-done = is done
rollout-not-done = is not done
rollout-none = there is no Deployment {$deployment}
rollout-unseen = the controller has not seen the update yet
hint-rollout-none = Is its manifest applied?
hint-rollout-unseen = That takes a moment. If it stays so, the controller manager is not running.
hint-rollout-not-done =
    The new pods are not ready yet, or never will be: look at their READY column and describe them.
hint-rollout-done = The rollout went through: the new pods are ready. Was the broken update applied?
hint-rollout-revision =
    There have been fewer updates than there should be by now: kubectl rollout history lists them. Is the last one applied,
    or rolled back?
hint-rollout =
    The counts of old and new pods are different: kubectl get replicaset shows how many there are of each.

service-endpoints = {$count ->
    [one] {$service} has 1 ready endpoint{$more}
   *[other] {$service} has {$count} ready endpoints{$more}
}
service-none = there is no Service {$service}
service-callers = callers of {$url} get {$answers}
service-callers-none = callers of {$url} get no answer
callers-share = {$answer} ({$count} of {$all})
hint-service-none =
    There is no Service {$service} here, or its selector finds no pod: compare its selector with the pods' labels.
hint-service-too-many-endpoints =
    A pod stays in the endpoints until its readiness probe fails: is there a probe, does it ask the right path, and has a pod
    been broken yet?
hint-service-endpoints =
    A pod joins the endpoints when it is ready and its labels match the Service's selector: look at the pods' READY column and
    at what their probes say (kubectl describe pods).
hint-service-labels =
    The endpoints are still those of another version: apply the update whose pods carry {$labels}.
hint-service-no-answer =
    Nothing answers at {$service}'s address: does the Service have one (kubectl get service {$service}), and a ready endpoint?
hint-service-callers =
    Callers get different answers than they should here: it depends on which pods are healthy (ask /healthz a few times), and
    on how often an app was called.

## What a task asks, and what was there (guide::goal, proofs::goals)

goal-here = this namespace
goal-memory = memory
goal-unknown = what that is
goal-under-way = The cluster is still at work on it: look again in a few seconds.
goal-unseen = could not look
goal-unseen-why = The cluster does not let you list {$what}, so this cannot be judged: ask whoever runs it for the right.
goal-namespace-missing = there is no namespace {$namespace}
goal-namespace-none = The task begins with the manifests that make it: apply them first.
goal-namespace-goes = the namespace {$namespace} is being deleted
goal-namespace-ending = Wait until it is gone, then apply the manifests that make it again.

goal-quota = {$namespace}: a quota of {$percent} % of the nodes' {$resource}
goal-quota-is = {$quota} allows {$key} {$hard}, which is {$percent} % of {$whole}
goal-quota-alone = {$quota} allows {$key} {$hard}
goal-quota-no-whole =
    What share that is cannot be computed: the cluster does not let you read its nodes. Ask whoever runs it for the right.
goal-quota-nothing = no ResourceQuota in {$namespace}
goal-quota-none =
    Make one in this namespace, on limits.{$resource} or requests.{$resource}: {$percent} % is {$share}.
goal-quota-elsewhere =
    {$quota} is in {$here}, and counts nothing of what is here: put it into {$namespace} (-n, or its metadata.namespace).
goal-quota-others = {$quota} is about {$keys}
goal-quota-other-resource =
    It says nothing of {$resource}: make one on limits.{$resource} or requests.{$resource}. {$percent} % is {$share}.
goal-quota-part = {$quota} counts only some of the pods
goal-quota-scoped =
    It has a scope, and a pod outside of it can take all there is: leave the scope out. On limits.{$resource} or
    requests.{$resource}, {$percent} % is {$share}.
goal-quota-swapped =
    {$hard} of {$whole} is the share of {$other}. Here it is {$percent} %, which is {$share}: are the two swapped?
goal-quota-above-node =
    {$hard} is more than all that there is, {$whole}: such a quota refuses nothing. {$percent} % is {$share}.
goal-quota-other-share = Here it should be {$percent} % of {$whole}, which is {$share}, not {$hard}.

goal-workload = {$place}: at least {$count ->
    [one] 1 ready pod
   *[other] {$count} ready pods
}
goal-workload-is = {$count ->
    [0] no pods
    [one] {$ready} ready, of 1 pod
   *[other] {$ready} ready, of {$count} pods
}
goal-workload-none =
    Nothing in this namespace has or makes pods with {$labels}: is your workload applied, and with -n for this namespace?
goal-workload-elsewhere =
    {$name} makes such pods, but in {$here}: put it into this namespace (-n, or its metadata.namespace).
goal-workload-other-labels =
    There are other things in this namespace, but nothing that makes pods with the labels {$labels}, by which they are
    selected: put these into your pod template.
goal-workload-too-few = {$name} asks for {$wanted ->
    [one] 1 replica
   *[other] {$wanted} replicas
}; at least {$least} are wanted.
goal-workload-too-few-bare = {$wanted ->
    [one] Only 1 pod was made
   *[other] Only {$wanted} pods were made
}; at least {$least} are wanted.
goal-workload-no-limit =
    The quota makes the number compulsory for each pod, and yours have none, so no more pods come: {$refusal}. Complete the
    pod template, or have a LimitRange do it.
goal-workload-no-room =
    The quota has no room for more: each pod takes {$key} {$requested} of {$limited}, so {$count} fit at most. How large may
    a pod be?
goal-workload-refused = The API server refuses the pods: {$refusal}
goal-workload-no-node = A pod has no node: {$why}
goal-workload-stuck = {$pod} does not come up: {$why}. kubectl describe pod says more.
goal-workload-not-ready =
    The pods are there, and have had their time, but are not ready: kubectl describe pods says what their probes got.
goal-workload-not-made =
    Enough pods are asked for, but nothing makes the missing ones, and nothing says why: kubectl describe what should make them.
goal-workload-uncounted = {$quota} requires {$key} of every pod. {$count ->
    [one] 1 pod
   *[other] {$count} pods
} came before it and lack that, so the quota does not count them, and after a restart none would come back: complete the
    pod template.
goal-workload-over-quota =
    The pods came before {$quota}: together they have {$key} {$used}, more than its {$limited}. After a restart they would
    not all come back.

goal-service-missing = there is no Service {$service}
goal-service-none = The manifests that the task begins with have a Service {$service}: apply them again.
goal-service-open = the Service {$service} selects no pods
goal-service-without-selector = It has no selector, so no pod is ever behind it: apply the Service again as it was given.

goal-answers = {$url} answers {$status}
goal-answers-with = {$url} answers {$status}, with {$holds}
goal-answers-inside = a Service of type {$type} without an address outside the cluster
goal-answers-no-address =
    Something has to give it one: a cloud, MetalLB, `minikube tunnel`; lab doctor says what this cluster has.
goal-answers-other-type = Only one of type LoadBalancer gets one: apply the Service again as it was given.
goal-answers-nobody = no pod is there to answer
goal-answers-none-ready = No pod behind the Service is ready: the line about the pods says why.
goal-answers-none =
    The pods are ready, but callers get no answer: does the targetPort of the Service fit the port that they listen on?
goal-answers-status = All callers should get {$status}: what do the pods behind the Service log?
goal-answers-without = The answers do not hold {$holds}: is another program behind the Service?

goal-refused = {$namespaces}: a quota for {$resource} refuses more pods, beyond {$beyond}
goal-refused-nothing = no quota holds a pod back
goal-refused-none = Ask for more replicas than the quota has room for, and look at what comes of it.
goal-refused-is = {$place} has {$there} of {$wanted} pods
goal-refused-by = {$place} has {$there} of {$wanted} pods: {$refusal}
goal-refused-otherwise = Pods are refused, but not because a quota for {$resource} is used up: {$refusal}
goal-refused-too-soon = The quota refuses too soon: {$least} pods should fit in it, and only then one more should not.

goal-object = one {$kind} {$of}: {$facts}
goal-object-is = {$name}: {$facts}
goal-object-nothing = nothing has the label {$of}
goal-object-none = Nothing of this kind with this label is in the namespace {$namespace}. Apply the manifest that the item names first.
object-not = not so: {$part}
object-field-is = {$field} is {$value}
object-field-never = no {$field} is {$value}
object-field-there = {$field} is set
object-field-gone = {$field} is not set
object-field-seen = {$field}: {$values}
object-restarts =
    { $count ->
        [one] container {$container} restarted at least once
       *[other] container {$container} restarted at least {$count} times
    }
object-restarts-none = container {$container} never restarted
object-restarts-seen = restarts of container {$container}: {$count}
object-told = an event {$reason}
object-told-saying = an event {$reason} that says “{$says}”
object-paused = kept waiting before a restart
object-recovered = ready again afterwards, in the same run of its container
object-replaced = in place of a pod that has gone
object-updated = updated from a version in which all of this was so too
object-runs = running for at least {$seconds} s
object-ready = ready
object-why-field = Look at the field {$field} of the object itself, with -o yaml; kubectl explain tells what it means.
object-why-restarts = Container {$container} of this pod has to be restarted, not replaced: a new pod counts from zero.
object-why-restarted = Container {$container} was restarted too, and was to be left alone. A new pod counts from zero.
object-why-told = No event {$reason} of this kind is there about this one. Events stay for an hour: do it again if it is longer ago.
object-why-paused = It was started again at once each time. The pauses grow with each end that comes soon after the one before: go on.
object-why-recovered = A pod that is new, or whose container was restarted, was never healed: leave the pod as it is and mend the program in it.
object-why-replaced = These are still the pods that came first, in the place where they were made.
object-why-updated = The version before differs in this: make another update, from a version that has all of it.
object-why-runs = Not all containers of the pod run.
object-why-ready = The pod is not ready: its conditions and its events tell why.

goal-event = {$kind} {$name}: {$told}
goal-event-is = {$kind} {$name}: {$says}
goal-event-nothing = no such event
goal-event-none = Events stay for an hour: do it again if it is longer ago.

goal-pending = {$namespaces}: a pod waits for a node: {$reason}
goal-pending-nothing = no pod waits for a node
goal-pending-none =
    Remove the quota, ask for more than the node has (what counts is requests), and look at what comes of it.
goal-pending-is = {$place} waits: {$why}
goal-pending-otherwise = It waits for another reason than {$reason}.

## The report of a run (report)

place = cluster {$context}, namespace {$namespace}
expected = expected
observed = there was
guide = guide
pods-caption = pods
events = events
story-caption = before
look-at = look at
keep = The namespace is deleted with the run. With --keep it stays for you to look at.
cut-off = ended by the runner
removing = Removing the namespace
removed = Removed what the exercise made
kept = Still there to look at. When you are done:
ending-seen = SEEN
ending-missed = MISSED
ending-interrupted = INTERRUPTED
ending-failed = FAILED
proofs-seen = {$count} proofs, {$seconds} s
times = Where the time went, in seconds
column-proofs = proofs
column-commands = commands
column-waiting = waiting
column-clean-up = clean-up
column-all = all
all-seen = {$seen} of {$all} seen in {$seconds} s; one after another they take {$alone} s

## A run on a projector (report, runner)

usually = a run usually takes {$seconds} s
looking = Looking at the cluster
wait-so-far = {$seconds} s so far
wait-of = {$seconds} of {$all} s
wait-gives-up = {$seconds} s so far, gives up after {$all} s
wait-ends = {$seconds} s so far, at most {$left} s more
press-enter = Enter goes on
came-meanwhile = This happened while the run waited for you, before the next command: {$claim}
no-more-enter = The input has ended, so Enter cannot be pressed: the run goes on without stopping

## A run (runner)

not-before = before this step not yet: {$claim}
command-succeeds = `{$command}` succeeds
command-fails = `{$command}` fails
command-ended = it ended with exit code {$code}
command-went-on = it did not end by itself within {$seconds} s
printed = printed what the guide shows
nothing-more = (nothing more)
not-shown = not shown: {$reason}
cleaning-up = {$signal}: cleaning up; send it again to stop without waiting
other-run =
    another run has the namespace {$namespace}; if it was killed: kubectl delete namespace {$namespace}
not-removed = the cluster has not removed it within {$seconds} s
no-account = none came within {$seconds} s
action-list-namespaces = list namespaces
action-show-namespace = show a namespace
action-make-namespace = make a namespace
action-make-account = make the namespace's service account
action-show-accounts = show its accounts
action-show-service = show a Service
action-show-class = show a PriorityClass
action-show-state = show its state
error-unreachable = the cluster of context {$context} does not answer: {$reason}; is it running?
error-user-refused = the cluster of context {$context} refused the user of the kubeconfig: {$reason}
error-no-context = the kubeconfig has no context {$context}; it has {$known}
error-no-contexts = the kubeconfig has no context {$context}; it has none
error-kubeconfig = cannot read the kubeconfig (KUBECONFIG says where it is): {$reason}
error-context = the context {$context} of the kubeconfig cannot be used: {$reason}
error-plugin = the plugin {$plugin}, which the kubeconfig names, gave no credentials: {$reason}
error-unwritten = not all of the answer could be written: {$reason}
error-refused = the cluster refused to {$action}: {$reason}
error-no-program = the exercise needs `{$program}`, which is not on the PATH; install it and run again
error-in-the-way =
    namespace {$namespaces} already exists, and this exercise creates or deletes it; it was left untouched. If you created it,
    `lab reset` removes what the chapter made; if another run did, wait for its end
error-going =
    namespace {$namespaces} is being deleted, and this exercise creates or deletes it. Run it again once that namespace is gone
error-class-in-the-way =
    the PriorityClass {$classes} already exists, and this exercise creates it; it was left untouched. If you created it,
    `lab reset` removes what the chapter made; if another run did, wait for its end
error-another-run =
    another run is under way, in namespace {$namespace}; it makes or deletes the same namespaces as this one, or has a port
    that this one needs. Nothing was changed; wait for its end. If it was killed: kubectl delete namespace {$namespace}
error-old-helm =
    `helm version` says {$version}; before 3.18 Helm does not print what hooks say, which the exercise needs: update it
error-unknown-helm = `helm version` says {$version}; the guide has commands for Helm 3 and Helm 4
error-folder = cannot prepare a folder to run in: {$reason}
error-left-behind =
    still there: namespace {$namespaces}: {$reason}. Delete it: kubectl --context {$context} delete namespace {$namespaces}
error-maybe-made =
    the cluster did not say whether it made the namespace {$namespace} ({$reason}). If it did: kubectl --context {$context}
    delete namespace {$namespace}
error-interrupted = interrupted by {$signal}
cluster-lacks = the cluster of context {$context} lacks something for the chapter:
old-kubernetes =
    Kubernetes {$version} is older than 1.25, which has the pod security standards: upgrade the cluster
old-for-exercise = it needs Kubernetes {$least} or newer, and this is {$version}
left-out = skipped: {$exercise}: {$lacking}
no-right =
    you may not {$verbs} {$resource}: ask for a ClusterRoleBinding to cluster-admin, or to a ClusterRole with the rule {$rule}
no-node-ready = none of its {$count} nodes is ready: look at `kubectl describe nodes`
unseen = could not check {$what}: {$reason}
look-lacking = what the cluster lacks
look-rights = your rights
look-version = the version of Kubernetes
look-disk = the default StorageClass
look-address = whether a Service gets an address
look-images = the images of the nodes
doubt-version =
    the cluster gives its version as {$version}, which says nothing about whether it is 1.25 or newer, as the chapter needs
doubt-disk =
    the cluster has no default StorageClass, so the database of the Helm chart gets no disk and never starts: install a
    provisioner, and mark its class as the default
doubt-address =
    a Service of type LoadBalancer got no address within {$seconds} s, so calls from outside will fail: run
    `cloud-provider-kind` beside kind, `minikube tunnel` beside minikube, or install MetalLB
probe-left =
    the namespace {$namespace}, made to see what this cluster can do, may still be there ({$reason}): kubectl delete
    namespace {$namespace}
doubt-images =
    no node says that it has images of {$registry}, which cannot be pulled from anywhere: `lab up --context` loads them, and
    `lab registry` names a registry that has them

## What a look at the cluster finds (learner)

find-differs = {$object}: {$field} is {$there}; {$file} has {$wanted}
find-lacks = {$object} has no {$field}; {$file} has {$wanted}
find-extra = {$object} has {$field} ({$there}); {$file} has none
find-extra-set =
    {$object} has {$field} ({$there}), which {$file} does not have and applying it does not remove, as another command set it:
    kubectl replace -f {$file}
find-more = {$object} differs in {$count ->
    [one] one more field
   *[other] {$count} more fields
}
find-other-file = {$object} is as in {$there}; this step has {$file}
find-missing = {$object} is missing; {$file} has it
find-no-right = you have no right to look at {$kinds} in the namespace {$namespace}
find-hidden = {$object}: you have no right to see whether it is there
find-other-kind = {$name} is a {$there} here; this step has a {$wanted} of that name
find-still-there = {$object} is still there
find-namespace-goes = the namespace {$namespace} is being deleted; nothing new can be made in it until it is gone
find-no-namespace = there is no usable namespace {$namespace}, where your commands work: it is missing or being deleted
find-elsewhere =
    there are objects of these names in the namespace {$namespaces}; your commands work in {$home}. If they are yours, this takes
    you there: kubectl config set-context --current --namespace NAME
find-other-release = there is a Helm release {$release} here; this exercise has one of the name {$wanted}
find-image = pod {$pod}: the image {$image} cannot be had ({$reason})
find-container = pod {$pod} cannot start: {$reason}
find-crash = pod {$pod} ended with {$how} and was restarted {$count ->
    [one] once
   *[other] {$count} times
}; now: {$reason}
find-unschedulable = pod {$pod} has no node: {$reason}
find-probe = pod {$pod} is not ready: {$message}
find-refused = {$owner} gets no more pods: {$message}
find-selects-nobody = {$service} selects {$selector}, and no pod has that
find-target-port = {$service} sends requests to port {$port}; its pods have {$ports}
find-no-address = {$service} has no address outside the cluster yet

## What the commands say in both languages (lab)

looking-ahead = Looking at what the cluster can do
try-heading = {$exercise}  {$title}: item {$item} of “Try it yourself”
try-done = Well done: item {$item} is done. Seen:
try-not-yet = Not yet: { $all ->
        [one] item {$item} is not done, as it looks now.
       *[other] {$met} of {$all} parts of item {$item} are done, as it looks now.
    }
try-page = The page says it, and has the answer folded below: {$page}
try-none = {$exercise} has no item {$item} to try; {$count ->
        [0] it has none at all
        [one] it has one, --try 1
       *[other] it has {$count}, --try 1 to --try {$count}
    }
check-looking = Looking at what is there
check-watching = Watching what has to last
check-at = All is well so far: you have done step {$step} of {$steps}, “{$section}”. Seen just now:
check-near = Something differs. This is nearest to step {$step} of {$steps}, “{$section}”:
check-under-way =
    Under way: step {$step} of {$steps}, “{$section}”, is not complete yet, and what is there is still changing. Look again in
    {$seconds} s.
check-incomplete = Step {$step} of {$steps}, “{$section}”, is not complete. Nothing that was seen is wrong; it may want time, or one more command:
check-unseen = Whether anything of this exercise is here cannot be seen:
check-not-lasting = What was there has not lasted.
check-task = You are at the task: {$met} of {$all} parts of it are done, as it looks now.
check-done = Well done: all of this exercise is there.
check-done-before = You finished this exercise (at {$at}); nothing of it is there any more.
check-nothing = Nothing of this exercise is here yet.
check-go-on = Go on with {$exercise}: {$page}
check-next = Next, in the folder k8s
check-not-yet = not yet
check-observed = there is
check-hint = Hint
check-hint-how = With --hint you get a hint, a small one first.
hint-page = The page has hints, folded, after the task: {$page}
hint-no-right = This cannot be judged without the right to look at it: ask for the role `view`, or more.
hint-look = This shows what the check looks at: {$command}
hint-no-more = That is all there is: compare with the page, or go back to the start with `lab reset`.
lasting-none = Nothing in this step has to last.
lasting-unseen = (As it is now. That it stays so for {$seconds} s was not watched; --lasting does that.)
lasting-so = It stayed so for {$seconds} s.
lasting-not = It did not last: after {$seconds} s there was: {$observed}
list-done = done {$when}
list-reached = {$step} at {$when}
list-now = now {$step}
list-step = step {$step} of {$steps}
list-not-begun = not begun
list-not-begun-or-tidied = not begun, or tidied up
list-time = lab run takes {$minutes} min
list-no-cluster = No cluster is running, so where you stand is not known: {$command}
list-unknown = Where you stand is not known: {$reason}

## What is remembered of a learner (lab)

memory-no-home = this user has no home folder
memory-home-absent = there is no folder {$folder}, which {$variable} names
memory-relative = {$variable} is {$folder}, which is not an absolute path
memory-unusable = What you have done is not remembered: {$reason}
memory-set-aside =
    What was remembered of you cannot be read ({$reason}). It was set aside as {$path}; remembering starts from nothing.

## The shell around a command (lab)

shell-no-cluster = kubectl in this shell knows no cluster. First type: {$command}
shell-other-cluster = kubectl in this shell works on another cluster, {$context}, and not on {$wanted}. First type: {$command}
shell-other-namespace =
    kubectl in this shell works in the namespace {$there}, and this looks at {$here}. To work there, type: {$command}
kubectl-missing = There is no kubectl on this shell's PATH. First type: {$command}
kubectl-missing-yours = There is no kubectl on this shell's PATH; how to get it: https://kubernetes.io/docs/tasks/tools/
kubectl-skew =
    kubectl in this shell is version {$client}, and the cluster is {$server}: they may not work together, and may print other
    things than the guide shows. For the right one, type: {$command}
kubectl-skew-yours =
    kubectl in this shell is version {$client}, and the cluster is {$server}: they may not work together. One that is at most
    one minor version away is needed: https://kubernetes.io/docs/tasks/tools/

## What an error says (lab)

error = error:
error-no-exercise = there is no exercise {$exercise}; the guide has: {$known}
error-silent-api-server = the cluster {$name} is there, but its API server does not answer ({$how}); `{$command}` says more
error-silent-supervisor = the cluster {$name} is there, but its supervisor does not answer ({$how}); `{$command}` says more
error-silent-within = within {$seconds} s
error-not-running = the cluster {$name} is not running; `{$command}` starts it

## Pictures of the guide (pictures)

picture-recorded = Drawn from a run on {$date}, Kubernetes {$kubernetes}.
picture-diagram = A diagram, not a recording.
picture-seconds-after-call = seconds after the call
picture-breaks = dashed: a call of /rng breaks the pod
picture-readiness-probe = Readiness probe
picture-liveness-probe = Liveness probe
picture-traffic = Traffic
picture-container = Container
picture-in = gets requests
picture-out = gets none
picture-run = run {$number}

picture-probes = One broken pod, two probes
picture-stopping = hatched: being stopped
picture-probes-out = Out of traffic {$seconds} s after the call: the first failed readiness probe was enough.
picture-probes-back = Back in traffic after {$seconds} s: new container, and its first readiness probe succeeded.
picture-probes-description =
    Four bands over time. The readiness probe fails first and the pod gets no more requests {$out} seconds after the call. The
    liveness probe fails twice in a row; after the second failure, at {$killed} seconds, the container is stopped and a new one
    starts. Its readiness probe succeeds, and {$back} seconds after the call the pod gets requests again.

picture-field-timeout = timeoutSeconds: how long one answer may take
picture-field-period = periodSeconds: from one probe to the next
picture-field-threshold = failureThreshold: so many failures in a row count
picture-field-initial = initialDelaySeconds: no liveness probe so soon after a start
picture-field-grace = terminationGracePeriodSeconds: from being asked to stop to being killed

picture-traffic-title = Who takes a broken pod out of traffic
picture-caller = A caller
picture-rng = /rng: from now on the pod is broken
picture-kubelet = kubelet
picture-waits = next probe: {$seconds} s
picture-api = API server: the pod
picture-at = changed at {$seconds} s
picture-by = changed by {$seconds} s
picture-ready = ready
picture-not-ready = not ready
picture-slice = EndpointSlice
picture-two-endpoints = two pods
picture-one-endpoint = one pod
picture-proxy = kube-proxy: rules
picture-to-both = to both pods
picture-to-one = to one pod
picture-new-connections = New connections
picture-tall = tall strokes: errors
picture-open-connection = A connection that stays open
picture-traffic-chain =
    Waiting for the next probe took {$waits} s. After it, pod, list and rules had changed within {$rest} s, and no new connection
    met an error any more.
picture-traffic-open = The open connection goes on meeting errors: rules are for new ones.
picture-traffic-description =
    Seven bands over time. A call breaks the pod. The kubelet finds out with its next probe, {$waits} seconds later. Then the pod's
    status changes to not ready, the EndpointSlice to one pod, and kube-proxy's rules with it, all within {$rest} seconds. New
    connections met errors about half of the time until then, and none after. A connection that was open before goes on meeting
    errors.

picture-restarts = Restarts, with pauses that grow
picture-ends-itself = ends by itself
picture-probe-ends = a probe ends it
picture-minutes = minutes
picture-restarts-says =
    Bars are runs; the numbers are pauses in seconds. Empty: the least pause, twice as long each time; hatched: what came on top. The
    program that ends by itself first had to wait after run {$itself}; the one that a probe ends, after run {$probe}.
picture-restarts-description =
    Two programs over ten minutes. Each is started again and again, with a pause that is at least twice as long each time. For
    memory-allocator, which ends by itself, the first pause comes after run {$itself}; for todo-db, which a liveness probe ends, after
    run {$probe}. Below each: Running while it runs, then how it ended, then CrashLoopBackOff until the next run.

picture-memory = Memory without a limit, and with one
picture-limit = limit {$mib} MiB
picture-no-limit = no limit: up to {$mib} MiB
picture-seconds = seconds
picture-memory-says =
    Without a limit nothing stopped it. With one it was killed {$count} times, each time on the way to the fifth step. The numbers are
    the pauses before the next run, in seconds.
picture-memory-description =
    Allocated memory over time. Without a limit it grows in steps of 10 MiB, here up to {$reached} MiB. With a limit of {$limit} MiB
    it grows the same way, is killed just below the limit, starts again from nothing, and is killed again, {$count} times; the pauses
    before the next start grow.

picture-cpu = The same work under a CPU limit
picture-cpu-free = Without a limit
picture-cpu-limited = Limit 250m
picture-cpu-axis = seconds; a line every 0.1 s
picture-cpu-period =
    The height is how much of a processor was used. With the limit there are 25 ms of work in each period of 100 ms, and then the
    container waits for the next.
picture-cpu-says = The work is the same, {$work} s. The answer came after {$free} s and after {$limited} s.
picture-cpu-description =
    How much of a processor was used, every hundredth of a second. Without a limit it works almost all the time, and is done after
    {$free} seconds. With a limit of 250m there are short bursts of work with pauses between them, 25 ms in each tenth of a second, so
    that the same {$work} seconds of work take {$limited} seconds.

picture-storyboard = Who gets requests
picture-frame-both = Both pods work. Both are in the list.
picture-frame-unnoticed = Without a probe: A is broken and stays in the list.
picture-frame-probe = With a readiness probe: A is out, B gets everything.
picture-frame-none = Both are broken: nobody is in the list, and /reset reaches no pod either.
picture-a-caller = caller
picture-pod = pod {$name}
picture-list = endpoints
picture-list-empty = none
picture-storyboard-description =
    Four frames, each with a caller, a Service, pods A and B, and the list of endpoints. First both pods work and both are listed. Then
    A is broken, and without a probe it stays listed and gets half of the requests. With a readiness probe only B is listed and gets all
    requests. At last both are broken, the list is empty, and a call ends at the Service.

picture-refusals = Who refuses what, and where it says so
picture-you = you
picture-way-apply = kubectl apply: always created
picture-way-set = its controller makes a ReplicaSet
picture-gate-quota = Is there room in the quota?
picture-gate-quota-says = No: there is no pod. The event is on the ReplicaSet:
picture-the-pod = pod
picture-gate-scheduler = Is there room on a node?
picture-gate-scheduler-says = No: it is Pending. The event is on the pod:
picture-the-node = node
picture-node-runs = the container runs
picture-refusals-description =
    From you to a Deployment, a ReplicaSet, a pod and a node. Nobody refuses the Deployment. When the ReplicaSet creates a pod, the API
    server may refuse it because of a quota; the event is on the ReplicaSet. When the pod is to be placed, the scheduler may find no node
    with room; the pod is Pending, and the event is on the pod.

picture-update = A bad update, and how it ends
picture-update-before = Before
picture-update-during = After some seconds
picture-update-later = After a minute
picture-callers = callers
picture-old-pod = old ReplicaSet
picture-new-pod = new ReplicaSet
picture-pod-not-ready = pod: not ready
picture-pod-restarted = pod: restarted
picture-ends = Three ends
picture-end-nothing = Nobody acts: it stays like that.
picture-end-undo = kubectl rollout undo: the new pod goes.
picture-end-helm = Helm with --rollback-on-failure: after its time limit, the old objects again, as a new revision.
picture-refused = An upgrade that is refused
picture-order-render = templates
picture-order-hook = hook
picture-order-apply = apply
picture-order-wait = wait
picture-refused-says = The hook comes before anything is applied, so nothing has changed.
picture-update-description =
    The old pod is ready and serves the callers all the time. The new pod is not ready after some seconds, and is restarted without
    getting ready after a minute. It ends in one of three ways: nobody acts and it stays like that; kubectl rollout undo removes the new
    pod; Helm gives up after its time limit and applies the old objects again as a new revision. Below, the order of an upgrade: templates,
    hook, apply, wait. A hook that fails ends it before anything is applied.
picture-cpu-parts = {$work} s of work, {$waited} s of waiting
picture-pod-ready = pod: ready
picture-deployment = Deployment
picture-replicaset = ReplicaSet
picture-service = Service
## What happened in a cluster, and why (tell)

story-later = {$delay} s later
story-later-than-one-of = after one of {$causes} possible causes, {$later}
story-no-memory = no memory was left for it
story-cause-not-seen = cause not seen
story-cause-not-seen-off = cause not seen, {$off}
story-or-later = or up to {$seconds} s later
story-or-earlier = or up to {$seconds} s earlier
story-or-around = or up to {$earlier} s earlier or {$later} s later
story-asks-every = asks every {$seconds} s
story-container = {$name}'s container {$container}
story-container-init = {$name}'s init container {$container}
story-container-sidecar = {$name}'s sidecar {$container}
story-container-ephemeral = {$name}'s ephemeral container {$container}
story-asked = {$name} was changed (generation {$generation})
story-scaled = {$name} is scaled from {$from} to {$to}
story-selects = Service {$name} chooses pods with {$labels}
story-selects-none = Service {$name} chooses no pods by their labels any more
story-sends = Service {$name} sends what comes to port {$port} to port {$to} of its pods
story-sends-nowhere = Service {$name} has no port {$port} any more
story-labelled = {$name}'s labels have changed: {$labels}
story-label-removed = {$label} removed
story-created = {$name} was created
story-scheduled = {$name} gets the node {$node}
story-started = {$name} started
story-restarted = {$name} started again (restart {$restart})
story-probe = {$name}: {$probe} {$result} ({$count})
story-unprobed = {$name}: the {$probe} probe could not be run: {$words}
story-probe-readiness = readiness
story-probe-liveness = liveness
story-probe-startup = startup
story-probe-good = succeeded
story-probe-bad = failed
story-probe-bad-with = failed, {$words}
story-probe-run = {$run} of {$of}
story-probe-at-least =
    at least {$count}; { $of ->
        [one] one decides
       *[other] {$of} in a row decide
    }
story-ready = {$name} is ready
story-not-ready = {$name} is not ready
story-joins = {$name} gets traffic of {$service}
story-leaves = {$name} gets no more traffic of {$service}
story-joins-share = {$name} gets traffic of {$service}: {$serving} of {$of} do
story-leaves-none = {$name} gets no more traffic of {$service}, which has no pods left
story-leaves-share = {$name} gets no more traffic of {$service}: {$serving} of {$of} do
story-reached = new connections to {$service} reach {$name}
story-last-resort = new connections to {$service} reach {$name} again, as no other pod is ready
story-not-reached = no new connection to {$service} reaches {$name}
story-kill-liveness = {$name} has to end: its liveness probe failed ({$seconds} s of grace)
story-kill-startup = {$name} has to end: its startup probe failed ({$seconds} s of grace)
story-kill-deleted = {$name} has to end: it was deleted ({$seconds} s of grace)
story-kill-other = {$name} has to end ({$seconds} s of grace)
story-ended = {$name} ended: {$reason}, exit code {$code}
story-ended-unseen = {$name} had ended; nobody saw how or when
story-waits = {$name} starts again {$seconds} s after its end at the earliest
story-refused = {$name}: refused: {$words}
story-deleted-at-once = {$name} was deleted at once (0 s of grace)
story-asked-to-go-within = {$name} was asked to go within {$seconds} s
story-asked-to-go = {$name} was asked to go
story-gone = {$name} is gone
story-gone-service = Service {$name} is gone
story-gone-deployment = Deployment {$name} is gone
story-throttled = {$name} was held back in {$percent} % of the periods
story-memory = {$name} uses {$used} MiB of memory
story-memory-of = {$name} uses {$used} of {$limit} MiB of memory
story-met =
    { $of ->
        [one] the only request sent meanwhile reached {$name} and failed
       *[other] {$badly} of the {$of} requests sent meanwhile reached {$name} and failed
    }
story-met-at-least =
    { $badly ->
        [one] at least 1 of the requests sent meanwhile reached {$name} and failed
       *[other] at least {$badly} of the requests sent meanwhile reached {$name} and failed
    }
story-met-and-unanswered =
    { $unanswered ->
        [one] {$met}; 1 got no answer, and which pod it reached is not known
       *[other] {$met}; {$unanswered} got no answer, and which pod they reached is not known
    }
story-gap = nothing was heard for up to {$seconds} s; what happened then may be missing

## What happened to something, and why (lab explain)

explain-carried =
    This is what objects still carry: the last change of each kind, and what events of the last hour say. Probes that
    succeeded, pods that are gone, and what happened in between are not known.
explain-live =
    What is told from before now is what objects still carry: the last change of each kind, and events of the last hour. From
    now on it is told as it happens, about two seconds later.
explain-live-recorded = It goes on as it happens, about four seconds later.
explain-recorded = Recorded as it happened since {$since}; what is told from before that is what objects carried then.
explain-unrecorded = The recorder does not see all of these, so some of what they tell may be missing: {$kinds}.
explain-recorder-late = Nothing was recorded after {$since}, so what happened since then is missing.
explain-recorder-silent = The recorder has been silent since {$since} (`lab status` shows why), so this is not from its record.
explain-unreadable = The record cannot be read ({$reason}), so this is not from it.
explain-uncounted =
    The kubelets do not say here how often they probe ({$reason}), so that probes are told by events, which leave some out.
explain-unprobed = The kubelets do not say here how often they probe ({$reason}), so that nothing is known of probes.
explain-recorder-deaf = The recorder has heard nothing of these since {$since}, so what happened to them since then is missing: {$kinds}.
explain-unruled = kube-proxy's rules cannot be read here, so when they change is not known ({$reason}).
explain-skew = The clocks of this cluster and this machine are {$seconds} s apart; delays are as uncertain.
explain-clock-behind = This machine's clock is {$seconds} s behind the cluster's. The times here are the cluster's.
explain-clock-ahead = This machine's clock is {$seconds} s ahead of the cluster's. The times here are the cluster's.
explain-silent = Nothing has been heard from the cluster for 15 s; waiting for it to come back.
explain-hidden = You may not list these here, so what they tell is missing: {$kinds}.
explain-cut = There are more than {$most} {$kinds} here, and the rest was not looked at.
explain-none = there is no {$topic} in the namespace {$namespace}
explain-none-seen = no {$topic} can be seen in the namespace {$namespace}; you may not list these there: {$kinds}
explain-nothing = Nothing is known of that time.

## lab watch

watch-keys = h hint   e what happened   n next commands   r start again   q quit
watch-sure = This deletes everything of the exercise.   r delete   any other key keep it
watch-more = … there is more: `lab check` shows all of it
watch-unapplied = {$file} was saved and not applied: on the cluster {$object} is not as in the file.
watch-silent = The cluster has not answered since {$since}: {$reason}

## The board for a projector (lab board)

board-headline = {$ready} of {$total} pods get traffic
board-alone = without a Service
board-others = {$ready} of {$total} pods ready
board-counted = {$owner}: {$ready} of {$total} get traffic
board-counted-ready = {$owner}: {$ready} of {$total} ready
board-more = and {$count} more
board-nothing = No pods here yet
board-in = gets traffic
board-out = gets no traffic
board-why-leaving = is being deleted
board-why-no-node = no node takes it: {$words}
board-why-ended = ended: {$reason}, exit code {$code}
board-why-begins = is starting
board-why-readiness = readiness probe failed
board-why-readiness-with = readiness probe failed: {$words}
board-why-startup = startup probe failed
board-why-startup-with = startup probe failed: {$words}
board-restarts =
    {$count ->
        [one] 1 restart
       *[other] {$count} restarts
    }
board-restarts-last = {$restarts}, last: {$why}
board-restarted-liveness = liveness probe failed
board-restarted-startup = startup probe failed
board-restarted-code = exit code {$code}
board-again = again in {$seconds} s
board-again-about = again in about {$seconds} s
board-again-soon = again any moment
board-probes-word = probes
board-probes = {$good} of the last {$total} readiness probes succeeded
board-memory = memory {$used} MiB
board-memory-of = memory {$used} of {$limit} MiB
board-sampled = {$what}, {$seconds} s ago
board-cpu = CPU at {$used} %, held back {$held} % of its busy time
board-cpu-used = CPU at {$used} % of its limit
board-cpu-held = CPU held back {$held} % of its busy time
board-requests = Requests of the last minute
board-asks = GET {$path}
board-failed = {$failed} of {$asked} failed
board-someone = someone
board-answered = {$by} answered {$status}
board-answered-to = {$by} answered {$status} to {$path}
board-refused = refused
board-timeout = no answer in 2 s
board-broken = connection broke
board-unreachable = unreachable
board-no-address = no outside address: not asked
board-no-path = no readiness probe: not asked
board-too-many = not asked: only the first {$most} are
board-story = What happened
board-live = live
board-pause = Pause
board-paused = PAUSED
board-go-on = Go on
board-since = since …
board-frozen = STANDS STILL: nothing heard of {$what}
board-lost = STANDS STILL: nothing heard of lab board
board-silent-cluster = the cluster
board-silent-watches = the watches of {$kinds}
board-silent-kubelets = the kubelets' metrics
board-break = Break a pod of {$service}: GET /rng
board-sent = The request to /rng was sent
board-unsent = The request to /rng was not sent
board-foreign-host = This board answers only at its own address, {$address}: that is no name of it.
board-no-token = Open the address that lab board printed last, with its token: each start has a new one.
board-busy = cannot listen on {$address}: another program has this port. Stop it, or choose another: --listen 127.0.0.1:0 takes any that is free
board-no-listen = cannot listen on {$address}: {$reason}
board-plain = Whoever is in this network can read along, as this is plain HTTP. The address above has the key: give it to those who may look.
