//! What is around a command: the shell in which a learner types, and the kubectl that it finds. Where those are not the
//! ones that the guide means, every other command misleads.

mod kubectl;

use cluster::DEFAULT_NAME;
use guide::Message;
use kube::{Client, config::Kubeconfig};

use crate::{memory::server, target::Target};
use kubectl::{Kubectl, Version};

/// What a kubeconfig's current context means.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Means {
    context: String,
    server: String,
    namespace: String,
}

/// What a learner has to know of this shell before anything else, in order; each with the command that mends it. Takes a
/// second at most, and is silent about what it could not see.
pub async fn notices(target: &Target, client: &Client) -> Vec<Message> {
    let wanted = means(&target.kubeconfig);
    let (kubectl, asked) = tokio::join!(kubectl::find(), client.apiserver_version());
    let server = asked.ok().and_then(|info| Version::of(&info.major, &info.minor));
    // Without a context of its own, kubectl asks this machine's port 8080.
    let here = access::person().ok().map(|person| means(&person));
    let here = here.filter(|here| !here.server.is_empty());
    told(
        &wanted,
        here.as_ref(),
        kubectl.as_ref(),
        server,
        target.embedded.is_some(),
    )
}

fn means(kubeconfig: &Kubeconfig) -> Means {
    let context = kubeconfig.current_context.clone().unwrap_or_default();
    let known = kubeconfig.contexts.iter().find(|known| known.name == context);
    let namespace = known.and_then(|known| known.context.as_ref()?.namespace.clone());
    Means {
        server: server(kubeconfig).into(),
        namespace: namespace
            .filter(|namespace| !namespace.is_empty())
            .unwrap_or_else(|| "default".into()),
        context,
    }
}

/// The same from what was found: kubectl, none if it did not say which it is, and the cluster's version.
fn told(
    wanted: &Means,
    here: Option<&Means>,
    kubectl: Option<&Kubectl>,
    server: Option<Version>,
    embedded: bool,
) -> Vec<Message> {
    let mends = if embedded {
        lab_env(&wanted.context)
    } else {
        format!(
            "kubectl config use-context {}",
            shell_words::quote(&wanted.context)
        )
    };
    let place = match here {
        None => Some(Message::new("shell-no-cluster").with("command", &mends)),
        Some(here) if here.server != wanted.server => Some(
            Message::new("shell-other-cluster")
                .with("context", &here.context)
                .with("wanted", &wanted.context)
                .with("command", &mends),
        ),
        Some(here) if here.namespace != wanted.namespace => Some(
            Message::new("shell-other-namespace")
                .with("there", &here.namespace)
                .with("here", &wanted.namespace)
                .with("command", &mends),
        ),
        Some(_) => None,
    };
    // The lab's own lines bring its own kubectl too.
    if embedded && place.is_some() {
        return place.into_iter().collect();
    }
    let program = match (kubectl, server) {
        (Some(Kubectl::Missing), _) if embedded => {
            Some(Message::new("kubectl-missing").with("command", &mends))
        }
        (Some(Kubectl::Missing), _) => Some(Message::new("kubectl-missing-yours")),
        (Some(Kubectl::Found(client)), Some(server)) if client.is_far_from(server) => {
            let skew = if embedded {
                Message::new("kubectl-skew").with("command", &mends)
            } else {
                Message::new("kubectl-skew-yours")
            };
            Some(
                skew.with("client", client.to_string())
                    .with("server", server.to_string()),
            )
        }
        _ => None,
    };
    place.into_iter().chain(program).collect()
}

/// What makes a shell one of the embedded cluster's.
fn lab_env(name: &str) -> String {
    if name == DEFAULT_NAME {
        "eval \"$(cargo lab env)\"".into()
    } else {
        format!("eval \"$(cargo lab --name {name} env)\"")
    }
}

#[cfg(test)]
mod tests;
