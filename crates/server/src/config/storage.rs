//! Where the contents of files are: a folder or a bucket of an S3-compatible store.

use std::path::{Path, PathBuf};

use latchkey_secrets::Secret;
use latchkey_store::{Bucket, BucketKey};
use percent_encoding::percent_decode_str;
use url::Url;

/// Where the contents of files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// In a folder.
    Folder(PathBuf),
    /// In a bucket.
    Bucket(Box<Bucket>),
}

impl Storage {
    /// What a URL says, or the folder of a data directory.
    pub(super) fn of(url: Option<&Secret<String>>, data_dir: &Path) -> Self {
        let named = url.and_then(|url| parse(url.expose()).ok());
        named.unwrap_or_else(|| Self::Folder(data_dir.join("files")))
    }

    /// What it is called in messages, without anything that is secret.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Folder(folder) => folder.display().to_string(),
            Self::Bucket(bucket) => format!("the bucket {}", bucket.name),
        }
    }
}

/// Checks a URL.
pub(super) fn check(text: &str) -> Result<(), String> {
    parse(text).map(|_| ())
}

/// `file:///folder`, or `s3://[key-id:secret@]bucket[/prefix][?region=…][&endpoint=…]`. No message repeats what was said, which may
/// be secret.
fn parse(text: &str) -> Result<Storage, String> {
    let needed =
        "a URL is needed, such as file:///var/lib/latchkey/files or s3://bucket?region=eu-west-1";
    let url = Url::parse(text).map_err(|_| needed.to_owned())?;
    match url.scheme() {
        "file" => folder(text).ok_or_else(|| needed.to_owned()),
        "s3" => bucket(&url).map(|bucket| Storage::Bucket(Box::new(bucket))),
        _ => Err(needed.to_owned()),
    }
}

fn folder(text: &str) -> Option<Storage> {
    let path = text.strip_prefix("file://")?;
    let is_whole = path.len() > 1 && path.starts_with('/');
    is_whole.then(|| Storage::Folder(path.into()))
}

fn bucket(url: &Url) -> Result<Bucket, String> {
    let name = url.host_str().unwrap_or_default().to_owned();
    if name.is_empty() {
        return Err("the bucket's name is needed after s3://".to_owned());
    }
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let key = match (url.username(), url.password()) {
        ("", None) => None,
        (id, Some(secret)) if !id.is_empty() => Some(BucketKey {
            id: plain(id),
            secret: Secret::new(plain(secret)),
        }),
        _ => return Err("a key has an id and a secret: s3://id:secret@bucket".to_owned()),
    };
    let mut bucket = Bucket {
        name,
        prefix: plain(url.path().trim_matches('/')),
        region: None,
        endpoint: None,
        key,
    };
    for (name, value) in url.query_pairs() {
        match &*name {
            "region" => bucket.region = Some(value.into_owned()),
            "endpoint" if value.starts_with("http://") || value.starts_with("https://") => {
                bucket.endpoint = Some(value.into_owned());
            }
            "endpoint" => return Err("endpoint begins with http:// or https://".to_owned()),
            _ => return Err("only region and endpoint may follow the question mark".to_owned()),
        }
    }
    Ok(bucket)
}

#[cfg(test)]
mod tests {
    use latchkey_store::Bucket;

    use super::{Storage, check, parse};

    #[test]
    fn a_bucket_is_said_with_its_key_its_place_and_its_server() {
        let text =
            "s3://AKIA1:test-key%2F7@acme/runs/?region=eu-west-1&endpoint=http://127.0.0.1:9000";
        let Storage::Bucket(bucket) = parse(text).unwrap() else {
            panic!("it is a bucket");
        };
        let key = bucket.key.clone().unwrap();
        assert_eq!(
            (key.id.as_str(), key.secret.expose().as_str()),
            ("AKIA1", "test-key/7")
        );
        let rest = Bucket {
            key: None,
            ..*bucket
        };
        let expected = Bucket {
            name: "acme".to_owned(),
            prefix: "runs".to_owned(),
            region: Some("eu-west-1".to_owned()),
            endpoint: Some("http://127.0.0.1:9000".to_owned()),
            key: None,
        };
        assert_eq!(rest, expected);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_without_its_secret() {
        for wrong in [
            "files",
            "file://files",
            "s3://",
            "s3://only-id@bucket",
            "s3://id:s3cret@bucket?zone=1",
            "s3://id:s3cret@bucket?endpoint=minio:9000",
            "gs://bucket",
        ] {
            let why = check(wrong).unwrap_err();
            assert!(!why.contains("s3cret"), "{why}");
        }
    }
}
