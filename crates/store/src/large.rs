//! Large texts of runs: what is too long for a row lies in the file store, and the row says where.
//!
//! A content is named by what it says, under its run: writing it twice is writing it once, and everything of a run goes together.
//! It is written before the row that names it, so that no row names what is not there; what a refused write leaves over goes
//! with its run.

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use latchkey_domain::id::{RunId, WorkspaceId};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::blobs::BlobError;
use crate::entities::run;
use crate::error::StoreError;
use crate::open::Store;
use crate::writer::Write;

/// The longest text that stays in its row, in bytes.
pub(crate) const LARGE: usize = 64 * 1024;
/// How a text begins that says where the real one is. No JSON begins like this.
pub(crate) const MARK: &str = "@kept ";
/// The longest content that is read back, in bytes: longer than any that is written.
const LONGEST: u64 = 4 << 30;
/// Contents that are read or written at the same time.
pub(crate) const AT_ONCE: usize = 8;

impl From<BlobError> for StoreError {
    fn from(error: BlobError) -> Self {
        match error {
            // It goes before the rows that name it: whoever reads then finds nothing either.
            BlobError::NotFound => Self::NotFound,
            BlobError::TooLarge(most) => {
                Self::Corrupt(format!("a large value has more than {most} bytes"))
            }
            BlobError::Failed(cause) => Self::Unavailable(cause),
        }
    }
}

impl Store {
    /// Puts the large texts of a write away.
    pub(crate) async fn put_away(
        &self,
        workspace: WorkspaceId,
        write: &mut Write,
    ) -> Result<(), StoreError> {
        if self.blobs.is_none() {
            return Ok(());
        }
        let (run, texts): (RunId, Vec<&mut String>) = match write {
            Write::Insert { run, records, .. } => {
                let records = records.iter_mut().map(|row| &mut row.record);
                let id = RunId::new(run.id);
                (id, records.chain([&mut run.inputs]).collect())
            }
            Write::Append {
                run,
                records,
                nodes,
                finished,
                ..
            } => {
                let records = records.iter_mut().map(|row| &mut row.record);
                let nodes = nodes.iter_mut().map(|row| &mut row.body);
                let finished = finished.iter_mut().map(|end| &mut end.outputs);
                (*run, records.chain(nodes).chain(finished).collect())
            }
            Write::Open(_)
            | Write::Close(..)
            | Write::Closed(_)
            | Write::Seize(..)
            | Write::Claim(..)
            | Write::Park(..)
            | Write::Lose(..) => return Ok(()),
        };
        let large = texts.into_iter().filter(|text| text.len() > LARGE);
        let written = large.map(|text| async move {
            *text = self.put_text_away(workspace, run, text).await?;
            Ok(())
        });
        let written: Vec<_> = written.collect();
        stream::iter(written)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn put_text_away(
        &self,
        workspace: WorkspaceId,
        run: RunId,
        text: &str,
    ) -> Result<String, StoreError> {
        let Some(blobs) = &self.blobs else {
            return Ok(text.to_owned());
        };
        let digest = Sha256::digest(text.as_bytes());
        let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let content = Bytes::copy_from_slice(text.as_bytes());
        blobs.put_of_run(workspace, run, &name, content).await?;
        Ok(format!("{MARK}{workspace} {name}"))
    }

    /// The text that a column stands for.
    pub(crate) async fn whole_text(&self, run: Uuid, text: String) -> Result<String, StoreError> {
        let Some(place) = text.strip_prefix(MARK) else {
            return Ok(text);
        };
        let wrong = || StoreError::Corrupt("a large value has no place".to_owned());
        let (workspace, name) = place.split_once(' ').ok_or_else(wrong)?;
        let workspace = Uuid::parse_str(workspace).map_err(|_| wrong())?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let Some(blobs) = &self.blobs else {
            let detail = "a large value is in a file store that this process does not have";
            return Err(StoreError::Corrupt(detail.to_owned()));
        };
        let (workspace, run) = (WorkspaceId::new(workspace), RunId::new(run));
        let content = blobs.of_run(workspace, run, name, LONGEST).await?;
        String::from_utf8(content.into()).map_err(|_| wrong())
    }

    /// The texts that columns stand for, in their order.
    pub(crate) async fn whole_texts(
        &self,
        run: Uuid,
        texts: Vec<String>,
    ) -> Result<Vec<String>, StoreError> {
        if !texts.iter().any(|text| text.starts_with(MARK)) {
            return Ok(texts);
        }
        let whole = texts.into_iter().map(|text| self.whole_text(run, text));
        stream::iter(whole.collect::<Vec<_>>())
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }

    /// A run's row with all its texts; none of one that is being removed.
    pub(crate) async fn whole_row(
        &self,
        mut row: run::Model,
    ) -> Result<Option<run::Model>, StoreError> {
        let mut texts = vec![row.inputs];
        texts.extend(row.outputs);
        let mut texts = match self.whole_texts(row.id, texts).await {
            Ok(texts) => texts.into_iter(),
            Err(StoreError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        row.inputs = texts.next().unwrap_or_default();
        row.outputs = texts.next();
        Ok(Some(row))
    }

    /// Removes the large values of a run whose rows are gone.
    ///
    /// # Errors
    /// When the file store fails.
    pub async fn delete_large_values(
        &self,
        workspace: WorkspaceId,
        run: RunId,
    ) -> Result<(), StoreError> {
        match &self.blobs {
            Some(blobs) => Ok(blobs.delete_of_run(workspace, run).await?),
            None => Ok(()),
        }
    }
}

/// The name of the content that a column stands for, if it stands for one.
pub(crate) fn name_in(text: &str) -> Option<&str> {
    let place = text.strip_prefix(MARK)?;
    place.split_once(' ').map(|(_, name)| name)
}
