//! Which fact caused which.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::{
    Clock, Fact, Settings, What,
    rule::{Allowed, Key, Rule},
};

/// A fact and a possible cause of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The id of what happened.
    pub effect: u64,
    /// The id of what may have caused it.
    pub cause: u64,
    /// The rule by which it may.
    pub rule: &'static str,
    /// The component that the rule says decided it.
    pub decided_by: &'static str,
    /// How long it took.
    pub delay: Delay,
    /// How long it was allowed to take.
    pub allowed: Allowed,
}

/// How long something took, as far as two moments tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delay {
    /// At least; never negative.
    pub min: SignedDuration,
    /// At most.
    pub max: SignedDuration,
}

impl Delay {
    /// What lies between two moments; none if the effect was over before the cause began.
    ///
    /// The end of a second belongs to the next one: what was cut to 10 s was over before what was cut to 11 s began. Clocks that are
    /// set in different places may differ by `skew`.
    #[must_use]
    pub fn between(cause: &Fact, effect: &Fact, skew: SignedDuration) -> Option<Self> {
        let (cause, effect) = (cause.when, effect.when);
        let over = cause.earliest() >= effect.latest();
        // Two clocks may tell one instant.
        let same = cause.earliest() == effect.latest() && effect.width().is_zero();
        if over && !same {
            return None;
        }
        let skew = if cause.clock().agrees_with(effect.clock()) {
            SignedDuration::ZERO
        } else {
            skew.max(SignedDuration::ZERO)
        };
        let min = effect
            .earliest()
            .duration_since(cause.latest())
            .saturating_sub(skew);
        let max = effect
            .latest()
            .duration_since(cause.earliest())
            .saturating_add(skew);
        Some(Self {
            min: min.max(SignedDuration::ZERO),
            max,
        })
    }

    /// Whether it may have been one that is allowed. It is longer than its least, as a cause's second has no end of its own.
    #[must_use]
    pub fn may_be(&self, allowed: &Allowed) -> bool {
        (self.min < allowed.max || self.min.is_zero()) && allowed.min <= self.max
    }
}

/// All links between facts, in the order of their effects in `facts`.
///
/// Each pair is judged by itself: what a third fact says adds and changes nothing, and only a gap of a source that one of the two
/// comes from takes a link away.
#[must_use]
pub fn link(facts: &[Fact], rules: &[Rule], settings: &Settings) -> Vec<Link> {
    let gaps: Vec<_> = facts.iter().filter(|fact| fact.what == What::Gap).collect();
    let mut links = vec![];
    for rule in rules {
        let causes = causes(facts, rule);
        for (place, effect) in facts.iter().enumerate() {
            let candidates = (rule.effect)(effect).and_then(|key| causes.get(&key));
            for cause in candidates
                .into_iter()
                .flat_map(|sorted| until(sorted, effect.when.latest()))
            {
                let linked = judged(effect, cause, rule, settings).filter(|_| !cut(&gaps, effect, cause));
                links.extend(linked.map(|link| (place, link)));
            }
        }
    }
    links.sort_by_key(|(place, link)| (*place, link.cause));
    links.into_iter().map(|(_, link)| link).collect()
}

/// The causes of a rule by their keys, each in the order in which they began.
fn causes<'a>(facts: &'a [Fact], rule: &Rule) -> BTreeMap<Key<'a>, Vec<&'a Fact>> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for fact in facts {
        if let Some(key) = (rule.cause)(fact) {
            found.entry(key).or_default().push(fact);
        }
    }
    for same in found.values_mut() {
        same.sort_by_key(|fact| fact.when.earliest());
    }
    found
}

/// Those that began by then.
fn until<'a, 'f>(sorted: &'a [&'f Fact], end: Timestamp) -> impl Iterator<Item = &'f Fact> + use<'a, 'f> {
    let after = sorted.partition_point(|fact| fact.when.earliest() <= end);
    sorted[..after].iter().copied()
}

fn judged(effect: &Fact, cause: &Fact, rule: &Rule, settings: &Settings) -> Option<Link> {
    if effect.id == cause.id {
        return None;
    }
    // What comes after a run of a container comes of its end, though nobody has noted when one of the two was.
    let proven = matches!((rule.effect)(effect), Some(Key::Run(..)));
    let proves = |fact: &Fact| !fact.when.is_vague() || (proven && is_undated(fact));
    if !proves(effect) || !proves(cause) {
        return None;
    }
    let delay = Delay::between(cause, effect, settings.skew)?;
    let allowed = (rule.allowed)(effect, cause, settings)?;
    delay.may_be(&allowed).then_some(Link {
        effect: effect.id,
        cause: cause.id,
        rule: rule.name,
        decided_by: rule.decided_by,
        delay,
        allowed,
    })
}

/// Whether it is of a kind of which no source notes the time: it lies between two others that one does.
fn is_undated(fact: &Fact) -> bool {
    let undated = matches!(fact.what, What::Waits { .. }) || fact.what.is_unseen_end();
    undated && fact.when.clock() != Clock::ApiServer
}

/// Whether a source that one of the two comes from was silent somewhere between them.
fn cut(gaps: &[&Fact], effect: &Fact, cause: &Fact) -> bool {
    gaps.iter().any(|gap| {
        let concerned = gap.source == effect.source || gap.source == cause.source;
        concerned && gap.when.earliest() < effect.when.latest() && cause.when.earliest() < gap.when.latest()
    })
}
