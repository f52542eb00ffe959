//! Files as the pool holds them: a description and an address, never the content.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::Value;

/// The mark that tells the dictionary form of a file from any other mapping.
const MARK_KEY: &str = "dify_model_identity";
const MARK: &str = "__dify__file__";

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$word_doc])* $word),+ }

        impl $name {
            /// The name used in documents and bodies.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text),+ }
            }

            /// Reads the name back.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$word),)+ _ => None }
            }
        }
    };
}

words! {
    /// What a file is for.
    FileType {
        /// A picture.
        Image = "image",
        /// A text of any format.
        Document = "document",
        /// Sound.
        Audio = "audio",
        /// Moving pictures.
        Video = "video",
        /// Anything else.
        #[default]
        Custom = "custom",
    }
}

words! {
    /// Where the content of a file is.
    TransferMethod {
        /// At a URL of somebody else.
        #[default]
        RemoteUrl = "remote_url",
        /// Uploaded here.
        LocalFile = "local_file",
        /// Made by a tool.
        ToolFile = "tool_file",
        /// Found by a data source.
        DatasourceFile = "datasource_file",
    }
}

/// A file: what is known about it without reading it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct File {
    /// Its id, if it has one.
    pub id: Option<String>,
    /// What it is for.
    pub file_type: FileType,
    /// Where its content is.
    pub transfer_method: TransferMethod,
    /// Its address elsewhere.
    pub remote_url: Option<String>,
    /// Its id where it is stored.
    pub reference: Option<String>,
    /// Its name.
    pub filename: Option<String>,
    /// Its extension, with the dot.
    pub extension: Option<String>,
    /// Its MIME type.
    pub mime_type: Option<String>,
    /// Its size in bytes; -1 when unknown.
    pub size: i64,
    /// The id of the upload or tool file that it stands for.
    pub related_id: Option<String>,
    /// The address under which a reader gets it.
    pub url: Option<String>,
}

impl File {
    /// One of the eight attributes that selectors may name; `None` for any other name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<Value> {
        let text = |text: &Option<String>| Some(text.as_deref().map_or(Value::None, Value::from));
        match name {
            "type" => Some(self.file_type.as_str().into()),
            "size" => Some(Value::Integer(self.size)),
            "name" => text(&self.filename),
            "mime_type" => text(&self.mime_type),
            "transfer_method" => Some(self.transfer_method.as_str().into()),
            "url" => text(&self.address()),
            "extension" => text(&self.extension),
            "related_id" => text(&self.related_id),
            _ => None,
        }
    }

    /// Where a reader gets it.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        self.url.clone().or_else(|| self.remote_url.clone())
    }

    /// Its dictionary form.
    #[must_use]
    pub fn to_json(&self) -> Json {
        json!({
            MARK_KEY: MARK,
            "id": self.id,
            "type": self.file_type.as_str(),
            "transfer_method": self.transfer_method.as_str(),
            "remote_url": self.remote_url,
            "reference": self.reference,
            "filename": self.filename,
            "extension": self.extension,
            "mime_type": self.mime_type,
            "size": self.size,
            "related_id": self.related_id,
            "url": self.address(),
        })
    }

    /// Whether a JSON value is the dictionary form of a file.
    #[must_use]
    pub fn is_marked(raw: &Json) -> bool {
        raw.get(MARK_KEY).and_then(Json::as_str) == Some(MARK)
    }

    /// Takes the mark off every mapping in a value that somebody sends: who sends JSON names no file that way.
    pub fn unmark(raw: &mut Json) {
        match raw {
            Json::Array(items) => items.iter_mut().for_each(Self::unmark),
            Json::Object(map) => {
                map.remove(MARK_KEY);
                map.values_mut().for_each(Self::unmark);
            }
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }

    /// Reads the dictionary form; `None` for anything else.
    #[must_use]
    pub fn from_json(raw: &Json) -> Option<Self> {
        raw.as_object().and_then(Self::from_map)
    }

    /// Reads the dictionary form; `None` for any other mapping.
    #[must_use]
    pub fn from_map(map: &Map<String, Json>) -> Option<Self> {
        if map.get(MARK_KEY).and_then(Json::as_str) != Some(MARK) {
            return None;
        }
        let text = |key: &str| map.get(key).and_then(Json::as_str).map(str::to_owned);
        Some(Self {
            id: text("id"),
            file_type: text("type")
                .and_then(|name| FileType::parse(&name))
                .unwrap_or_default(),
            transfer_method: text("transfer_method")
                .and_then(|name| TransferMethod::parse(&name))
                .unwrap_or_default(),
            remote_url: text("remote_url"),
            reference: text("reference"),
            filename: text("filename"),
            extension: text("extension"),
            mime_type: text("mime_type"),
            size: map.get("size").and_then(Json::as_i64).unwrap_or(-1),
            related_id: text("related_id"),
            url: text("url"),
        })
    }

    /// Its markdown form: a picture, or a link.
    #[must_use]
    pub fn markdown(&self) -> String {
        let url = self.address().unwrap_or_default();
        let name = self.filename.as_deref().unwrap_or_default();
        match self.file_type {
            FileType::Image => format!("![{name}]({url})"),
            FileType::Document | FileType::Audio | FileType::Video | FileType::Custom => {
                let shown = if name.is_empty() { &url } else { name };
                format!("[{shown}]({url})")
            }
        }
    }
}

impl FileType {
    /// The type that an extension (with or without its dot) or else a MIME type tells.
    #[must_use]
    pub fn guess(extension: &str, mime_type: &str) -> Self {
        let extension = extension.trim_start_matches('.').to_ascii_lowercase();
        match extension.as_str() {
            "jpg" | "jpeg" | "png" | "webp" | "gif" | "svg" => return Self::Image,
            "mp4" | "mov" | "mpeg" | "webm" => return Self::Video,
            "mp3" | "m4a" | "wav" | "amr" | "mpga" => return Self::Audio,
            "txt" | "markdown" | "md" | "mdx" | "pdf" | "html" | "htm" | "xlsx" | "xls" | "vtt"
            | "properties" | "doc" | "docx" | "csv" | "eml" | "msg" | "ppt" | "pptx" | "xml"
            | "epub" | "odt" => return Self::Document,
            _ => {}
        }
        let office = [
            "pdf",
            "msword",
            "officedocument",
            "ms-excel",
            "ms-powerpoint",
            "epub",
            "rfc822",
            "opendocument",
        ];
        match mime_type.split('/').next() {
            Some("image") => Self::Image,
            Some("video") => Self::Video,
            Some("audio") => Self::Audio,
            Some("text") => Self::Document,
            _ if office.iter().any(|word| mime_type.contains(word)) => Self::Document,
            _ => Self::Custom,
        }
    }
}
