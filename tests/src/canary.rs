//! A secret that is easy to recognise, and every form in which it could leak.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

use crate::wait;

/// The forms of a secret that a search looks for, each with its name.
#[must_use]
pub fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let mut forms = vec![
        ("as it is", secret.to_owned()),
        ("JSON-escaped", json_escaped(secret)),
        ("JSON-escaped twice", json_escaped(&json_escaped(secret))),
        ("URL-encoded", url_encoded(secret)),
        ("hex", hex(secret)),
        ("upper-case hex", hex(secret).to_uppercase()),
        ("reversed", secret.chars().rev().collect()),
    ];
    // Base64 of a text that contains the secret: its form depends on what stands before it, in three ways; the characters
    // at the edges also carry bits of their neighbours and are left out.
    for before in 0..3 {
        let padded = format!("{}{secret}", "x".repeat(before));
        let encoded = STANDARD_NO_PAD.encode(&padded);
        let inner = &encoded[before * 4 / 3 + usize::from(before > 0)..encoded.len() - 2];
        forms.push(("base64", inner.to_owned()));
        forms.push(("URL-safe base64", inner.replace('+', "-").replace('/', "_")));
    }
    forms.push(("base64", STANDARD.encode(secret)));
    forms.push(("URL-safe base64", URL_SAFE.encode(secret)));
    forms.sort();
    forms.dedup_by(|a, b| a.1 == b.1);
    forms
}

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn url_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// A place that was searched, and what is in it.
pub type Place = (String, Vec<u8>);

/// Every finding: form and place. Empty if nothing leaked.
#[must_use]
pub fn search(secret: &str, places: &[Place]) -> Vec<String> {
    let forms = forms(secret);
    let mut found = Vec::new();
    for (place, bytes) in places {
        for (name, form) in &forms {
            if contains(bytes, form.as_bytes()) {
                found.push(format!(
                    "{name} in {place}: …{}…",
                    around(bytes, form.as_bytes())
                ));
            }
        }
    }
    found
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    position(bytes, part).is_some()
}

fn position(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

fn around(bytes: &[u8], part: &[u8]) -> String {
    let at = position(bytes, part).unwrap_or(0);
    let from = at.saturating_sub(80);
    String::from_utf8_lossy(&bytes[from..at]).into_owned()
}

/// Every file under a folder.
#[must_use]
pub fn files(folder: &std::path::Path) -> Vec<Place> {
    let mut places = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            places.extend(files(&path));
        } else if let Ok(bytes) = std::fs::read(&path) {
            places.push((path.display().to_string(), bytes));
        }
    }
    places
}

/// Every row of every table of a PostgreSQL database, as text; bytes come as hex.
///
/// # Panics
/// If the database cannot be read.
pub async fn rows(url: &str) -> Vec<Place> {
    use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
    let open = sea_orm::Database::connect(url);
    let database = wait::within("the database answers", open)
        .await
        .expect("a connection");
    let ask = async |sql: String| {
        let rows = database
            .query_all_raw(Statement::from_string(DbBackend::Postgres, sql))
            .await;
        let rows = rows.expect("a query").into_iter();
        rows.map(|row| row.try_get_by_index::<String>(0).expect("a text"))
            .collect::<Vec<_>>()
    };
    let tables =
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let mut places = Vec::new();
    for table in ask(tables.to_owned()).await {
        let rows = ask(format!("SELECT t::text FROM \"{table}\" t")).await;
        places.extend(
            rows.into_iter()
                .map(|row| (table.clone(), row.into_bytes())),
        );
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_is_found_in_every_form() {
        let secret = "canary/+\"\\&=0123456789";
        let places = [
            format!("key: {secret}"),
            serde_json::json!({"key": secret}).to_string(),
            STANDARD.encode(format!("Bearer {secret} and more")),
            URL_SAFE.encode(format!("Basic {secret}")),
            format!("?key={}", url_encoded(secret)),
            format!("\\x{}", hex(secret)),
        ];
        for place in places {
            let found = search(secret, &[("here".to_owned(), place.clone().into_bytes())]);
            assert!(!found.is_empty(), "{place}");
        }
    }

    #[test]
    fn what_is_no_leak_is_not_found() {
        let places = [("here".to_owned(), b"canary/+ but not the key".to_vec())];
        assert_eq!(
            search("canary/+\"\\&=0123456789", &places),
            Vec::<String>::new()
        );
    }
}
