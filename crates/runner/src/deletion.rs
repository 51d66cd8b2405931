//! Deleting what may have been deleted already.

use kube::api::{DeleteParams, Preconditions};

/// Deletes this object, and no other that got its name meanwhile.
pub(super) fn only(uid: Option<String>) -> DeleteParams {
    let preconditions = Preconditions {
        uid,
        resource_version: None,
    };
    DeleteParams::default().preconditions(preconditions)
}

/// What is to be deleted may have gone by itself, and another of the same name may be there.
pub(super) fn unless_gone(deleted: Result<(), kube::Error>) -> Result<(), kube::Error> {
    match deleted {
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(()),
        deleted => deleted,
    }
}
