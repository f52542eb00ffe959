//! Makes cargo look at the built studio: its page names all its other files, so that it changes with each of them.
//!
//! A file that is missing would make this program be built anew every time; `make studio` touches this file instead.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let page = Path::new("../../studio/dist/index.html");
    if page.exists() {
        println!("cargo::rerun-if-changed={}", page.display());
    }
}
