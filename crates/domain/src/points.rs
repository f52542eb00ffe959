//! Places at which a test may make the process die: before and after every durable write and every effect. Whoever watches counts
//! them; nobody does in earnest, and then passing one is one look at one word of memory.

use std::sync::OnceLock;

/// What is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something that outlives the process.
    Durable,
    /// Something that others see.
    Effect,
}

/// On which side of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It has not begun.
    Before,
    /// It is done, and nobody here knows yet.
    After,
}

/// Whoever watches: is told what is passed, and by which name.
pub type Watcher = fn(Kind, Side, &str);

static WATCHER: OnceLock<Watcher> = OnceLock::new();

/// Begins to watch; false when somebody does already.
pub fn watch(watcher: Watcher) -> bool {
    WATCHER.set(watcher).is_ok()
}

/// A place is passed. Its name is made only for whoever watches.
#[inline]
pub fn pass(kind: Kind, side: Side, name: impl FnOnce() -> String) {
    if let Some(watcher) = WATCHER.get() {
        watcher(kind, side, &name());
    }
}
