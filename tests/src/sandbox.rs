//! A sandbox for the tests: the launcher is looked for beside the test's own executable.

use std::path::PathBuf;
use std::sync::Arc;

use latchkey_outbound::{Proxy, ProxyLimits};
use latchkey_sandbox::{Config, Network, Sandbox};

/// The programs of ours that can be a launcher and offer what nodes have done in the sandbox.
const LAUNCHERS: [&str; 2] = ["latchkey-confined", "latchkey"];

/// A sandbox with the usual limits. Its processes belong to the asynchronous runtime of whoever uses it first.
#[must_use]
pub fn sandbox() -> Arc<Sandbox> {
    Arc::new(Sandbox::new(Config {
        launcher: launcher(),
        ..Config::default()
    }))
}

/// A sandbox whose code has a network as a server gives it: through the guard, which lets these ranges through besides the
/// public internet.
///
/// # Panics
/// If one of them is no range of addresses.
#[must_use]
pub fn networked(allow: &[&str], limits: ProxyLimits) -> Sandbox {
    let ranges = allow.iter().map(|range| range.parse());
    let config = latchkey_outbound::Config {
        allow: ranges.map(|range| range.expect("it is a range")).collect(),
        ..latchkey_outbound::Config::default()
    };
    let proxy = Proxy::new(&config, limits);
    let sandbox = Sandbox::new(Config {
        launcher: launcher(),
        kept_ready: 1,
        ..Config::default()
    });
    sandbox.with_network(Network::new(move |listener| {
        let proxy = proxy.clone();
        async move { proxy.serve(listener).await }
    }))
}

pub(crate) fn launcher() -> PathBuf {
    let own = std::env::current_exe().expect("a process knows its executable");
    // Beside a program, or above the folder of the tests.
    let folders = own.ancestors().skip(1).take(2);
    let mut places = folders.flat_map(|folder| LAUNCHERS.map(|name| folder.join(name)));
    let found = places.find(|place| place.is_file());
    found.unwrap_or_else(|| crate::server::binary().to_owned())
}
