use guide::Language;

use super::*;

fn at(context: &str, server: &str, namespace: &str) -> Means {
    Means {
        context: context.into(),
        server: server.into(),
        namespace: namespace.into(),
    }
}

fn kubectl(minor: &str) -> Kubectl {
    Kubectl::Found(Version::of("1", minor).unwrap())
}

/// What is said in a shell about a cluster of version 1.37.
fn said(wanted: &Means, here: Option<&Means>, kubectl: Option<Kubectl>, embedded: bool) -> Vec<String> {
    let server = Version::of("1", "37");
    let all = told(wanted, here, kubectl.as_ref(), server, embedded);
    all.iter().map(|message| Language::En.tell(message)).collect()
}

#[test]
fn a_shell_that_is_ready_is_not_spoken_of() {
    let lab = at("lab", "https://198.18.255.254:6443", "default");
    let copied = at("my-copy", "https://198.18.255.254:6443", "default");
    for here in [&lab, &copied] {
        for kubectl in [Some(kubectl("36")), Some(kubectl("38")), None] {
            assert!(said(&lab, Some(here), kubectl, true).is_empty());
        }
    }
    // Nobody knows the server's version.
    assert!(told(&lab, Some(&lab), Some(&kubectl("12")), None, true).is_empty());
}

#[test]
fn one_command_mends_a_shell_of_the_embedded_cluster() {
    let lab = at("lab", "https://198.18.255.254:6443", "default");
    let other = at("kind-kind", "https://127.0.0.1:41234", "default");
    let elsewhere = at("lab", "https://198.18.255.254:6443", "mine");
    for (here, kubectl, what) in [
        (None, Some(Kubectl::Missing), "knows no cluster"),
        (Some(&other), Some(kubectl("30")), "kind-kind"),
        (Some(&elsewhere), None, "namespace mine"),
        (Some(&lab), Some(Kubectl::Missing), "no kubectl"),
        (Some(&lab), Some(kubectl("32")), "1.32"),
    ] {
        let said = said(&lab, here, kubectl, true);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(what), "{said:?}");
        assert!(said[0].ends_with(" eval \"$(cargo lab env)\""), "{said:?}");
    }
    let foo = at("foo", "https://198.19.255.254:6443", "default");
    assert!(said(&foo, Some(&lab), None, true)[0].ends_with(" eval \"$(cargo lab --name foo env)\""));
}

#[test]
fn with_a_cluster_of_ones_own_each_thing_has_its_cure() {
    let kind = at("kind kind", "https://127.0.0.1:41234", "default");
    let lab = at("lab", "https://198.18.255.254:6443", "default");
    let wrong = said(&kind, Some(&lab), Some(kubectl("32")), false);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(
        wrong[0].ends_with(" kubectl config use-context 'kind kind'"),
        "{wrong:?}"
    );
    assert!(
        wrong[1].contains("1.32") && wrong[1].contains("1.37"),
        "{wrong:?}"
    );
    let none = said(&kind, Some(&kind), Some(Kubectl::Missing), false);
    assert!(
        none[0].contains("https://kubernetes.io/docs/tasks/tools/"),
        "{none:?}"
    );
}

#[test]
fn a_context_without_a_namespace_means_the_default_one() {
    let kubeconfig = |namespace: &str| {
        Kubeconfig::from_yaml(&format!(
            "current-context: a\nclusters: [{{name: x, cluster: {{server: 'https://x'}}}}]\n\
             contexts: [{{name: a, context: {{cluster: x, user: u{namespace}}}}}]\n"
        ))
        .unwrap()
    };
    assert_eq!(means(&kubeconfig("")), at("a", "https://x", "default"));
    assert_eq!(
        means(&kubeconfig(", namespace: ''")),
        at("a", "https://x", "default")
    );
    assert_eq!(
        means(&kubeconfig(", namespace: mine")),
        at("a", "https://x", "mine")
    );
    assert_eq!(means(&Kubeconfig::default()).server, "");
}
