//! A Helm release, by the Secrets in which Helm 3 and Helm 4 keep it.

use guide::{Message, proof::Release};
use k8s_openapi::api::core::v1::Secret;
use kube::{ResourceExt, api::ListParams};

use super::{Kind, Place, Verdict};

impl Kind for Release {
    /// The newest revision and its state.
    type Facts = Option<(u32, String)>;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        let selector = ListParams::default().labels(&format!("owner=helm,name={}", self.name));
        let secrets = place.api::<Secret>(None).list(&selector).await?;
        let revision = |secret: &Secret| {
            let labels = secret.labels();
            Some((
                labels.get("version")?.parse().ok()?,
                labels.get("status")?.clone(),
            ))
        };
        Ok(secrets.iter().filter_map(revision).max())
    }

    fn judge(&self, newest: &Self::Facts) -> Verdict {
        let revision = newest.as_ref().map(|(revision, _)| *revision);
        let state = newest.as_ref().map(|(_, state)| state.as_str());
        let observed = self.says(revision, state);
        if state == self.state() && (self.revision.is_none() || revision == self.revision) {
            return Verdict::holds(observed);
        }
        let hint = match state {
            None => Message::new("hint-release-none"),
            Some(state) if state.starts_with("pending") => Message::new("hint-release-pending"),
            Some(_) => Message::new("hint-release"),
        };
        Verdict::missed(observed, hint.with("release", &self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_revision_counts() {
        let holds = |revision: Option<u32>, status: &str, there: Option<(u32, &str)>| {
            let check = Release {
                name: "todo-list".into(),
                revision,
                status: status.into(),
            };
            check
                .judge(&there.map(|(revision, status)| (revision, status.to_owned())))
                .holds
        };
        assert!(holds(Some(3), "deployed", Some((3, "deployed"))));
        assert!(holds(None, "deployed", Some((3, "deployed"))));
        assert!(!holds(Some(2), "deployed", Some((3, "deployed"))));
        assert!(!holds(None, "deployed", Some((2, "pending-upgrade"))));
        assert!(!holds(None, "deployed", None));
        assert!(holds(None, "none", None));
        assert!(!holds(None, "none", Some((1, "failed"))));
    }
}
