//! Captions: what is said, one line for each speaker in turn.

/// `speaker "text"` for each speaker; what nobody is named for is a line of its own.
pub(super) fn spoken(text: &str) -> String {
    let mut turns: Vec<(Option<String>, String)> = Vec::new();
    for cue in cues(text) {
        let (speaker, said) = read(&cue);
        match turns.last_mut() {
            Some((before, all)) if speaker.is_some() && *before == speaker => {
                all.push(' ');
                all.push_str(&said);
            }
            _ => turns.push((speaker, said)),
        }
    }
    let lines = turns.into_iter().map(|(speaker, said)| {
        let speaker = speaker.unwrap_or_default();
        format!("{speaker} \"{said}\"")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The lines under each time.
fn cues(text: &str) -> Vec<String> {
    let mut cues = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in text.lines().chain([""]) {
        if line.contains("-->") {
            open = Some(Vec::new());
        } else if line.trim().is_empty() {
            cues.extend(open.take().map(|lines| lines.join("\n")));
        } else if let Some(lines) = &mut open {
            lines.push(line.trim());
        }
    }
    cues
}

/// The speaker of `<v Speaker>`, and the text without its marks.
fn read(cue: &str) -> (Option<String>, String) {
    let mut speaker = None;
    let mut said = String::new();
    let mut rest = cue;
    while let Some((before, after)) = rest.split_once('<') {
        said.push_str(before);
        let Some((mark, behind)) = after.split_once('>') else {
            break;
        };
        let named = mark.split_once(' ');
        let named = named.filter(|(kind, _)| *kind == "v" || kind.starts_with("v."));
        if let Some((_, name)) = named
            && speaker.is_none()
        {
            speaker = Some(name.trim().to_owned());
        }
        rest = behind;
    }
    said.push_str(rest);
    (speaker, said)
}
