//! Lists in pages.

use std::str::FromStr;

use latchkey_service::{Error, Page, Paged};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::problem::Refusal;
use crate::query::wrong;

/// The most rows of a page.
const MOST: u64 = 200;

/// Which part of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// How many rows: 1 to 200, else 50.
    #[param(minimum = 1, maximum = 200)]
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
    let limit = rows(limit)?;
    let after = cursor.map(Uuid::from_str).transpose();
    let after = after.map_err(|_| foreign_cursor())?;
    Ok(Page { limit, after })
}

fn rows(limit: Option<u64>) -> Result<u64, Refusal> {
    let limit = limit.unwrap_or(50);
    if (1..=MOST).contains(&limit) {
        return Ok(limit);
    }
    Err(wrong(
        "limit",
        format!("a number from 1 to {MOST} is needed"),
    ))
}

fn foreign_cursor() -> Refusal {
    wrong("cursor", "it is the next_cursor of no page of this list")
}

/// A part of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct List<T> {
    /// The rows.
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

    /// A page of a list that is read as a whole; a row's key is the cursor of the page after it.
    pub(crate) fn part<U: Into<T>>(
        all: Vec<U>,
        query: &PageQuery,
        key: impl Fn(usize, &U) -> String,
    ) -> Result<Self, Refusal> {
        let limit = usize::try_from(rows(query.limit)?).unwrap_or(usize::MAX);
        let begin = match &query.cursor {
            None => 0,
            Some(cursor) => {
                let last = all
                    .iter()
                    .enumerate()
                    .position(|(at, row)| key(at, row) == *cursor);
                last.ok_or_else(foreign_cursor)? + 1
            }
        };
        let end = begin.saturating_add(limit).min(all.len());
        let next_cursor = (end < all.len()).then(|| key(end - 1, &all[end - 1]));
        let rows = all.into_iter().skip(begin).take(limit);
        Ok(Self {
            data: rows.map(Into::into).collect(),
            next_cursor,
        })
    }
}

/// The id in a path; what is no id is not there.
pub(crate) fn id<T: FromStr>(text: &str, what: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Error::not_found(what).into())
}

#[cfg(test)]
mod tests {
    use super::{List, PageQuery};

    fn part(
        limit: Option<u64>,
        cursor: Option<&str>,
    ) -> Result<(Vec<u64>, Option<String>), String> {
        let query = PageQuery {
            limit,
            cursor: cursor.map(str::to_owned),
        };
        let page = List::<u64>::part(vec![9_u32, 7, 3], &query, |_, row| row.to_string());
        page.map(|page| (page.data, page.next_cursor))
            .map_err(|refused| refused.to_string())
    }

    #[test]
    fn pages_of_a_whole_list_follow_each_other() {
        assert_eq!(part(None, None), Ok((vec![9, 7, 3], None)));
        assert_eq!(part(Some(2), None), Ok((vec![9, 7], Some("7".to_owned()))));
        assert_eq!(part(Some(2), Some("7")), Ok((vec![3], None)));
        assert_eq!(part(Some(2), Some("3")), Ok((vec![], None)));
        assert!(part(None, Some("8")).unwrap_err().contains("cursor"));
        for limit in [0, 201] {
            assert!(part(Some(limit), None).unwrap_err().contains("1 to 200"));
        }
    }
}
