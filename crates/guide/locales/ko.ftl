# 실습 도구가 한국어로 하는 말. 여기서 여러 줄로 적은 문장도 출력할 때는 한 줄이 된다.
# en.ftl과 id와 값이 같아야 하며, 테스트가 둘을 비교하고 코드에서 쓰이는지도 확인한다.

## 증명할 것과 실제로 본 것 (guide::proof, proofs)

throughout = 그동안 내내
stays = {$seconds}초 동안 그대로
exit-code = 종료 코드 {$code}
no-answer = 응답 없음

address = {$service}에 클러스터 바깥 주소가 있음
address-without = 서비스는 있지만 주소가 없음
address-no-service = 그런 서비스가 없음
address-unknown = 주소가 {$name}(이)라는 이름인데, 아직 조회되지 않음
hint-address-without =
    {$service}에 주소를 할당해 주는 것(클라우드, MetalLB, `minikube tunnel` 등)이 필요합니다. 이 클러스터에 무엇이 있는지는 lab
    doctor로 확인하세요.
hint-address-taken =
    {$holder} 서비스가 이미 {$port}번 포트를 쓰고 있고, 이 클러스터는 모든 서비스가 주소 하나를 함께 쓰는 듯합니다. 그 서비스부터
    지우세요.
hint-address-no-service = {$service} 서비스가 든 매니페스트를 이 네임스페이스에 적용했나요?
hint-address-unknown = 클라우드에서는 새 이름이 조회되기까지 몇 분 걸릴 수 있습니다. 지금 조회되는지는 `getent hosts {$name}`으로 확인하세요.

computation-unlimited = {$service}이(가) CPU 제한 없이 원주율을 소수점 아래 {$decimals}자리까지 계산함
computation-limited = {$service}이(가) CPU 제한 {$limit}에 묶여 원주율을 소수점 아래 {$decimals}자리까지 계산함
computation-within = {$service}이(가) CPU 제한 {$limit} 안에서 원주율을 소수점 아래 {$decimals}자리까지 계산함
computation-none = {$service}에서 그런 응답이 없음
computation =
    소수점 아래 {$decimals}자리, CPU 시간 {$cpu}초에 {$wall}초 걸림, 스로틀링 {$throttled}초, 제한 {$limit}
hint-computation-none = 파드가 준비 상태인지, 서비스에 주소가 있는지(kubectl get service) 확인하세요.
hint-computation-digits = 요청한 자릿수의 원주율이 아닙니다. 이 주소에서 다른 것이 응답하고 있지 않은지 확인하세요.
hint-computation-limit =
    응답한 파드의 제한은 {$limit}이(가) 아니라 {$there}입니다. 업데이트를 적용했는지, 새 파드가 준비되었는지 확인하세요.
hint-computation-not-felt =
    제한의 영향이 나타나지 않았습니다. 자릿수를 늘려 보세요. 짧은 계산은 제한을 다 쓰기 전에 끝납니다.
hint-computation-busy =
    오래 걸렸지만 응답에 따르면 제한 때문이 아닙니다. 머신이 다른 작업으로 바쁩니다.
hint-computation-page =
    브라우저용 페이지에 같은 숫자나 걸린 시간이 없습니다. 페이지를 열어 무엇이 나오는지 보세요.

file = {$file}의 내용: {$content}
file-none = {$file} 파일이 없음
hint-file-none = 이 단계의 명령은 명령을 입력한 폴더(k8s)에 {$file} 파일을 만듭니다.
hint-file = {$file}에는 {$content}이(가) 있어야 합니다. 파일을 만든 명령을 확인하세요.

log = {$pods} 로그의 마지막 줄: {$line}
log-grows = {$pods} 로그의 마지막 줄: {$line}, 숫자가 커짐
log-empty = 로그가 없음
hint-log-empty =
    로그를 남긴 파드가 없습니다. 실행 중인 파드가 있는지(kubectl get pods), 셀렉터가 레이블과 맞는지 확인하세요.
hint-log =
    로그의 마지막 줄이 다릅니다. 몇 초 더 기다리거나, 프로그램이 강제 종료되었는지(kubectl get pods) 확인하세요.

nothing-in-namespace = 네임스페이스에 {$label} 레이블이 붙은 것이 종류를 막론하고 하나도 없음
nothing-anywhere =
    네임스페이스 안에도, 네임스페이스에 속하지 않는 것 중에도 {$label} 레이블이 붙은 것이 종류를 막론하고 하나도 없음
nothing = 없음
nothing-left-more = {$named} 외 {$more}개
hint-nothing =
    삭제에는 파드가 멈추는 시간만큼 걸립니다. 계속 남는 것은 명령에 없던 종류이니 kubectl delete 종류 -l이나 lab reset으로
    지우세요.

pods = 파드 {$pods}: {$facts}
pods-running = 실행 중 {$count}개
pods-pending = 대기 중 {$count}개
pods-ready = 준비 {$count}개
pods-restarts = 재시작 {$count}회
pods-restarted = {$least}회 이상 재시작
pods-none-ended = 끝난 컨테이너 없음
pods-unschedulable = 노드에 배치되지 못함: {$reason}
pods-each = 파드별 {$path} 응답 {$answers}
hint-pods-none =
    {$pods} 레이블을 가진 파드가 없습니다. 매니페스트를 이 네임스페이스에 적용했는지, 파드 템플릿의 레이블이 맞는지 확인하세요.
hint-pods-running =
    실행 중인 파드 수가 다릅니다. 디플로이먼트의 레플리카 수, 시작하지 못한 파드(kubectl describe pods), 아직 진행 중인 롤아웃을
    확인하세요.
hint-pods-ended =
    {$reason} 이유로 끝난 컨테이너가 없습니다. 적용한 매니페스트에 제한이 있는지, 프로그램이 거기에 이를 만큼 시간이 지났는지
    확인하세요.
hint-pods-not-restarted =
    컨테이너는 리브니스 프로브가 failureThreshold만큼 실패하거나 스스로 끝나면 재시작됩니다. 파드가 고장 났는지, 프로브가 있는지,
    시간이 충분히 지났는지 확인하세요.
hint-pods-restarted =
    지금쯤 있어야 할 것보다 재시작이 많습니다. 어떤 프로브나 종료가 원인인지는 kubectl describe pods에 나옵니다. lab reset으로
    처음 상태로 돌아갈 수 있습니다.
address-seen = {$service}에 클러스터 바깥 주소가 있음: {$url}
pods-none-waits = 대기 중인 컨테이너 없음
hint-pods-waiting = 지금은 {$reason} 상태로 기다리는 컨테이너가 없습니다. 잠시 실행 중일 수 있으니 STATUS 열을 보세요 (kubectl get pods).
hint-pods-unschedulable =
    {$reason} 때문에 노드를 기다리는 파드가 없습니다. 스케줄러는 파드의 요청(request)과 노드에 이미 있는 파드들의 요청을
    봅니다(kubectl describe node).
hint-pods-too-many-ready =
    준비된 파드가 더 많습니다. 레디니스 프로브가 없으면 실행 중인 파드는 준비된 것으로 간주합니다. 프로브가 있는지, 고장 난 파드가
    있는지 확인하세요.
hint-pods-ready =
    준비된 파드가 모자랍니다. 레디니스 프로브가 무엇을 확인했고 결과가 어떠했는지는 kubectl describe pods에 나옵니다.
hint-pods-answers =
    파드마다 직접 호출했을 때의 응답이 다릅니다. 앱을 몇 번 호출했는지, 그사이 파드가 바뀌었는지 확인하세요.

release = 헬름 릴리스 {$release}: {$state}
release-revision = 헬름 릴리스 {$release}의 리비전 {$revision}: {$state}
release-none = 헬름 릴리스 {$release}이(가) 없음
hint-release-none =
    이 네임스페이스에 {$release} 릴리스가 없습니다. helm list --deployed --failed --pending으로 있는 것을 보세요.
hint-release-pending =
    헬름이 작업 중이거나 도중에 중단되었습니다. 실행 중인 helm이 없다면 helm rollback {$release} 명령을 실행하거나, 제거하고 다시
    설치하세요.
hint-release = 무엇을 시도했고 어떻게 되었는지는 helm history {$release}에 나옵니다.

replicas = {$deployment}의 파드 {$wanted}개 중 {$there}개
replicas-refused = {$deployment}의 파드 {$wanted}개 중 {$there}개; 나머지는 거부됨: {$refusal}
replicas-none = 레플리카셋이 있는 디플로이먼트 {$deployment}이(가) 없음
hint-replicas-none = 매니페스트를 올바른 네임스페이스에 적용했나요?
hint-replicas-wanted =
    레플리카는 {$wanted}개여야 합니다. 매니페스트나 kubectl scale deployment {$deployment} 명령으로 정합니다.
hint-replicas-not-refused =
    거부된 파드가 없습니다. ResourceQuota가 같은 네임스페이스에 있는지, 파드 제한의 합이 쿼터를 넘는지 확인하세요.
hint-replicas = 무엇이 왜 거부되었는지는 레플리카셋의 이벤트에 있습니다: kubectl describe replicaset.

budget = 중단 예산 {$budget}: 파드 {$allowed}개까지 축출 허용
budget-none = PodDisruptionBudget {$budget}이(가) 없음
budget-unseen = 예산이 바뀐 뒤로 아직 확인되지 않음
hint-budget-none = 매니페스트를 적용했나요?
hint-budget-unseen = 잠시 걸립니다. 계속 그렇다면 컨트롤러 매니저가 실행되고 있지 않은 것입니다.
hint-budget =
    준비된 파드는 {$healthy}개이고 {$needed}개가 필요합니다. 셀렉터에 해당하는 파드가 모두 있는지, 가이드의 예산이
    맞는지 확인하세요.
rollout = {$deployment} 롤아웃 {$state}: 새 버전 {$updated}개, 사용 가능 {$available}개
rollout-revision = {$deployment} 롤아웃 (리비전 {$revision}) {$state}: 새 버전 {$updated}개, 사용 가능 {$available}개
rollout-done = 끝남
rollout-not-done = 끝나지 않음
rollout-none = 디플로이먼트 {$deployment}이(가) 없음
rollout-unseen = 컨트롤러가 아직 업데이트를 보지 못함
hint-rollout-none = 매니페스트를 적용했나요?
hint-rollout-unseen = 잠시 걸립니다. 계속 그렇다면 컨트롤러 매니저가 실행되고 있지 않은 것입니다.
hint-rollout-not-done = 새 파드가 아직 준비되지 않았거나 끝내 준비되지 않습니다. READY 열과 kubectl describe pods를 보세요.
hint-rollout-done = 롤아웃이 끝까지 진행되었습니다. 새 파드가 준비 상태입니다. 잘못된 업데이트를 적용했나요?
hint-rollout-revision =
    지금쯤 있어야 할 것보다 업데이트가 적습니다. kubectl rollout history에 목록이 나옵니다. 마지막 업데이트를 적용했거나
    되돌렸나요?
hint-rollout = 이전 파드나 새 파드의 수가 여기서 기대한 것과 다릅니다. kubectl get replicaset에 각각 몇 개인지 나옵니다.

service-endpoints = {$service}의 준비된 엔드포인트 {$count}개{$more}
service-none = 서비스 {$service}이(가) 없음
service-callers = {$url} 호출 응답 {$answers}
service-callers-none = {$url} 호출에 응답 없음
callers-share = {$answer} ({$all}번 중 {$count}번)
hint-service-none =
    {$service} 서비스가 없거나 셀렉터에 맞는 파드가 없습니다. 서비스의 셀렉터와 파드의 레이블을 비교해 보세요.
hint-service-too-many-endpoints =
    파드는 레디니스 프로브가 실패해야 엔드포인트에서 빠집니다. 프로브가 있는지, 올바른 경로를 확인하는지, 고장 난 파드가 있는지
    확인하세요.
hint-service-endpoints =
    파드는 준비 상태이고 레이블이 서비스의 셀렉터와 맞아야 엔드포인트에 들어갑니다. READY 열과 프로브 결과(kubectl describe
    pods)를 보세요.
hint-service-labels =
    엔드포인트가 아직 다른 버전의 파드입니다. 파드에 {$labels} 레이블을 붙이는 업데이트를 적용하세요.
hint-service-no-answer =
    {$service} 주소에서 응답이 없습니다. 서비스에 주소가 있는지(kubectl get service {$service}), 준비된 엔드포인트가
    있는지 보세요.
hint-service-callers =
    호출자가 받는 응답이 여기서 기대한 것과 다릅니다. 어느 파드가 정상인지(/healthz를 몇 번 호출해 보세요), 앱을 몇 번
    호출했는지에 달려 있습니다.

## 과제가 요구하는 것과 실제로 본 것 (guide::goal, proofs::goals)

goal-here = 이 네임스페이스
goal-memory = 메모리
goal-unknown = 그만큼
goal-under-way = 클러스터가 아직 작업하고 있습니다. 몇 초 뒤에 다시 확인하세요.
goal-unseen = 확인하지 못함
goal-unseen-why = {$what}의 목록을 볼 권한이 없어 판단할 수 없습니다. 클러스터 관리자에게 권한을 요청하세요.
goal-namespace-missing = {$namespace} 네임스페이스가 없음
goal-namespace-none = 과제는 네임스페이스를 만드는 매니페스트로 시작합니다. 그 매니페스트부터 적용하세요.
goal-namespace-goes = {$namespace} 네임스페이스가 삭제되는 중
goal-namespace-ending = 다 지워질 때까지 기다렸다가 네임스페이스를 만드는 매니페스트를 다시 적용하세요.

goal-quota = {$namespace}: 노드 {$resource}의 {$percent}%만큼 쿼터
goal-quota-is = {$quota}의 {$key} {$hard}, {$whole}의 {$percent}%
goal-quota-alone = {$quota}의 {$key} {$hard}
goal-quota-no-whole =
    노드를 읽을 권한이 없어서 이 값이 몇 %인지 계산할 수 없습니다. 클러스터 관리자에게 권한을 요청하세요.
goal-quota-nothing = {$namespace}에 ResourceQuota가 없음
goal-quota-none =
    이 네임스페이스에 limits.{$resource}나 requests.{$resource}를 정하는 ResourceQuota를 만드세요. {$percent}%는 {$share}입니다.
goal-quota-elsewhere =
    {$quota}은(는) {$here}에 있어서 여기 있는 파드는 집계하지 않습니다. {$namespace}에 만드세요(-n이나 metadata.namespace로).
goal-quota-others = {$quota}의 항목은 {$keys}뿐임
goal-quota-other-resource =
    {$resource}에 대한 쿼터가 아닙니다. limits.{$resource}나 requests.{$resource}를 정하세요. {$percent}%는 {$share}입니다.
goal-quota-part = {$quota}이(가) 파드를 일부만 집계함
goal-quota-scoped =
    쿼터에 범위(scope)가 있어서 범위 밖의 파드는 얼마든지 쓸 수 있습니다. 범위를 빼고 limits.{$resource}나
    requests.{$resource}를 정하세요. {$percent}%는 {$share}입니다.
goal-quota-swapped =
    {$whole} 가운데 {$hard}은(는) {$other}의 몫입니다. 여기는 {$percent}%, 곧 {$share}여야 합니다. 둘이 바뀌지 않았나요?
goal-quota-above-node =
    {$hard}은(는) 노드가 가진 {$whole}보다 많아서 아무것도 막지 못합니다. {$percent}%는 {$share}입니다.
goal-quota-other-share = {$hard}이(가) 아니라 {$whole}의 {$percent}%인 {$share}여야 합니다.

goal-workload = {$place}: 준비된 파드 {$count}개 이상
goal-workload-is = {$count ->
    [0] 파드가 없음
   *[other] 파드 {$count}개 중 준비 {$ready}개
}
goal-workload-none =
    이 네임스페이스에는 {$labels} 레이블의 파드도, 그런 파드를 만드는 것도 없습니다. 워크로드를 적용했는지, -n으로 이
    네임스페이스를 지정했는지 확인하세요.
goal-workload-elsewhere =
    {$name}이(가) 그런 파드를 만들지만 {$here} 네임스페이스에서 만듭니다. 이 네임스페이스에 만드세요(-n이나
    metadata.namespace로).
goal-workload-other-labels =
    이 네임스페이스에 다른 것은 있지만 {$labels} 레이블의 파드를 만드는 것이 없습니다. 파드는 이 레이블로 골라내니 파드 템플릿에
    적으세요.
goal-workload-too-few = {$name}의 레플리카가 {$wanted}개입니다. {$least}개 이상이어야 합니다.
goal-workload-too-few-bare = 만든 파드가 {$wanted}개뿐입니다. {$least}개 이상이어야 합니다.
goal-workload-no-limit =
    쿼터가 있으면 파드마다 그 값을 적어야 하는데, 파드에 그 값이 없어서 더 만들어지지 않습니다: {$refusal}. 파드 템플릿을
    완성하거나 LimitRange로 기본값을 정하세요.
goal-workload-no-room =
    쿼터에 자리가 더 없습니다. 파드마다 {$key} {$requested}씩 쓰는데 쿼터는 {$limited}이라 많아야 {$count}개가 들어갑니다. 파드
    하나가 얼마나 커도 될까요?
goal-workload-refused = API 서버가 파드를 거부합니다: {$refusal}
goal-workload-no-node = 노드에 배치되지 못한 파드가 있습니다: {$why}
goal-workload-stuck = {$pod}이(가) 시작되지 못합니다: {$why}. 자세한 내용은 kubectl describe pod에 나옵니다.
goal-workload-not-ready =
    파드가 만들어진 지 꽤 되었는데도 준비 상태가 아닙니다. 프로브가 무엇을 받았는지는 kubectl describe pods에 나옵니다.
goal-workload-not-made =
    파드를 충분히 요구했지만 나머지가 만들어지지 않고 이유도 알 수 없습니다. 파드를 만드는 것을 kubectl describe로 살펴보세요.
goal-workload-uncounted =
    {$quota}은(는) 모든 파드에 {$key}을(를) 요구합니다. 그런데 쿼터보다 먼저 생긴 파드 {$count}개에는 그 값이 없어서 쿼터가
    세지 않고, 재시작하면 하나도 다시 만들어지지 않습니다. 파드 템플릿을 완성하세요.
goal-workload-over-quota =
    파드들이 {$quota}보다 먼저 생겨서 {$key} 합계가 {$used}, 쿼터의 {$limited}보다 많습니다. 재시작하면 모두 다시 만들어지지는
    않습니다.

goal-service-missing = {$service} 서비스가 없음
goal-service-none = 과제의 시작 매니페스트에 {$service} 서비스가 있습니다. 다시 적용하세요.
goal-service-open = {$service} 서비스가 선택하는 파드가 없음
goal-service-without-selector = 셀렉터가 없어서 어떤 파드와도 연결되지 않습니다. 주어진 서비스를 다시 적용하세요.

goal-answers = {$url} 응답 {$status}
goal-answers-with = {$url} 응답 {$status}, 내용에 {$holds}
goal-answers-inside = 클러스터 바깥 주소가 없는 {$type} 서비스
goal-answers-no-address =
    주소를 할당해 주는 것(클라우드, MetalLB, `minikube tunnel` 등)이 필요합니다. 이 클러스터에 무엇이 있는지는 lab doctor로
    확인하세요.
goal-answers-other-type = LoadBalancer 서비스만 바깥 주소를 얻습니다. 주어진 서비스를 다시 적용하세요.
goal-answers-nobody = 응답할 파드가 없음
goal-answers-none-ready = 서비스 뒤에 준비된 파드가 없습니다. 이유는 파드에 관한 줄에 있습니다.
goal-answers-none = 파드는 준비되었는데 응답이 없습니다. 서비스의 targetPort가 파드가 수신하는 포트와 맞는지 확인하세요.
goal-answers-status = 모든 호출이 {$status} 응답을 받아야 합니다. 서비스 뒤의 파드들이 남긴 로그를 보세요.
goal-answers-without = 응답에 {$holds}이(가) 없습니다. 서비스 뒤에 다른 프로그램이 있지 않나요?

goal-refused = {$namespaces}: {$beyond}개를 넘는 파드를 {$resource} 쿼터가 거부함
goal-refused-nothing = 쿼터에 막힌 파드가 없음
goal-refused-none = 쿼터에 들어가는 것보다 많은 레플리카를 요구해 보고 어떻게 되는지 살펴보세요.
goal-refused-is = {$place}의 파드 {$wanted}개 중 {$there}개
goal-refused-by = {$place}의 파드 {$wanted}개 중 {$there}개: {$refusal}
goal-refused-otherwise = 파드가 거부되었지만 {$resource} 쿼터가 다 차서가 아닙니다: {$refusal}
goal-refused-too-soon = 너무 일찍 거부되었습니다. 쿼터에 파드 {$least}개는 들어가고, 그다음 파드부터 막혀야 합니다.

goal-object = {$of} 레이블의 {$kind} 하나: {$facts}
goal-object-is = {$name}: {$facts}
goal-object-nothing = {$of} 레이블이 붙은 것이 없음
goal-object-none = 네임스페이스 {$namespace}에 이 레이블이 붙은 오브젝트가 없습니다. 문제에 나온 매니페스트부터 적용하세요.
object-not = {$part}(아직 아님)
object-field-is = {$field} 값이 {$value}
object-field-never = {$field} 값이 {$value}인 곳이 없음
object-field-there = {$field} 있음
object-field-gone = {$field} 없음
object-field-seen = {$field}: {$values}
object-restarts = {$container} 컨테이너 {$count}회 이상 재시작
object-restarts-none = {$container} 컨테이너 재시작 없음
object-restarts-seen = {$container} 컨테이너 재시작 횟수: {$count}
object-told = {$reason} 이벤트
object-told-saying = 내용이 “{$says}”인 {$reason} 이벤트
object-paused = 재시작 전에 대기함
object-recovered = 그 뒤 컨테이너 재시작 없이 다시 준비됨
object-replaced = 없어진 파드 대신 새로 생김
object-updated = 앞의 조건을 이미 갖춘 버전에서 업데이트됨
object-runs = {$seconds}초 이상 계속 실행
object-ready = 준비됨
object-why-field = 오브젝트의 {$field} 필드를 -o yaml로 확인하세요. 필드의 뜻은 kubectl explain으로 볼 수 있습니다.
object-why-restarts = 이 파드에서 {$container} 컨테이너가 재시작되어야 합니다. 파드를 새로 만들면 횟수를 0부터 다시 셉니다.
object-why-restarted = {$container} 컨테이너는 그대로 두어야 하는데 재시작되었습니다. 새 파드에서는 횟수를 0부터 다시 셉니다.
object-why-told = 이 오브젝트에는 그런 {$reason} 이벤트가 없습니다. 이벤트는 한 시간만 보관되므로 그보다 오래되었다면 다시 해 보세요.
object-why-paused = 지금까지는 종료될 때마다 곧바로 다시 시작되었습니다. 짧은 간격으로 거듭 종료되면 대기 시간이 길어지니 계속해 보세요.
object-why-recovered = 파드가 새로 생겼거나 컨테이너가 재시작되었다면 복구한 것이 아닙니다. 파드는 그대로 두고 그 안의 프로그램을 복구하세요.
object-why-replaced = 처음에 만든 파드가 아직 그대로 있습니다.
object-why-updated = 바로 앞 버전은 이 조건을 갖추지 못했습니다. 조건을 모두 갖춘 버전에서 한 번 더 업데이트하세요.
object-why-runs = 파드에 실행되고 있지 않은 컨테이너가 있습니다.
object-why-ready = 파드가 준비되지 않았습니다. 이유는 파드의 컨디션과 이벤트에 나옵니다.

goal-event = {$kind} {$name}: {$told}
goal-event-is = {$kind} {$name}: {$says}
goal-event-nothing = 그런 이벤트가 없음
goal-event-none = 이벤트는 한 시간만 보관됩니다. 그보다 오래되었다면 다시 해 보세요.

goal-pending = {$namespaces}: {$reason} 때문에 노드를 기다리는 파드가 있음
goal-pending-nothing = 노드를 기다리는 파드가 없음
goal-pending-none =
    쿼터를 없애고 노드가 가진 것보다 많이 요구해 보세요. 스케줄러가 보는 것은 요청(requests)입니다. 어떻게 되는지 살펴보세요.
goal-pending-is = {$place} 대기 중: {$why}
goal-pending-otherwise = 기다리는 이유가 {$reason}이(가) 아닙니다.

## 실행 보고 (report)

place = 클러스터 {$context}, 네임스페이스 {$namespace}
expected = 기대
observed = 실제
guide = 가이드
pods-caption = 파드
events = 이벤트
story-caption = 그 전
look-at = 확인할 명령
keep = 네임스페이스는 실습이 끝나면 지워집니다. --keep을 주면 남겨 두니 직접 살펴보세요.
cut-off = 실행기가 중단함
removing = 네임스페이스 정리 중
removed = 실습에서 만든 것을 모두 지움
kept = 살펴볼 수 있게 남겨 둠. 다 봤으면:
ending-seen = 모두 확인
ending-missed = 확인 실패
ending-interrupted = 중단됨
ending-failed = 실행 불가
proofs-seen = 증명 {$count}개, {$seconds}초
times = 걸린 시간 (초)
column-proofs = 증명
column-commands = 명령
column-waiting = 기다림
column-clean-up = 정리
column-all = 전체
all-seen = {$all}개 중 {$seen}개 확인, {$seconds}초; 하나씩 하면 {$alone}초

## 화면에 띄우는 실행 (report, runner)

usually = 실행에는 보통 {$seconds}초가 걸림
looking = 클러스터를 살펴보는 중
wait-so-far = {$seconds}초째
wait-of = {$all}초 중 {$seconds}초
wait-gives-up = {$seconds}초째, {$all}초가 지나면 스스로 포기함
wait-ends = {$seconds}초째, 길어도 {$left}초 남음
press-enter = Enter를 누르면 계속
came-meanwhile = 기다리는 동안, 다음 명령을 입력하기 전에 이미 이렇게 되었습니다: {$claim}
no-more-enter = 입력이 끝나 Enter를 누를 수 없으므로 멈추지 않고 계속합니다

## 실행 (runner)

not-before = 이 단계 전에는 아직 이렇지 않음: {$claim}
command-succeeds = `{$command}` 명령이 성공함
command-fails = `{$command}` 명령이 실패함
command-ended = 종료 코드 {$code}
command-went-on = {$seconds}초 안에 스스로 끝나지 않음
printed = 가이드에 적힌 대로 출력됨
nothing-more = (더 없음)
not-shown = 볼 수 없음: {$reason}
cleaning-up = {$signal}: 정리하는 중; 한 번 더 보내면 기다리지 않고 끝냄
other-run =
    다른 실행이 네임스페이스 {$namespace}을(를) 쓰고 있습니다. 강제로 끝난 실행이라면: kubectl delete namespace {$namespace}
not-removed = 클러스터가 {$seconds}초 안에 지우지 못함
no-account = {$seconds}초 안에 생기지 않음
action-list-namespaces = 네임스페이스 목록 보기
action-show-namespace = 네임스페이스 보기
action-make-namespace = 네임스페이스 만들기
action-make-account = 네임스페이스의 서비스 어카운트 만들기
action-show-accounts = 서비스 어카운트 보기
action-show-service = 서비스 보기
action-show-class = PriorityClass 보기
action-show-state = 상태 보기
error-unreachable = 컨텍스트 {$context}의 클러스터가 응답하지 않습니다: {$reason}. 실행 중인가요?
error-user-refused = 컨텍스트 {$context}의 클러스터가 kubeconfig의 사용자를 거부했습니다: {$reason}
error-no-contexts = kubeconfig에 컨텍스트 {$context}이(가) 없습니다. 다른 컨텍스트도 없습니다
error-no-context = kubeconfig에 컨텍스트 {$context}이(가) 없습니다. 있는 것: {$known}
error-kubeconfig = kubeconfig를 읽을 수 없습니다(위치는 KUBECONFIG로 정합니다): {$reason}
error-context = kubeconfig의 컨텍스트 {$context}을(를) 쓸 수 없습니다: {$reason}
error-plugin = kubeconfig에 지정된 플러그인 {$plugin}에서 자격 증명을 받지 못했습니다: {$reason}
error-unwritten = 출력을 끝까지 쓰지 못했습니다: {$reason}
error-refused = 클러스터가 요청을 거부했습니다({$action}): {$reason}
error-no-program = 이 실습에 필요한 `{$program}`이(가) PATH에 없습니다. 설치한 뒤 다시 실행하세요
error-in-the-way =
    네임스페이스 {$namespaces}이(가) 이미 있습니다. 이 실습이 만들거나 지우는 것이라 그대로 두었습니다. 직접 만들었다면 `lab reset`으로
    지우고, 다른 실행이 만들었다면 끝날 때까지 기다리세요
error-going =
    네임스페이스 {$namespaces}을(를) 삭제하는 중인데, 이 실습이 만들거나 지우는 것입니다. 다 없어진 뒤 다시 실행하세요
error-class-in-the-way =
    PriorityClass {$classes}이(가) 이미 있습니다. 이 실습이 만드는 것이라 그대로 두었습니다. 직접 만들었다면 `lab reset`으로 지우고,
    다른 실행이 만들었다면 끝날 때까지 기다리세요
error-another-run =
    네임스페이스 {$namespace}에서 다른 실행이 같은 네임스페이스를 만들거나 지우고 있거나, 이 실습에 필요한 포트를 쓰고 있습니다.
    아무것도 바꾸지 않았으니 끝날 때까지 기다리세요. 강제로 끝난 실행이라면: kubectl delete namespace {$namespace}
error-old-helm =
    `helm version`의 출력은 {$version}입니다. 3.18 이전의 헬름은 훅의 출력을 보여 주지 않아 실습할 수 없으니 업데이트하세요
error-unknown-helm = `helm version`의 출력은 {$version}입니다. 가이드에는 헬름 3과 헬름 4용 명령이 있습니다
error-folder = 실행할 폴더를 준비할 수 없습니다: {$reason}
error-left-behind =
    네임스페이스 {$namespaces}이(가) 남아 있습니다: {$reason}. 지우려면: kubectl --context {$context} delete namespace
    {$namespaces}
error-maybe-made =
    클러스터가 네임스페이스 {$namespace}을(를) 만들었는지 답하지 않았습니다({$reason}). 만들어졌다면: kubectl --context {$context}
    delete namespace {$namespace}
error-interrupted = {$signal} 시그널로 중단됨
cluster-lacks = 컨텍스트 {$context}의 클러스터에 이 장을 실습하는 데 필요한 것이 없습니다:
old-kubernetes =
    쿠버네티스 {$version}에는 파드 보안 표준이 없습니다. 1.25 이상으로 업그레이드하세요
old-for-exercise = 쿠버네티스 {$least} 이상이 필요한데 이 클러스터는 {$version}입니다
left-out = 건너뜀: {$exercise}: {$lacking}
no-right =
    {$resource}에 대한 {$verbs} 권한이 없습니다. cluster-admin이나 다음 규칙이 있는 ClusterRole을 ClusterRoleBinding으로 부여해 달라고
    요청하세요: {$rule}
no-node-ready = 노드 {$count}개 중 준비된 것이 없습니다. `kubectl describe nodes`로 살펴보세요
unseen = {$what} 확인하지 못했습니다: {$reason}
look-lacking = 클러스터에 부족한 것을
look-rights = 권한을
look-version = 쿠버네티스 버전을
look-disk = 기본 StorageClass를
look-address = 서비스가 주소를 받는지
look-images = 노드의 이미지를
doubt-version =
    클러스터가 알려 준 버전 {$version}만으로는 이 장에 필요한 1.25 이상인지 알 수 없습니다
doubt-disk =
    클러스터에 기본 StorageClass가 없어서 헬름 차트의 데이터베이스가 디스크를 얻지 못하고 시작하지 못합니다: 프로비저너를 설치하고
    그 클래스를 기본으로 지정하세요
doubt-address =
    LoadBalancer 타입의 서비스가 {$seconds}초 안에 주소를 받지 못해서 밖에서 호출할 수 없습니다: kind라면
    `cloud-provider-kind`, minikube라면 `minikube tunnel`을 함께 실행하거나 MetalLB를 설치하세요
probe-left =
    이 클러스터가 무엇을 할 수 있는지 보려고 만든 네임스페이스 {$namespace}이(가) 아직 남아 있을 수 있습니다({$reason}).
    지우려면: kubectl delete namespace {$namespace}
doubt-images =
    어느 노드에도 {$registry}의 이미지가 없는 것으로 보이고, 이 이미지는 다른 곳에서 가져올 수 없습니다: `lab up --context`로 넣거나,
    이미지가 있는 레지스트리를 `lab registry`로 지정하세요

## 클러스터를 살펴보고 알아낸 것 (learner)

find-differs = {$object}: {$field} 값이 {$there}입니다. {$file}에는 {$wanted}(으)로 되어 있습니다
find-lacks = {$object}에 {$field}이(가) 없습니다. {$file}에는 {$wanted}(으)로 되어 있습니다
find-extra = {$object}에 {$field}({$there})이(가) 있습니다. {$file}에는 없습니다
find-extra-set =
    {$object}에 {$field}({$there})이(가) 있습니다. {$file}에는 없고, 다른 명령이 넣은 것이라 apply로는 없어지지 않습니다: kubectl replace
    -f {$file}
find-more = {$object}에는 값이 다른 필드가 {$count}개 더 있습니다
find-other-file = {$object}은(는) {$there}에 있는 그대로입니다. 이 단계에서 쓰는 파일은 {$file}입니다
find-missing = {$object}이(가) 없습니다. {$file}에 있습니다
find-no-right = 네임스페이스 {$namespace}에서 {$kinds}을(를) 볼 권한이 없습니다
find-hidden = {$object}: 있는지 볼 권한이 없습니다
find-other-kind = 여기서 {$name}은(는) {$there}입니다. 이 단계에는 같은 이름의 {$wanted}이(가) 있어야 합니다
find-still-there = {$object}이(가) 아직 남아 있습니다
find-namespace-goes = 네임스페이스 {$namespace}을(를) 삭제하는 중입니다. 다 없어질 때까지는 그 안에 새로 만들 수 없습니다
find-no-namespace = 명령이 쓰는 네임스페이스 {$namespace}이(가) 없거나 삭제되는 중입니다
find-elsewhere =
    같은 이름의 오브젝트가 네임스페이스 {$namespaces}에 있습니다. 지금 명령은 {$home}에서 동작합니다. 직접 만든 것이라면 이 명령으로
    옮겨 갈 수 있습니다: kubectl config set-context --current --namespace 이름
find-other-release = 여기에는 헬름 릴리스 {$release}이(가) 있습니다. 이 실습에서 쓰는 이름은 {$wanted}입니다
find-image = 파드 {$pod}: 이미지 {$image}을(를) 가져올 수 없습니다 ({$reason})
find-container = 파드 {$pod}이(가) 시작하지 못합니다: {$reason}
find-crash = 파드 {$pod}이(가) {$how}(으)로 끝나 {$count}번 재시작했습니다. 지금 상태: {$reason}
find-unschedulable = 파드 {$pod}을(를) 실행할 노드가 없습니다: {$reason}
find-probe = 파드 {$pod}이(가) 준비되지 않았습니다: {$message}
find-refused = {$owner}에 파드를 더 만들 수 없습니다: {$message}
find-selects-nobody = {$service}의 셀렉터는 {$selector}인데, 이 레이블을 가진 파드가 없습니다
find-target-port = {$service}은(는) 요청을 {$port}번 포트로 보내는데, 파드의 포트는 {$ports}입니다
find-no-address = {$service}에 아직 클러스터 바깥 주소가 없습니다

## 두 언어로 말하는 명령 (lab)

looking-ahead = 클러스터가 할 수 있는 것을 살펴보는 중
try-heading = {$exercise}  {$title}: “직접 해 보기” {$item}번
try-done = 잘하셨습니다. {$item}번을 마쳤습니다. 확인한 것:
try-not-yet = 아직입니다. { $all ->
        [1] 지금 상태로는 {$item}번을 마치지 않았습니다.
       *[other] 지금까지 {$item}번의 {$all}가지 가운데 {$met}가지를 마쳤습니다.
    }
try-page = 문제는 {$page}에 있습니다. 문제 바로 아래에 답을 접어 두었습니다.
try-none = {$exercise}에는 직접 해 볼 {$item}번 문제가 없습니다. {$count ->
        [0] 직접 해 볼 문제가 없는 절입니다
        [1] 하나뿐이니 --try 1로 확인하세요
       *[other] --try 1부터 --try {$count}까지 있습니다
    }
check-looking = 지금 상태를 살펴보는 중
check-watching = 그대로 유지되는지 지켜보는 중
check-at = 지금까지 잘되고 있습니다. {$steps}단계 중 {$step}단계 “{$section}”까지 마쳤습니다. 방금 확인한 것:
check-near = 다른 점이 있습니다. {$steps}단계 중 {$step}단계 “{$section}”에 가장 가깝습니다:
check-under-way =
    진행 중입니다. {$steps}단계 중 {$step}단계 “{$section}”이(가) 아직 끝나지 않았고 상태가 바뀌고 있습니다. {$seconds}초 뒤에 다시
    확인하세요.
check-incomplete = {$steps}단계 중 {$step}단계 “{$section}”이(가) 아직 끝나지 않았습니다. 잘못된 것은 보이지 않으니, 시간이나 명령이 하나 더 필요할 수 있습니다:
check-unseen = 이 실습에서 만든 것이 있는지 볼 수 없습니다:
check-not-lasting = 조금 전 상태가 유지되지 않았습니다.
check-task = 과제를 하는 중입니다. 지금 보기에 {$all}가지 가운데 {$met}가지를 마쳤습니다.
check-done = 잘하셨습니다. 이 실습을 모두 마쳤습니다.
check-done-before = 이 실습은 {$at}에 마쳤고, 지금은 남아 있는 것이 없습니다.
check-nothing = 이 실습에서 만든 것이 아직 없습니다.
check-go-on = 이제 {$exercise}(으)로 넘어가세요: {$page}
check-next = 다음 (k8s 폴더에서)
check-not-yet = 아직
check-observed = 지금은
check-hint = 힌트
check-hint-how = --hint를 붙이면 힌트를 가벼운 것부터 하나씩 볼 수 있습니다.
hint-page = 과제 뒤에 접어 둔 힌트가 있습니다: {$page}
hint-no-right = 볼 권한이 없으면 판단할 수 없습니다. `view` 이상의 역할을 요청하세요.
hint-look = 무엇을 확인하는지 이 명령으로 직접 볼 수 있습니다: {$command}
hint-no-more = 힌트는 여기까지입니다. 본문과 비교하거나 `lab reset`으로 처음으로 돌아가세요.
lasting-none = 이 단계에는 유지되어야 하는 것이 없습니다.
lasting-unseen = (지금 상태입니다. {$seconds}초 동안 유지되는지는 보지 않았습니다. --lasting을 붙이면 지켜봅니다.)
lasting-so = {$seconds}초 동안 그대로였습니다.
lasting-not = 그대로 유지되지 않았습니다. {$seconds}초 뒤의 상태: {$observed}
list-done = {$when} 완료
list-reached = {$when}에 {$step}
list-now = 지금은 {$step}
list-step = {$steps}단계 중 {$step}단계
list-not-begun = 시작 전
list-not-begun-or-tidied = 시작 전이거나 정리함
list-time = lab run으로 {$minutes}분
list-no-cluster = 실행 중인 클러스터가 없어 어디까지 했는지 알 수 없습니다: {$command}
list-unknown = 어디까지 했는지 알 수 없습니다: {$reason}

## 학습자에 관해 저장해 두는 것 (lab)

memory-no-home = 이 사용자에게는 홈 폴더가 없습니다
memory-home-absent = {$variable}에 지정된 폴더 {$folder}이(가) 없습니다
memory-relative = {$variable}의 값 {$folder}은(는) 절대 경로가 아닙니다
memory-unusable = 지금까지 한 일을 저장하지 못합니다: {$reason}
memory-set-aside =
    저장해 둔 내용을 읽을 수 없어({$reason}) {$path}(으)로 옮겨 두고, 처음부터 다시 저장합니다.

## 명령을 실행한 셸 (lab)

shell-no-cluster = 이 셸의 kubectl에는 클러스터가 설정되어 있지 않습니다. 먼저 입력하세요: {$command}
shell-other-cluster = 이 셸의 kubectl은 {$wanted}이(가) 아니라 다른 클러스터({$context})를 씁니다. 먼저 입력하세요: {$command}
shell-other-namespace =
    이 셸의 kubectl은 네임스페이스 {$there}을(를) 쓰는데, 여기서 살펴본 것은 {$here}입니다. 맞추려면 입력하세요: {$command}
kubectl-missing = 이 셸의 PATH에 kubectl이 없습니다. 먼저 입력하세요: {$command}
kubectl-missing-yours = 이 셸의 PATH에 kubectl이 없습니다. 설치 방법: https://kubernetes.io/docs/tasks/tools/
kubectl-skew =
    이 셸의 kubectl은 {$client}, 클러스터는 {$server} 버전이라 서로 맞지 않거나, 출력이 가이드와 다를 수 있습니다. 맞는 것을 쓰려면
    입력하세요: {$command}
kubectl-skew-yours =
    이 셸의 kubectl은 {$client}, 클러스터는 {$server} 버전이라 서로 맞지 않을 수 있습니다. 마이너 버전 차이가 1 이하인 것을 쓰세요:
    https://kubernetes.io/docs/tasks/tools/

## 오류를 알리는 말 (lab)

error = 오류:
error-no-exercise = {$exercise} 실습은 없습니다. 가이드에 있는 것: {$known}
error-silent-api-server = 클러스터 {$name}은(는) 있지만 API 서버가 응답하지 않습니다({$how}). 자세한 내용은 `{$command}`에서 볼 수 있습니다
error-silent-supervisor = 클러스터 {$name}은(는) 있지만 슈퍼바이저가 응답하지 않습니다({$how}). 자세한 내용은 `{$command}`에서 볼 수 있습니다
error-silent-within = {$seconds}초 동안
error-not-running = 클러스터 {$name}이(가) 실행 중이 아닙니다. `{$command}`으로 시작하세요

## 가이드의 그림 (pictures)

picture-recorded = {$date}의 실제 실행 기록으로 그림. 쿠버네티스 {$kubernetes}.
picture-diagram = 기록이 아니라 개념도입니다.
picture-seconds-after-call = 호출 뒤 지난 시간(초)
picture-breaks = 점선: /rng 호출에 파드가 고장 남
picture-readiness-probe = 레디니스 프로브
picture-liveness-probe = 리브니스 프로브
picture-traffic = 트래픽
picture-container = 컨테이너
picture-in = 요청을 받음
picture-out = 받지 않음
picture-run = {$number}번째 실행

picture-probes = 고장 난 파드 하나와 두 프로브
picture-stopping = 빗금: 종료되는 중
picture-probes-out = 호출 {$seconds}초 뒤 트래픽에서 제외됨: 레디니스 프로브는 한 번 실패로 충분했습니다.
picture-probes-back = {$seconds}초 뒤 다시 트래픽을 받음: 새 컨테이너의 첫 레디니스 프로브가 성공했습니다.
picture-probes-description =
    시간에 따른 띠 네 개. 레디니스 프로브가 먼저 실패하고, 호출 {$out}초 뒤 파드는 요청을 더 받지 않는다. 리브니스 프로브가 연속 두 번
    실패하고, 두 번째 실패({$killed}초) 뒤 컨테이너가 종료되고 새 컨테이너가 시작된다. 새 컨테이너의 레디니스 프로브가 성공해 호출
    {$back}초 뒤 파드는 다시 요청을 받는다.

picture-field-timeout = timeoutSeconds: 응답 하나를 기다리는 시간
picture-field-period = periodSeconds: 다음 프로브까지의 간격
picture-field-threshold = failureThreshold: 연속 몇 번 실패해야 실패로 판단하는지
picture-field-initial = initialDelaySeconds: 시작 뒤 리브니스 프로브를 미루는 시간
picture-field-grace = terminationGracePeriodSeconds: 종료 요청부터 강제 종료까지

picture-traffic-title = 고장 난 파드를 트래픽에서 제외하는 과정
picture-caller = 호출자
picture-rng = /rng: 이때부터 파드는 고장 난 상태
picture-kubelet = kubelet
picture-waits = 다음 프로브: {$seconds}초 뒤
picture-api = API 서버: 파드
picture-at = {$seconds}초에 바뀜
picture-by = 늦어도 {$seconds}초에 바뀜
picture-ready = 준비됨
picture-not-ready = 준비되지 않음
picture-slice = EndpointSlice
picture-two-endpoints = 파드 둘
picture-one-endpoint = 파드 하나
picture-proxy = kube-proxy: 규칙
picture-to-both = 두 파드로
picture-to-one = 한 파드로
picture-new-connections = 새 연결
picture-tall = 긴 막대: 오류
picture-open-connection = 열려 있는 연결
picture-traffic-chain =
    다음 프로브까지 {$waits}초가 걸렸습니다. 그 뒤 {$rest}초 안에 파드, 목록, 규칙이 모두 바뀌었고, 새 연결에서는 더는 오류가 나지
    않았습니다.
picture-traffic-open = 열려 있던 연결에서는 계속 오류가 납니다. 규칙은 새 연결에만 적용되기 때문입니다.
picture-traffic-description =
    시간에 따른 띠 일곱 개. 호출 한 번에 파드가 고장 난다. kubelet은 {$waits}초 뒤 다음 프로브에서 이를 알게 된다. 이어서
    {$rest}초 안에 파드의 상태가 준비되지 않음으로, EndpointSlice가 파드 하나로, kube-proxy의 규칙도 그에 맞게 바뀐다. 그때까지
    새 연결에서는 절반쯤 오류가 났고 그 뒤로는 나지 않는다. 전부터 열려 있던 연결에서는 계속 오류가 난다.

picture-restarts = 점점 길어지는 재시작 대기
picture-ends-itself = 스스로 끝나는 프로그램
picture-probe-ends = 프로브가 끝내는 프로그램
picture-minutes = 분
picture-restarts-says =
    막대는 실행, 숫자는 대기 시간(초)입니다. 빈 부분은 매번 두 배가 되는 최소 대기, 빗금은 거기에 더 걸린 시간입니다. 처음으로
    기다린 것은 스스로 끝나는 프로그램이 {$itself}번째, 프로브가 끝내는 프로그램이 {$probe}번째로 끝난 뒤입니다.
picture-restarts-description =
    프로그램 두 개의 10분. 각각 끝날 때마다 다시 시작되고, 대기 시간은 매번 적어도 두 배가 된다. 스스로 끝나는 memory-allocator는
    {$itself}번째 종료부터, 리브니스 프로브가 끝내는 todo-db는 {$probe}번째 종료부터 기다린다. 그 아래에는 실행 중이면 Running, 다음에는
    어떻게 끝났는지, 다음 실행 전까지는 CrashLoopBackOff가 표시된다.

picture-memory = 메모리: 제한이 없을 때와 있을 때
picture-limit = 제한 {$mib} MiB
picture-no-limit = 제한 없음: {$mib} MiB까지
picture-seconds = 초
picture-memory-says =
    제한이 없을 때는 아무것도 막지 않았습니다. 제한이 있을 때는 다섯 번째 단계로 가다가 매번, 모두 {$count}번 강제 종료되었습니다.
    숫자는 다음 실행까지 기다린 시간(초)입니다.
picture-memory-description =
    시간에 따른 메모리 할당량. 제한이 없으면 10 MiB씩 계속 늘어 여기서는 {$reached} MiB까지 간다. 제한이 {$limit} MiB이면 똑같이
    늘다가 제한 바로 아래에서 강제 종료되고 처음부터 다시 시작하기를 {$count}번 되풀이하며, 다음 시작까지의 대기는 점점 길어진다.

picture-cpu = CPU 제한이 있을 때와 없을 때의 같은 계산
picture-cpu-free = 제한 없음
picture-cpu-limited = 제한 250m
picture-cpu-axis = 초, 세로줄은 0.1초마다
picture-cpu-period = 높이는 프로세서를 쓴 정도입니다. 제한이 있으면 100ms 주기마다 25ms만 일하고 다음 주기까지 기다립니다.
picture-cpu-says = 계산량은 {$work}초로 같습니다. 응답은 각각 {$free}초, {$limited}초 뒤에 왔습니다.
picture-cpu-description =
    0.01초마다 프로세서를 얼마나 썼는지. 제한이 없으면 거의 쉬지 않고 계산해 {$free}초 만에 끝난다. 제한이 250m이면 0.1초 주기마다
    잠깐 일하고 쉬기를 되풀이해서, 같은 {$work}초 분량의 계산에 {$limited}초가 걸린다.

picture-storyboard = 누가 요청을 받는가
picture-frame-both = 두 파드 모두 정상, 둘 다 목록에 있음
picture-frame-unnoticed = 프로브 없음: A가 고장 나도 목록에 남음
picture-frame-probe = 레디니스 프로브: A는 빠지고 B가 모두 받음
picture-frame-none = 둘 다 고장: 목록은 비고 /reset도 닿지 않음
picture-a-caller = 호출자
picture-pod = 파드 {$name}
picture-list = 엔드포인트
picture-list-empty = 없음
picture-storyboard-description =
    장면 네 개. 각각 호출자, 서비스, 파드 A와 B, 엔드포인트 목록이 있다. 처음에는 두 파드가 모두 정상이고 둘 다 목록에 있다. 다음에는 A가
    고장 나지만 프로브가 없어서 목록에 남고 요청의 절반을 받는다. 레디니스 프로브가 있으면 B만 목록에 남아 요청을 모두 받는다. 마지막에는 둘
    다 고장 나서 목록이 비고, 호출은 서비스에서 끝난다.

picture-refusals = 누가 무엇을 거부하고, 어디에 기록되는가
picture-you = 나
picture-way-apply = kubectl apply: 항상 만들어짐
picture-way-set = 컨트롤러가 레플리카셋을 만듦
picture-gate-quota = 쿼터에 자리가 있는가?
picture-gate-quota-says = 없으면 파드가 생기지 않음. 이벤트는 레플리카셋에:
picture-the-pod = 파드
picture-gate-scheduler = 노드에 자리가 있는가?
picture-gate-scheduler-says = 없으면 Pending. 이벤트는 파드에:
picture-the-node = 노드
picture-node-runs = 컨테이너가 실행됨
picture-refusals-description =
    나에서 시작해 디플로이먼트, 레플리카셋, 파드, 노드로 이어진다. 디플로이먼트는 거부되지 않는다. 레플리카셋이 파드를 만들 때 API
    서버가 쿼터 때문에 거부할 수 있고, 이벤트는 레플리카셋에 남는다. 파드를 배치할 때 자리 있는 노드가 없으면 파드는 Pending으로 남고,
    이벤트는 파드에 남는다.

picture-update = 잘못된 업데이트의 여러 결말
picture-update-before = 업데이트 전
picture-update-during = 몇 초 뒤
picture-update-later = 1분 뒤
picture-callers = 호출자
picture-old-pod = 이전 레플리카셋
picture-new-pod = 새 레플리카셋
picture-pod-not-ready = 파드: 준비 안 됨
picture-pod-restarted = 파드: 재시작 반복
picture-ends = 세 가지 결말
picture-end-nothing = 손대지 않으면 그대로 멈춰 있음
picture-end-undo = kubectl rollout undo: 새 파드가 사라짐
picture-end-helm = 헬름의 --rollback-on-failure: 제한 시간이 지나면 이전 오브젝트를 새 리비전으로 다시 적용함
picture-refused = 거부되는 업그레이드
picture-order-render = 템플릿
picture-order-hook = 훅
picture-order-apply = 적용
picture-order-wait = 대기
picture-refused-says = 훅은 무엇이든 적용하기 전에 실행되므로, 바뀐 것이 없습니다.
picture-update-description =
    이전 파드는 내내 준비된 상태로 요청을 처리한다. 새 파드는 몇 초 뒤에도 준비되지 않고, 1분 뒤에는 준비되지 못한 채 재시작을 되풀이한다.
    결말은 셋이다. 손대지 않으면 그대로 멈춰 있고, kubectl rollout undo를 하면 새 파드가 사라지고, 헬름은 제한 시간이 지나면 이전
    오브젝트를 새 리비전으로 다시 적용한다. 아래는 업그레이드의 순서로 템플릿, 훅, 적용, 대기이다. 훅이 실패하면 아무것도 적용하지 않고 끝난다.
picture-cpu-parts = 계산 {$work}초, 기다림 {$waited}초
picture-pod-ready = 파드: 준비됨
picture-deployment = 디플로이먼트
picture-replicaset = 레플리카셋
picture-service = 서비스
## 클러스터에서 일어난 일과 그 이유 (tell)

story-later = {$delay}초 뒤
story-later-than-one-of = 원인 후보 {$causes}건 중 하나에서 {$later}
story-no-memory = 쓸 수 있는 메모리가 남지 않아서
story-cause-not-seen = 원인은 보이지 않음
story-cause-not-seen-off = 원인은 보이지 않음, {$off}
story-or-later = 이때부터 {$seconds}초 사이
story-or-earlier = 이때까지 {$seconds}초 사이
story-or-around = 이때를 전후로 {$earlier}초 전부터 {$later}초 뒤까지
story-asks-every = {$seconds}초마다 확인
story-container = {$name}의 컨테이너 {$container}
story-container-init = {$name}의 초기화 컨테이너 {$container}
story-container-sidecar = {$name}의 사이드카 {$container}
story-container-ephemeral = {$name}의 임시 컨테이너 {$container}
story-asked = {$name} 변경됨(generation {$generation})
story-scaled = {$name}: 파드 {$from}개에서 {$to}개로
story-selects = 서비스 {$name}: {$labels} 레이블이 있는 파드를 선택함
story-selects-none = 서비스 {$name}: 더는 레이블로 파드를 선택하지 않음
story-sends = 서비스 {$name}: {$port}번 포트로 온 요청을 파드의 {$to} 포트로 보냄
story-sends-nowhere = 서비스 {$name}: {$port}번 포트가 없어짐
story-labelled = {$name} 레이블 변경됨: {$labels}
story-label-removed = {$label} 제거됨
story-created = {$name} 생성됨
story-scheduled = {$name}: 노드 {$node}에 배정됨
story-started = {$name} 시작됨
story-restarted = {$name} 재시작됨({$restart}회째)
story-probe = {$name}: {$probe} 프로브 {$result}({$count})
story-unprobed = {$name}: {$probe} 프로브를 실행하지 못함: {$words}
story-probe-readiness = 레디니스
story-probe-liveness = 리브니스
story-probe-startup = 시작
story-probe-good = 성공
story-probe-bad = 실패
story-probe-bad-with = 실패, {$words}
story-probe-run = {$of}번 중 {$run}번째
story-probe-at-least =
    적어도 {$count}번, { $of ->
        [1] 한 번이면 판정
       *[other] 연속 {$of}번이면 판정
    }
story-ready = {$name} 준비됨
story-not-ready = {$name} 준비되지 않음
story-joins = {$name}: {$service}의 트래픽을 받기 시작함
story-leaves = {$name}: 더는 {$service}의 트래픽을 받지 않음
story-joins-share = {$name}: {$service}의 트래픽을 받기 시작함({$of}개 중 {$serving}개)
story-leaves-none = {$name}: 더는 {$service}의 트래픽을 받지 않음(남은 파드 없음)
story-leaves-share = {$name}: 더는 {$service}의 트래픽을 받지 않음({$of}개 중 {$serving}개)
story-reached = {$name}: {$service}의 새 연결이 들어오기 시작함
story-last-resort = {$name}: 준비된 다른 파드가 없어 {$service}의 새 연결이 다시 들어옴
story-not-reached = {$name}: 더는 {$service}의 새 연결이 들어오지 않음
story-kill-liveness = {$name} 종료 결정: 리브니스 프로브 실패(유예 기간 {$seconds}초)
story-kill-startup = {$name} 종료 결정: 시작 프로브 실패(유예 기간 {$seconds}초)
story-kill-deleted = {$name} 종료 결정: 삭제됨(유예 기간 {$seconds}초)
story-kill-other = {$name} 종료 결정(유예 기간 {$seconds}초)
story-ended = {$name} 종료됨: {$reason}, 종료 코드 {$code}
story-ended-unseen = {$name} 종료되어 있었음(언제, 어떻게 종료됐는지는 알 수 없음)
story-waits = {$name}: 종료되고 {$seconds}초가 지나야 다시 시작됨
story-refused = {$name} 거부됨: {$words}
story-deleted-at-once = {$name} 바로 삭제됨(유예 기간 0초)
story-asked-to-go-within = {$name} 삭제 요청됨(유예 기간 {$seconds}초)
story-asked-to-go = {$name} 삭제 요청됨
story-gone = {$name} 사라짐
story-gone-service = 서비스 {$name} 사라짐
story-gone-deployment = 디플로이먼트 {$name} 사라짐
story-throttled = {$name}: CPU 주기의 {$percent}%에서 스로틀링됨
story-memory = {$name}: 메모리 {$used}MiB 사용
story-memory-of = {$name}: 메모리 {$limit}MiB 중 {$used}MiB 사용
story-met = {$name}: 그사이 보낸 요청 {$of}건 중 {$badly}건이 여기로 와서 실패함
story-met-at-least = {$name}: 그사이 보낸 요청 중 적어도 {$badly}건이 여기로 와서 실패함
story-met-and-unanswered = {$met}. 그 밖에 {$unanswered}건은 응답이 없어 어느 파드로 갔는지 알 수 없음
story-gap = 최대 {$seconds}초 동안 소식이 끊김. 그사이에 일어난 일은 빠졌을 수 있음

## 무슨 일이 왜 일어났는지 (lab explain)

explain-carried =
    오브젝트에 아직 남아 있는 것, 곧 종류별로 마지막 변화 한 건과 지난 한 시간의 이벤트만 알 수 있습니다. 성공한 프로브와 사라진 파드,
    그 사이에 일어난 일은 알 수 없습니다.
explain-live =
    지금보다 앞선 일은 오브젝트에 남아 있는 것, 곧 종류별로 마지막 변화 한 건과 지난 한 시간의 이벤트만 알 수 있습니다. 지금부터 일어나는
    일은 2초쯤 뒤에 알려 줍니다.
explain-live-recorded = 이어지는 일은 4초쯤 뒤에 알려 줍니다.
explain-recorded = {$since} 이후는 일어나는 대로 기록한 것입니다. 그 전의 일은 당시 오브젝트에 남아 있던 것만 알 수 있습니다.
explain-unrecorded = 기록기가 볼 수 없거나 일부만 본 오브젝트가 있어, 그와 관련된 일은 빠졌을 수 있습니다: {$kinds}.
explain-recorder-late = {$since} 이후로는 기록된 것이 없어, 그 뒤에 일어난 일은 빠져 있습니다.
explain-recorder-silent = {$since}부터 기록기가 멈춰 있어(이유는 `lab status`에 나옵니다), 여기 나오는 것은 기록에서 가져온 것이 아닙니다.
explain-unreadable = 기록을 읽을 수 없어({$reason}), 여기 나오는 것은 기록에서 가져온 것이 아닙니다.
explain-uncounted =
    여기서는 kubelet이 프로브 횟수를 알려 주지 않아({$reason}) 프로브는 이벤트로만 알 수 있습니다. 이벤트에는 빠지는 것이 있습니다.
explain-unprobed = 여기서는 kubelet이 프로브 횟수를 알려 주지 않아({$reason}) 프로브가 어떻게 되었는지 알 수 없습니다.
explain-recorder-deaf = {$since} 이후로 기록기가 아무 소식도 듣지 못한 오브젝트가 있어, 그 뒤에 일어난 일은 빠져 있습니다: {$kinds}.
explain-unruled = 여기서는 kube-proxy의 규칙을 읽을 수 없어 언제 바뀌었는지 알 수 없습니다({$reason}).
explain-skew = 클러스터와 이 컴퓨터의 시계가 {$seconds}초쯤 어긋나 있어, 걸린 시간도 그만큼 부정확합니다.
explain-clock-behind = 이 컴퓨터의 시계가 클러스터의 시계보다 {$seconds}초 느립니다. 여기 나오는 시각은 모두 클러스터의 시계를 따릅니다.
explain-clock-ahead = 이 컴퓨터의 시계가 클러스터의 시계보다 {$seconds}초 빠릅니다. 여기 나오는 시각은 모두 클러스터의 시계를 따릅니다.
explain-silent = 15초째 클러스터에서 아무 소식이 없습니다. 다시 연결되기를 기다립니다.
explain-hidden = 조회할 권한이 없어 여기서 빠진 것: {$kinds}.
explain-cut = {$most}개가 넘어 나머지를 살펴보지 않은 것: {$kinds}.
explain-none = 네임스페이스 {$namespace}에서 찾을 수 없습니다: {$topic}
explain-none-seen = 네임스페이스 {$namespace}에서 볼 수 없습니다: {$topic}. 조회할 권한이 없는 것: {$kinds}
explain-nothing = 그 시간에 있었던 일은 알 수 없습니다.

## lab watch

watch-keys = h 힌트   e 있었던 일   n 다음 명령   r 처음부터   q 끝내기
watch-sure = 이 실습에서 만든 것을 모두 지웁니다.   r 지우기   그 밖의 키 취소
watch-more = … 더 있습니다. 전체는 `lab check`로 볼 수 있습니다
watch-unapplied = {$file}: 저장만 하고 아직 적용하지 않았습니다. 클러스터에는 파일과 다른 내용이 있습니다({$object}).
watch-silent = {$since}부터 클러스터가 응답하지 않습니다: {$reason}

## 프로젝터에 띄우는 현황판 (lab board)

board-headline = 파드 {$total}개 중 {$ready}개가 트래픽 받음
board-alone = 서비스 없음
board-others = 파드 {$total}개 중 {$ready}개 준비됨
board-counted = {$owner}: {$total}개 중 {$ready}개가 트래픽을 받음
board-counted-ready = {$owner}: {$total}개 중 {$ready}개가 준비됨
board-more = 외 {$count}개
board-nothing = 아직 파드가 없음
board-in = 트래픽을 받음
board-out = 트래픽을 못 받음
board-why-leaving = 삭제되는 중
board-why-no-node = 받아 줄 노드가 없음: {$words}
board-why-ended = 종료됨: {$reason}, 종료 코드 {$code}
board-why-begins = 시작하는 중
board-why-readiness = readiness 프로브 실패
board-why-readiness-with = readiness 프로브 실패: {$words}
board-why-startup = startup 프로브 실패
board-why-startup-with = startup 프로브 실패: {$words}
board-restarts = 재시작 {$count}회
board-restarts-last = {$restarts}, 마지막 원인: {$why}
board-restarted-liveness = liveness 프로브 실패
board-restarted-startup = startup 프로브 실패
board-restarted-code = 종료 코드 {$code}
board-again = {$seconds}초 뒤 다시 시작
board-again-about = 약 {$seconds}초 뒤 다시 시작
board-again-soon = 곧 다시 시작
board-probes-word = 프로브
board-probes = 최근 readiness 프로브 {$total}번 중 {$good}번 성공
board-memory = 메모리 {$used}MiB
board-memory-of = 메모리 {$limit}MiB 중 {$used}MiB
board-sampled = {$what} ({$seconds}초 전)
board-cpu = CPU {$used}%, 실행 시간의 {$held}% 동안 제한에 걸림
board-cpu-used = CPU 제한의 {$used}% 사용
board-cpu-held = 실행 시간의 {$held}% 동안 CPU 제한에 걸림
board-requests = 최근 1분간 요청
board-asks = GET {$path}
board-failed = {$asked}번 중 {$failed}번 실패
board-someone = 누군가
board-answered = {$by}의 응답: {$status}
board-answered-to = {$by}의 응답: {$status} ({$path})
board-refused = 연결 거부됨
board-timeout = 2초 안에 응답 없음
board-broken = 연결이 끊어짐
board-unreachable = 연결할 수 없음
board-no-address = 클러스터 밖 주소가 없어 요청 안 함
board-no-path = readiness 프로브가 없어 요청 안 함
board-too-many = 요청 안 함(처음 {$most}개에만 보냄)
board-story = 일어난 일
board-live = 실시간
board-pause = 잠시 멈춤
board-paused = 멈춤
board-go-on = 계속
board-since = (… 이후)
board-frozen = 멈춘 화면: {$what}에서 소식이 없음
board-lost = 멈춘 화면: lab board에서 소식이 없음
board-silent-cluster = 클러스터
board-silent-watches = {$kinds} 감시
board-silent-kubelets = kubelet 메트릭
board-break = {$service}의 파드 하나 고장 내기: GET /rng
board-sent = /rng 요청을 보냄
board-unsent = /rng 요청을 보내지 못함
board-foreign-host = 이 현황판은 자기 주소 {$address}에서만 응답합니다. 요청한 이름은 이 현황판의 것이 아닙니다.
board-no-token = lab board가 마지막으로 출력한 주소를 토큰까지 그대로 여세요. 토큰은 시작할 때마다 바뀝니다.
board-busy = {$address}에서 들을 수 없음: 다른 프로그램이 이 포트를 쓰고 있습니다. 그 프로그램을 끄거나 다른 포트를 고르세요. --listen 127.0.0.1:0이면 비어 있는 포트를 씁니다
board-no-listen = {$address}에서 들을 수 없음: {$reason}
board-plain = 암호화되지 않은 HTTP이므로 이 네트워크에 있는 사람은 누구나 엿볼 수 있습니다. 위 주소에 열쇠가 들어 있으니 봐도 되는 사람에게만 알려 주세요.
