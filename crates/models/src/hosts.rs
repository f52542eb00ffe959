//! Which hosts a credential may be sent to.

use latchkey_outbound::target;

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// Whether a URL leads to one of the hosts. An entry `host:port` means that port; an entry `host` means HTTPS at its own
/// port, and HTTP at its own port only when the URL is `stated` by the credential itself.
pub(crate) fn host_is_allowed(url: &str, hosts: &[String], stated: bool) -> bool {
    let Some((host, port)) = target(url) else {
        return false;
    };
    let is_plain = url
        .trim_start()
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
    hosts
        .iter()
        .filter_map(|entry| normal(entry))
        .filter(|(name, _)| *name == host)
        .any(|(_, only)| match only {
            Some(only) => only == port,
            None if is_plain => stated && port == HTTP,
            None => port == HTTPS,
        })
}

/// Whether a host is one of those that are listed, port for port.
#[must_use]
pub fn is_listed(host: &str, listed: &[String]) -> bool {
    let Some(host) = normal(host) else {
        return false;
    };
    listed.iter().any(|one| normal(one).as_ref() == Some(&host))
}

/// Whether a text is a `host` or `host:port` entry.
#[must_use]
pub fn is_host_entry(text: &str) -> bool {
    normal(text).is_some()
}

/// An entry's host, as URLs spell it, and its port if it names one.
fn normal(entry: &str) -> Option<(String, Option<u16>)> {
    if entry.is_empty() || entry.contains(['/', '@', '?', '#', '\\', ' ']) {
        return None;
    }
    let (host, with_https) = target(&format!("https://{entry}/"))?;
    let (_, with_http) = target(&format!("http://{entry}/"))?;
    // A port that is named is the same for both schemes.
    Some((host, (with_https == with_http).then_some(with_http)))
}

#[cfg(test)]
mod tests {
    use super::{host_is_allowed, is_host_entry, is_listed};

    #[test]
    fn a_host_is_listed_port_for_port() {
        let listed = ["llm.acme.test".to_owned(), "10.0.0.7:8000".to_owned()];
        for (host, expected) in [
            ("llm.acme.test", true),
            ("LLM.acme.test", true),
            ("llm.acme.test:8443", false),
            ("evil-llm.acme.test", false),
            ("10.0.0.7:8000", true),
            ("10.0.0.7", false),
            ("", false),
        ] {
            assert_eq!(is_listed(host, &listed), expected, "{host}");
        }
    }

    #[test]
    fn a_key_goes_to_its_hosts_and_nowhere_else() {
        let hosts = [
            "api.example.com".to_owned(),
            "127.0.0.1:4000".to_owned(),
            "[::1]:9".to_owned(),
        ];
        for (url, allowed) in [
            ("https://api.example.com/v1", true),
            ("https://API.Example.com/v1", true),
            ("https://api.example.com:443/v1", true),
            ("https://api.example.com:8443/v1", false),
            ("https://api.example.com.evil.test/v1", false),
            ("https://evil.test/api.example.com", false),
            ("https://api.example.com@evil.test/", false),
            ("https://user:x@api.example.com/", false),
            ("http://127.0.0.1:4000", true),
            ("http://0x7f.1:4000", true),
            ("http://127.0.0.1:4001", false),
            ("http://[::1]:9/", true),
            ("ftp://api.example.com/", false),
            ("", false),
        ] {
            assert_eq!(host_is_allowed(url, &hosts, true), allowed, "{url}");
        }
    }

    #[test]
    fn a_port_is_a_port_whatever_the_scheme() {
        for (entry, url, stated, allowed) in [
            ("host.test:443", "http://host.test/", true, false),
            ("host.test:443", "https://host.test/", false, true),
            ("host.test:443", "http://host.test:443/", false, true),
            ("host.test:80", "http://host.test/", false, true),
            ("host.test:80", "https://host.test/", false, false),
            ("host.test", "https://host.test/", false, true),
            ("host.test", "http://host.test/", true, true),
            ("host.test", "http://host.test/", false, false),
            ("host.test", "HTTP://host.test/", false, false),
            ("host.test", "http://host.test:443/", true, false),
            ("host.test", "https://host.test:80/", true, false),
        ] {
            let hosts = [entry.to_owned()];
            let told = host_is_allowed(url, &hosts, stated);
            assert_eq!(told, allowed, "{entry} {url} {stated}");
        }
    }

    #[test]
    fn entries_are_hosts_and_not_urls() {
        for (entry, good) in [
            ("api.example.com", true),
            ("localhost:11434", true),
            ("https://api.example.com", false),
            ("api.example.com/v1", false),
            ("user@host", false),
            ("", false),
        ] {
            assert_eq!(is_host_entry(entry), good, "{entry}");
        }
    }
}
