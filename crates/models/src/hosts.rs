//! Which hosts a credential may be sent to.

use latchkey_outbound::target_host;

/// Whether a URL leads to one of the hosts. An entry `host` means the scheme's own port, `host:port` that port only.
#[must_use]
pub fn host_is_allowed(url: &str, hosts: &[String]) -> bool {
    target_host(url).is_some_and(|target| {
        hosts
            .iter()
            .any(|host| normal(host) == Some(target.clone()))
    })
}

/// Whether a text is a `host` or `host:port` entry.
#[must_use]
pub fn is_host_entry(text: &str) -> bool {
    normal(text).is_some()
}

/// An entry as [`target_host`] writes hosts.
fn normal(entry: &str) -> Option<String> {
    if entry.is_empty() || entry.contains(['/', '@', '?', '#', '\\', ' ']) {
        return None;
    }
    target_host(&format!("https://{entry}/")).or_else(|| target_host(&format!("http://{entry}/")))
}

#[cfg(test)]
mod tests {
    use super::{host_is_allowed, is_host_entry};

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
            assert_eq!(host_is_allowed(url, &hosts), allowed, "{url}");
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
