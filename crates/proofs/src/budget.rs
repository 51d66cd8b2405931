//! How many pods a PodDisruptionBudget lets go now.

use guide::{Claim, Message, proof::Budget};
use k8s_openapi::api::policy::v1::PodDisruptionBudget;

use super::{Kind, Place, Verdict};

impl Kind for Budget {
    type Facts = Option<PodDisruptionBudget>;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        place
            .api::<PodDisruptionBudget>(self.namespace())
            .get_opt(&self.of)
            .await
    }

    fn judge(&self, budget: &Self::Facts) -> Verdict {
        let Some(budget) = budget else {
            return Verdict::missed(
                Message::new("budget-none").with("budget", &self.of),
                Message::new("hint-budget-none"),
            );
        };
        let status = budget.status.as_ref();
        let Some(status) = status.filter(|status| status.observed_generation >= budget.metadata.generation)
        else {
            return Verdict::missed(Message::new("budget-unseen"), Message::new("hint-budget-unseen"));
        };
        let allowed = status.disruptions_allowed.unwrap_or_default();
        let hint = (allowed != self.allowed).then(|| {
            Message::new("hint-budget")
                .with("healthy", status.current_healthy.unwrap_or_default())
                .with("needed", status.desired_healthy.unwrap_or_default())
        });
        Verdict::of(self.says(allowed), hint)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_controller_has_counted_is_compared() {
        let budget = |generation: i64, allowed: i32| {
            let budget = serde_json::from_value(json!({
                "metadata": { "generation": generation },
                "status": {
                    "observedGeneration": 1, "disruptionsAllowed": allowed,
                    "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2,
                },
            }));
            Some(budget.unwrap())
        };
        let check = Budget {
            of: "steady-api".into(),
            namespace: None,
            allowed: 1,
        };
        assert!(check.judge(&budget(1, 1)).holds);
        for (there, observed) in [
            (budget(1, 0), "budget"),
            (budget(1, 2), "budget"),
            // Not counted since it was changed.
            (budget(2, 1), "budget-unseen"),
            (None, "budget-none"),
        ] {
            let verdict = check.judge(&there);
            assert!(!verdict.holds && verdict.hint.is_some(), "{verdict:?}");
            assert_eq!(verdict.observed.id(), Some(observed));
        }
    }
}
