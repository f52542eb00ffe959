//! `latchkey openapi`: prints the description of the API.

use crate::out;

/// Prints the description.
pub(crate) fn openapi() {
    out::exact(&latchkey_api::document());
}
