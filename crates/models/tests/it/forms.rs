//! What people enter as a credential.

use std::collections::BTreeMap;

use latchkey_domain::provider::ProviderId;
use latchkey_models::catalogue::Catalogue;
use latchkey_models::check_form;
use latchkey_secrets::Secret;

fn check(
    provider: &str,
    given: &[(&str, &str)],
    hosts: Option<&[&str]>,
) -> Result<Vec<String>, Vec<String>> {
    let catalogue = Catalogue::built_in();
    let provider = catalogue
        .provider(&ProviderId::normalise(provider))
        .unwrap();
    let given: BTreeMap<String, Secret<String>> = given
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Secret::from(*value)))
        .collect();
    let hosts: Option<Vec<String>> =
        hosts.map(|all| all.iter().map(|host| (*host).to_owned()).collect());
    match check_form(provider, &given, hosts.as_deref()) {
        Ok(form) => Ok(form.hosts),
        Err(problems) => Err(problems
            .iter()
            .map(|p| format!("{} {}", p.field, p.code))
            .collect()),
    }
}

#[test]
fn forms_are_checked_and_bound_to_hosts() {
    let key = ("api_key", "test-key-acme");
    let at = |url| ("base_url", url);
    let ok = |host: &str| Ok(vec![host.to_owned()]);
    let bad = |text: &str| Err(vec![text.to_owned()]);
    for (provider, given, hosts, expected) in [
        (
            "bedrock",
            vec![key, ("aws_region", "eu-west-1")],
            None,
            ok("bedrock-runtime.eu-west-1.amazonaws.com"),
        ),
        (
            "bedrock",
            vec![("aws_region", "eu-west-1")],
            None,
            bad("aws_access_key_id required"),
        ),
        (
            "bedrock",
            vec![key, ("aws_region", "evil.test/x")],
            None,
            bad("hosts required"),
        ),
        ("openai", vec![key], None, ok("api.openai.com")),
        (
            "openai",
            vec![key, at("http://127.0.0.1:4000/v1")],
            None,
            ok("127.0.0.1:4000"),
        ),
        ("openai", vec![], None, bad("api_key required")),
        (
            "openai",
            vec![("api_key", "")],
            None,
            bad("api_key required"),
        ),
        (
            "openai",
            vec![key, ("colour", "red")],
            None,
            bad("colour unknown_field"),
        ),
        (
            "openai",
            vec![key, at("ftp://x")],
            None,
            bad("base_url invalid_url"),
        ),
        (
            "openai",
            vec![key, at("https://u:p@x.example/")],
            None,
            bad("base_url invalid_url"),
        ),
        (
            "openai",
            vec![key, at("https://x.example/v1?api-version=1")],
            None,
            bad("base_url invalid_url"),
        ),
        (
            "openai",
            vec![key, at("https://x.example/v1#top")],
            None,
            bad("base_url invalid_url"),
        ),
        (
            "azure_openai",
            vec![key, at("https://x.openai.azure.com/openai/v1")],
            None,
            ok("x.openai.azure.com"),
        ),
        (
            "openai",
            vec![("api_key", "test\nkey")],
            None,
            bad("api_key invalid_characters"),
        ),
        (
            "openai",
            vec![key],
            Some(&["proxy.example"][..]),
            bad("hosts host_not_listed"),
        ),
        (
            "openai",
            vec![key, at("https://proxy.example/v1")],
            Some(&["proxy.example"][..]),
            ok("proxy.example"),
        ),
        (
            "openai",
            vec![key],
            Some(&["https://api.openai.com"][..]),
            bad("hosts invalid_host"),
        ),
        ("ollama", vec![], None, ok("localhost:11434")),
        ("simulated", vec![], None, Ok(vec![])),
    ] {
        assert_eq!(
            check(provider, &given, hosts),
            expected,
            "{provider} {given:?}"
        );
    }
    let both = Err(vec![
        "base_url required".to_owned(),
        "hosts required".to_owned(),
    ]);
    assert_eq!(check("openai_api_compatible", &[key], None), both);
}

#[test]
fn a_location_says_where_a_service_account_may_be_sent() {
    let key = ("service_account_json", "{\"type\": \"service_account\"}");
    let ok = |host: &str| Ok(vec![host.to_owned()]);
    let bad = |text: &str| Err(vec![text.to_owned()]);
    for (location, hosts, expected) in [
        (None, None, ok("us-central1-aiplatform.googleapis.com")),
        (
            Some("europe-west4"),
            None,
            ok("europe-west4-aiplatform.googleapis.com"),
        ),
        (Some("global"), None, ok("aiplatform.googleapis.com")),
        (Some("evil.test/"), None, bad("hosts required")),
        (
            Some("europe-west4"),
            Some(&["aiplatform.googleapis.com"][..]),
            bad("hosts host_not_listed"),
        ),
        (None, Some(&["evil.test"]), bad("hosts host_not_listed")),
    ] {
        let mut given = vec![key];
        given.extend(location.map(|location| ("location", location)));
        assert_eq!(
            check("vertex_ai", &given, hosts),
            expected,
            "{location:?} {hosts:?}"
        );
    }
}

#[test]
fn a_key_file_is_taken_as_it_is_pasted() {
    let catalogue = Catalogue::built_in();
    let provider = catalogue.provider(&ProviderId::normalise("vertex_ai"));
    let file =
        "{\n  \"type\": \"service_account\",\n  \"private_key\": \"-----BEGIN\\nQUJD\\n\"\n}\n";
    let field = "service_account_json".to_owned();
    let given = BTreeMap::from([(field, Secret::from(file))]);
    let form = check_form(provider.unwrap(), &given, None).unwrap();
    let kept = form.values.secret("service_account_json");
    let packed = "{\"type\":\"service_account\",\"private_key\":\"-----BEGIN\\nQUJD\\n\"}";
    assert_eq!(kept, Some(packed));
    // A line feed in any other secret is still one too many.
    let two_lines = check("openai", &[("api_key", "a\nb")], None);
    assert_eq!(
        two_lines,
        Err(vec!["api_key invalid_characters".to_owned()])
    );
}
