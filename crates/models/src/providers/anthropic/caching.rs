//! What the provider is asked to keep in its cache: the switches of Dify's plugin (`prompt_caching_…`) and the marks that
//! they come to.

use serde_json::{Map, Value as Json, json};

use crate::providers::claude::is_on;

/// How many marks a request may have.
const MOST: usize = 4;
const MARK: &str = "cache_control";
const OPEN: &str = "<cache>";
const CLOSE: &str = "</cache>";

/// What is to be kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Caching {
    system: bool,
    tools: bool,
    images: bool,
    documents: bool,
    results: bool,
    /// Texts of more words than this; 0 for none.
    words: u64,
    ttl: Option<String>,
}

/// What a mark may stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Text,
    Image,
    Document,
    Result,
}

impl Caching {
    /// What the parameters say.
    pub(super) fn of(parameters: &Map<String, Json>) -> Self {
        let named = |name: &str| parameters.get(&format!("prompt_caching_{name}"));
        let on = |name: &str| named(name).is_some_and(is_on);
        let ttl = named("ttl").and_then(Json::as_str);
        Self {
            system: on("system_message"),
            tools: on("tool_definitions"),
            images: on("images"),
            documents: on("documents"),
            results: on("tool_results"),
            words: named("message_flow").and_then(Json::as_u64).unwrap_or(0),
            ttl: ttl
                .filter(|ttl| matches!(*ttl, "5m" | "1h"))
                .map(str::to_owned),
        }
    }

    /// Whether it reads a parameter.
    pub(super) fn reads(name: &str) -> bool {
        name.starts_with("prompt_caching_")
    }

    /// The instructions. What stands between `<cache>` and `</cache>` is kept, if that is switched on.
    pub(super) fn system(&self, text: &str) -> Json {
        if !self.system || !text.contains(OPEN) {
            return json!(text);
        }
        let mut blocks = Vec::new();
        let mut rest = text;
        while let Some((before, kept, after)) = next(rest) {
            blocks.extend(block(before));
            if let Some(mut kept) = block(kept) {
                self.mark(&mut kept);
                blocks.push(kept);
            }
            rest = after;
        }
        blocks.extend(block(rest));
        Json::Array(blocks)
    }

    /// A mark on the last tool keeps them all.
    pub(super) fn tools(&self, tools: &mut [Json]) {
        if let Some(last) = tools.last_mut().filter(|_| self.tools) {
            self.mark(last);
        }
    }

    /// Marks a part of a message that is to be kept.
    pub(super) fn part(&self, kept: Kept, block: &mut Json) {
        let wanted = match kept {
            Kept::Image => self.images,
            Kept::Document => self.documents,
            Kept::Result => self.results,
            Kept::Text => {
                let text = block.get("text").and_then(Json::as_str).unwrap_or_default();
                self.words > 0 && text.split_whitespace().count() as u64 > self.words
            }
        };
        if wanted {
            self.mark(block);
        }
    }

    fn mark(&self, block: &mut Json) {
        let mut mark = json!({"type": "ephemeral"});
        if let Some(ttl) = &self.ttl {
            mark["ttl"] = json!(ttl);
        }
        block[MARK] = mark;
    }

    /// Takes away the marks that are too many: files and instructions keep theirs first, then texts, then tools; of one
    /// kind the later ones.
    pub(super) fn prune(body: &mut Map<String, Json>) {
        let mut marked: Vec<(usize, &mut Json)> = Vec::new();
        for (name, value) in body.iter_mut() {
            match (name.as_str(), value) {
                ("system", Json::Array(blocks)) => {
                    marked.extend(blocks.iter_mut().map(|block| (1, block)))
                }
                ("tools", Json::Array(tools)) => {
                    marked.extend(tools.iter_mut().map(|tool| (3, tool)))
                }
                ("messages", Json::Array(messages)) => {
                    let contents = messages
                        .iter_mut()
                        .filter_map(|message| message.get_mut("content"));
                    let blocks = contents.filter_map(Json::as_array_mut).flatten();
                    marked.extend(blocks.map(|block| (rank(block), block)));
                }
                _ => {}
            }
        }
        marked.retain(|(_, block)| block.get(MARK).is_some());
        marked.reverse();
        marked.sort_by_key(|(rank, _)| *rank);
        for (_, block) in marked.into_iter().skip(MOST) {
            if let Json::Object(block) = block {
                block.remove(MARK);
            }
        }
    }
}

fn rank(block: &Json) -> usize {
    match block.get("type").and_then(Json::as_str) {
        Some("image" | "document") => 0,
        Some("text") => 2,
        _ => 3,
    }
}

fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(OPEN)?;
    let (kept, after) = rest.split_once(CLOSE)?;
    Some((before, kept, after))
}

fn block(text: &str) -> Option<Json> {
    (!text.trim().is_empty()).then(|| json!({"type": "text", "text": text}))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::{Caching, Kept};

    fn caching(parameters: &Json) -> Caching {
        Caching::of(parameters.as_object().unwrap())
    }

    #[test]
    fn instructions_between_the_tags_are_kept() {
        let text = "Be brief. <cache>Long rules</cache> <cache> </cache>End <cache>open";
        let kept =
            caching(&json!({"prompt_caching_system_message": true, "prompt_caching_ttl": "1h"}));
        assert_eq!(
            kept.system(text),
            json!([
                {"type": "text", "text": "Be brief. "},
                {"type": "text", "text": "Long rules", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
                {"type": "text", "text": "End <cache>open"},
            ])
        );
        assert_eq!(caching(&json!({})).system(text), json!(text));
        assert_eq!(kept.system("no tags"), json!("no tags"));
    }

    #[test]
    fn long_texts_are_kept_and_short_ones_not() {
        let kept =
            caching(&json!({"prompt_caching_message_flow": 2, "prompt_caching_images": true}));
        let marked = |kind, block: Json| {
            let mut block = block;
            kept.part(kind, &mut block);
            block.get("cache_control").is_some()
        };
        assert!(marked(Kept::Text, json!({"text": "one two three"})));
        assert!(!marked(Kept::Text, json!({"text": "one two"})));
        assert!(marked(Kept::Image, json!({})));
        assert!(!marked(Kept::Document, json!({})) && !marked(Kept::Result, json!({})));
    }

    #[test]
    fn four_marks_are_left() {
        let mark = json!({"type": "ephemeral"});
        let block = |kind: &str, number: u32| json!({"type": kind, "text": number.to_string(), "cache_control": mark});
        let body = json!({
            "tools": [block("tool", 1)],
            "system": [block("text", 2)],
            "messages": [
                {"role": "user", "content": [block("text", 3), block("text", 4), block("image", 5)]},
                {"role": "user", "content": "plain"},
                {"role": "user", "content": [block("tool_result", 6), block("text", 7)]},
            ],
        });
        let mut body: Map<String, Json> = body.as_object().cloned().unwrap();
        Caching::prune(&mut body);
        let left = Json::Object(body).to_string();
        let left: Vec<&str> = left
            .match_indices(",\"cache_control\"")
            .map(|(at, _)| &left[at - 2..at - 1])
            .collect();
        assert_eq!(left, ["2", "4", "5", "7"]);
    }
}
