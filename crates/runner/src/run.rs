//! A run: an exercise in a namespace and a folder, both made for it and gone after it.

use std::time::{Duration, Instant};

use access::{Access, wait};
use guide::{Exercise, Footprint, Message, Step};
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::Api;
use proofs::Place;
use report::{Event, Times};

use super::{
    Error,
    cleanup::clean_up,
    diagnosis,
    ending::{Outcome, finished, warning},
    folder::{self, Folder},
    neighbours::Neighbours,
    owned::Owned,
    pause::Pauses,
    prove::Prover,
    settings::{Embedded, Settings},
    steps,
    stop::Stop,
    typing::{self, Typist},
};

/// How long a new namespace may be without its service account, which pods need.
const ACCOUNT: Duration = Duration::from_secs(30);

/// Runs `exercise` in a namespace of its own and removes everything again, also when somebody asks to
/// stop. Asked a second time, it stops waiting for that; the cluster finishes it by itself.
///
/// # Errors
/// The run could not go on, or could not remove what it had made.
pub async fn run(
    exercise: &Exercise,
    settings: &Settings,
    stop: &Stop,
    tell: &mut dyn FnMut(Event),
) -> Result<Outcome, Error> {
    let begin = Instant::now();
    match Run::prepare(exercise, settings).await {
        Ok(run) => run.counted(stop, tell).await,
        Err(error) => {
            let result = Err(error);
            tell(finished(exercise, settings.language, &result, begin));
            result
        }
    }
}

/// A run that can begin.
pub(super) struct Run<'a> {
    pub(super) exercise: &'a Exercise,
    pub(super) settings: &'a Settings,
    access: Access,
    place: Place,
    typist: Typist,
    pub(super) neighbours: Neighbours,
    owned: Owned,
    /// Removed when this goes.
    _folder: Folder,
}

impl<'a> Run<'a> {
    /// Makes the folder and finds the cluster; changes nothing there.
    ///
    /// # Errors
    /// A program, the context or the cluster is missing, or the folder cannot be made.
    pub(super) async fn prepare(exercise: &'a Exercise, settings: &'a Settings) -> Result<Self, Error> {
        let kubeconfig = settings.kubeconfig();
        let folder = Folder::claim(&settings.runs)?;
        let shell = folder.prepare(settings, &kubeconfig)?;
        let access = access::open(kubeconfig, Embedded::route(settings.embedded.as_ref())).await?;
        if let Some(program) = folder::missing_program(exercise.commands(), &shell) {
            return Err(Error::NoProgram(program));
        }
        let mut actions = exercise.steps.iter().map(|step| &step.action);
        let helm_3 =
            actions.any(|action| !action.with_helm_3.is_empty()) && typing::is_helm_3(&shell).await?;
        let footprint = Footprint::of(exercise, &settings.clone.join("k8s"))?;
        // What a cluster of somebody else's gives Services cannot be known before it has given it.
        let footprint = match settings.embedded {
            Some(_) => footprint.with_own_addresses(),
            None => footprint,
        };
        Ok(Self {
            exercise,
            settings,
            place: Place::new(
                access.client.clone(),
                settings.namespace.clone(),
                shell.folder.clone(),
            ),
            typist: Typist {
                shell,
                helm_3,
                embedded: settings.embedded.is_some(),
            },
            neighbours: Neighbours::new(access.clone(), settings.namespace.clone(), footprint),
            owned: Owned::new(access.clone()),
            access,
            _folder: folder,
        })
    }

    /// Refuses to begin where it would meet others.
    pub(super) async fn can_begin(&self) -> Result<(), Error> {
        self.neighbours.nothing_in_the_way(&self.owned).await
    }

    /// Runs, and tells at the end how much was seen and where the time went.
    pub(super) async fn counted(self, stop: &Stop, tell: &mut dyn FnMut(Event)) -> Result<Outcome, Error> {
        let (exercise, language, begin) = (self.exercise, self.settings.language, Instant::now());
        let (mut count, mut spent) = (0, Times::default());
        let (mut waited, mut paused) = (Duration::ZERO, None);
        let mut counting = |event: Event| {
            waited += paused.take().as_ref().map(Instant::elapsed).unwrap_or_default();
            match &event {
                Event::Paused { .. } => paused = Some(Instant::now()),
                Event::Seen { took, .. } => {
                    count += 1;
                    spent.waiting += took;
                }
                Event::CommandFinished { took, .. } => spent.commands += took,
                Event::CleanupFinished { took, .. } => spent.cleaning_up += took,
                _ => {}
            }
            tell(event);
        };
        let result = self.go(stop, &mut counting).await;
        let mut end = finished(exercise, language, &result, begin);
        if let Event::RunFinished {
            seen, times, took, ..
        } = &mut end
        {
            (*seen, *times) = (count, spent);
            // The time of the person is not the run's.
            *took = (*took - waited.as_secs_f64()).max(0.0);
        }
        tell(end);
        result
    }

    async fn go(mut self, stop: &Stop, tell: &mut dyn FnMut(Event)) -> Result<Outcome, Error> {
        let language = self.settings.language;
        tell(Event::RunStarted {
            exercise: self.exercise.id.clone(),
            title: self.exercise.title.clone(),
            language,
            steps: self.exercise.steps.len(),
            usual: self.exercise.seconds.into(),
            context: self.access.context.clone(),
            namespace: self.place.namespace.clone(),
        });
        for message in self.neighbours.others().await? {
            tell(warning(&message, language));
        }
        self.can_begin().await?;
        // Not to be interrupted: what was asked for half-way could not be removed for certain.
        let own = self.neighbours.sign().map_err(std::io::Error::other)?;
        self.owned.make(&own).await?;
        let result = stop
            .or(self.work(tell))
            .await
            .unwrap_or_else(|signal| Err(Error::Interrupted(signal)));
        if let Err(Error::Interrupted(signal)) = &result {
            let message = Message::new("cleaning-up").with("signal", signal.name());
            tell(warning(&message, language));
        }
        if self.settings.keep && result.is_ok() {
            let kept = self.owned.kept().await;
            tell(Event::CleanupFinished { kept, took: 0.0 });
            return result;
        }
        clean_up(&mut self.owned, result, language, stop, tell).await
    }

    /// Takes the steps in their order, up to the first of which something is missed.
    async fn work(&mut self, tell: &mut dyn FnMut(Event)) -> Result<Outcome, Error> {
        self.neighbours.wait_for_others_to_give_up(&self.owned).await?;
        self.wait_for_account().await?;
        let language = self.settings.language;
        let prover = Prover {
            access: &self.access,
            place: &self.place,
            language,
            deadline: self.settings.deadline,
        };
        let mut pauses = Pauses::new(self.settings.enter.clone(), language);
        // What the next step proves is looked for before a person is waited for: meanwhile it may come about by itself.
        let mut looked = None;
        for (index, step) in self.exercise.steps.iter().enumerate() {
            tell(Event::StepStarted {
                step: index + 1,
                section: step.section.clone(),
            });
            let mut taken = match looked.take() {
                Some(looked) => looked,
                None => steps::not_yet(step, &prover).await?,
            };
            if taken.is_ok() && pauses.any() {
                stop_before(step, index == 0, &mut pauses, &prover, tell).await?;
            }
            let footprint = Footprint::of_commands(&step.action.commands, &self.place.folder)?;
            self.neighbours.only_its_own(&footprint, &self.owned).await?;
            self.owned.claim(&footprint);
            if taken.is_ok() {
                taken = steps::take(step, &self.typist, &prover, tell).await?;
            }
            self.owned.learn_all(&footprint).await?;
            if let Err(missed) = taken {
                let guide = format!("{}/{}.md:{}", language.folder(), self.exercise.id, step.line);
                let miss = diagnosis::miss(missed, guide, &self.place, &self.kubectl(), language).await;
                tell(Event::Missed(miss));
                return Ok(Outcome::Missed);
            }
            if pauses.any()
                && let Some(next) = self.exercise.steps.get(index + 1)
            {
                looked = Some(steps::not_yet(next, &prover).await?);
            }
            tell(Event::StepFinished { step: index + 1 });
            pauses.here(&step.after, tell).await;
        }
        Ok(Outcome::Seen)
    }

    /// `kubectl` with what leads a person to the namespace.
    fn kubectl(&self) -> String {
        let select = match self.settings.embedded {
            Some(_) => String::new(),
            None => format!(" --context {}", self.access.context),
        };
        format!("kubectl{select} -n {}", self.place.namespace)
    }

    /// Waits until pods can be made in the namespace.
    async fn wait_for_account(&self) -> Result<(), Error> {
        let accounts: Api<ServiceAccount> =
            Api::namespaced(self.access.client.clone(), &self.place.namespace);
        let there = |account: Option<&ServiceAccount>| account.is_some();
        match wait::watch(&accounts, "default", ACCOUNT, there).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::Refused {
                action: Message::new("action-make-account"),
                reason: Message::new("no-account").with("seconds", ACCOUNT.as_secs()),
            }),
            Err(error) => {
                let action = Message::new("action-show-accounts");
                Err(Error::refused(&self.access, action, &error))
            }
        }
    }
}

/// Waits for a person before a step, and says what of its proof came about while one was waited for. Where the guide leads to
/// nothing, the stop after the last step is enough.
async fn stop_before(
    step: &Step,
    is_first: bool,
    pauses: &mut Pauses,
    prover: &Prover<'_>,
    tell: &mut dyn FnMut(Event),
) -> Result<(), Error> {
    if is_first || !step.before.is_empty() {
        pauses.here(&step.before, tell).await;
    }
    if let Err(missed) = steps::not_yet(step, prover).await? {
        tell(warning(&missed.meanwhile(), prover.language));
    }
    Ok(())
}
