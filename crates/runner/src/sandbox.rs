//! The place of a run: a namespace and a folder, both made for it and gone after it.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    ffi::OsStr,
    time::{Duration, Instant},
};

use access::{Access, Route, plainly};
use guide::{Exercise, Footprint, Message};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, PostParams},
};
use proofs::Place;
use serde_json::json;

use super::{
    Error, Settings,
    folder::{self, Folder},
    shell::Shell,
    typing,
};

/// How long a new namespace may be without its service account, which pods need.
const ACCOUNT: Duration = Duration::from_secs(30);
/// For how long a cluster may fail to answer before it counts as gone: an API server that restarts is back sooner.
pub(super) const GONE_AFTER: Duration = Duration::from_secs(15);
pub(super) const PERIOD: Duration = Duration::from_millis(200);

/// Tells the runner's namespaces from everything else.
pub(super) const LABEL: (&str, &str) = ("app.kubernetes.io/managed-by", "self-healing-lab");
/// Tells other runs what a run makes and deletes outside of its namespace.
pub(super) const REACH: &str = "self-healing-lab/reach";

/// A namespace, and a folder with a copy of the manifests.
pub struct Sandbox {
    /// The way to the cluster.
    pub(super) access: Access,
    /// What proofs look at.
    pub place: Place,
    /// `kubectl` with what leads a person to the namespace.
    pub(super) kubectl: String,
    pub(super) shell: Shell,
    /// What the exercise makes and deletes.
    pub(super) footprint: Footprint,
    /// The namespaces that this run has made, with their ids; without one where a step that makes it has only begun.
    pub(super) made: RefCell<BTreeMap<String, Option<String>>>,
    /// Whether the helm on the PATH is Helm 3.
    pub(super) helm_3: bool,
    /// Whether the cluster is the embedded one.
    pub(super) embedded: bool,
    /// Removed when this goes.
    pub(super) _folder: Folder,
}

impl Sandbox {
    /// Makes the folder and finds the cluster; changes nothing there.
    ///
    /// # Errors
    /// A program, the context or the cluster is missing, or the folder cannot be made.
    pub async fn prepare(exercise: &Exercise, settings: &Settings) -> Result<Self, Error> {
        let mut kubeconfig = settings.kubeconfig.clone();
        let current = kubeconfig.current_context.clone();
        let named = kubeconfig
            .contexts
            .iter_mut()
            .find(|named| Some(&named.name) == current.as_ref());
        if let Some(context) = named.and_then(|named| named.context.as_mut()) {
            context.namespace = Some(settings.namespace.clone());
        }
        let folder = Folder::claim(&settings.runs)?;
        let shell = folder.prepare(settings, &kubeconfig)?;
        let route = if settings.embedded.is_some() {
            Route::Direct
        } else {
            Route::Person
        };
        let access = access::open(kubeconfig, route).await?;
        for program in folder::programs(exercise) {
            which::which_in(
                &program,
                shell.environment.get(OsStr::new("PATH")),
                &settings.clone,
            )
            .map_err(|_| Error::NoProgram(program))?;
        }
        let mut actions = exercise.steps.iter().map(|step| &step.action);
        let helm_3 =
            actions.any(|action| !action.with_helm_3.is_empty()) && typing::is_helm_3(&shell).await?;
        let select = if settings.embedded.is_some() {
            String::new()
        } else {
            format!(" --context {}", access.context)
        };
        Ok(Self {
            kubectl: format!("kubectl{select} -n {}", settings.namespace),
            place: Place {
                client: access.client.clone(),
                namespace: settings.namespace.clone(),
                folder: shell.folder.clone(),
            },
            access,
            footprint: Footprint::of(exercise, &settings.clone.join("k8s"))?,
            made: RefCell::default(),
            helm_3,
            embedded: settings.embedded.is_some(),
            shell,
            _folder: folder,
        })
    }

    /// Makes the namespace. It enforces the `restricted` pod security standard and has kubectl print what breaks it, so
    /// that a manifest which would not be admitted everywhere shows here.
    pub(super) async fn create_namespace(&self) -> Result<(), Error> {
        let (key, value) = LABEL;
        let reach = serde_json::to_string(&self.footprint.beyond()).map_err(std::io::Error::other)?;
        let namespace = json!({ "metadata": {
            "name": self.place.namespace,
            "labels": {
                key: value,
                "pod-security.kubernetes.io/enforce": "restricted",
                "pod-security.kubernetes.io/warn": "restricted",
            },
            "annotations": { REACH: reach },
        } });
        let namespace: Namespace = serde_json::from_value(namespace).map_err(std::io::Error::other)?;
        let error = match self.namespaces().create(&PostParams::default(), &namespace).await {
            Ok(made) => {
                self.made.borrow_mut().insert(made.name_any(), made.uid());
                return Ok(());
            }
            Err(error) => error,
        };
        let name = &self.place.namespace;
        let refusal = matches!(&error, kube::Error::Api(status) if status.code < 500);
        // Where no answer came, it may be made all the same.
        if refusal
            || self
                .namespaces()
                .delete(name, &DeleteParams::default())
                .await
                .is_ok()
        {
            return Err(self.refused(Message::new("action-make-namespace"), &error));
        }
        Err(Error::MaybeMade {
            namespace: name.clone(),
            context: self.access.context.clone(),
            reason: plainly(&error),
        })
    }

    /// Waits until pods can be made in the namespace.
    pub(super) async fn wait_for_account(&self) -> Result<(), Error> {
        let accounts: Api<ServiceAccount> =
            Api::namespaced(self.access.client.clone(), &self.place.namespace);
        let began = Instant::now();
        while accounts
            .get_opt("default")
            .await
            .map_err(|error| self.refused(Message::new("action-show-accounts"), &error))?
            .is_none()
        {
            if began.elapsed() > ACCOUNT {
                return Err(Error::Refused {
                    action: Message::new("action-make-account"),
                    reason: Message::new("no-account").with("seconds", ACCOUNT.as_secs()),
                });
            }
            tokio::time::sleep(PERIOD).await;
        }
        Ok(())
    }

    pub(super) fn unreachable(&self, error: &kube::Error) -> Error {
        Error::Access(access::Error::Unreachable {
            context: self.access.context.clone(),
            reason: plainly(error),
        })
    }

    /// A cluster that answers no, or one that does not answer.
    pub(super) fn refused(&self, action: Message, error: &kube::Error) -> Error {
        match error {
            kube::Error::Api(status) => Error::Refused {
                action,
                reason: Message::Verbatim(status.message.clone()),
            },
            error => self.unreachable(error),
        }
    }

    pub(super) fn namespaces(&self) -> Api<Namespace> {
        Api::all(self.access.client.clone())
    }
}
