//! Slides: their paragraphs that have a text, one a line, in the order in which the slides are shown.

use std::collections::HashMap;

use crate::documents::archive::Archive;
use crate::documents::xml::{Step, walk};
use crate::documents::{DocumentError, Output};

/// The text of all slides.
pub(in crate::documents) fn text(content: &[u8]) -> Result<String, DocumentError> {
    let mut archive = Archive::open(content)?;
    let mut out = Output::default();
    for name in slides(&mut archive)? {
        if let Some(slide) = archive.entry(&name)? {
            paragraphs(&slide, &mut out)?;
        }
    }
    Ok(out.0)
}

/// The slides in the presentation's order, or by their numbers if it tells none.
fn slides(archive: &mut Archive<'_>) -> Result<Vec<String>, DocumentError> {
    let presentation = archive.needed("ppt/presentation.xml")?;
    let relations = archive.entry("ppt/_rels/presentation.xml.rels")?;
    let mut targets = HashMap::new();
    walk(&relations.unwrap_or_default(), |step| {
        if let Step::Open(tag) = step
            && let (Some(id), Some(target)) = (tag.attribute("Id"), tag.attribute("Target"))
        {
            targets.insert(id, target);
        }
        Ok(())
    })?;
    let mut names = Vec::new();
    walk(&presentation, |step| {
        if let Step::Open(tag) = step
            && tag.name() == "sldId"
            && let Some(target) = tag.attribute("r:id").and_then(|id| targets.get(&id))
        {
            let inside = target.trim_start_matches('/').trim_start_matches("ppt/");
            names.push(format!("ppt/{inside}"));
        }
        Ok(())
    })?;
    if names.is_empty() {
        let number = |name: &String| {
            let number = name
                .strip_prefix("ppt/slides/slide")?
                .strip_suffix(".xml")?;
            number.parse::<u32>().ok()
        };
        names = archive.names();
        names.retain(|name| number(name).is_some());
        names.sort_by_key(number);
    }
    Ok(names)
}

fn paragraphs(slide: &[u8], out: &mut Output) -> Result<(), DocumentError> {
    let mut line: Option<String> = None;
    let mut in_text = false;
    walk(slide, |step| {
        match step {
            Step::Open(tag) => match tag.name().as_str() {
                "p" => line = Some(String::new()),
                "t" => in_text = true,
                "br" => line.iter_mut().for_each(|line| line.push('\n')),
                _ => {}
            },
            Step::Close("t") => in_text = false,
            Step::Close("p") => {
                if let Some(line) = line.take().filter(|line| !line.trim().is_empty()) {
                    out.line(&line)?;
                }
            }
            Step::Text(text) if in_text => {
                line.iter_mut().for_each(|line| line.push_str(&text));
            }
            Step::Close(_) | Step::Text(_) => {}
        }
        Ok(())
    })
}
