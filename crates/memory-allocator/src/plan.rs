//! When to grow and when to stop: arithmetic only.

const MEBIBYTE: u64 = 1024 * 1024;

/// A plan for growing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// MiB for each step.
    pub(crate) step: u64,
    /// Where to stop; none if the kernel's limit ends the growth.
    pub(crate) ceiling: Option<Ceiling>,
}

/// Where to stop on a machine whose memory no limit protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ceiling {
    /// Percent of the machine's memory.
    pub(crate) share: u64,
    /// The same in MiB, rounded down.
    pub(crate) mebibytes: u64,
}

/// The next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Take this number of MiB more.
    Grow(u64),
    /// Stop growing: another step would exceed this ceiling.
    Hold(Ceiling),
}

impl Plan {
    /// Steps of `step` MiB under a `limit`, on a machine with `machine` memory (both in bytes).
    ///
    /// A limit below the machine's memory ends the growth, which is the lesson. Without one, or with one that the machine
    /// cannot reach, the machine would run out of memory first, so `share` percent of its memory are the ceiling.
    pub(crate) fn new(step: u64, limit: Option<u64>, machine: u64, share: u64) -> Self {
        let limited = limit.is_some_and(|limit| limit < machine);
        let ceiling = (!limited).then(|| Ceiling {
            share,
            mebibytes: machine / MEBIBYTE * share / 100,
        });
        Self { step, ceiling }
    }

    /// The step after `allocated` MiB.
    pub(crate) fn next(&self, allocated: u64) -> Step {
        match self.ceiling {
            Some(ceiling) if allocated + self.step > ceiling.mebibytes => Step::Hold(ceiling),
            _ => Step::Grow(self.step),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, proptest};

    use super::*;

    const GIBIBYTE: u64 = 1024 * MEBIBYTE;

    #[test]
    fn a_limit_below_the_machines_memory_is_left_to_the_kernel() {
        let plan = Plan::new(10, Some(50 * MEBIBYTE), 16 * GIBIBYTE, 50);
        assert_eq!(plan.ceiling, None);
        assert_eq!(plan.next(40), Step::Grow(10));
        assert_eq!(plan.next(1_000_000), Step::Grow(10));
    }

    #[test]
    fn without_a_limit_the_last_step_ends_at_the_share_or_just_below() {
        let plan = Plan::new(10, None, 16 * GIBIBYTE, 50);
        let ceiling = Ceiling {
            share: 50,
            mebibytes: 8192,
        };
        assert_eq!(plan.ceiling, Some(ceiling));
        assert_eq!(plan.next(8180), Step::Grow(10));
        assert_eq!(plan.next(8182), Step::Grow(10));
        assert_eq!(plan.next(8183), Step::Hold(ceiling));
    }

    #[test]
    fn a_limit_that_the_machine_cannot_reach_protects_nothing() {
        assert!(
            Plan::new(10, Some(16 * GIBIBYTE), 16 * GIBIBYTE, 50)
                .ceiling
                .is_some()
        );
        assert!(
            Plan::new(10, Some(32 * GIBIBYTE), 16 * GIBIBYTE, 50)
                .ceiling
                .is_some()
        );
        assert!(
            Plan::new(10, Some(16 * GIBIBYTE - 1), 16 * GIBIBYTE, 50)
                .ceiling
                .is_none()
        );
    }

    #[test]
    fn a_step_larger_than_the_share_is_never_taken() {
        assert!(matches!(
            Plan::new(200, None, GIBIBYTE, 10).next(0),
            Step::Hold(_)
        ));
    }

    proptest! {
        #[test]
        fn no_plan_without_a_limit_goes_above_its_share(
            step in 1..=65_536_u64, machine in 0..=1_u64 << 50, share in 1..=95_u64,
        ) {
            let plan = Plan::new(step, None, machine, share);
            let mut allocated = 0;
            // A bound for the test itself: most plans end long before.
            for _ in 0..1000 {
                let Step::Grow(more) = plan.next(allocated) else { break };
                allocated += more;
                prop_assert!(u128::from(allocated * MEBIBYTE) * 100 <= u128::from(machine) * u128::from(share));
            }
        }
    }
}
