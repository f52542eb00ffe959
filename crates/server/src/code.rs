//! Where code runs, as the settings want it: its way out, if it has one, leads through the guard of the outbound client.

use latchkey_outbound::Proxy;
use latchkey_sandbox::{Network, Sandbox};

use crate::config::Settings;

/// The sandbox of these settings.
pub(crate) fn sandbox(settings: &Settings) -> Sandbox {
    let sandbox = Sandbox::new(settings.sandbox.clone());
    let Some(limits) = settings.sandbox_network else {
        return sandbox;
    };
    let proxy = Proxy::new(&settings.outbound, limits);
    sandbox.with_network(Network::new(move |listener| {
        let proxy = proxy.clone();
        async move { proxy.serve(listener).await }
    }))
}
