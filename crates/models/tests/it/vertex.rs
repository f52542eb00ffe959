//! Vertex AI: how a service account becomes a token, and where questions go. What answers come to is as with Gemini.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use latchkey_domain::provider::ModelType;
use latchkey_models::KeyFault;
use latchkey_outbound::Response;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use serde_json::{Value as Json, json};

use crate::stage::{Seen, Stage, asking, events, json as answer};
use crate::world::NOW;

const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
const MODEL: (&str, &str) = ("vertex_ai", "gemini-2.5-flash");

/// The key of the example in RFC 7515, appendix A.2, which everybody knows: modulus, exponent, private exponent, primes
/// and what follows from them.
const RFC_KEY: [&str; 8] = [
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    "AQAB",
    "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
    "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
    "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
    "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
    "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
    "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U",
];

/// One part of DER.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut made = vec![tag];
    match length {
        0..=127 => made.push(u8::try_from(length).unwrap()),
        128..=255 => made.extend([0x81, u8::try_from(length).unwrap()]),
        _ => made.extend([
            0x82,
            u8::try_from(length >> 8).unwrap(),
            u8::try_from(length & 255).unwrap(),
        ]),
    }
    made.extend(content);
    made
}

fn integer(number: &str) -> Vec<u8> {
    let mut bytes = URL_SAFE_NO_PAD.decode(number).unwrap();
    if bytes[0] > 127 {
        bytes.insert(0, 0);
    }
    der(2, &bytes)
}

/// The key as Google's console writes it: PKCS#8 in PEM.
fn pem() -> String {
    let numbers: Vec<u8> = RFC_KEY.iter().flat_map(|number| integer(number)).collect();
    let key = der(0x30, &[der(2, &[0]), numbers].concat());
    let rsa = der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]);
    let algorithm = der(0x30, &[rsa, der(5, &[])].concat());
    let all = der(0x30, &[der(2, &[0]), algorithm, der(4, &key)].concat());
    let packed = STANDARD.encode(all);
    let lines: Vec<&str> = packed
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        lines.join("\n")
    )
}

fn account() -> Json {
    json!({
        "type": "service_account",
        "project_id": "my-project",
        "private_key_id": "key-1",
        "private_key": pem(),
        "client_email": "caller@my-project.iam.gserviceaccount.com",
        "token_uri": TOKEN_URI,
    })
}

fn token(number: usize) -> Response {
    answer(
        200,
        &json!({"access_token": format!("test-token-{number}"), "expires_in": 3599, "token_type": "Bearer"}),
    )
}

/// Gives tokens by number; `asked` gets what is sent with them.
fn google(
    model: (&str, &str),
    settings: &[(&str, &str)],
    key: &str,
    asked: impl Fn(&Seen) -> Response + Send + Sync + 'static,
) -> Stage {
    let tokens = Arc::new(AtomicUsize::new(0));
    Stage::new(
        model,
        settings,
        &[("service_account_json", key)],
        move |seen| {
            if seen.url == TOKEN_URI {
                return token(tokens.fetch_add(1, Ordering::Relaxed) + 1);
            }
            asked(seen)
        },
    )
}

fn hello(seen: &Seen) -> Response {
    if seen.method == "GET" {
        return answer(200, &json!({"publisherModels": []}));
    }
    events(&[
        json!({"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]}),
    ])
}

fn stage(settings: &[(&str, &str)]) -> Stage {
    google(MODEL, settings, &account().to_string(), hello)
}

#[tokio::test]
async fn the_account_signs_for_a_token_which_pays_for_the_calls() {
    let stage = stage(&[("location", "europe-west4")]);
    let answer = stage.chat(asking(&json!({}))).await.unwrap();
    assert_eq!(answer.text, "Hi");
    let seen = stage.seen();
    let lines: Vec<String> = seen.iter().map(Seen::line).collect();
    let model = "https://europe-west4-aiplatform.googleapis.com/v1/projects/my-project/locations/europe-west4/publishers/google/models/gemini-2.5-flash";
    assert_eq!(
        lines,
        [
            format!("POST {TOKEN_URI}"),
            format!("POST {model}:streamGenerateContent?alt=sse"),
        ]
    );
    assert_eq!(seen[1].header("authorization"), "Bearer test-token-1");
    let turn = json!([{"role": "user", "parts": [{"text": "Say hi"}]}]);
    assert_eq!(seen[1].body()["contents"], turn);
}

#[tokio::test]
async fn what_is_signed_is_short_lived_and_for_google_alone() {
    let stage = stage(&[]);
    stage.chat(asking(&json!({}))).await.unwrap();
    let asked = &stage.seen()[0];
    assert_eq!(
        asked.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    let assertion = asked.text.strip_prefix(grant).unwrap();
    let parts: Vec<&str> = assertion.split('.').collect();
    let read = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
    let head: Json = serde_json::from_slice(&read(parts[0])).unwrap();
    assert_eq!(head, json!({"alg": "RS256", "typ": "JWT", "kid": "key-1"}));
    let claims: Json = serde_json::from_slice(&read(parts[1])).unwrap();
    assert_eq!(claims["iss"], "caller@my-project.iam.gserviceaccount.com");
    assert_eq!(claims["aud"], TOKEN_URI);
    assert_eq!(
        claims["scope"],
        "https://www.googleapis.com/auth/cloud-platform"
    );
    assert_eq!(claims["iat"], NOW.seconds());
    assert_eq!(
        claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(),
        3600
    );
    let key = RsaPublicKeyComponents {
        n: read(RFC_KEY[0]),
        e: read(RFC_KEY[1]),
    };
    let signed = format!("{}.{}", parts[0], parts[1]);
    key.verify(
        &RSA_PKCS1_2048_8192_SHA256,
        signed.as_bytes(),
        &read(parts[2]),
    )
    .expect("signed with the account's key");
}

#[tokio::test]
async fn a_token_is_kept_for_the_account_and_asked_anew_for_a_trial() {
    let stage = stage(&[]);
    for _ in 0..3 {
        stage.chat(asking(&json!({}))).await.unwrap();
    }
    let tokens = |stage: &Stage| {
        stage
            .seen()
            .iter()
            .filter(|seen| seen.url == TOKEN_URI)
            .count()
    };
    assert_eq!(tokens(&stage), 1);
    stage.validate(None).await.unwrap();
    assert_eq!(tokens(&stage), 2);
    let last = stage.last();
    assert_eq!(
        last.line(),
        "GET https://us-central1-aiplatform.googleapis.com/v1beta1/publishers/google/models?pageSize=1"
    );
    assert_eq!(last.header("x-goog-user-project"), "my-project");
    assert_eq!(last.header("authorization"), "Bearer test-token-2");
}

#[tokio::test]
async fn a_token_is_not_used_up_to_its_very_end() {
    for (lives, asked) in [(3600, 1), (301, 1), (300, 2), (0, 2)] {
        let tokens = json!({"access_token": "test-token", "expires_in": lives});
        let key = account().to_string();
        let stage = Stage::new(
            MODEL,
            &[],
            &[("service_account_json", &key)],
            move |seen| match seen.url.as_str() {
                TOKEN_URI => answer(200, &tokens),
                _ => hello(seen),
            },
        );
        for _ in 0..2 {
            stage.chat(asking(&json!({}))).await.unwrap();
        }
        let seen = stage.seen();
        let seen = seen.iter().filter(|seen| seen.url == TOKEN_URI);
        assert_eq!(seen.count(), asked, "a token of {lives} seconds");
    }
}

#[tokio::test]
async fn those_who_come_at_once_wait_for_one_token() {
    let stage = stage(&[]);
    let asked = (0..20).map(|_| stage.chat(asking(&json!({}))));
    let answers = futures::future::join_all(asked).await;
    assert!(answers.iter().all(Result::is_ok));
    let tokens = stage
        .seen()
        .iter()
        .filter(|seen| seen.url == TOKEN_URI)
        .count();
    assert_eq!(tokens, 1);
}

#[tokio::test]
async fn a_token_that_is_refused_is_forgotten_and_says_nothing_of_the_account() {
    let stage = google(MODEL, &[], &account().to_string(), |seen| {
        match seen.header("authorization") {
            "Bearer test-token-1" => answer(
                401,
                &json!({"error": {"code": 401, "message": "expired: test-token-1"}}),
            ),
            _ => hello(seen),
        }
    });
    let refused = stage.chat(asking(&json!({}))).await.unwrap_err();
    assert_eq!(refused.message, "[401] expired: [masked]");
    assert_eq!(
        (refused.error_type(), refused.key_fault),
        ("InvokeAuthorizationError", None)
    );
    stage.chat(asking(&json!({}))).await.unwrap();
    assert_eq!(stage.last().header("authorization"), "Bearer test-token-2");
}

#[tokio::test]
async fn a_refusal_of_the_token_host_is_one_of_the_account_or_of_the_moment() {
    let dead = Some(KeyFault::Dead);
    for (status, body, kind, fault) in [
        (
            400,
            json!({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}),
            "InvokeAuthorizationError",
            dead,
        ),
        (
            401,
            json!({"error": "invalid_client"}),
            "InvokeAuthorizationError",
            dead,
        ),
        (
            400,
            json!({"error": "invalid_grant", "error_description": "Invalid JWT: Token must be a short-lived token (60 minutes)"}),
            "InternalError",
            None,
        ),
        (503, json!({}), "InvokeServerUnavailableError", None),
        (429, json!({}), "InvokeRateLimitError", None),
        (
            200,
            json!({"id_token": "x"}),
            "InvokeServerUnavailableError",
            None,
        ),
    ] {
        let told = body.clone();
        let key = account().to_string();
        let stage = Stage::new(MODEL, &[], &[("service_account_json", &key)], move |_| {
            answer(status, &told)
        });
        let refused = stage.chat(asking(&json!({}))).await.unwrap_err();
        assert_eq!(
            (refused.error_type(), refused.key_fault),
            (kind, fault),
            "{body}"
        );
        assert!(!refused.sent, "no model has seen the question");
        // A key that is called dead is tried once more.
        let asked = if fault.is_some() { 2 } else { 1 };
        assert_eq!(stage.seen().len(), asked);
        stage.manager.close().await;
        let end = stage.book.rows()[0].end.clone().unwrap();
        assert_eq!(
            (end.tokens.total(), end.usage_source.as_str()),
            (0, "none"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn only_a_service_account_of_googles_is_used() {
    let with = |key: &str, value: Json| {
        let mut account = account();
        account[key] = value;
        account.to_string()
    };
    for (key, told) in [
        (
            with("token_uri", json!("https://evil.test/token")),
            "its token_uri is not one of oauth2.googleapis.com",
        ),
        (
            with("token_uri", json!("http://oauth2.googleapis.com/token")),
            "its token_uri is not one of oauth2.googleapis.com",
        ),
        (
            with(
                "token_uri",
                json!("https://oauth2.googleapis.com@evil.test/"),
            ),
            "its token_uri is not one of oauth2.googleapis.com",
        ),
        (
            with(
                "token_uri",
                json!("https://oauth2.googleapis.com.evil.test/"),
            ),
            "its token_uri is not one of oauth2.googleapis.com",
        ),
        (
            with("type", json!("authorized_user")),
            "its type is not service_account",
        ),
        (
            with("client_email", json!("")),
            "client_email or private_key is missing",
        ),
        (
            with(
                "private_key",
                json!("-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n"),
            ),
            "its private_key is no RSA key",
        ),
        (
            "not a key at all".to_owned(),
            "it is neither JSON nor JSON in base64",
        ),
    ] {
        let stage = google(MODEL, &[], &key, hello);
        let refused = stage.chat(asking(&json!({}))).await.unwrap_err();
        assert_eq!(
            refused.message,
            format!("the service account cannot be used: {told}")
        );
        assert!(stage.seen().is_empty(), "nothing was sent: {told}");
    }
}

#[tokio::test]
async fn a_key_may_be_packed_and_a_project_may_be_stated() {
    let packed = STANDARD.encode(account().to_string());
    let settings = [("project_id", "other-project"), ("location", "global")];
    let stage = google(
        ("vertex_ai", "google/gemini-3-flash"),
        &settings,
        &packed,
        hello,
    );
    stage.chat(asking(&json!({}))).await.unwrap();
    let path = "v1/projects/other-project/locations/global/publishers/google/models/gemini-3-flash";
    let url = format!("https://aiplatform.googleapis.com/{path}:streamGenerateContent?alt=sse");
    assert_eq!(stage.last().url, url);
}

#[tokio::test]
async fn what_cannot_be_asked_there_is_told_before_anything_is_sent() {
    for (model, settings) in [
        ("meta/llama-4", &[][..]),
        ("claude-../x", &[]),
        ("gemini-2.5-flash", &[("project_id", "a/../b")]),
    ] {
        let stage = google(
            ("vertex_ai", model),
            settings,
            &account().to_string(),
            hello,
        );
        let refused = stage.chat(asking(&json!({}))).await.unwrap_err();
        assert_eq!(refused.error_type(), "InvokeBadRequestError", "{model}");
        assert!(stage.seen().is_empty());
    }
    // A location that is no name leads nowhere, so nobody may be paid for there.
    let stage = google(
        MODEL,
        &[("location", "evil.test/")],
        &account().to_string(),
        hello,
    );
    let refused = stage.chat(asking(&json!({}))).await.unwrap_err();
    assert!(stage.seen().is_empty(), "{refused}");
}

#[tokio::test]
async fn vectors_have_a_count_each() {
    let vectors = |seen: &Seen| {
        if seen.method == "GET" {
            return hello(seen);
        }
        let texts = seen.body()["instances"].as_array().unwrap().len();
        let one = json!({"embeddings": {"values": [0.5, 1.0], "statistics": {"token_count": 3, "truncated": false}}});
        answer(
            200,
            &json!({"predictions": vec![one; texts], "metadata": {"billableCharacterCount": 8}}),
        )
    };
    let model = ("vertex_ai", "text-embedding-005");
    let stage = google(model, &[], &account().to_string(), vectors);
    let (value, counts) = stage.embed(&["a"]).await.unwrap();
    assert_eq!(
        (value, counts.as_str()),
        (vec![vec![0.5, 1.0]], "3 reported")
    );
    let seen = stage.last();
    assert!(
        seen.url
            .ends_with("/publishers/google/models/text-embedding-005:predict"),
        "{}",
        seen.url
    );
    assert_eq!(seen.body(), json!({"instances": [{"content": "a"}]}));
    stage
        .validate(Some(("text-embedding-005", ModelType::TextEmbedding)))
        .await
        .unwrap();
}

#[tokio::test]
async fn anthropics_models_are_asked_in_their_own_format() {
    let claude = |seen: &Seen| {
        if seen.method == "GET" {
            return answer(
                403,
                &json!({"error": {"code": 403, "message": "not the list"}}),
            );
        }
        if seen.url.ends_with(":rawPredict") {
            return answer(
                200,
                &json!({"usage": {"input_tokens": 8, "output_tokens": 1}}),
            );
        }
        events(&[
            json!({"type": "message_start", "message": {"id": "msg_vrtx_1", "usage": {"input_tokens": 9, "output_tokens": 1}}}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}}),
            json!({"type": "message_stop"}),
        ])
    };
    let name = "claude-sonnet-4-5@20250929";
    let model = ("vertex_ai", name);
    let stage = google(
        model,
        &[("location", "global")],
        &account().to_string(),
        claude,
    );
    let said = stage
        .chat(asking(&json!({"max_tokens": 100})))
        .await
        .unwrap();
    assert_eq!(
        (said.text.as_str(), said.finish_reason.as_deref()),
        ("Hi", Some("stop"))
    );
    assert_eq!(said.usage.unwrap().tokens.total(), 13);
    let path =
        format!("v1/projects/my-project/locations/global/publishers/anthropic/models/{name}");
    let seen = stage.last();
    assert_eq!(
        seen.url,
        format!("https://aiplatform.googleapis.com/{path}:streamRawPredict")
    );
    let body = seen.body();
    assert_eq!(body.get("model"), None);
    assert_eq!(body["anthropic_version"], "vertex-2023-10-16");
    assert_eq!(
        (&body["stream"], &body["max_tokens"]),
        (&json!(true), &json!(100))
    );
    assert_eq!(body["messages"][0]["role"], "user");
    stage.validate(Some((name, ModelType::Llm))).await.unwrap();
    assert!(
        stage.last().url.ends_with(":rawPredict"),
        "{}",
        stage.last().url
    );
}
