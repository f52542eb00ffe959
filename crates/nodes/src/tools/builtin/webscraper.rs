//! `webscraper`: the readable text of a web page.

use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Duration;

use html2text::config::with_decorator;
use html2text::render::TrivialDecorator;
use regex::{Captures, Regex};

use latchkey_outbound::{Deadlines, Outbound, Request};

use super::{Arguments, beside, text};
use crate::host::ToolError;

/// What a page is told unless the author says otherwise (Dify's own default).
pub(super) const AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/100.0.1000.0 Safari/537.36";

/// The longest page, in bytes.
const LONGEST: u64 = 10 << 20;
/// How long a line of text may be, in characters.
const WIDTH: usize = 10_000;
/// How often a page may lead to another one.
const REDIRECTS: u8 = 5;

/// How deep the elements of a page are read.
const DEEPEST: usize = 200;
/// Elements that have no end, or end where the next one begins: they are never deep.
const FLAT: [&str; 21] = [
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
    "option", "p", "param", "source", "td", "th", "tr", "wbr",
];

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
    let request = Request::get(url.trim())
        .header("user-agent", agent)
        .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
        .deadlines(PATIENCE)
        .max_body(LONGEST)
        .decompressed()
        .follow_redirects(REDIRECTS);
    let answer = outbound.send(request).await.map_err(failed)?;
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
    beside(move || Ok(readable(&body))).await
}

fn is_page(kind: &str) -> bool {
    let pages = ["text/html", "application/xhtml+xml", "application/xml"];
    pages.iter().any(|page| kind.eq_ignore_ascii_case(page))
}

fn failed(cause: latchkey_outbound::Error) -> ToolError {
    ToolError::Invoke(cause.to_string())
}

/// An expression that is written here and right.
fn expression(text: &str) -> Regex {
    Regex::new(text).expect("the expression is a constant")
}

/// What is no part of what a page says.
static FURNITURE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let names = [
        "script", "style", "noscript", "template", "nav", "footer", "aside", "form", "svg",
    ];
    let of = |name: &&str| expression(&format!(r"(?is)<{name}\b[^>]*>.*?</{name}\s*>"));
    names.iter().map(of).collect()
});
static TITLE: LazyLock<Regex> =
    LazyLock::new(|| expression(r"(?is)<title\b[^>]*>(.*?)</title\s*>"));
static AUTHOR: LazyLock<Regex> = LazyLock::new(|| {
    expression(r#"(?is)<meta\b[^>]*\bname\s*=\s*["']?author["']?[^>]*\bcontent\s*=\s*["']([^"']*)"#)
});
/// Where a page says it, if it tells.
static PLACES: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    ["article", "main"].map(|name| expression(&format!(r"(?is)<{name}\b[^>]*>(.*)</{name}\s*>")))
});

/// Title, author and text, in Dify's form.
fn readable(page: &str) -> String {
    let first = |of: &Regex| {
        let found = of.captures(page)?.get(1)?;
        Some(plain(found.as_str()))
    };
    let mut body = page.to_owned();
    for furniture in FURNITURE.iter() {
        body = furniture.replace_all(&body, " ").into_owned();
    }
    let place = PLACES
        .iter()
        .find_map(|place| place.captures(&body)?.get(1));
    let text = plain(place.map_or(body.as_str(), |place| place.as_str()));
    let (title, author) = (first(&TITLE), first(&AUTHOR));
    format!(
        "TITLE: {}\nAUTHOR: {}\nTEXT:\n\n{text}\n",
        title.unwrap_or_default(),
        author.unwrap_or_default()
    )
}

/// A tag: whether it closes, its name, whether it closes itself.
static TAG: LazyLock<Regex> =
    LazyLock::new(|| expression(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*?(/?)>"));

/// The same page without the tags that would make it deeper: reading takes longer with the square of the depth.
fn shallow(html: &str) -> Cow<'_, str> {
    let mut depth = 0_usize;
    TAG.replace_all(html, |tag: &Captures<'_>| {
        let whole = tag[0].to_owned();
        let name = tag[2].to_ascii_lowercase();
        if !tag[3].is_empty() || FLAT.contains(&name.as_str()) {
            return whole;
        }
        if !tag[1].is_empty() {
            depth = depth.saturating_sub(1);
            return whole;
        }
        depth += 1;
        if depth > DEEPEST {
            " ".to_owned()
        } else {
            whole
        }
    })
}

/// The text of a piece of HTML; nothing where it is none.
fn plain(html: &str) -> String {
    let config = with_decorator(TrivialDecorator::new()).raw_mode(true);
    let text = config.string_from_read(shallow(html).as_bytes(), WIDTH);
    tidy(&text.unwrap_or_default())
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

    use super::{readable, scrape};

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
            ("https://bees.test/round", "! more than 5 redirects"),
        ] {
            assert_eq!(scraped(url).await, told);
        }
        let told = scraped("bees").await;
        assert!(told.starts_with("! not a usable URL"), "{told}");
    }

    #[test]
    fn entities_and_authors_are_read() {
        let page = "<title>A &amp; B</title><meta name=\"author\" content=\"Ada\"><main><p>1 &lt; 2</p></main><p>off</p>";
        assert_eq!(
            readable(page),
            "TITLE: A & B\nAUTHOR: Ada\nTEXT:\n\n1 < 2\n"
        );
    }

    #[test]
    fn a_page_without_a_bottom_ends() {
        for tag in [
            "<div>",
            "<b>",
            "<ul><li>",
            "<table><tr><td>",
            "<p><a href=x>",
        ] {
            let page = format!("{}deep", tag.repeat(20_000));
            assert!(readable(&page).contains("deep"), "{tag}");
        }
    }
}
