//! Passwords are hashed beside the threads that answer requests, a few at a time: a flood of logins takes neither the processors
//! nor the memory of everything else.

use std::sync::Arc;

use latchkey_domain::member::Email;
use latchkey_secrets::{Secret, password};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::error::{Error, ErrorKind, Hint};

/// How many are hashed at a time.
const AT_ONCE: usize = 2;
/// How many may wait for that besides; more are sent away.
const WAITING: usize = 64;
/// After how many seconds whoever was sent away may come again.
const AGAIN: u64 = 5;
/// The fewest characters of a password.
const FEWEST: usize = 10;
/// The most.
const MOST: usize = 200;

/// Where passwords are hashed.
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    runtime: Handle,
}

impl Passwords {
    pub(crate) fn new(runtime: Handle) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            runtime,
        }
    }

    /// The hash of a password.
    pub(crate) async fn hash(&self, password: Secret<String>) -> Result<String, Error> {
        let hashed = self.in_turn(move || password::hash(&password)).await?;
        Ok(hashed?)
    }

    /// Whether a password has this hash; without one it has not, which takes as long.
    pub(crate) async fn verifies(
        &self,
        password: Secret<String>,
        hash: Option<String>,
    ) -> Result<bool, Error> {
        self.in_turn(move || password::verifies(&password, hash.as_deref()))
            .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| throttled(AGAIN))?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(Error::internal)?;
        let task = self.runtime.spawn_blocking(move || {
            let done = work();
            // Not before: whoever waits may be gone, the work goes on.
            drop((turn, place));
            done
        });
        task.await.map_err(Error::internal)
    }
}

/// Too many logins.
pub(crate) fn throttled(seconds: u64) -> Error {
    let detail = "there were too many attempts to log in; try again later";
    let error = Error::new(ErrorKind::RateLimited, "login_throttled", detail);
    error.hinting(Hint::RetryAfter(seconds))
}

/// A password that somebody chooses: long enough, and not the address itself. What else it is made of is nobody's business (NIST
/// SP 800-63B, 3.1.1.2).
pub(crate) fn check_password(
    password: &Secret<String>,
    email: &Email,
    pointer: &str,
) -> Result<(), Error> {
    let length = password.expose().chars().count();
    if !(FEWEST..=MOST).contains(&length) {
        let detail = format!("a password has {FEWEST} to {MOST} characters");
        return Err(Error::field("password_weak", pointer, detail));
    }
    if password.expose().to_lowercase() == email.as_str() {
        let detail = "the address is no password";
        return Err(Error::field("password_weak", pointer, detail));
    }
    Ok(())
}
