//! A story of 12.1 in both languages.
#![expect(clippy::unwrap_used, reason = "facts of tests are right")]

use guide::{Language, Message};
use jiff::{SignedDuration, Timestamp};
use story::{Clock, Container, Fact, Moment, Probe, Role, Settings, Share, Source, Story, Subject, What};
use tell::{Letters, sentences};

fn fact(id: u64, pod: &str, second: i64, who: Option<&str>, what: What) -> Fact {
    let beginning: Timestamp = "2026-01-01T14:03:00Z".parse().unwrap();
    let when = beginning + SignedDuration::from_secs(second);
    Fact {
        id,
        subject: Subject {
            kind: "Pod".into(),
            namespace: "default".into(),
            name: format!("numbers-api-{pod}"),
            uid: pod.into(),
            ..Subject::default()
        },
        what,
        who: who.map(str::to_owned),
        when: Moment::second(when, Clock::Kubelet),
        source: Source::Pods,
        at_least: false,
        write: None,
    }
}

fn failed(run: u32, of: u32) -> What {
    What::Probed {
        probe: Probe::Readiness,
        ok: false,
        run,
        of,
        period: 5,
        says: Some("HTTP probe failed with statuscode: 500".into()),
    }
}

fn met(badly: u32, unanswered: u32, of: u32) -> What {
    What::Answered {
        service: "numbers-api".into(),
        badly,
        unanswered,
        of,
    }
}

fn facts() -> Vec<Fact> {
    let leaves = What::Serving {
        value: false,
        service: "numbers-api".into(),
        trigger: None,
        share: Some(Share { serving: 1, of: 2 }),
    };
    let unready = What::Ready {
        value: false,
        created: None,
    };
    vec![
        fact(
            1,
            "x",
            0,
            Some("kubelet"),
            What::Ready {
                value: true,
                created: None,
            },
        ),
        fact(2, "y", 10, Some("kubelet"), failed(1, 1)),
        fact(3, "y", 10, Some("kubelet"), unready),
        fact(4, "y", 10, Some("endpointslice-controller"), leaves),
        fact(
            5,
            "y",
            11,
            Some("kube-proxy"),
            What::Rules {
                value: false,
                service: "numbers-api".into(),
                last_resort: false,
            },
        ),
        fact(7, "y", 11, None, met(4, 0, 9)),
        Fact {
            at_least: true,
            ..fact(6, "y", 130, Some("kubelet"), failed(25, 1))
        },
    ]
}

fn told(language: Language) -> Vec<String> {
    let story = Story::of(facts(), &Settings::default()).unwrap();
    let letters = Letters::of(story.facts());
    let say = |message: &Message| language.tell(message);
    let line = |sentence: &tell::Sentence<'_>| {
        let beside = sentence.beside.as_ref().map_or_else(String::new, say);
        format!("{} | {} | {beside}", say(&sentence.who), say(&sentence.says))
    };
    sentences(&story, &letters).iter().map(line).collect()
}

#[test]
fn a_story_is_told_in_english() {
    assert_eq!(
        told(Language::En),
        [
            "kubelet | A is ready | cause not seen",
            "kubelet | B: readiness failed, 500 (1 of 1) | asks every 5 s",
            "kubelet | B is not ready | 0-1 s later",
            "EndpointSlice c. | B gets no more traffic of numbers-api: 1 of 2 do | 0-1 s later",
            "kube-proxy | no new connection to numbers-api reaches B | 0-2 s later",
            " | 4 of the 9 requests sent meanwhile reached B and failed | ",
            "kubelet | B: readiness failed, 500 (at least 25; one decides) | asks every 5 s",
        ]
    );
}

#[test]
fn a_story_is_told_in_korean() {
    assert_eq!(
        told(Language::Ko),
        [
            "kubelet | A 준비됨 | 원인은 보이지 않음",
            "kubelet | B: 레디니스 프로브 실패, 500(1번 중 1번째) | 5초마다 확인",
            "kubelet | B 준비되지 않음 | 0-1초 뒤",
            "EndpointSlice c. | B: 더는 numbers-api의 트래픽을 받지 않음(2개 중 1개) | 0-1초 뒤",
            "kube-proxy | B: 더는 numbers-api의 새 연결이 들어오지 않음 | 0-2초 뒤",
            " | B: 그사이 보낸 요청 9건 중 4건이 여기로 와서 실패함 | ",
            "kubelet | B: 레디니스 프로브 실패, 500(적어도 25번, 한 번이면 판정) | 5초마다 확인",
        ]
    );
}

#[test]
fn containers_that_are_not_alone_are_named() {
    let of = |name: &str, role, what| {
        let mut fact = fact(1, "x", 0, None, what);
        fact.subject.container = Some(Container {
            name: name.into(),
            role,
            id: None,
        });
        fact
    };
    let ended = |reason: &str, code| What::Ended {
        restart: 0,
        started: None,
        reason: reason.into(),
        code,
    };
    let unprobed = What::Unprobed {
        probe: Probe::Liveness,
        says: "rpc error: \"nope\" not found".into(),
    };
    let gone = |grace| What::Gone {
        asked: true,
        grace,
        idle: false,
    };
    let told = |fact: &Fact, language: Language| {
        let story = Story::of(vec![fact.clone()], &Settings::default()).unwrap();
        let letters = Letters::of(story.facts());
        let told = sentences(&story, &letters);
        let beside = told[0].beside.as_ref();
        let beside = beside.map_or_else(String::new, |beside| format!(" | {}", language.tell(beside)));
        language.tell(&told[0].says) + &beside
    };
    for (fact, en, ko) in [
        (
            of("wait", Role::Init, ended("Completed", 0)),
            "A's init container wait ended: Completed, exit code 0",
            "A의 초기화 컨테이너 wait 종료됨: Completed, 종료 코드 0",
        ),
        (
            of("log", Role::Sidecar, ended("Error", 1)),
            "A's sidecar log ended: Error, exit code 1 | cause not seen",
            "A의 사이드카 log 종료됨: Error, 종료 코드 1 | 원인은 보이지 않음",
        ),
        (
            of("api", Role::OneOfSeveral, unprobed.clone()),
            "A's container api: the liveness probe could not be run: rpc error: \"nope\" not found",
            "A의 컨테이너 api: 리브니스 프로브를 실행하지 못함: rpc error: \"nope\" not found",
        ),
        (
            of("api", Role::Only, unprobed),
            "A: the liveness probe could not be run: rpc error: \"nope\" not found",
            "A: 리브니스 프로브를 실행하지 못함: rpc error: \"nope\" not found",
        ),
        (
            of("api", Role::Only, ended("StartError", 128)),
            "A ended: StartError, exit code 128",
            "A 종료됨: StartError, 종료 코드 128",
        ),
        (
            of("api", Role::Only, ended("Unknown", 255)),
            "A had ended; nobody saw how or when | cause not seen",
            "A 종료되어 있었음(언제, 어떻게 종료됐는지는 알 수 없음) | 원인은 보이지 않음",
        ),
        (
            fact(1, "x", 0, None, gone(Some(30))),
            "A was asked to go within 30 s",
            "A 삭제 요청됨(유예 기간 30초)",
        ),
        (
            fact(1, "x", 0, None, gone(Some(0))),
            "A was deleted at once (0 s of grace)",
            "A 바로 삭제됨(유예 기간 0초)",
        ),
    ] {
        assert_eq!(told(&fact, Language::En), en);
        assert_eq!(told(&fact, Language::Ko), ko);
    }
}

#[test]
fn what_a_delay_costs_is_told_as_far_as_it_is_known() {
    let says = |at_least, what| {
        let fact = Fact {
            at_least,
            ..fact(1, "x", 0, None, what)
        };
        let story = Story::of(vec![fact], &Settings::default()).unwrap();
        let letters = Letters::of(story.facts());
        let sentence = &sentences(&story, &letters)[0];
        Language::ALL.map(|language| language.tell(&sentence.says))
    };
    assert_eq!(
        says(false, met(1, 0, 1))[0],
        "the only request sent meanwhile reached A and failed"
    );
    assert_eq!(
        says(true, met(120, 0, 120))[0],
        "at least 120 of the requests sent meanwhile reached A and failed"
    );
    assert_eq!(
        says(false, met(1, 2, 3)),
        [
            "1 of the 3 requests sent meanwhile reached A and failed; 2 got no answer, and which pod they reached is not known",
            "A: 그사이 보낸 요청 3건 중 1건이 여기로 와서 실패함. 그 밖에 2건은 응답이 없어 어느 파드로 갔는지 알 수 없음",
        ]
    );
}

#[test]
fn pods_have_letters_in_the_order_in_which_they_come() {
    let facts = facts();
    let letters = Letters::of(&facts);
    let known = [
        ("A".to_owned(), "numbers-api-x".to_owned()),
        ("B".to_owned(), "numbers-api-y".to_owned()),
    ];
    assert_eq!(letters.pods(), known);
    let deployment = Subject {
        name: "numbers-api".into(),
        uid: "d".into(),
        ..Subject::default()
    };
    assert_eq!(letters.name(&deployment), "numbers-api");
    assert_eq!(letters.name(&facts[1].subject), "B");
}

#[test]
fn none_of_several_possible_causes_is_told_by_a_time_after_what_followed() {
    let unready = What::Ready {
        value: false,
        created: None,
    };
    let probe = |id| {
        let of_one = fact(id, "x", 9, Some("kubelet"), failed(1, 1));
        let from = of_one.when.earliest();
        let container = Container {
            name: "api".into(),
            ..Container::default()
        };
        Fact {
            when: Moment::between(from, from + SignedDuration::from_millis(1130), Clock::Here).unwrap(),
            source: Source::Probes,
            at_least: true,
            subject: Subject {
                container: Some(container),
                ..of_one.subject.clone()
            },
            ..of_one
        }
    };
    let facts = vec![probe(1), probe(2), fact(3, "x", 10, Some("kubelet"), unready)];
    let story = Story::of(facts, &Settings::default()).unwrap();
    assert!(matches!(story.cause(3), story::Cause::OneOf(_)));
    let letters = Letters::of(story.facts());
    let told = sentences(&story, &letters);
    let ids: Vec<_> = told.iter().map(|sentence| sentence.fact.id).collect();
    assert_eq!(ids, [1, 2, 3]);
    assert!(told.is_sorted_by_key(|sentence| sentence.at), "{told:#?}");
}

#[test]
fn where_causes_have_different_deciders_nobody_is_named() {
    let ended = What::Ended {
        restart: 0,
        started: None,
        reason: "Completed".into(),
        code: 0,
    };
    let gone = |asked, grace| What::Gone {
        asked,
        grace,
        idle: false,
    };
    let facts = vec![
        fact(1, "x", 9, Some("kubelet"), ended),
        fact(2, "x", 9, None, gone(true, Some(0))),
        fact(3, "x", 9, None, gone(false, None)),
    ];
    let who = |facts: Vec<Fact>| {
        let story = Story::of(facts, &Settings::default()).unwrap();
        let letters = Letters::of(story.facts());
        let told = sentences(&story, &letters);
        let gone = told.iter().find(|sentence| sentence.fact.id == 3).unwrap();
        gone.who.clone()
    };
    assert_eq!(who(facts.clone()), Message::Verbatim(String::new()));
    assert_eq!(
        who(facts[1..].to_vec()),
        Message::Verbatim("the API server".into())
    );
}

#[test]
fn a_deployments_first_wish_is_that_it_was_made() {
    let asked = |generation| {
        let asked = fact(1, "x", 9, Some("kubectl"), What::Asked { generation });
        let story = Story::of(vec![asked], &Settings::default()).unwrap();
        let told = sentences(&story, &Letters::of(story.facts()));
        Language::En.tell(&told[0].says)
    };
    assert!(asked(1).ends_with(" was created"), "{}", asked(1));
    assert!(asked(2).ends_with(" was changed (generation 2)"), "{}", asked(2));
}
