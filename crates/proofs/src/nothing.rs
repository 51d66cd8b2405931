//! That nothing with a label is left.

use std::collections::BTreeSet;

use access::{kinds, labelled};
use guide::{Message, proof::Nothing};
use kube::ResourceExt;

use super::{Kind, Place, Verdict};

/// How many of what is left are named.
const NAMED: usize = 5;

impl Kind for Nothing {
    /// What there still is, as `kind/name`.
    type Facts = Vec<String>;

    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error> {
        let kinds = kinds(&place.client).await?;
        // What a person may not even list was not made by that person.
        let mut hidden = BTreeSet::new();
        let left = labelled(
            &place.client,
            &kinds,
            &place.namespace,
            self.cluster,
            &self.label,
            &mut hidden,
        )
        .await?;
        let names = left
            .iter()
            .map(|(kind, object)| format!("{}/{}", kind.kind.to_lowercase(), object.name_any()));
        Ok(names.collect::<BTreeSet<_>>().into_iter().collect())
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
