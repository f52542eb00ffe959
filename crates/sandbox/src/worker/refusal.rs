//! Turning an answer of the system into a refusal that says how to mend it.

use std::fmt::Display;

use crate::error::Refusal;

/// What an operator does about most of them.
const MEND: &str = "allow user namespaces (sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone, \
    kernel.apparmor_restrict_unprivileged_userns) or, in a container, run it with --cap-add SYS_ADMIN \
    --security-opt seccomp=unconfined --security-opt apparmor=unconfined; `latchkey doctor` checks it";

pub(super) fn refusal(what: &str, mend: &str) -> Refusal {
    Refusal {
        what: what.to_owned(),
        mend: mend.to_owned(),
    }
}

/// Says what was attempted when the system has refused.
pub(super) trait Told<T> {
    fn told(self, what: &str) -> Result<T, Refusal>;

    fn told_with(self, what: &str, mend: &str) -> Result<T, Refusal>;
}

impl<T, E: Display> Told<T> for Result<T, E> {
    fn told(self, what: &str) -> Result<T, Refusal> {
        self.told_with(what, MEND)
    }

    fn told_with(self, what: &str, mend: &str) -> Result<T, Refusal> {
        self.map_err(|cause| refusal(&format!("{what}: {cause}"), mend))
    }
}
