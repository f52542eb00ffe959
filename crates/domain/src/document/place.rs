//! Where the values of a file stand: a tree beside the tree, so that memory grows with the values and not with their paths.

use serde_json::Value as Json;

use super::problem::Problem;

/// A place of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: u32,
    /// The column of that line, from 1.
    pub column: u32,
}

/// Where a value begins, and the same of what is in it: the items of a list, the values of a mapping in the order of its
/// keys. What came out of an alias or a merge has no places of its own.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) at: Option<Place>,
    pub(super) inside: Vec<Places>,
}

/// A document that is read, not yet judged.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) root: Json,
    pub(super) places: Places,
    /// What reading had to change, as warnings.
    pub(super) notes: Vec<Problem>,
}

/// A value and its place; without one of its own, that of the nearest value around it.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) value: &'a Json,
    pub(super) place: Option<Place>,
    places: Option<&'a Places>,
}

impl Tree {
    /// A tree without places.
    pub(super) fn from_json(root: Json) -> Self {
        Self {
            root,
            ..Self::default()
        }
    }

    /// The root.
    pub(super) fn spot(&self) -> Spot<'_> {
        Spot::root(&self.root, &self.places)
    }

    /// The place at a path of keys with dots between, or of the nearest value around it.
    pub(super) fn place(&self, path: &str) -> Option<Place> {
        self.spot().nearest(path).0.place
    }
}

impl<'a> Spot<'a> {
    /// The root of a tree with its places.
    pub(super) const fn root(value: &'a Json, places: &'a Places) -> Self {
        Self {
            value,
            place: places.at,
            places: Some(places),
        }
    }

    /// The value of a key.
    pub(super) fn key(self, key: &str) -> Option<Self> {
        let map = self.value.as_object()?;
        let value = map.get(key)?;
        let inside = self.places.filter(|places| !places.inside.is_empty());
        let places = inside.and_then(|places| {
            let at = map.keys().position(|other| other == key)?;
            places.inside.get(at)
        });
        Some(self.inside(value, places))
    }

    /// The items, if this is a list.
    pub(super) fn items(self) -> Option<impl ExactSizeIterator<Item = Self>> {
        let items = self.value.as_array()?.iter().enumerate();
        Some(items.map(move |(at, value)| {
            let places = self.places.and_then(|places| places.inside.get(at));
            self.inside(value, places)
        }))
    }

    /// The value at a path of keys with dots between, or the nearest around it, and how many keys led there.
    pub(super) fn nearest(self, path: &str) -> (Self, usize) {
        let mut found = (self, 0);
        for key in path.split('.') {
            let Some(next) = found.0.key(key) else {
                break;
            };
            found = (next, found.1 + 1);
        }
        found
    }

    fn inside(self, value: &'a Json, places: Option<&'a Places>) -> Self {
        Self {
            value,
            place: places.and_then(|places| places.at).or(self.place),
            places,
        }
    }
}
