//! `webscraper`: the readable text of a web page.

use std::time::Duration;

use dom_smoothie::{Config, Readability};
use url::Url;

use latchkey_outbound::{Deadlines, Outbound, Request, Response};

use super::{Arguments, beside, text};
use crate::host::ToolError;

/// What a page is told unless the author says otherwise (Dify's own default).
pub(super) const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0.1000.0 Safari/537.36";

/// The longest page, in bytes.
const LONGEST: u64 = 10 << 20;
/// How many elements of a page are looked at.
const ELEMENTS: usize = 200_000;
/// How often a page may lead to another one.
const REDIRECTS: usize = 5;

/// How long one page may take.
const PATIENCE: Deadlines = Deadlines {
    head: Duration::from_secs(60),
    idle: Duration::from_secs(30),
    total: Duration::from_secs(120),
};

pub(super) async fn scrape(
    arguments: &Arguments,
    outbound: &Outbound,
) -> Result<String, ToolError> {
    let (url, agent) = (text(arguments, "url"), text(arguments, "user_agent"));
    let url = Url::parse(url.trim())
        .map_err(|cause| ToolError::Invoke(format!("{url:?} is no URL: {cause}")))?;
    let (url, answer) = fetch(url, agent, outbound).await?;
    if answer.status != 200 {
        return Ok(format!("URL returned status code {}.", answer.status));
    }
    let kind = answer.header("content-type").unwrap_or("text/html");
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let (is_page, kind) = (is_page(kind), kind.to_ascii_lowercase());
    if !is_page && !kind.starts_with("text/") && kind != "application/json" {
        return Ok(format!("Unsupported content-type [{kind}] of URL."));
    }
    let body = answer.bytes().await.map_err(failed)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    if !is_page {
        return Ok(body);
    }
    beside(move || Ok(readable(&body, &url))).await
}

fn is_page(kind: &str) -> bool {
    let pages = ["text/html", "application/xhtml+xml", "application/xml"];
    pages.iter().any(|page| kind.eq_ignore_ascii_case(page))
}

fn failed(cause: latchkey_outbound::Error) -> ToolError {
    ToolError::Invoke(cause.to_string())
}

/// The page, wherever it leads to; every address on the way is looked at like the first.
async fn fetch(
    mut url: Url,
    agent: &str,
    outbound: &Outbound,
) -> Result<(Url, Response), ToolError> {
    for _ in 0..=REDIRECTS {
        let request = Request::get(url.as_str())
            .header("user-agent", agent)
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .deadlines(PATIENCE)
            .max_body(LONGEST);
        let answer = outbound.send(request).await.map_err(failed)?;
        let leads_on = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
        let next = answer.header("location").filter(|_| leads_on);
        let Some(next) = next.and_then(|next| url.join(next).ok()) else {
            return Ok((url, answer));
        };
        url = next;
    }
    let text = format!("the page leads to others more than {REDIRECTS} times");
    Err(ToolError::Invoke(text))
}

/// Title, author and text, in Dify's form; all text where no article is found.
fn readable(page: &str, url: &Url) -> String {
    let config = Config {
        max_elements_to_parse: ELEMENTS,
        ..Config::default()
    };
    let article = Readability::new(page, Some(url.as_str()), Some(config))
        .and_then(|mut found| found.parse());
    match article {
        Ok(article) => format!(
            "TITLE: {}\nAUTHOR: {}\nTEXT:\n\n{}\n",
            article.title.trim(),
            article.byline.unwrap_or_default().trim(),
            tidy(&article.text_content)
        ),
        Err(_) => String::new(),
    }
}

/// Without blanks at the ends of lines and with at most one empty line in a row.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim) {
        let is_repeated = line.is_empty() && lines.last().is_none_or(|last| last.is_empty());
        if !is_repeated {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use latchkey_outbound::{Outbound, Response};

    use super::scrape;

    const PAGE: &str = "<html><head><title>Bees</title><script>track()</script></head><body>
        <nav><a href='/'>Home</a></nav><article><h1>Bees</h1>
        <p>Bees live in hives and make honey, which people have eaten for thousands of years, it is said.</p>
        <p>A hive has one queen, and many thousands of workers, who fly out to gather nectar and pollen.</p>
        </article></body></html>";

    fn site() -> Outbound {
        Outbound::scripted(Arc::new(|request| {
            let html = vec![("content-type".to_owned(), "text/html".to_owned())];
            let to = |place: &str| vec![("location".to_owned(), place.to_owned())];
            Ok(match request.url() {
                "https://bees.test/old" => Response::ready(301, to("/new"), ""),
                "https://bees.test/new" => Response::ready(200, html, PAGE),
                "https://bees.test/round" => Response::ready(302, to("/round"), ""),
                "https://bees.test/song.mp3" => {
                    let sound = vec![("content-type".to_owned(), "audio/mpeg".to_owned())];
                    Response::ready(200, sound, "la")
                }
                _ => Response::ready(404, html, "nothing"),
            })
        }))
    }

    async fn scraped(url: &str) -> String {
        let arguments = json!({"url": url, "user_agent": "bees"});
        match scrape(arguments.as_object().unwrap(), &site()).await {
            Ok(text) => text,
            Err(cause) => format!("! {cause}"),
        }
    }

    #[tokio::test]
    async fn a_page_is_text_without_its_furniture() {
        let text = scraped("https://bees.test/old").await;
        assert!(
            text.starts_with("TITLE: Bees\nAUTHOR: \nTEXT:\n\n"),
            "{text}"
        );
        assert!(text.contains("one queen, and many thousands"), "{text}");
        assert!(
            !text.contains("track()") && !text.contains("Home"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn what_is_no_page_is_told() {
        for (url, told) in [
            ("https://bees.test/none", "URL returned status code 404."),
            (
                "https://bees.test/song.mp3",
                "Unsupported content-type [audio/mpeg] of URL.",
            ),
            (
                "https://bees.test/round",
                "! the page leads to others more than 5 times",
            ),
        ] {
            assert_eq!(scraped(url).await, told);
        }
        assert!(scraped("bees").await.starts_with("! \"bees\" is no URL"));
    }
}
