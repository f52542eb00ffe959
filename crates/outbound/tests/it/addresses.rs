//! The guard as tables.

use latchkey_outbound::{Config, Error, Guard, Outbound, Request, is_public, target_host};

#[test]
fn only_the_public_internet_is_public() {
    for (address, public) in [
        ("8.8.8.8", true),
        ("1.1.1.1", true),
        ("172.15.255.255", true),
        ("172.32.0.1", true),
        ("100.63.255.255", true),
        ("2606:4700::1111", true),
        ("2001:4860:4860::8888", true),
        ("0.0.0.0", false),
        ("10.1.2.3", false),
        ("100.64.0.1", false),
        ("100.127.255.255", false),
        ("127.0.0.1", false),
        ("127.255.255.254", false),
        ("169.254.169.254", false),
        ("168.63.129.16", false),
        ("172.16.0.1", false),
        ("172.31.255.255", false),
        ("192.168.1.1", false),
        ("192.0.2.1", false),
        ("198.18.0.1", false),
        ("203.0.113.9", false),
        ("224.0.0.1", false),
        ("240.0.0.1", false),
        ("255.255.255.255", false),
        ("::", false),
        ("::1", false),
        ("fe80::1", false),
        ("fec0::1", false),
        ("fc00::1", false),
        ("fd00:ec2::254", false),
        ("ff02::1", false),
        ("2001:db8::1", false),
        ("::ffff:127.0.0.1", false),
        ("::ffff:10.0.0.1", false),
        ("::ffff:8.8.8.8", true),
        ("::127.0.0.1", false),
        ("64:ff9b::7f00:1", false),
        ("64:ff9b::a9fe:a9fe", false),
        ("64:ff9b::808:808", true),
        ("64:ff9b:1::1", false),
        ("2002:7f00:1::", false),
        ("2002:a00:1::1", false),
    ] {
        assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
    }
}

#[test]
fn the_operator_allows_ranges() {
    let guard = Guard::new(vec![
        "10.1.0.0/16".parse().unwrap(),
        "::1/128".parse().unwrap(),
    ]);
    for (address, permitted) in [
        ("10.1.2.3", true),
        ("::ffff:10.1.2.3", true),
        ("10.2.0.1", false),
        ("::1", true),
        ("127.0.0.1", false),
        ("8.8.8.8", true),
    ] {
        assert_eq!(
            guard.permits(address.parse().unwrap()),
            permitted,
            "{address}"
        );
    }
}

#[test]
fn a_url_shows_where_it_leads() {
    for (url, host) in [
        ("https://API.Example.com/v1", Some("api.example.com")),
        ("https://api.example.com:443/", Some("api.example.com")),
        ("http://api.example.com:443/", Some("api.example.com:443")),
        ("http://2130706433/", Some("127.0.0.1")),
        ("http://0x7f000001/", Some("127.0.0.1")),
        ("http://0177.0.0.1/", Some("127.0.0.1")),
        ("http://127.1/", Some("127.0.0.1")),
        ("http://\u{ff11}27.0.0.1/", Some("127.0.0.1")),
        ("http://[::1]:8080/", Some("[::1]:8080")),
        ("https://good.example@evil.example/", None),
        ("https://user:pass@good.example/", None),
        ("ftp://good.example/", None),
        ("file:///etc/passwd", None),
        ("javascript:alert(1)", None),
        ("http://[fe80::1%25eth0]/", None),
        ("https:///", None),
        ("", None),
    ] {
        assert_eq!(target_host(url).as_deref(), host, "{url}");
    }
}

#[tokio::test]
async fn private_targets_are_refused_however_they_are_written() {
    let client = Outbound::new(Config::default()).unwrap();
    for url in [
        "http://127.0.0.1:1/",
        "http://2130706433:1/",
        "http://0x7f.1:1/",
        "http://0177.0.0.1:1/",
        "http://[::1]:1/",
        "http://[::ffff:127.0.0.1]:1/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://localhost:1/",
        "http://localhost.:1/",
    ] {
        let error = client.send(Request::get(url)).await.unwrap_err();
        let refused = matches!(error, Error::Refused(_) | Error::NotFound(_));
        assert!(refused, "{url}: {error:?}");
    }
    let by_name = client
        .send(Request::get("http://localhost:1/"))
        .await
        .unwrap_err();
    assert!(matches!(by_name, Error::Refused(_)), "{by_name:?}");
}
