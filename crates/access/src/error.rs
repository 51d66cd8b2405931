//! Why there is no way to a cluster.

/// Why there is no way to a cluster.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// There is no kubeconfig, or it cannot be read.
    #[error("cannot read the kubeconfig (KUBECONFIG says where it is): {0}")]
    Kubeconfig(String),
    /// What the kubeconfig says of the context cannot be used.
    #[error("the context {context:?} of the kubeconfig cannot be used: {reason}")]
    Invalid {
        /// The kubeconfig's context.
        context: String,
        /// Which field has which value, and what is allowed.
        reason: String,
    },
    /// The program that was to give credentials gave none.
    #[error("the plugin {plugin:?}, which the kubeconfig names, gave no credentials: {reason}")]
    Plugin {
        /// Its command.
        plugin: String,
        /// Why.
        reason: String,
    },
    /// The kubeconfig has no such context.
    #[error("the kubeconfig has no context {context:?}; it has {}", contexts(known))]
    NoContext {
        /// What was asked for.
        context: String,
        /// The contexts that it has.
        known: Vec<String>,
    },
    /// The cluster answers, but not to this user.
    #[error("the cluster of context {context:?} refused the user of the kubeconfig: {reason}")]
    Refused {
        /// The kubeconfig's context.
        context: String,
        /// What the cluster said.
        reason: String,
    },
    /// The cluster does not answer, or stopped answering.
    #[error("the cluster of context {context:?} does not answer: {reason}; is it running?")]
    Unreachable {
        /// The kubeconfig's context.
        context: String,
        /// What the client said.
        reason: String,
    },
}

impl Error {
    /// Why a cluster did not say its version: it may be up and refuse the person.
    pub(crate) fn unanswered(context: String, error: &kube::Error) -> Self {
        let reason = plainly(error);
        if let kube::Error::Service(ours) = error
            && let Some(ours) = ours.downcast_ref::<Self>()
        {
            return ours.clone();
        }
        let refused = matches!(error, kube::Error::Api(status) if matches!(status.code, 401 | 403));
        if refused {
            Self::Refused { context, reason }
        } else {
            Self::Unreachable { context, reason }
        }
    }
}

fn contexts(known: &[String]) -> String {
    if known.is_empty() {
        "none".into()
    } else {
        known.join(", ")
    }
}

/// What the cluster answered, or else the innermost cause, which says most: `Connection refused (os error 111)`.
#[must_use]
pub fn plainly(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    loop {
        if let Some(kube::Error::Api(status)) = cause.downcast_ref() {
            return status.message.clone();
        }
        match cause.source() {
            Some(source) => cause = source,
            None => return cause.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[tokio::test]
    async fn a_cluster_that_refuses_a_person_is_not_said_to_be_down() {
        for (code, refused) in [(401, true), (403, true), (500, false)] {
            let client = fake::api(move |_, _| fake::refusal(code, "Unauthorized"));
            let error = client.apiserver_version().await.unwrap_err();
            let error = Error::unanswered("mine".into(), &error);
            assert_eq!(matches!(error, Error::Refused { .. }), refused, "{error}");
        }
    }

    #[test]
    fn a_kubeconfig_without_contexts_is_said_to_have_none() {
        let error = |known: &[&str]| {
            let known = known.iter().map(|known| (*known).to_owned()).collect();
            Error::NoContext {
                context: "a".into(),
                known,
            }
        };
        assert!(error(&[]).to_string().ends_with("no context \"a\"; it has none"));
        assert!(error(&["b", "c"]).to_string().ends_with("; it has b, c"));
    }
}
