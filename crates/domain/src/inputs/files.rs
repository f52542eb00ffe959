//! Files among the inputs of a run: the form in which a request names them, which of them a variable or an app takes, and
//! the values that they become (Dify DSL, files and `file_upload`). Whoever keeps files is asked which of them exist.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::{InputProblem, StartVariable};
use crate::file::NamedFile;
use crate::id::FileId;
use crate::value::{File, FileType, TransferMethod};

/// The longest address of a file, in characters.
const LONGEST_URL: usize = 8192;
/// Files of an old app without a number of its own (Dify: `number_limits`).
const OLD_MOST: u64 = 3;
/// Names of the id of a stored file: today's, and those that older clients send.
const ID_KEYS: [&str; 4] = ["upload_file_id", "tool_file_id", "related_id", "reference"];

/// Finds a stored file that the caller may use.
pub type FindFile<'a> = &'a dyn Fn(FileId) -> Option<File>;

/// Which files are taken.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FileRules {
    /// Types; empty: all.
    pub types: Vec<String>,
    /// Extensions of files of the type `custom`, with dots; empty: all.
    pub extensions: Vec<String>,
    /// How they may be given; empty: in every way.
    pub methods: Vec<String>,
    /// How many; none: any number.
    pub most: Option<u64>,
}

impl FileRules {
    /// What the app's feature `file_upload` takes, in its new and its old form; none when it is off.
    #[must_use]
    pub fn of_features(features: &Map<String, Json>) -> Option<Self> {
        let upload = features.get("file_upload")?;
        let is_on = |of: &Json| of.get("enabled").and_then(Json::as_bool) == Some(true);
        let most = |of: &Json| of.get("number_limits").and_then(Json::as_u64);
        if is_on(upload) {
            return Some(Self {
                types: texts(upload, "allowed_file_types"),
                extensions: texts(upload, "allowed_file_extensions"),
                methods: texts(upload, "allowed_file_upload_methods"),
                most: most(upload).filter(|most| *most > 0),
            });
        }
        let image = upload.get("image").filter(|image| is_on(image))?;
        Some(Self {
            types: vec!["image".to_owned()],
            extensions: Vec::new(),
            methods: texts(image, "transfer_methods"),
            most: Some(most(image).filter(|most| *most > 0).unwrap_or(OLD_MOST)),
        })
    }

    /// What is wrong with a file; a file that a tool made is always taken.
    pub(crate) fn broken_by(&self, file: &File) -> Option<&'static str> {
        let has = |list: &[String], word: &str| list.is_empty() || list.iter().any(|it| it == word);
        if file.transfer_method == TransferMethod::ToolFile {
            return None;
        }
        if !has(&self.methods, file.transfer_method.as_str()) {
            return Some("is a file that is given in a way that is not taken");
        }
        let is_custom = file.file_type == FileType::Custom;
        if !is_custom && has(&self.types, file.file_type.as_str()) {
            return None;
        }
        if !has(&self.types, "custom") {
            return Some("is a file of a type that is not taken");
        }
        let extension = file.extension.as_deref().unwrap_or_default();
        let same = |listed: &String| {
            let listed = listed.trim_start_matches('.');
            listed.eq_ignore_ascii_case(extension.trim_start_matches('.'))
        };
        let is_listed = self.extensions.is_empty() || self.extensions.iter().any(same);
        (!is_listed).then_some("is a file with an extension that is not taken")
    }
}

fn texts(of: &Json, key: &str) -> Vec<String> {
    let items = of.get(key).and_then(Json::as_array).into_iter().flatten();
    items.filter_map(Json::as_str).map(str::to_owned).collect()
}

/// The stored files that inputs name, the defaults of absent ones included.
#[must_use]
pub fn named_files(variables: &[StartVariable], given: &Map<String, Json>) -> Vec<FileId> {
    let of_files = variables.iter().filter(|it| it.is_file());
    let values = of_files.map(|it| value_of(it, given));
    let items = values.flat_map(|value| match value {
        Json::Array(items) => items.as_slice(),
        one
        @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_)) => {
            std::slice::from_ref(one)
        }
    });
    items.filter_map(stored_id).collect()
}

/// The stored file that one mapping names.
#[must_use]
pub fn stored_id(raw: &Json) -> Option<FileId> {
    let map = raw.as_object()?;
    id_text(map)?.parse().ok()
}

/// Puts the dictionary form of files in the place of what a request says about them, defaults of absent ones included.
/// Nothing that a request says of a stored file counts but its id.
///
/// # Errors
/// Each item that is no file, or none that exists.
pub fn fill_files(
    variables: &[StartVariable],
    given: &mut Map<String, Json>,
    find: FindFile<'_>,
) -> Result<(), Vec<InputProblem>> {
    let mut problems = Vec::new();
    for variable in variables.iter().filter(|it| it.is_file()) {
        let mut filled = value_of(variable, given).clone();
        let (items, is_list) = match &mut filled {
            Json::Array(items) => (items.as_mut_slice(), true),
            one @ (Json::Null
            | Json::Bool(_)
            | Json::Number(_)
            | Json::String(_)
            | Json::Object(_)) => (std::slice::from_mut(one), false),
        };
        // What is neither a mapping nor a list of them is judged with the other inputs.
        for (index, item) in items
            .iter_mut()
            .enumerate()
            .filter(|(_, it)| it.is_object())
        {
            match given_file(item, find) {
                Ok(file) => *item = file.to_json(),
                Err((code, why)) => problems.push(InputProblem {
                    name: variable.name.clone(),
                    item: is_list.then_some(index),
                    code,
                    message: format!("{} in input form {why}", variable.name),
                }),
            }
        }
        if !filled.is_null() {
            given.insert(variable.name.clone(), filled);
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// The files that a request sends besides its inputs, for `sys.files`. The name of a problem is `files`.
///
/// # Errors
/// Each item that is no file, does not exist, or is not taken.
pub fn sent_files(
    rules: Option<&FileRules>,
    given: &[Json],
    find: FindFile<'_>,
) -> Result<Vec<File>, Vec<InputProblem>> {
    let problem = |item: Option<usize>, code, message: String| InputProblem {
        name: "files".to_owned(),
        item,
        code,
        message,
    };
    let Some(rules) = rules.or_else(|| given.is_empty().then_some(&NO_RULES)) else {
        let why = "this workflow takes no files besides its inputs (file_upload is off)";
        return Err(vec![problem(None, "file_refused", why.to_owned())]);
    };
    if let Some(most) = rules.most
        && given.len() as u64 > most
    {
        let why = format!("Number of files exceeds the maximum limit {most}");
        return Err(vec![problem(None, "input_too_long", why)]);
    }
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for (index, raw) in given.iter().enumerate() {
        let read = given_file(raw, find).and_then(|file| match rules.broken_by(&file) {
            Some(why) => Err(("file_refused", why.to_owned())),
            None => Ok(file),
        });
        match read {
            Ok(file) => files.push(file),
            Err((code, why)) => {
                problems.push(problem(Some(index), code, format!("files[{index}] {why}")));
            }
        }
    }
    if problems.is_empty() {
        Ok(files)
    } else {
        Err(problems)
    }
}

static NO_RULES: FileRules = FileRules {
    types: Vec::new(),
    extensions: Vec::new(),
    methods: Vec::new(),
    most: None,
};

fn value_of<'a>(variable: &'a StartVariable, given: &'a Map<String, Json>) -> &'a Json {
    let given = given.get(&variable.name).filter(|value| !value.is_null());
    // A required one is never filled from its default: its absence is told.
    let default = if variable.required {
        &Json::Null
    } else {
        &variable.default
    };
    given.unwrap_or(default)
}

fn id_text(map: &Map<String, Json>) -> Option<&str> {
    let mut ids = ID_KEYS.iter().filter_map(|key| map.get(*key)?.as_str());
    ids.find(|id| !id.is_empty())
}

/// The file of one mapping, or a code and what is wrong.
fn given_file(raw: &Json, find: FindFile<'_>) -> Result<File, (&'static str, String)> {
    let bad = |why: &str| ("input_type", why.to_owned());
    let map = raw.as_object();
    let map = map.ok_or_else(|| bad("must be a file: a mapping with its transfer_method"))?;
    let word = |key: &str| {
        map.get(key)
            .and_then(Json::as_str)
            .filter(|it| !it.is_empty())
    };
    let stated = word("type").map(|name| {
        let known = FileType::parse(name);
        known.ok_or_else(|| bad("has a type that is none of image, document, audio, video, custom"))
    });
    let stated = stated.transpose()?;
    let method = word("transfer_method").and_then(TransferMethod::parse);
    let mut file = match method {
        Some(TransferMethod::RemoteUrl) => {
            let url = word("url").or_else(|| word("remote_url"));
            remote(url.ok_or_else(|| bad("needs a url"))?)?
        }
        Some(TransferMethod::LocalFile | TransferMethod::ToolFile) => {
            let id = id_text(map).ok_or_else(|| bad("needs an upload_file_id"))?;
            let found = id.parse().ok().and_then(find);
            found.ok_or_else(|| {
                (
                    "file_unknown",
                    format!("names a file that does not exist: {id:?}"),
                )
            })?
        }
        Some(TransferMethod::DatasourceFile) | None => {
            return Err(bad("needs the transfer_method local_file or remote_url"));
        }
    };
    match (stated, file.file_type) {
        (None, _) => {}
        (Some(stated), found) if stated == found => {}
        // Who says `custom` is judged by the extension; where nothing is detected, what is said counts.
        (Some(stated), found) if stated == FileType::Custom || found == FileType::Custom => {
            file.file_type = stated;
        }
        (Some(stated), found) => {
            let (stated, found) = (stated.as_str(), found.as_str());
            return Err((
                "file_refused",
                format!("is said to be of type {stated} and is {found}"),
            ));
        }
    }
    Ok(file)
}

/// A file elsewhere: what its address tells, and nothing more.
fn remote(url: &str) -> Result<File, (&'static str, String)> {
    let is_web = ["http://", "https://"].iter().any(|begin| {
        url.get(..begin.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(begin))
            && url.len() > begin.len()
    });
    let is_clean = !url
        .chars()
        .any(|letter| letter.is_control() || letter == ' ');
    if !is_web || !is_clean || url.chars().count() > LONGEST_URL {
        return Err((
            "input_type",
            "needs a url that begins with http:// or https://".to_owned(),
        ));
    }
    let named = NamedFile::of_url(url);
    Ok(File {
        file_type: named.file_type,
        transfer_method: TransferMethod::RemoteUrl,
        remote_url: Some(url.to_owned()),
        filename: Some(named.name),
        extension: Some(named.extension).filter(|text| !text.is_empty()),
        mime_type: Some(named.mime_type).filter(|text| text != crate::file::UNKNOWN_MIME),
        size: -1,
        url: Some(url.to_owned()),
        ..File::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::{FileRules, fill_files, named_files, sent_files};
    use crate::id::FileId;
    use crate::inputs::{StartVariable, declared, prepare_inputs};
    use crate::value::{File, FileType, TransferMethod};

    const KNOWN: &str = "01900000-0000-7000-8000-000000000001";

    /// One picture is known.
    fn find(id: FileId) -> Option<File> {
        (id.to_string() == KNOWN).then(|| File {
            file_type: FileType::Image,
            transfer_method: TransferMethod::LocalFile,
            reference: Some(KNOWN.to_owned()),
            filename: Some("a.png".to_owned()),
            extension: Some(".png".to_owned()),
            ..File::default()
        })
    }

    fn variable(more: Json) -> StartVariable {
        let mut raw = json!({"variable": "f", "type": "file"});
        let more = more.as_object().unwrap().clone();
        raw.as_object_mut().unwrap().extend(more);
        let data = json!({"variables": [raw]});
        let node = crate::document::GraphNode {
            id: "start".into(),
            node_type: "start".into(),
            version: "1".into(),
            title: String::new(),
            data: std::sync::Arc::new(data.as_object().unwrap().clone()),
            container: None,
            place: None,
        };
        declared(&node).remove(0)
    }

    /// The type that a given file gets, or the code of what is wrong with it.
    fn judged(variable: &StartVariable, given: Json) -> Result<String, &'static str> {
        let mut inputs = Map::from_iter([("f".to_owned(), given)]);
        let variables = std::slice::from_ref(variable);
        fill_files(variables, &mut inputs, &find).map_err(|problems| problems[0].code)?;
        let values = prepare_inputs(variables, &inputs);
        let values = values.map_err(|problems| problems[0].code)?;
        Ok(values[0].1.to_json()["type"]
            .as_str()
            .unwrap_or("")
            .to_owned())
    }

    fn local(more: Json) -> Json {
        let mut raw = json!({"transfer_method": "local_file", "upload_file_id": KNOWN});
        let more = more.as_object().unwrap().clone();
        raw.as_object_mut().unwrap().extend(more);
        raw
    }

    fn remote(url: &str, kind: &str) -> Json {
        json!({"transfer_method": "remote_url", "url": url, "type": kind})
    }

    #[test]
    fn a_variable_takes_the_files_that_it_declares() {
        let any = variable(json!({}));
        let pictures = variable(json!({"allowed_file_types": ["image"]}));
        let custom = json!({"allowed_file_types": ["document", "custom"], "allowed_file_extensions": [".PNG"]});
        let custom = variable(custom);
        let by_address = variable(json!({"allowed_file_upload_methods": ["remote_url"]}));
        for (variable, given, expected) in [
            (&any, local(json!({})), Ok("image")),
            (&any, local(json!({"type": "image"})), Ok("image")),
            (&any, local(json!({"type": "custom"})), Ok("custom")),
            (&any, local(json!({"type": "audio"})), Err("file_refused")),
            (&any, local(json!({"type": "tune"})), Err("input_type")),
            (
                &any,
                local(json!({"upload_file_id": "x"})),
                Err("file_unknown"),
            ),
            (&any, remote("https://h.test/x", "video"), Ok("video")),
            (
                &any,
                remote("https://h.test/x.png", "video"),
                Err("file_refused"),
            ),
            (&any, remote("https://", "image"), Err("input_type")),
            (
                &any,
                remote("https://h.test/a b", "image"),
                Err("input_type"),
            ),
            (
                &any,
                json!({"transfer_method": "datasource_file"}),
                Err("input_type"),
            ),
            (&any, json!({"url": "https://h.test/"}), Err("input_type")),
            (&any, json!([local(json!({}))]), Err("input_type")),
            (&any, json!("text"), Err("input_type")),
            (&pictures, local(json!({})), Ok("image")),
            (
                &pictures,
                local(json!({"type": "custom"})),
                Err("file_refused"),
            ),
            (
                &pictures,
                remote("https://h.test/x.txt", "document"),
                Err("file_refused"),
            ),
            (&custom, local(json!({})), Ok("image")),
            (
                &custom,
                remote("https://h.test/x.mp3", "audio"),
                Err("file_refused"),
            ),
            (&by_address, local(json!({})), Err("file_refused")),
        ] {
            let judged = judged(variable, given.clone());
            assert_eq!(judged.as_deref().map_err(|code| *code), expected, "{given}");
        }
    }

    #[test]
    fn a_default_counts_when_nothing_is_given() {
        let default = json!({"default": remote("https://h.test/x.png", "image")});
        assert_eq!(
            judged(&variable(default), Json::Null),
            Ok("image".to_owned())
        );
        let kept = variable(json!({"default": local(json!({}))}));
        let named = named_files(&[kept], &Map::new());
        assert_eq!(named, [KNOWN.parse().unwrap()]);
        let needed = json!({"default": local(json!({})), "required": true});
        assert_eq!(judged(&variable(needed), Json::Null), Err("input_required"));
    }

    #[test]
    fn an_app_takes_the_files_that_its_feature_says() {
        let rules = |feature: Json| {
            let features = json!({"file_upload": feature});
            FileRules::of_features(features.as_object().unwrap())
        };
        for off in [
            json!(null),
            json!({"enabled": false}),
            json!({"image": {"enabled": false}}),
        ] {
            assert_eq!(rules(off), None);
        }
        let old = rules(json!({"image": {"enabled": true, "transfer_methods": ["local_file"]}}));
        let new = json!({"enabled": true, "allowed_file_types": ["image"], "number_limits": 3,
            "allowed_file_upload_methods": ["local_file"], "image": {"enabled": false}});
        assert_eq!(old, rules(new));
        let one = local(json!({}));
        let sent = |rules: Option<&FileRules>, given: &[Json]| {
            let sent = sent_files(rules, given, &find);
            sent.map(|files| files.len())
                .map_err(|problems| (problems[0].code, problems[0].item))
        };
        assert_eq!(sent(None, &[]), Ok(0));
        assert_eq!(
            sent(None, std::slice::from_ref(&one)),
            Err(("file_refused", None))
        );
        assert_eq!(sent(old.as_ref(), &[one.clone(), one.clone()]), Ok(2));
        let many = vec![one.clone(); 4];
        assert_eq!(sent(old.as_ref(), &many), Err(("input_too_long", None)));
        let foreign = [one, remote("https://h.test/x.png", "image")];
        assert_eq!(sent(old.as_ref(), &foreign), Err(("file_refused", Some(1))));
    }
}
