//! Contents of files in a bucket of an S3-compatible store.
//!
//! The library opens connections of its own, to the host that the operator configured and to no other.

use std::fmt;
use std::sync::Arc;

use latchkey_secrets::Secret;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path as Place;

use super::{BlobError, Blobs};

/// How large a piece of an upload is, in bytes: such stores refuse pieces of less than 5 MiB.
const PIECE: usize = 8 << 20;
/// Where a bucket is unless it is said.
const REGION: &str = "us-east-1";

/// A bucket, as the operator names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// What stands before every place in it; may be empty.
    pub prefix: String,
    /// The region.
    pub region: Option<String>,
    /// The address of a store that is not Amazon's: `http://…` or `https://…`.
    pub endpoint: Option<String>,
    /// Who asks; none: what the machine says (Amazon's instance metadata).
    pub key: Option<BucketKey>,
}

/// The key of a bucket.
#[derive(Clone, PartialEq, Eq)]
pub struct BucketKey {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: Secret<String>,
}

impl fmt::Debug for BucketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BucketKey({})", self.id)
    }
}

impl Blobs {
    /// The contents in a bucket. Nothing is asked of it yet.
    ///
    /// # Errors
    /// When what is said of it cannot be true.
    pub fn in_bucket(bucket: &Bucket) -> Result<Self, BlobError> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&bucket.name)
            .with_region(bucket.region.as_deref().unwrap_or(REGION))
            // Not every such store knows how to remove many with one request.
            .with_disable_bulk_delete(true)
            .with_disable_tagging(true);
        if let Some(endpoint) = &bucket.endpoint {
            builder = builder
                .with_endpoint(endpoint)
                .with_allow_http(endpoint.starts_with("http://"));
        }
        if let Some(key) = &bucket.key {
            builder = builder
                .with_access_key_id(&key.id)
                .with_secret_access_key(key.secret.expose());
        }
        let prefix = Place::parse(&bucket.prefix)
            .map_err(|cause| BlobError::Failed(format!("the prefix of the bucket: {cause}")))?;
        Ok(Self {
            store: Arc::new(builder.build()?),
            prefix: Some(prefix),
            piece: PIECE,
        })
    }
}
