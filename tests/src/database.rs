//! An empty database of each kind, for what must hold on both.

use std::io::Write as _;

use tempfile::TempDir;

use crate::requirement;

/// An empty database; what it leaves on the disk goes with it.
pub struct Database {
    /// Its URL.
    pub url: String,
    _folder: Option<TempDir>,
}

impl Database {
    /// SQLite in a temporary file.
    ///
    /// # Panics
    /// If there can be no temporary folder.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self {
            url: format!("sqlite:{}", folder.path().join("test.db").display()),
            _folder: Some(folder),
        }
    }

    /// PostgreSQL, where there is a server.
    pub async fn postgres() -> Option<Self> {
        let server = requirement::postgres()?;
        Some(Self {
            url: server.database().await,
            _folder: None,
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // A test that has failed says on which database.
            let _ = writeln!(std::io::stderr(), "failed on {}", self.url);
        }
    }
}

/// Runs a test on SQLite and, where there is a server, on PostgreSQL.
pub async fn on_both(test: impl AsyncFn(&Database)) {
    test(&Database::sqlite()).await;
    if let Some(database) = Database::postgres().await {
        test(&database).await;
    }
}
