//! What a learner may look at when it is not as it should be.

use super::Pods;
use crate::{checks::say, guide::Language};

impl Pods {
    pub(super) fn hint_none(&self, language: Language) -> String {
        let of = &self.of;
        say(
            language,
            format!(
                "No pod carries {of}: is its manifest applied, in this namespace, and do the labels of its pod \
                 template match?"
            ),
            format!(
                "{of} 레이블을 가진 파드가 없습니다. 매니페스트를 이 네임스페이스에 적용했는지, 파드 템플릿의 \
                 레이블이 맞는지 확인하세요."
            ),
        )
    }

    pub(super) fn hint_running(&self, language: Language) -> String {
        say(
            language,
            "Another number of pods runs than should: look at the Deployment's replicas, at pods that cannot start \
             (kubectl describe pods), and whether a rollout still goes on.",
            "실행 중인 파드 수가 다릅니다. 디플로이먼트의 레플리카 수, 시작하지 못한 파드(kubectl describe pods), \
             아직 진행 중인 롤아웃을 확인하세요.",
        )
    }

    pub(super) fn hint_restarts(&self, language: Language, restarts: i32) -> String {
        if restarts < self.restarts.or(self.restarted).unwrap_or_default() {
            say(
                language,
                "A container is restarted when its liveness probe has failed as often as failureThreshold says, or \
                 when it ends: has the pod been broken, has the probe had its time, and is there one?",
                "컨테이너는 리브니스 프로브가 failureThreshold만큼 실패하거나 스스로 끝나면 재시작됩니다. 파드가 \
                 고장 났는지, 프로브가 있는지, 시간이 충분히 지났는지 확인하세요.",
            )
        } else {
            say(
                language,
                "Containers were restarted more often than they should have been by now: kubectl describe pods says \
                 which probe or exit did it. lab reset takes you back to the start.",
                "지금쯤 있어야 할 것보다 재시작이 많습니다. 어떤 프로브나 종료가 원인인지는 kubectl describe pods에 \
                 나옵니다. lab reset으로 처음 상태로 돌아갈 수 있습니다.",
            )
        }
    }

    pub(super) fn hint_ended(&self, language: Language) -> String {
        let reason = self.ended.as_deref().unwrap_or_default();
        say(
            language,
            format!(
                "No container has ended with {reason}: is the limit in the applied manifest, and has the program \
                 had the time to reach it?"
            ),
            format!(
                "{reason} 이유로 끝난 컨테이너가 없습니다. 적용한 매니페스트에 제한이 있는지, 프로그램이 거기에 \
                 이를 만큼 시간이 지났는지 확인하세요."
            ),
        )
    }

    pub(super) fn hint_unschedulable(&self, language: Language) -> String {
        let reason = self.unschedulable.as_deref().unwrap_or_default();
        say(
            language,
            format!(
                "No pod waits for a node with {reason}: what counts for the scheduler is a pod's request, beside those \
                 of the pods that the node has already (kubectl describe node)."
            ),
            format!(
                "{reason} 때문에 노드를 기다리는 파드가 없습니다. 스케줄러는 파드의 요청(request)과 노드에 이미 있는 \
                 파드들의 요청을 봅니다(kubectl describe node)."
            ),
        )
    }

    pub(super) fn hint_ready(&self, language: Language, ready: usize) -> String {
        if self.ready.is_some_and(|wanted| ready > wanted) {
            say(
                language,
                "More pods are ready than should be: without a readiness probe a running pod counts as ready. Is \
                 the probe there, and is a pod broken?",
                "준비된 파드가 더 많습니다. 레디니스 프로브가 없으면 실행 중인 파드는 준비된 것으로 칩니다. \
                 프로브가 있는지, 고장 난 파드가 있는지 확인하세요.",
            )
        } else {
            say(
                language,
                "Fewer pods are ready than should be: kubectl describe pods says what the readiness probe asked and \
                 got.",
                "준비된 파드가 모자랍니다. 레디니스 프로브가 무엇을 묻고 무엇을 받았는지는 kubectl describe \
                 pods에 나옵니다.",
            )
        }
    }

    pub(super) fn hint_answers(&self, language: Language) -> String {
        say(
            language,
            "The pods answer otherwise when each is asked by itself: how often was the app called, and was a pod \
             replaced since?",
            "파드마다 직접 물었을 때의 응답이 다릅니다. 앱을 몇 번 호출했는지, 그사이 파드가 바뀌었는지 \
             확인하세요.",
        )
    }
}
