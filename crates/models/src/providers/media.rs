//! Files inside messages: contents that stand in a data URL, and what kind of file an address leads to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::chat::Part;

/// A file of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Media<'a> {
    /// Its MIME type, as somebody says it or as its kind suggests.
    pub(crate) mime_type: String,
    /// Where its contents are.
    pub(crate) place: Place<'a>,
}

/// Where the contents of a file are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// In the message, as base64.
    Here(&'a str),
    /// At an address.
    There(&'a str),
}

/// The file of a part; none for text. A data URL that is not base64 is written as base64 by nobody here, so it counts as
/// an address, which the provider refuses.
pub(crate) fn media(part: &Part) -> Option<Media<'_>> {
    let (url, stated, usual) = match part {
        Part::Text(_) => return None,
        Part::Image { url, mime_type, .. } => (url, mime_type, "image/jpeg"),
        Part::Document { url, mime_type } => (url, mime_type, "application/pdf"),
        Part::Audio { url, mime_type } => (url, mime_type, "audio/mpeg"),
        Part::Video { url, mime_type } => (url, mime_type, "video/mp4"),
    };
    let stated = stated.as_deref().filter(|kind| kind.contains('/'));
    if let Some((kind, data)) = data_url(url) {
        // What the data says of themselves was made from the file; some senders leave it out.
        let kind = kind.filter(|kind| *kind != "application/octet-stream");
        return Some(Media {
            mime_type: kind.or(stated).unwrap_or(usual).to_owned(),
            place: Place::Here(data),
        });
    }
    let kind = stated.or_else(|| by_extension(url)).unwrap_or(usual);
    Some(Media {
        mime_type: kind.to_owned(),
        place: Place::There(url),
    })
}

/// MIME type and base64 of a data URL.
fn data_url(url: &str) -> Option<(Option<&str>, &str)> {
    let (head, data) = url.strip_prefix("data:")?.split_once(',')?;
    let kinds = head.strip_suffix(";base64")?;
    let kind = kinds.split(';').next().filter(|kind| kind.contains('/'));
    Some((kind, data))
}

fn by_extension(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let (_, extension) = path.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "md" => "text/markdown",
        "csv" => "text/csv",
        "html" | "htm" => "text/html",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        "m4a" => "audio/mp4",
        "ogg" => "audio/ogg",
        "flac" => "audio/flac",
        "mp4" => "video/mp4",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        _ => return None,
    })
}

/// Bytes as base64.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Media, Place, media};
    use crate::chat::Part;

    fn image(url: &str, mime_type: Option<&str>) -> Part {
        Part::Image {
            url: url.to_owned(),
            mime_type: mime_type.map(str::to_owned),
            detail: None,
        }
    }

    #[test]
    fn a_file_is_here_or_there_and_of_a_kind() {
        use Place::{Here, There};
        for (url, stated, mime_type, place) in [
            (
                "data:image/png;base64,QUJD",
                None,
                "image/png",
                Here("QUJD"),
            ),
            (
                "data:image/png;charset=x;base64,QUJD",
                None,
                "image/png",
                Here("QUJD"),
            ),
            (
                "data:;base64,QUJD",
                Some("image/gif"),
                "image/gif",
                Here("QUJD"),
            ),
            (
                "data:application/octet-stream;base64,QQ==",
                Some("image/webp"),
                "image/webp",
                Here("QQ=="),
            ),
            (
                "https://a.test/cat.PNG?x=1.jpg",
                None,
                "image/png",
                There("https://a.test/cat.PNG?x=1.jpg"),
            ),
            (
                "https://a.test/cat",
                Some("image/webp"),
                "image/webp",
                There("https://a.test/cat"),
            ),
            (
                "https://a.test/cat",
                Some("image"),
                "image/jpeg",
                There("https://a.test/cat"),
            ),
            (
                "data:text/plain,hello",
                None,
                "image/jpeg",
                There("data:text/plain,hello"),
            ),
        ] {
            let part = image(url, stated);
            let expected = Media {
                mime_type: mime_type.to_owned(),
                place,
            };
            assert_eq!(media(&part), Some(expected), "{url}");
        }
        assert_eq!(media(&Part::Text("data:x;base64,".to_owned())), None);
    }
}
