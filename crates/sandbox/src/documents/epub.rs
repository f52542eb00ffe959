//! Books: the chapters in the order of their spine, without their markup.

use std::collections::HashMap;

use mail_parser::decoders::html::html_to_text;

use super::archive::Archive;
use super::xml::{Step, walk};
use super::{DocumentError, Output, text};

pub(super) fn text(content: &[u8]) -> Result<String, DocumentError> {
    let mut archive = Archive::open(content)?;
    let container = archive.needed("META-INF/container.xml")?;
    let mut root = None;
    walk(&container, |step| {
        if let Step::Open(tag) = step
            && tag.name() == "rootfile"
            && root.is_none()
        {
            root = tag.attribute("full-path");
        }
        Ok(())
    })?;
    let root = root.ok_or_else(|| DocumentError::Broken("it names no package".to_owned()))?;
    let package = archive.needed(&root)?;
    let mut out = Output::default();
    for chapter in chapters(&package)? {
        if let Some(content) = archive.entry(&beside(&root, &chapter))? {
            let chapter = html_to_text(&text::decoded(&content));
            out.line(chapter.trim())?;
        }
    }
    Ok(out.0)
}

/// The files of the chapters, in order.
fn chapters(package: &[u8]) -> Result<Vec<String>, DocumentError> {
    let mut files = HashMap::new();
    let mut order = Vec::new();
    walk(package, |step| {
        if let Step::Open(tag) = step {
            match tag.name().as_str() {
                "item" => {
                    if let (Some(id), Some(file)) = (tag.attribute("id"), tag.attribute("href")) {
                        files.insert(id, file);
                    }
                }
                "itemref" => order.extend(tag.attribute("idref")),
                _ => {}
            }
        }
        Ok(())
    })?;
    Ok(order
        .iter()
        .filter_map(|id| files.get(id).cloned())
        .collect())
}

/// A name relative to the package's, inside of the archive.
fn beside(package: &str, file: &str) -> String {
    let mut parts: Vec<&str> = package.split('/').collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            other => parts.push(other),
        }
    }
    parts.join("/").replace("%20", " ")
}
