//! What a rule is.

use jiff::SignedDuration;

use crate::{Fact, Source};

/// Which fact can be the cause of which, who decides it, and how long that may take.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name, for people who look for a rule.
    pub name: &'static str,
    /// The component that makes the effect follow the cause.
    pub decided_by: &'static str,
    /// What an effect is joined by; none for a fact that is no effect of this rule.
    pub(crate) effect: for<'a> fn(&'a Fact) -> Option<Key<'a>>,
    /// What a cause is joined by; none for a fact that is no cause of this rule. It is the cause of effects with the same key.
    pub(crate) cause: for<'a> fn(&'a Fact) -> Option<Key<'a>>,
    /// How long the effect may take after the cause, by what both say; none if the two do not belong together after all.
    pub(crate) allowed: fn(effect: &Fact, cause: &Fact, settings: &Settings) -> Option<Allowed>,
}

/// What joins an effect to its causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key<'a> {
    /// An object, by its uid.
    Object(&'a str),
    /// A container of a pod, by the pod's uid and the container's name.
    Container(&'a str, &'a str),
    /// A Service, by its namespace and its name, which slices know it by.
    Service(&'a str, &'a str),
    /// A run of a container, by its restart: 0 is the first.
    Run(&'a str, &'a str, u32),
}

/// How long an effect may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// At least.
    pub min: SignedDuration,
    /// At most.
    pub max: SignedDuration,
}

impl Allowed {
    /// Up to so many seconds.
    pub(crate) fn up_to(seconds: u32) -> Self {
        Self {
            min: SignedDuration::ZERO,
            max: SignedDuration::from_secs(seconds.into()),
        }
    }

    /// What the kubelet waits that says so many seconds. It looks again after that time or after a minute, whichever is less, and up
    /// to half of that later, so that not all pods come at once; and what is due it takes up once a second.
    ///
    /// Source: `pkg/kubelet/pod_workers.go`, `completeWork` and `workerBackOffPeriodJitterFactor`.
    pub(crate) fn waited(seconds: u32) -> Self {
        let late = seconds.min(60).div_ceil(2) + 2;
        Self {
            min: SignedDuration::from_secs(i64::from(seconds.saturating_sub(1))),
            max: SignedDuration::from_secs(i64::from(seconds) + i64::from(late)),
        }
    }

    /// Anything from now on: nothing bounds it.
    pub(crate) fn unbounded() -> Self {
        Self {
            min: SignedDuration::ZERO,
            max: SignedDuration::MAX,
        }
    }

    pub(crate) fn and(self, more: SignedDuration) -> Self {
        Self {
            max: self.max.saturating_add(more),
            ..self
        }
    }
}

/// What a cluster is set to, where objects do not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How far the clocks of nodes, control plane and this machine are apart at most, as far as known.
    pub skew: SignedDuration,
    /// kube-proxy's `minSyncPeriod`: 1 s unless somebody sets it.
    pub proxy_sync: SignedDuration,
    /// kube-controller-manager's `--endpointslice-updates-batch-period`: 0 unless somebody sets it.
    pub slice_batch: SignedDuration,
}

impl Settings {
    /// The usual ones of a cluster with clocks that are so far apart.
    #[must_use]
    pub fn with_skew(skew: SignedDuration) -> Self {
        Self {
            skew,
            ..Self::default()
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            skew: SignedDuration::ZERO,
            proxy_sync: SignedDuration::from_secs(1),
            slice_batch: SignedDuration::ZERO,
        }
    }
}

impl Fact {
    /// Its object, if it has a uid.
    pub(crate) fn object(&self) -> Option<Key<'_>> {
        let uid = self.subject.uid.as_str();
        (!uid.is_empty()).then_some(Key::Object(uid))
    }

    /// The controller of its object, or (1) the controller's.
    pub(crate) fn owner(&self, level: usize) -> Option<Key<'_>> {
        self.subject.owners.get(level).map(|uid| Key::Object(uid))
    }

    /// Its container.
    pub(crate) fn container(&self) -> Option<Key<'_>> {
        self.container_named(&self.subject.container.as_ref()?.name)
    }

    /// The container of its pod with that name.
    pub(crate) fn container_named<'a>(&'a self, name: &'a str) -> Option<Key<'a>> {
        (!self.subject.uid.is_empty()).then_some(Key::Container(&self.subject.uid, name))
    }

    /// That run of its container.
    pub(crate) fn run(&self, restart: u32) -> Option<Key<'_>> {
        match self.container()? {
            Key::Container(uid, name) => Some(Key::Run(uid, name, restart)),
            _ => None,
        }
    }

    /// Whether both are about one run of a container, as far as they say which.
    pub(crate) fn same_container_as(&self, other: &Self) -> bool {
        let id = |fact: &Self| {
            fact.subject
                .container
                .as_ref()
                .and_then(|container| container.id.clone())
        };
        match (id(self), id(other)) {
            (Some(own), Some(others)) => own == others,
            // Sources that do not tell the id tell the name, which is the key.
            _ => true,
        }
    }

    /// Whether it was counted: words are written for some of what happens only.
    pub(crate) fn is_counted(&self) -> bool {
        self.source != Source::Events && !self.at_least
    }
}
