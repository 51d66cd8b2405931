//! A Helm release, by the Secrets in which Helm 3 and Helm 4 keep it.

use guide::{Message, proof::Release};
use k8s_openapi::api::core::v1::Secret;
use kube::{ResourceExt, api::ListParams};

use super::{Kind, Place, Verdict};

impl Kind for Release {
    /// The revisions with their states, the newest last.
    type Facts = Vec<(u32, String)>;

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
        let mut revisions: Vec<_> = secrets.iter().filter_map(revision).collect();
        revisions.sort();
        Ok(revisions)
    }

    fn judge(&self, revisions: &Self::Facts) -> Verdict {
        let newest = revisions.last();
        let revision = newest.map(|(revision, _)| *revision);
        let state = newest.map(|(_, state)| state.as_str());
        let observed = self.says(revision, state);
        let earlier = revisions.iter().rev().skip(1);
        let comes_after =
            (self.after.as_ref()).is_none_or(|after| earlier.clone().any(|(_, state)| state == after));
        if state == self.state() && comes_after && (self.revision.is_none() || revision == self.revision) {
            return Verdict::holds(observed);
        }
        let hint = match state {
            None => Message::new("hint-release-none"),
            Some(state) if state.starts_with("pending") => Message::new("hint-release-pending"),
            Some(_) => Message::new("hint-release"),
        };
        Verdict::missed(observed, hint.with("release", &self.name))
    }

    fn or_more(&self, revisions: &Self::Facts) -> Self {
        let newest = revisions.last().map(|(revision, _)| *revision);
        Self {
            revision: self.revision.map(|wanted| wanted.max(newest.unwrap_or_default())),
            ..self.clone()
        }
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
                after: None,
            };
            let there = there.map(|(revision, status)| (revision, status.to_owned()));
            check.judge(&there.into_iter().collect()).holds
        };
        assert!(holds(Some(3), "deployed", Some((3, "deployed"))));
        assert!(holds(None, "deployed", Some((3, "deployed"))));
        assert!(!holds(Some(2), "deployed", Some((3, "deployed"))));
        assert!(!holds(None, "deployed", Some((2, "pending-upgrade"))));
        assert!(!holds(None, "deployed", None));
        assert!(holds(None, "none", None));
        assert!(!holds(None, "none", Some((1, "failed"))));
    }

    #[test]
    fn what_came_before_may_count_too() {
        let check = Release {
            name: "todo-list".into(),
            revision: Some(3),
            status: "deployed".into(),
            after: Some("failed".into()),
        };
        let history = |states: &[&str]| {
            (1..)
                .zip(states.iter().map(|state| (*state).to_owned()))
                .collect()
        };
        let taken_back: Vec<_> = history(&["superseded", "failed", "deployed"]);
        let upgraded: Vec<_> = history(&["superseded", "superseded", "deployed"]);
        let later: Vec<_> = history(&["superseded", "failed", "superseded", "deployed"]);
        assert!(
            check.judge(&taken_back).holds && !check.judge(&upgraded).holds && !check.judge(&later).holds
        );
        assert!(check.or_more(&later).judge(&later).holds);
        assert!(!check.or_more(&upgraded).judge(&upgraded).holds);
    }
}
