//! What a learner may look at when it is not as it should be.

use super::Service;
use crate::{checks::say, guide::Language};

impl Service {
    pub(super) fn hint_no_service(&self, language: Language) -> String {
        let name = &self.name;
        say(
            language,
            format!(
                "There is no Service {name} here, or its selector finds no pod: compare its selector with the \
                 pods' labels."
            ),
            format!(
                "{name} 서비스가 없거나 셀렉터에 맞는 파드가 없습니다. 서비스의 셀렉터와 파드의 레이블을 견주어 \
                 보세요."
            ),
        )
    }

    pub(super) fn hint_endpoints(&self, language: Language, ready: usize, expected: usize) -> String {
        if ready > expected {
            say(
                language,
                "A pod stays in the endpoints until its readiness probe fails: is there a probe, does it ask the \
                 right path, and has a pod been broken yet?",
                "파드는 레디니스 프로브가 실패해야 엔드포인트에서 빠집니다. 프로브가 있는지, 올바른 경로를 \
                 묻는지, 고장 난 파드가 있는지 확인하세요.",
            )
        } else {
            say(
                language,
                "A pod joins the endpoints when it is ready and its labels match the Service's selector: look at \
                 the pods' READY column and at what their probes say (kubectl describe pods).",
                "파드는 준비 상태이고 레이블이 서비스의 셀렉터와 맞아야 엔드포인트에 들어갑니다. READY 열과 \
                 프로브 결과(kubectl describe pods)를 보세요.",
            )
        }
    }

    pub(super) fn hint_labels(&self, language: Language) -> String {
        let labels = self.labels.as_deref().unwrap_or_default();
        say(
            language,
            format!(
                "The endpoints are still those of another version: apply the update whose pods carry {labels}."
            ),
            format!(
                "엔드포인트가 아직 다른 버전의 파드입니다. 파드에 {labels} 레이블을 붙이는 업데이트를 적용하세요."
            ),
        )
    }

    pub(super) fn hint_callers(&self, language: Language, nobody: bool) -> String {
        let name = &self.name;
        if nobody {
            say(
                language,
                format!(
                    "Nobody answers at {name}'s address: has the Service one (kubectl get service {name}), and a \
                     ready endpoint?"
                ),
                format!(
                    "{name} 주소에서 아무도 응답하지 않습니다. 서비스에 주소가 있는지(kubectl get service {name}), \
                     준비된 엔드포인트가 있는지 보세요."
                ),
            )
        } else {
            say(
                language,
                "Callers meet other answers than they should here: which pods are healthy decides (ask /healthz a \
                 few times), and how often an app was called.",
                "호출자가 받는 응답이 여기서 기대한 것과 다릅니다. 어느 파드가 정상인지(/healthz를 몇 번 \
                 호출해 보세요), 앱을 몇 번 호출했는지에 달려 있습니다.",
            )
        }
    }
}
