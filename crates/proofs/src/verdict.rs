//! What comes of a look, and who looks.

use futures::future::{FutureExt, LocalBoxFuture};
use guide::Message;

use crate::Place;

/// What came of a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether all of it was so.
    pub holds: bool,
    /// What was there.
    pub observed: Message,
    /// What a learner may look at or do next. None exactly when it holds.
    pub hint: Option<Message>,
}

impl Verdict {
    pub(crate) fn holds(observed: Message) -> Self {
        Self {
            holds: true,
            observed,
            hint: None,
        }
    }

    pub(crate) fn missed(observed: Message, hint: Message) -> Self {
        Self {
            holds: false,
            observed,
            hint: Some(hint),
        }
    }

    /// Holds exactly where there is nothing to hint at.
    pub(crate) fn of(observed: Message, hint: Option<Message>) -> Self {
        Self {
            holds: hint.is_none(),
            observed,
            hint,
        }
    }
}

/// Something that can be looked at.
pub trait Probe {
    /// Looks once, and decides.
    ///
    /// # Errors
    /// The cluster does not answer, or refuses.
    fn verdict<'a>(&'a self, place: &'a Place) -> LocalBoxFuture<'a, Result<Verdict, kube::Error>>;
}

/// How a kind of proof is looked at.
pub(crate) trait Kind: Clone {
    /// What is fetched.
    type Facts;

    /// Looks once.
    async fn look(&self, place: &Place) -> Result<Self::Facts, kube::Error>;

    /// Decides, without the cluster.
    fn judge(&self, facts: &Self::Facts) -> Verdict;

    /// The same claim with what is there in place of a number, where more of it is as right.
    fn or_more(&self, _facts: &Self::Facts) -> Self {
        self.clone()
    }
}

impl<K: Kind> Probe for K {
    fn verdict<'a>(&'a self, place: &'a Place) -> LocalBoxFuture<'a, Result<Verdict, kube::Error>> {
        async move {
            let facts = self.look(place).await?;
            Ok(if place.is_lenient() {
                self.or_more(&facts).judge(&facts)
            } else {
                self.judge(&facts)
            })
        }
        .boxed_local()
    }
}
