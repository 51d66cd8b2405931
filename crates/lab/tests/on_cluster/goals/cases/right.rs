//! Ways to do it, of which each is as good as the others.

use serde_json::json;

use super::{Case, case, four};
use crate::goals::manifests::{
    deployment, deployment_of, limited, limits_quota, milli, pod_spec, pods, quota, requested, stateful,
    template, workload,
};

const MET: &[(&str, &str)] = &[("quota", "met"), ("workload", "met"), ("answers", "met")];

/// Ways to do it, of which each is as good as the others.
pub(in crate::goals) const RIGHT: &[Case] = &[
    case("limits, and names of one's own", MET, |team| {
        vec![limits_quota(team.share), four(team)]
    }),
    case("requests only", MET, |team| {
        let quota = quota("q", &[("requests.cpu", milli(team.share))]);
        vec![quota, deployment("web", 4, &requested(10))]
    }),
    case("the old name of requests", MET, |team| {
        let quota = quota("q", &[("cpu", milli(team.share))]);
        vec![quota, deployment("web", 4, &requested(10))]
    }),
    case("five replicas", MET, |team| {
        vec![
            limits_quota(team.share),
            deployment("web", 5, &limited(team.share / 5)),
        ]
    }),
    case("eight replicas", MET, |team| {
        vec![
            limits_quota(team.share),
            deployment("web", 8, &limited(team.share / 8)),
        ]
    }),
    case("limits by a LimitRange", MET, |team| {
        let limits = json!([{ "type": "Container", "default": { "cpu": milli(team.share / 4) },
            "defaultRequest": { "cpu": "1m" } }]);
        let range = json!({ "apiVersion": "v1", "kind": "LimitRange", "metadata": { "name": "range" },
            "spec": { "limits": limits } });
        vec![limits_quota(team.share), range, deployment("web", 4, &json!({}))]
    }),
    case("limits of the pod as a whole", MET, |team| {
        let mut spec = pod_spec(&json!({}));
        spec["resources"] = limited(team.share / 5);
        let template = template("pi-web", &spec);
        vec![limits_quota(team.share), deployment_of("web", 4, &template)]
    }),
    case("a StatefulSet", MET, |team| {
        vec![limits_quota(team.share), stateful(4, &limited(team.share / 5))]
    }),
    case("a ReplicaSet", MET, |team| {
        let template = template("pi-web", &pod_spec(&limited(team.share / 5)));
        let set = workload(
            "ReplicaSet",
            "apps/v1",
            "set",
            &json!({ "replicas": 4 }),
            &template,
        );
        vec![limits_quota(team.share), set]
    }),
    case("a ReplicationController", MET, |team| {
        let template = template("pi-web", &pod_spec(&limited(team.share / 5)));
        let set = workload(
            "ReplicationController",
            "v1",
            "rc",
            &json!({ "replicas": 4 }),
            &template,
        );
        vec![limits_quota(team.share), set]
    }),
    case("a Job", MET, |team| {
        let mut template = template("pi-web", &pod_spec(&limited(team.share / 5)));
        template["spec"]["restartPolicy"] = "Never".into();
        let spec = json!({ "parallelism": 4, "completions": 4 });
        vec![
            limits_quota(team.share),
            workload("Job", "batch/v1", "job", &spec, &template),
        ]
    }),
    case("bare pods", MET, |team| {
        let mut all = vec![limits_quota(team.share)];
        all.extend(pods(4, &limited(team.share / 4)));
        all
    }),
    case("two Deployments of two", MET, |team| {
        let two = |name| deployment(name, 2, &limited(team.share / 5));
        vec![limits_quota(team.share), two("one"), two("other")]
    }),
    case("two quotas that together bind", MET, |team| {
        let high = quota("high", &[("limits.cpu", "100".into())]);
        vec![high, limits_quota(team.share), four(team)]
    }),
    case("less for requests, and other things counted too", MET, |team| {
        let hard = [
            ("limits.cpu", milli(team.share)),
            ("requests.cpu", milli(team.share / 2)),
            ("pods", "20".into()),
        ];
        vec![quota("q", &hard), four(team)]
    }),
    case("requests bind, and limits hardly", MET, |team| {
        let hard = [("limits.cpu", "100".into()), ("requests.cpu", milli(team.share))];
        vec![quota("q", &hard), four(team)]
    }),
    case("half a hundredth less", MET, |team| {
        vec![limits_quota(team.share * 995 / 1000), four(team)]
    }),
    case(
        "six wanted, five there",
        &[
            ("quota", "met"),
            ("workload", "met"),
            ("refused", "met"),
            ("pending", "goal-pending-none"),
        ],
        |team| {
            vec![
                limits_quota(team.share),
                deployment("web", 6, &limited(team.share / 5)),
            ]
        },
    ),
    case(
        "six of a StatefulSet",
        &[("workload", "met"), ("refused", "met")],
        |team| vec![limits_quota(team.share), stateful(6, &limited(team.share / 5))],
    ),
    case(
        "more than the node has",
        &[("pending", "met"), ("refused", "goal-refused-none")],
        |team| vec![deployment("big", 1, &requested(team.node + 1))],
    ),
];
