//! That nothing with a label is left.

use access::kinds;
use guide::{Message, proof::Nothing};
use kube::{
    Api, ResourceExt,
    api::{DynamicObject, ListParams},
    discovery::{Scope, verbs},
};

use super::{Kind, Place, Verdict};

/// How many of what is left are named.
const NAMED: usize = 5;

impl Kind for Nothing {
    /// What there still is, as `kind/name`.
    type Facts = Vec<String>;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        let selector = ListParams::default().labels(&self.label);
        let mut found = vec![];
        for (kind, capabilities) in kinds(&place.client).await? {
            let api: Api<DynamicObject> = match capabilities.scope {
                _ if !capabilities.supports_operation(verbs::LIST) => continue,
                Scope::Namespaced => Api::namespaced_with(place.client.clone(), &place.namespace, &kind),
                Scope::Cluster if self.cluster => Api::all_with(place.client.clone(), &kind),
                Scope::Cluster => continue,
            };
            match api.list(&selector).await {
                Ok(objects) => found.extend(
                    objects
                        .iter()
                        .map(|object| format!("{}/{}", kind.kind.to_lowercase(), object.name_any())),
                ),
                // What a person may not even list was not made by that person.
                Err(kube::Error::Api(refused)) if matches!(refused.code, 403..=405) => {}
                Err(error) => return Err(error),
            }
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    fn judge(&self, left: &Self::Facts) -> Verdict {
        if left.is_empty() {
            return Verdict::holds(Message::new("nothing"));
        }
        let named = left.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let observed = match left.len().checked_sub(NAMED) {
            Some(more @ 1..) => Message::new("nothing-left-more")
                .with("named", named)
                .with("more", more),
            _ => Message::Verbatim(named),
        };
        Verdict::missed(observed, Message::new("hint-nothing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_named() {
        let check = Nothing {
            label: "kiamol=ch12".into(),
            cluster: true,
        };
        let names = |count: usize| (0..count).map(|n| format!("secret/{n}")).collect::<Vec<_>>();
        assert!(check.judge(&names(0)).holds);
        assert_eq!(
            check.judge(&names(2)).observed,
            Message::Verbatim("secret/0, secret/1".into())
        );
        assert_eq!(
            check.judge(&names(7)).observed,
            Message::new("nothing-left-more")
                .with("named", "secret/0, secret/1, secret/2, secret/3, secret/4")
                .with("more", 2_u32)
        );
    }
}
