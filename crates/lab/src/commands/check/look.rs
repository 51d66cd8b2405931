//! All that `lab check` looks at.

use std::{cmp::Reverse, path::Path};

use cluster::Layout;
use guide::{Exercise, Message};
use jiff::ZonedDateTime;
use learner::{Learner, Position, Standing};
use proofs::Place;

use super::args::Args;
use crate::{memory::Memory, stands, surroundings, target::Target};

/// How long a look usually takes: longer than this, it shows that it works.
pub(super) const USUAL: std::time::Duration = std::time::Duration::from_secs(2);

/// All that was looked at.
pub(crate) struct Look {
    pub(crate) context: String,
    pub(crate) place: Place,
    pub(crate) memory: Memory,
    pub(crate) now: ZonedDateTime,
    pub(crate) warnings: Vec<Message>,
    pub(crate) learner: Learner,
    pub(crate) standings: Vec<(Exercise, Standing)>,
}

impl Look {
    pub(crate) async fn at(
        layout: &Layout,
        args: &Args,
        root: &Path,
        exercises: Vec<Exercise>,
    ) -> anyhow::Result<Self> {
        let target = Target::choose(layout, args.context.clone()).await?;
        let place = target.learners_place(root).await?;
        let notices = surroundings::notices(&target, &place.client).await;
        let mut look = Self::of(&target, place, root, exercises).await?;
        look.warnings.splice(..0, notices);
        Ok(look)
    }

    /// The same on a way that is open, without a look at the shell that the learner types in.
    pub(crate) async fn of(
        target: &Target,
        place: Place,
        root: &Path,
        exercises: Vec<Exercise>,
    ) -> anyhow::Result<Self> {
        let now = ZonedDateTime::now();
        let (memory, warning) = target.memory(&place, now.timestamp()).await?;
        let seconds = now.timestamp().as_second();
        let learner = Learner::look(&place, &exercises, &root.join("k8s"), seconds).await?;
        let mut standings = vec![];
        for exercise in exercises {
            let reached = memory.reached(&exercise.id).map(|reached| reached.step);
            let standing = learner.standing(&exercise, reached).await?;
            standings.push((exercise, standing));
        }
        Ok(Self {
            context: target.context().to_owned(),
            place,
            memory,
            now,
            warnings: warning.into_iter().collect(),
            learner,
            standings,
        })
    }

    /// What is told: all that was asked for, or the one exercise that the learner is at.
    pub(crate) fn chosen(&self, only_one: bool) -> Vec<usize> {
        let all = 0..self.standings.len();
        if !only_one {
            return all.collect();
        }
        let rank = |index: &usize| {
            let (exercise, standing) = &self.standings[*index];
            let reached = self.memory.reached(&exercise.id);
            let finished = reached.is_some_and(|reached| reached.finished.is_some());
            let class = match standing.position {
                Position::At | Position::UnderWay | Position::Task | Position::Incomplete => 0,
                // What was done last, or begun last, is where somebody is.
                Position::Near | Position::Done => 1,
                Position::Unseen => 2,
                Position::Nothing if !finished => 3,
                Position::Nothing => 4,
            };
            (
                class,
                Reverse(reached.map(|reached| reached.finished.unwrap_or(reached.at))),
            )
        };
        all.min_by_key(rank).into_iter().collect()
    }

    pub(crate) fn remember(&mut self) {
        for (exercise, standing) in &self.standings {
            stands::remember(exercise, standing, &mut self.memory, self.now.timestamp());
        }
    }
}
