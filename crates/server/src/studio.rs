//! The studio as it was built before this program, inside of it. A debug build reads it from the source folder when it starts.

use latchkey_api::Studio;
use rust_embed::RustEmbed;

/// The files of `studio/dist`; none when the studio was not built.
#[derive(RustEmbed)]
#[folder = "../../studio/dist"]
#[allow_missing = true]
struct Built;

/// The built studio, or none.
pub(crate) fn built() -> Studio {
    let file = |name: std::borrow::Cow<'static, str>| {
        let file = Built::get(&name)?;
        Some((name.into_owned(), file.data))
    };
    Studio::of(Built::iter().filter_map(file))
}
