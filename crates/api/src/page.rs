//! Lists in pages.

use std::str::FromStr;

use latchkey_service::{Error, Page, Paged};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::problem::{Refusal, malformed};

/// The most rows of a page.
const MOST: u64 = 200;

/// Which part of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// How many rows: 1 to 200, else 50.
    pub(crate) limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
}

impl PageQuery {
    /// The page, if it makes sense.
    pub(crate) fn page(&self) -> Result<Page, Refusal> {
        page_of(self.limit, self.cursor.as_deref())
    }
}

/// A page of these parts.
pub(crate) fn page_of(limit: Option<u64>, cursor: Option<&str>) -> Result<Page, Refusal> {
    let limit = limit.unwrap_or(50);
    if !(1..=MOST).contains(&limit) {
        return Err(malformed(
            "malformed",
            format!("limit is between 1 and {MOST}"),
        ));
    }
    let after = cursor.map(Uuid::from_str).transpose();
    let after = after.map_err(|_| malformed("malformed", "this cursor comes from no page"))?;
    Ok(Page { limit, after })
}

/// A part of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The rows, newest first.
    pub(crate) data: Vec<T>,
    /// Where the next page begins; null at the end.
    pub(crate) next_cursor: Option<String>,
}

impl<T> List<T> {
    /// A page with its rows translated.
    pub(crate) fn of<U>(page: Paged<U>, view: impl FnMut(U) -> T) -> Self {
        Self {
            data: page.rows.into_iter().map(view).collect(),
            next_cursor: page.next.map(|id| id.to_string()),
        }
    }
}

/// The id in a path; what is no id is not there.
pub(crate) fn id<T: FromStr>(text: &str, what: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Error::not_found(what).into())
}
