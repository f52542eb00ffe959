//! The streams of an installation: a queue of wake-ups, and a fixed number of streams for the events of all runs.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use latchkey_domain::id::RunId;

/// Streams of events. It must not change while anybody listens.
const EVENTS: u128 = 8;
/// How long a wake-up is good: the relay says it again long before.
const WAKEUPS: Duration = Duration::from_secs(60);
/// How long events are kept for whoever comes later; older ones stand in the journal.
const KEPT: Duration = Duration::from_secs(10 * 60);
/// How much of the events of a stream is kept, in bytes.
const KEPT_BYTES: i64 = 256 << 20;
/// On so many servers everything is kept, where there are as many.
const REPLICAS: usize = 3;

/// The names of an installation's streams and subjects.
#[derive(Clone, Debug)]
pub(super) struct Names {
    installation: String,
    replicas: usize,
}

impl Names {
    pub(super) fn new(installation: &str, servers: usize) -> Self {
        let replicas = if servers >= REPLICAS { REPLICAS } else { 1 };
        Self {
            installation: installation.to_owned(),
            replicas,
        }
    }

    pub(super) fn queue(&self) -> String {
        format!("latchkey-{}-wakeups", self.installation)
    }

    pub(super) fn wakeup(&self, run: RunId) -> String {
        format!("latchkey.{}.wakeup.{run}", self.installation)
    }

    pub(super) fn stops(&self) -> String {
        format!("latchkey.{}.stop", self.installation)
    }

    pub(super) fn stream_of(&self, run: RunId) -> String {
        self.events(number_of(run))
    }

    pub(super) fn event(&self, run: RunId) -> String {
        let number = number_of(run);
        format!("latchkey.{}.event.{number}.{run}", self.installation)
    }

    fn events(&self, number: u128) -> String {
        format!("latchkey-{}-events-{number}", self.installation)
    }

    /// Makes the streams that are not there.
    pub(super) async fn make(&self, context: &Context) -> Result<(), String> {
        let queue = Config {
            name: self.queue(),
            subjects: vec![format!("latchkey.{}.wakeup.*", self.installation)],
            retention: RetentionPolicy::WorkQueue,
            // However often it is said that a run waits, it is one message.
            max_messages_per_subject: 1,
            max_age: WAKEUPS,
            ..self.usual()
        };
        let events = (0..EVENTS).map(|number| Config {
            name: self.events(number),
            subjects: vec![format!("latchkey.{}.event.{number}.*", self.installation)],
            max_age: KEPT,
            max_bytes: KEPT_BYTES,
            ..self.usual()
        });
        for config in std::iter::once(queue).chain(events) {
            let made = context.get_or_create_stream(config).await;
            made.map_err(|cause| cause.to_string())?;
        }
        Ok(())
    }

    fn usual(&self) -> Config {
        Config {
            storage: StorageType::File,
            discard: DiscardPolicy::Old,
            num_replicas: self.replicas,
            ..Config::default()
        }
    }
}

/// Which stream tells of a run. The last digits of an id are random, the first ones are a time.
fn number_of(run: RunId) -> u128 {
    run.uuid().as_u128() % EVENTS
}
