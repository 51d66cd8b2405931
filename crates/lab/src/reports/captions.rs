//! The words around what is told.

use crate::guide::Language;

pub(super) struct Captions {
    pub(super) cluster: &'static str,
    pub(super) namespace: &'static str,
    pub(super) expected: &'static str,
    pub(super) observed: &'static str,
    pub(super) guide: &'static str,
    pub(super) pods: &'static str,
    pub(super) events: &'static str,
    pub(super) look_at: &'static str,
    /// Why the commands to look with do not work now.
    pub(super) keep: &'static str,
    pub(super) exit_code: &'static str,
    pub(super) cut_off: &'static str,
    pub(super) removing: &'static str,
    pub(super) removed: &'static str,
    pub(super) kept: &'static str,
    pub(super) seen: &'static str,
    pub(super) missed: &'static str,
    pub(super) interrupted: &'static str,
    pub(super) failed: &'static str,
    pub(super) times: &'static str,
    pub(super) columns: [&'static str; 5],
}

const EN: Captions = Captions {
    cluster: "cluster",
    namespace: "namespace",
    expected: "expected",
    observed: "there was",
    guide: "guide",
    pods: "pods",
    events: "events",
    look_at: "look at",
    keep: "The namespace goes with the run. With --keep it stays, and you can look.",
    exit_code: "exit code",
    cut_off: "ended by the runner",
    removing: "Removing the namespace",
    removed: "Removed what the exercise made",
    kept: "Kept for you to look at; when you are done: kubectl delete namespace",
    seen: "SEEN",
    missed: "MISSED",
    interrupted: "INTERRUPTED",
    failed: "FAILED",
    times: "Where the time went, in seconds",
    columns: ["proofs", "commands", "waiting", "clean-up", "all"],
};

const KO: Captions = Captions {
    cluster: "클러스터",
    namespace: "네임스페이스",
    expected: "기대",
    observed: "실제",
    guide: "가이드",
    pods: "파드",
    events: "이벤트",
    look_at: "확인할 명령",
    keep: "네임스페이스는 실습이 끝나면 지워집니다. --keep을 주면 남겨 두니 직접 살펴보세요.",
    exit_code: "종료 코드",
    cut_off: "실행기가 중단함",
    removing: "네임스페이스 정리 중",
    removed: "실습에서 만든 것을 모두 지움",
    kept: "살펴볼 수 있게 남겨 둠; 다 봤으면: kubectl delete namespace",
    seen: "모두 확인",
    missed: "확인 실패",
    interrupted: "중단됨",
    failed: "실행 불가",
    times: "시간을 쓴 곳 (초)",
    columns: ["증명", "명령", "기다림", "정리", "전체"],
};

pub(super) fn captions(language: Language) -> &'static Captions {
    match language {
        Language::En => &EN,
        Language::Ko => &KO,
    }
}
