//! `If-Match` of drafts and settings: which revisions a client takes for the current one.

use std::future::Future;

use actix_web::HttpRequest;
use actix_web::http::header::IF_MATCH;
use latchkey_service::{Error, ErrorKind};

use crate::problem::{Refusal, malformed};

/// What a client says about what it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Any will do.
    Any,
    /// One of these revisions; none when all of its ETags are foreign.
    Revisions(Vec<u32>),
}

impl IfMatch {
    /// Reads the header; without one, any draft will do.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Refusal> {
        let wrong = || malformed("malformed", "If-Match is no list of ETags in quotes");
        let mut revisions = Vec::new();
        let mut is_there = false;
        for header in request.headers().get_all(IF_MATCH) {
            let text = header.to_str().map_err(|_| wrong())?.trim();
            if text == "*" {
                return Ok(Self::Any);
            }
            is_there = true;
            revisions.extend(read(text).ok_or_else(wrong)?);
        }
        Ok(if is_there {
            Self::Revisions(revisions)
        } else {
            Self::Any
        })
    }

    /// The revision that must be there; what is there now is asked for only when several will do.
    pub(crate) async fn expected<F>(
        &self,
        current: impl FnOnce() -> F,
    ) -> Result<Option<u32>, Refusal>
    where
        F: Future<Output = Result<u32, Error>>,
    {
        match self {
            Self::Any => Ok(None),
            Self::Revisions(revisions) => match revisions[..] {
                [only] => Ok(Some(only)),
                [] => Err(changed()),
                _ => {
                    let current = current().await?;
                    let is_listed = revisions.contains(&current);
                    is_listed.then_some(Some(current)).ok_or_else(changed)
                }
            },
        }
    }
}

fn changed() -> Refusal {
    let detail = "it is not the one of If-Match any more; read it again";
    Error::new(ErrorKind::Precondition, "version_conflict", detail).into()
}

/// The revisions of a list of ETags; foreign ones are none of ours. A weak one counts like a strong one: proxies that compress
/// answers weaken their tags, and a revision says exactly which document is meant.
fn read(list: &str) -> Option<Vec<u32>> {
    let mut revisions = Vec::new();
    let mut rest = list;
    loop {
        let quoted = rest.strip_prefix("W/").unwrap_or(rest);
        let (tag, after) = quoted.strip_prefix('"')?.split_once('"')?;
        revisions.extend(tag.parse::<u32>());
        let after = after.trim_start();
        if after.is_empty() {
            return Some(revisions);
        }
        rest = after.strip_prefix(',')?.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::{IfMatch, read};

    #[test]
    fn lists_are_read_and_foreign_tags_match_nothing() {
        assert_eq!(read("\"5\""), Some(vec![5]));
        assert_eq!(read("\"4\" , W/\"6\",\"a,b\", \"5\""), Some(vec![4, 6, 5]));
        assert_eq!(read("\"abc\""), Some(Vec::new()));
        for wrong in ["5", "\"5", "\"5\",", "\"5\" \"6\"", ""] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn what_is_there_now_decides_when_several_will_do() {
        let asked = async |stated: &IfMatch, now| stated.expected(|| async move { Ok(now) }).await;
        let several = IfMatch::Revisions(vec![4, 5]);
        assert_eq!(asked(&several, 5).await.unwrap(), Some(5));
        assert!(asked(&several, 6).await.is_err());
        let one = IfMatch::Revisions(vec![4]);
        assert_eq!(asked(&one, 6).await.unwrap(), Some(4));
        assert!(asked(&IfMatch::Revisions(Vec::new()), 6).await.is_err());
        assert_eq!(asked(&IfMatch::Any, 6).await.unwrap(), None);
    }
}
