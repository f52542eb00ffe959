//! A store with one workspace, on each kind of database, and the words that most tests need.

use latchkey_domain::id::{CredentialId, WorkspaceId};
use latchkey_domain::run::Run;
use latchkey_store::{Inserted, NewRun, Options, Store, Sync};
use latchkey_tests::database::Database;
use latchkey_tests::requirement;

use crate::samples::{self, NOW};

/// An open store with a workspace in it.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) workspace: WorkspaceId,
    pub(crate) options: Options,
}

/// How a test opens a database.
pub(crate) fn options(database: &Database) -> Options {
    Options {
        url: database.url.clone(),
        sync: Sync::Normal,
    }
}

/// Runs a test on SQLite and, where there is a server, on PostgreSQL.
pub(crate) async fn on_both(test: impl AsyncFn(&World)) {
    latchkey_tests::database::on_both(async |database| {
        let options = options(database);
        let store = Store::open(&options).await.unwrap();
        let workspace = samples::workspace("ours");
        store.insert_workspace(&workspace).await.unwrap();
        let world = World {
            store,
            workspace: workspace.id,
            options,
        };
        test(&world).await;
        world.store.close().await;
    })
    .await;
}

impl World {
    /// Closes the store and opens the same database again.
    pub(crate) async fn reopened(&self) -> Self {
        self.store.close().await;
        Self {
            store: Store::open(&self.options).await.unwrap(),
            workspace: self.workspace,
            options: self.options.clone(),
        }
    }

    /// A second workspace.
    pub(crate) async fn neighbour(&self) -> WorkspaceId {
        let neighbour = samples::workspace("theirs");
        self.store.insert_workspace(&neighbour).await.unwrap();
        neighbour.id
    }

    /// Hands a run over and waits for its commit.
    pub(crate) async fn insert(&self, new: &NewRun) -> Inserted {
        let pending = self.store.insert_run(new).await.unwrap();
        pending.committed().await.unwrap()
    }

    /// A run that is accepted.
    pub(crate) async fn running(&self) -> Run {
        let run = samples::run(self.workspace);
        assert_eq!(self.insert(&samples::new_run(&run)).await, Inserted::New);
        run
    }

    /// Ends a run well, with its only record.
    pub(crate) async fn finish(&self, run: &Run) {
        let end = samples::finished();
        let records = [samples::last_record(1, run.epoch, &end)];
        self.store
            .append(
                run.id,
                run.workspace,
                run.epoch,
                &records,
                &[],
                Some((&end, NOW)),
            )
            .await
            .unwrap();
    }

    /// A stored credential of a provider.
    pub(crate) async fn credential(&self, name: &str) -> CredentialId {
        let credential = samples::credential(self.workspace, name);
        self.store
            .insert_credential(&credential, &samples::sealed("first"), false)
            .await
            .unwrap();
        credential.id
    }
}

#[test]
fn what_is_missing_is_told() {
    if requirement::postgres().is_none() {
        let folder = requirement::workspace().join("crates/store/tests/it");
        let files = std::fs::read_dir(folder).unwrap();
        let sources = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        // With the end of the line before it, so that this line is not counted.
        let tests = sources.map(|source| source.matches("\n    on_both(async").count());
        requirement::tell("postgres", tests.sum());
    }
}
