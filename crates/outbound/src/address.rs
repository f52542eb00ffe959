//! Which addresses are public, and what a URL really points at.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// Ranges that are not the public internet, besides IPv6 forms that carry an IPv4 address (those are unpacked first).
const SPECIAL: [&str; 27] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    // The metadata service of one large cloud lives at a public-looking address.
    "168.63.129.16/32",
    "::/128",
    "::1/128",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/9",
    "ff00::/8",
];

/// Whether an address belongs to the public internet. An IPv4 address inside an IPv6 one (mapped, compatible, NAT64,
/// 6to4) is judged by the IPv4 address.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    let address = unpack(address);
    !special_ranges()
        .iter()
        .any(|range| range.contains(&address))
}

/// The IPv4 address that an IPv6 address stands for, if it does.
pub(crate) fn unpack(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else {
        return address;
    };
    let part = six.segments();
    let last = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match part {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => last(high, low),
        // `::` and `::1` are addresses of their own; everything else there is the old "compatible" form.
        [0, 0, 0, 0, 0, 0, high, low] if six != Ipv6Addr::LOCALHOST && !six.is_unspecified() => {
            last(high, low)
        }
        _ => address,
    }
}

fn special_ranges() -> &'static [IpNet] {
    static RANGES: std::sync::OnceLock<Vec<IpNet>> = std::sync::OnceLock::new();
    RANGES.get_or_init(|| {
        SPECIAL
            .iter()
            .map(|range| range.parse().expect("the table holds ranges"))
            .collect()
    })
}

/// The host that a URL really points at, as `host` or, with a port other than its scheme's own, `host:port`; in lower
/// case, numbers in any notation as plain addresses. `None` for anything but `http` and `https`, and for URLs with a
/// user name or a password in them.
#[must_use]
pub fn target_host(url: &str) -> Option<String> {
    let url = parse(url).ok()?;
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// The host that a URL really points at and the port, which is the scheme's own unless it says another; else as
/// [`target_host`].
#[must_use]
pub fn target(url: &str) -> Option<(String, u16)> {
    let url = parse(url).ok()?;
    Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
}

/// Reads a URL and refuses those that hide where they lead.
pub(crate) fn parse(url: &str) -> Result<reqwest::Url, crate::Error> {
    let refuse = |why: &str| crate::Error::Url(why.to_owned());
    let parsed = reqwest::Url::parse(url.trim()).map_err(|cause| refuse(&cause.to_string()))?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return Err(refuse("the scheme is neither http nor https"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(refuse("a user name or password stands in it"));
    }
    match parsed.host_str() {
        None | Some("") => Err(refuse("it has no host")),
        Some(host) if host.contains('%') => Err(refuse("the host has a zone")),
        Some(_) => Ok(parsed),
    }
}

/// The address that a host is, when it is one and no name.
pub(crate) fn literal(url: &reqwest::Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok()
}
