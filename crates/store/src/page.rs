//! Lists in pages, newest first. Ids grow with time, so the id of the last row is the cursor.

use uuid::Uuid;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many rows at most.
    pub limit: u64,
    /// The last id of the page before.
    pub after: Option<Uuid>,
}

impl Page {
    /// The first page of so many rows.
    #[must_use]
    pub const fn first(limit: u64) -> Self {
        Self { limit, after: None }
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paged<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; none at the end.
    pub next: Option<Uuid>,
}

impl<T> Paged<T> {
    /// A page out of one row more than was wanted.
    pub(crate) fn of(mut rows: Vec<T>, page: Page, id: impl Fn(&T) -> Uuid) -> Self {
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(id);
        Self { rows, next }
    }

    /// The same with other rows.
    ///
    /// # Errors
    /// The first that a row gives.
    pub(crate) fn try_map<U, E>(
        self,
        change: impl FnMut(T) -> Result<U, E>,
    ) -> Result<Paged<U>, E> {
        Ok(Paged {
            rows: self
                .rows
                .into_iter()
                .map(change)
                .collect::<Result<_, _>>()?,
            next: self.next,
        })
    }
}
