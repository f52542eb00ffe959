//! Where Azure OpenAI is: its v1 endpoint, which is OpenAI's format as it is, or an address for each deployment with a
//! dated `api-version`.

use crate::error::InvokeError;
use crate::provider::Access;
use crate::providers::gemini::segment;
use crate::providers::parameters::unusable;

/// The address of one path of the API. A model is a deployment here.
pub(crate) fn address(access: &Access, path: &str, model: &str) -> Result<String, InvokeError> {
    let base_url = access.base_url.as_str();
    // People copy addresses with more or less of the path.
    let root = base_url.split("/openai/deployments/").next();
    let root = root.unwrap_or(base_url);
    let shorter = root.strip_suffix("/openai/v1");
    let root = shorter.or(root.strip_suffix("/openai")).unwrap_or(root);
    let version = access.settings.get("api_version").map(String::as_str);
    match version.filter(|version| !version.is_empty() && *version != "v1") {
        None => Ok(format!("{root}/openai/v1/{path}")),
        Some(version) if !is_version(version) => {
            Err(unusable(&format!("{version:?} is no api-version")))
        }
        Some(version @ ("preview" | "latest")) => {
            Ok(format!("{root}/openai/v1/{path}?api-version={version}"))
        }
        Some(version) if matches!(path, "models" | "responses") => {
            Ok(format!("{root}/openai/{path}?api-version={version}"))
        }
        Some(version) => {
            let deployment = segment(model)?;
            Ok(format!(
                "{root}/openai/deployments/{deployment}/{path}?api-version={version}"
            ))
        }
    }
}

fn is_version(version: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    version.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::address;
    use crate::provider::Access;

    fn of(base_url: &str, version: Option<&str>, path: &str) -> Option<String> {
        let version = version.map(|version| ("api_version".to_owned(), version.to_owned()));
        let access = Access {
            base_url: base_url.to_owned(),
            settings: version.into_iter().collect::<BTreeMap<_, _>>(),
            ..Access::default()
        };
        address(&access, path, "my-gpt").ok()
    }

    #[test]
    fn addresses_are_those_of_the_version() {
        let root = "https://me.openai.azure.com";
        let dated = Some("2024-10-21");
        for (base_url, version, path, told) in [
            ("", None, "chat/completions", "/openai/v1/chat/completions"),
            (
                "/openai/v1",
                None,
                "chat/completions",
                "/openai/v1/chat/completions",
            ),
            ("/openai", Some("v1"), "models", "/openai/v1/models"),
            (
                "",
                Some("preview"),
                "responses",
                "/openai/v1/responses?api-version=preview",
            ),
            (
                "",
                dated,
                "chat/completions",
                "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21",
            ),
            (
                "/openai/v1",
                dated,
                "embeddings",
                "/openai/deployments/my-gpt/embeddings?api-version=2024-10-21",
            ),
            (
                "/openai/deployments/other/chat",
                dated,
                "models",
                "/openai/models?api-version=2024-10-21",
            ),
            (
                "",
                dated,
                "responses",
                "/openai/responses?api-version=2024-10-21",
            ),
        ] {
            let base_url = format!("{root}{base_url}");
            let told = format!("{root}{told}");
            assert_eq!(
                of(&base_url, version, path),
                Some(told),
                "{base_url} {path}"
            );
        }
        assert_eq!(of(root, Some("2024&key=x"), "models"), None);
    }
}
