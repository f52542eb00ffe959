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

    /// The addresses of a name, if all of them may be connected to: a mixed answer is how rebinding begins.
    pub(crate) fn checked(
        &self,
        found: Vec<SocketAddr>,
    ) -> Result<Vec<SocketAddr>, RefusedAddress> {
        match found.iter().find(|address| !self.permits(address.ip())) {
            Some(bad) => Err(RefusedAddress(bad.ip())),
            None => Ok(found),
        }
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
            let checked = guard.checked(found)?;
            Ok(Box::new(checked.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Guard;

    #[test]
    fn one_forbidden_address_refuses_the_name() {
        let guard = Guard::new(vec!["10.1.0.0/16".parse().unwrap()]);
        let found = |all: &[&str]| all.iter().map(|one| one.parse().unwrap()).collect();
        let good: Vec<_> = found(&["93.184.216.34:443", "10.1.2.3:443"]);
        assert_eq!(guard.checked(good.clone()).unwrap(), good);
        for bad in [
            "127.0.0.1:443",
            "10.2.0.1:443",
            "[::ffff:169.254.169.254]:443",
        ] {
            let mixed = found(&["93.184.216.34:443", bad]);
            assert!(guard.checked(mixed).is_err(), "{bad}");
        }
    }
}
