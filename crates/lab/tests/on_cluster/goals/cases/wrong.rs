//! Ways not to do it, each with what is wrong with it.

use serde_json::json;

use super::{Case, case, four};
use crate::goals::manifests::{
    deployment, deployment_of, limited, limits_quota, milli, pod_spec, pods, quota, requested, service,
    stateful, template, workload,
};

/// Ways not to do it.
pub(in crate::goals) const WRONG: &[Case] = &[
    case(
        "nothing",
        &[
            ("quota", "goal-quota-none"),
            ("workload", "goal-workload-none"),
            ("answers", "goal-answers-none-ready"),
            ("refused", "goal-refused-none"),
            ("pending", "goal-pending-none"),
        ],
        |_| vec![],
    ),
    case(
        "no quota",
        &[("quota", "goal-quota-none"), ("workload", "met")],
        |team| vec![four(team)],
    ),
    case(
        "no quota and no limit",
        &[("quota", "goal-quota-none"), ("workload", "met")],
        |_| vec![deployment("pi-web", 4, &json!({}))],
    ),
    case("another's share", &[("quota", "goal-quota-swapped")], |team| {
        vec![limits_quota(team.other_share)]
    }),
    case("far too much", &[("quota", "goal-quota-above-node")], |_| {
        vec![limits_quota(100_000)]
    }),
    case("two fifths", &[("quota", "goal-quota-other-share")], |team| {
        vec![limits_quota(team.node * 2 / 5)]
    }),
    case(
        "two hundredths too much",
        &[("quota", "goal-quota-other-share")],
        |team| vec![limits_quota(team.share * 102 / 100)],
    ),
    case(
        "a quota on memory",
        &[("quota", "goal-quota-other-resource")],
        |_| vec![quota("q", &[("limits.memory", "1Gi".into())])],
    ),
    case(
        "a quota on the number of pods",
        &[("quota", "goal-quota-other-resource")],
        |_| vec![quota("q", &[("pods", "4".into())])],
    ),
    case(
        "a quota with a scope",
        &[("quota", "goal-quota-scoped")],
        |team| {
            let mut quota = limits_quota(team.share);
            quota["spec"]["scopes"] = json!(["NotTerminating"]);
            vec![quota]
        },
    ),
    case(
        "two quotas, the wrong one binds",
        &[
            ("quota", "goal-quota-other-share"),
            ("workload", "goal-workload-no-room"),
        ],
        |team| {
            let low = quota("low", &[("limits.cpu", milli(team.share * 3 / 5))]);
            vec![low, limits_quota(team.share), four(team)]
        },
    ),
    case(
        "limits bind before requests",
        &[("quota", "goal-quota-other-share")],
        |team| {
            let hard = [
                ("limits.cpu", milli(team.share / 5)),
                ("requests.cpu", milli(team.share)),
            ];
            vec![quota("q", &hard)]
        },
    ),
    case(
        "a quota and no limit",
        &[
            ("quota", "met"),
            ("workload", "goal-workload-no-limit"),
            ("answers", "goal-answers-none-ready"),
            ("refused", "goal-refused-otherwise"),
        ],
        |team| vec![limits_quota(team.share), deployment("web", 4, &json!({}))],
    ),
    case(
        "the same as a StatefulSet",
        &[
            ("workload", "goal-workload-no-limit"),
            ("refused", "goal-refused-otherwise"),
        ],
        |team| vec![limits_quota(team.share), stateful(4, &json!({}))],
    ),
    case(
        "three replicas",
        &[
            ("workload", "goal-workload-too-few"),
            ("answers", "met"),
            ("refused", "goal-refused-none"),
        ],
        |team| {
            vec![
                limits_quota(team.share),
                deployment("web", 3, &limited(team.share / 5)),
            ]
        },
    ),
    case(
        "three bare pods",
        &[("workload", "goal-workload-too-few-bare")],
        |team| pods(3, &limited(team.share / 5)),
    ),
    case(
        "a DaemonSet on one node",
        &[("workload", "goal-workload-too-few")],
        |team| {
            let template = template("pi-web", &pod_spec(&limited(team.share / 5)));
            vec![workload("DaemonSet", "apps/v1", "each", &json!({}), &template)]
        },
    ),
    case(
        "a limit that leaves room for three",
        &[
            ("workload", "goal-workload-no-room"),
            ("refused", "goal-refused-too-soon"),
        ],
        |team| {
            vec![
                limits_quota(team.share),
                deployment("web", 4, &limited(team.share * 3 / 10)),
            ]
        },
    ),
    case(
        "a limit that leaves no room",
        &[("workload", "goal-workload-no-room")],
        |team| {
            vec![
                limits_quota(team.share),
                deployment("web", 4, &limited(team.share * 2)),
            ]
        },
    ),
    case(
        "no room for memory",
        &[("workload", "met"), ("refused", "goal-refused-otherwise")],
        |team| {
            let hard = [
                ("limits.cpu", milli(team.share)),
                ("limits.memory", "250Mi".into()),
            ];
            let resources = json!({ "limits": { "cpu": milli(team.share / 10), "memory": "50Mi" },
            "requests": { "cpu": "1m", "memory": "10Mi" } });
            vec![quota("q", &hard), deployment("web", 6, &resources)]
        },
    ),
    case(
        "other labels",
        &[("workload", "goal-workload-other-labels")],
        |team| {
            let template = template("web", &pod_spec(&limited(team.share / 5)));
            vec![limits_quota(team.share), deployment_of("web", 4, &template)]
        },
    ),
    case(
        "an image that is not there",
        &[("workload", "goal-workload-stuck")],
        |team| {
            let mut spec = pod_spec(&limited(team.share / 5));
            spec["containers"][0]["image"] = "localhost/lab/pie-web:1.0.0".into();
            vec![deployment_of("web", 4, &template("pi-web", &spec))]
        },
    ),
    case(
        "a program that ends",
        &[("workload", "goal-workload-stuck")],
        |team| {
            let mut spec = pod_spec(&limited(team.share / 5));
            spec["containers"][0]["args"] = json!(["--no-such-flag"]);
            vec![deployment_of("web", 4, &template("pi-web", &spec))]
        },
    ),
    case(
        "no node for the pods",
        &[("workload", "goal-workload-no-node"), ("pending", "met")],
        |team| vec![deployment("web", 4, &requested(team.node + 1))],
    ),
    case(
        "a node that is not there",
        &[
            ("workload", "goal-workload-no-node"),
            ("pending", "goal-pending-otherwise"),
        ],
        |team| {
            let mut spec = pod_spec(&limited(team.share / 5));
            spec["nodeSelector"] = json!({ "no": "such-node" });
            vec![deployment_of("web", 4, &template("pi-web", &spec))]
        },
    ),
    case(
        "another program",
        &[("workload", "met"), ("answers", "goal-answers-status")],
        |team| {
            let mut spec = pod_spec(&limited(team.share / 5));
            spec["containers"][0]["image"] = "localhost/lab/numbers-api:1.0.0".into();
            vec![deployment_of("web", 4, &template("pi-web", &spec))]
        },
    ),
    case(
        "a Service that nobody outside reaches",
        &[("workload", "met"), ("answers", "goal-answers-other-type")],
        |team| vec![service("ClusterIP", 8080), four(team)],
    ),
    Case {
        before: Some(|_| vec![deployment("web", 4, &json!({}))]),
        ..case(
            "a quota after pods without a limit",
            &[("quota", "met"), ("workload", "goal-workload-uncounted")],
            |team| vec![limits_quota(team.share)],
        )
    },
    Case {
        before: Some(|team| vec![deployment("web", 4, &limited(team.share * 3 / 10))]),
        ..case(
            "a quota after pods that do not fit",
            &[("quota", "met"), ("workload", "goal-workload-over-quota")],
            |team| vec![limits_quota(team.share)],
        )
    },
    case(
        "a Service for another port",
        &[("workload", "met"), ("answers", "goal-answers-none")],
        |team| vec![service("LoadBalancer", 9999), four(team)],
    ),
    case(
        "pods that never get ready",
        &[("workload", "goal-workload-not-ready")],
        |team| {
            let mut spec = pod_spec(&limited(team.share / 5));
            spec["containers"][0]["readinessProbe"] =
                json!({ "httpGet": { "path": "/nothing", "port": 8080 }, "periodSeconds": 1 });
            vec![deployment_of("web", 4, &template("pi-web", &spec))]
        },
    ),
];
