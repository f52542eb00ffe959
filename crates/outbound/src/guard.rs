//! The guard: which addresses may be connected to, asked with the address in hand, so that no second look-up can
//! answer otherwise.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::{is_public, unpack};

/// What the operator allows beyond the public internet.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allow: Arc<[IpNet]>,
}

impl Guard {
    /// A guard that lets these ranges through besides the public internet.
    #[must_use]
    pub fn new(allow: Vec<IpNet>) -> Self {
        Self {
            allow: allow.into(),
        }
    }

    /// Whether this address may be connected to.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        let plain = unpack(address);
        is_public(plain)
            || self
                .allow
                .iter()
                .any(|range| range.contains(&plain) || range.contains(&address))
    }
}

/// A name that leads to no permitted address, told apart from one that leads nowhere.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct RefusedAddress(pub(crate) IpAddr);

/// Looks names up and hands on only permitted addresses; the client connects to exactly those.
#[derive(Clone, Debug)]
pub(crate) struct GuardedResolver(pub(crate) Guard);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.0.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One forbidden address refuses the name: a mixed answer is how rebinding begins.
            if let Some(bad) = found.iter().find(|address| !guard.permits(address.ip())) {
                return Err(Box::new(RefusedAddress(bad.ip())) as _);
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
