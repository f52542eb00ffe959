//! Precedence, errors and masking of the settings.

use std::path::PathBuf;

use super::shown::masked;
use super::{Database, Environment, Error, Settings, SqliteSync, Storage};

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(uuid::Uuid::now_v7().to_string());
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The system's temporary folder is cleaned some day anyway.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn of(variables: &[(&str, &str)]) -> Result<Settings, Error> {
    Settings::load(None, &Environment::of(variables))
}

fn of_toml(toml: &str, variables: &[(&str, &str)]) -> Result<Settings, Error> {
    let folder = Folder::new();
    let file = folder.file("latchkey.toml", toml);
    Settings::load(Some(&file), &Environment::of(variables))
}

#[test]
fn nothing_given_is_a_local_server_on_sqlite() {
    let settings = of(&[]).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(
        settings.database,
        Database::Sqlite("data/latchkey.db".into())
    );
    assert_eq!(settings.public_url, "http://127.0.0.1:8080");
    assert_eq!(settings.sqlite_sync, SqliteSync::Full);
    assert!(settings.outbound.allow.is_empty() && !settings.system_credentials);
}

#[test]
fn files_are_in_the_data_directory_or_in_a_folder_of_their_own() {
    let settings = of(&[("LATCHKEY_DATA_DIR", "/data")]).unwrap();
    assert_eq!(settings.storage(), Storage::Folder("/data/files".into()));
    assert_eq!(settings.max_upload_mb, 100);
    let own = [
        ("LATCHKEY_STORAGE_URL", "file:///mnt/files"),
        ("LATCHKEY_MAX_UPLOAD_MB", "15"),
    ];
    let settings = of(&own).unwrap();
    assert_eq!(settings.storage(), Storage::Folder("/mnt/files".into()));
    assert_eq!(settings.max_upload_mb, 15);
}

#[test]
fn the_environment_wins_over_the_file() {
    let toml = "log = 'debug'\nsqlite_sync = 'normal'\noutbound_allow = ['10.0.0.0/8', '127.0.0.0/8']\nsystem_credentials = true\n";
    let settings = of_toml(toml, &[("LATCHKEY_LOG", "warn"), ("LATCHKEY_LISTEN", "")]).unwrap();
    assert_eq!(
        (settings.log.as_str(), settings.sqlite_sync),
        ("warn", SqliteSync::Normal)
    );
    assert_eq!(settings.outbound.allow.len(), 2);
    assert!(settings.system_credentials);
    assert_eq!(settings.origins["log"], "environment");
    assert!(!settings.origins.contains_key("listen"));
}

#[test]
fn a_value_may_stand_in_a_file_of_its_own() {
    let folder = Folder::new();
    let url = folder.file("url", "postgres://u:test-key@host/db\n");
    let file = url.to_str().unwrap();
    let expected = Database::Postgres("postgres://u:test-key@host/db".into());
    let by_variable = of(&[("LATCHKEY_DATABASE_URL_FILE", file)]).unwrap();
    let by_key = of_toml(&format!("database_url_file = '{file}'"), &[]).unwrap();
    // A variable's file is the environment's layer, and so above a plain value in the TOML file.
    let above = of_toml(
        "database_url = 'sqlite://x.db'",
        &[("LATCHKEY_DATABASE_URL_FILE", file)],
    );
    for settings in [by_variable, by_key, above.unwrap()] {
        assert_eq!(settings.database, expected);
    }
}

#[test]
fn the_file_is_named_by_the_environment_too() {
    let folder = Folder::new();
    let file = folder.file("a.toml", "log = 'trace'");
    let environment = Environment::of(&[("LATCHKEY_CONFIG", file.to_str().unwrap())]);
    assert_eq!(Settings::load(None, &environment).unwrap().log, "trace");
    let other = folder.file("b.toml", "log = 'error'");
    let settings = Settings::load(Some(&other), &environment).unwrap();
    assert_eq!(settings.log, "error");
}

#[test]
fn code_has_a_network_only_where_that_is_said() {
    assert!(of(&[]).unwrap().sandbox_network.is_none());
    let bounded = ("LATCHKEY_SANDBOX_NETWORK_MB", "7");
    assert!(of(&[bounded]).unwrap().sandbox_network.is_none());
    let on = ("LATCHKEY_SANDBOX_NETWORK", "on");
    let limits = of(&[on, bounded]).unwrap().sandbox_network.unwrap();
    assert_eq!(limits.bytes, 7 << 20);
    let usual = of_toml("sandbox_network = true", &[]).unwrap();
    assert_eq!(usual.sandbox_network.unwrap().bytes, 100 << 20);
}

#[test]
fn wrong_values_name_their_setting() {
    for (name, value) in [
        ("LATCHKEY_LISTEN", "nowhere"),
        ("LATCHKEY_DATABASE_URL", "mysql://x"),
        ("LATCHKEY_SQLITE_SYNC", "perhaps"),
        ("LATCHKEY_OUTBOUND_ALLOW", "everything"),
        ("LATCHKEY_FIRST_TOKEN", "lk_short"),
        ("LATCHKEY_MASTER_KEY", "short"),
        ("LATCHKEY_PUBLIC_URL", "ftp://x"),
        ("LATCHKEY_SYSTEM_CREDENTIALS", "maybe"),
        ("LATCHKEY_LOG", "=="),
        ("LATCHKEY_STORAGE_URL", "files"),
        ("LATCHKEY_STORAGE_URL", "file://files"),
        ("LATCHKEY_MAX_UPLOAD_MB", "0"),
        ("LATCHKEY_MAX_UPLOAD_MB", "much"),
        ("LATCHKEY_SANDBOX_SECONDS", "0"),
        ("LATCHKEY_SANDBOX_MEMORY_MB", "1GB"),
        ("LATCHKEY_SANDBOX_PROCESSES", "257"),
        ("LATCHKEY_SANDBOX_PACKAGES", "/no/such"),
        ("LATCHKEY_SANDBOX_NETWORK", "yes"),
        ("LATCHKEY_SANDBOX_NETWORK_MB", "0"),
        ("LATCHKEY_RETENTION_RUNS", "90"),
        ("LATCHKEY_RETENTION_LEDGER", "never"),
    ] {
        let error = of(&[(name, value)]).unwrap_err();
        assert_eq!(
            (error.code, error.setting.as_str()),
            ("setting_invalid", name)
        );
    }
}

#[test]
fn files_are_refused_for_a_reason() {
    for (toml, code, part) in [
        ("lisen = 'x'", "setting_unknown", "lisen in "),
        ("[server]\nlog = 'x'", "setting_unknown", "server in "),
        ("log = 5", "setting_invalid", "log in "),
        ("listen = 'x'", "setting_invalid", "listen in "),
        (
            "log_file = '/no/such'",
            "setting_unreadable",
            "log_file in ",
        ),
        ("listen = ", "setting_invalid", "line 1"),
    ] {
        let error = of_toml(toml, &[]).unwrap_err();
        assert_eq!(error.code, code, "{toml}: {error}");
        assert!(error.to_string().contains(part), "{toml}: {error}");
    }
    let both = [("LATCHKEY_LOG", "info"), ("LATCHKEY_LOG_FILE", "/x")];
    assert_eq!(of(&both).unwrap_err().code, "setting_given_twice");
}

#[test]
fn no_error_and_no_debug_shows_a_secret() {
    let secret = "test-key-7f3c";
    let wrong = [
        of(&[("LATCHKEY_MASTER_KEY", secret)]),
        of(&[("LATCHKEY_FIRST_TOKEN", secret)]),
        of(&[("LATCHKEY_DATABASE_URL", secret)]),
        of_toml(&format!("master_key = '{secret}"), &[]),
        of_toml(&format!("master_key = {secret}"), &[]),
        of_toml(&format!("master_key = '{secret}'"), &[]),
    ];
    for result in wrong {
        let said = format!("{:?}", result.unwrap_err());
        assert!(!said.contains(secret), "{said}");
    }
    let url = format!("postgres://u:{secret}@host/db");
    let bucket = format!("s3://id:{secret}@bucket");
    let settings = of(&[
        ("LATCHKEY_DATABASE_URL", &url),
        ("LATCHKEY_NATS_URL", &url),
        ("LATCHKEY_STORAGE_URL", &bucket),
    ]);
    let settings = settings.unwrap();
    let said = format!("{:?}", settings.storage());
    assert!(!said.contains(secret), "{said}");
    let said = format!("{settings:?}");
    assert!(!said.contains(secret), "{said}");
}

#[test]
fn urls_are_shown_without_what_is_secret_in_them() {
    for (url, shown) in [
        ("postgres://u:p@host:1/db", "postgres://…@host:1/db"),
        ("postgres://u:p@ss?w@host/db?x=y", "postgres://…@host/db"),
        ("postgres://host/db?password=p", "postgres://host/db"),
        ("no url", "…"),
    ] {
        assert_eq!(masked(url), shown);
    }
}

#[test]
fn the_sandbox_is_set_up_by_settings() {
    let usual = of(&[]).unwrap().sandbox;
    assert_eq!(usual, latchkey_sandbox::Config::default());
    let own = of(&[
        ("LATCHKEY_SANDBOX_PYTHON", "/opt/python/bin/python3"),
        ("LATCHKEY_SANDBOX_SECONDS", "60"),
        ("LATCHKEY_SANDBOX_MEMORY_MB", "1024"),
        ("LATCHKEY_SANDBOX_PROCESSES", "3"),
        ("LATCHKEY_SANDBOX_NETWORK", "off"),
    ]);
    let own = own.unwrap().sandbox;
    assert_eq!(own.python, Some("/opt/python/bin/python3".into()));
    assert_eq!(
        (
            own.limits.time.as_secs(),
            own.limits.memory >> 20,
            own.jobs_at_once
        ),
        (60, 1024, 3)
    );
}

#[test]
fn programs_are_listed_in_tables_or_in_one_text() {
    assert!(of(&[]).unwrap().mcp_programs.is_empty());
    let toml = "[mcp_stdio.files]\ncommand = '/bin/files'\nargs = ['-r', '/srv']\ndirectory = '/srv'\nprocesses = 2\nseconds = 5\n\
        [mcp_stdio.files.environment]\nTOKEN = '${credential.api_key}'\n[mcp_stdio.plain]\ncommand = '/bin/plain'\n";
    let listed = of_toml(toml, &[]).unwrap().mcp_programs;
    let files = &listed["files"];
    assert_eq!(files.program.command, PathBuf::from("/bin/files"));
    assert_eq!(files.program.arguments, ["-r", "/srv"]);
    assert_eq!((files.processes, files.patience.as_secs()), (2, 5));
    assert_eq!(files.environment.names().collect::<Vec<_>>(), ["TOKEN"]);
    assert_eq!(listed["plain"].idle.as_secs(), 300);
    // A text of the environment stands for all of them.
    let text = r#"{"other": {"command": "/bin/other", "memory_mb": 64}}"#;
    let listed = of_toml(toml, &[("LATCHKEY_MCP_STDIO", text)]);
    let listed = listed.unwrap().mcp_programs;
    assert_eq!(listed.keys().collect::<Vec<_>>(), ["other"]);
    assert_eq!(listed["other"].program.memory, 64 << 20);
}

#[test]
fn a_wrong_program_is_named_without_what_is_secret_in_it() {
    for (text, part) in [
        ("{s3cret", "no JSON at line 1"),
        ("[]", "a table is needed"),
        (r#"{"A": {"command": "/x"}}"#, "small letters"),
        (r#"{"a": {}}"#, "command of a of "),
        (r#"{"a": {"command": "x"}}"#, "a path from the root"),
        (r#"{"a": {"command": "/x", "args": "s3cret"}}"#, "args of a"),
        (r#"{"a": {"command": "/x", "env": {}}}"#, "env of a"),
        (
            r#"{"a": {"command": "/x", "environment": {"K": 5}}}"#,
            "environment of a",
        ),
        (
            r#"{"a": {"command": "/x", "environment": {"K": "s3cret ${credential.x}"}}}"#,
            "K: a credential has",
        ),
        (r#"{"a": {"command": "/x", "seconds": 0}}"#, "from 1 to 600"),
        (
            r#"{"a": {"command": "/x", "directory": 5}}"#,
            "directory of a",
        ),
    ] {
        let error = of(&[("LATCHKEY_MCP_STDIO", text)]).unwrap_err().to_string();
        assert!(
            error.contains(part) && !error.contains("s3cret"),
            "{text}: {error}"
        );
        assert!(error.contains("LATCHKEY_MCP_STDIO"), "{error}");
    }
    let toml = "[mcp_stdio.a]\ncommand = 's3cret'";
    let error = of_toml(toml, &[]).unwrap_err().to_string();
    assert!(
        error.contains("command of a of mcp_stdio in ") && !error.contains("s3cret"),
        "{error}"
    );
}

#[test]
fn misspelt_variables_are_refused() {
    let others = [
        ("LATCHKEY_API_KEY", "x"),
        ("LATCHKEY_SANDBOX_SECONDS", "5"),
        ("LATCHKEY_LOG_FILE", ""),
        ("PATH", "x"),
    ];
    assert!(of(&others).is_ok());
    for name in [
        "LATCHKEY_LISTENS",
        "LATCHKEY_SQLITE_SINC",
        "LATCHKEY_SANDBOX_URL",
        "LATCHKEY_",
    ] {
        let error = of(&[(name, "x")]).unwrap_err();
        let told = (error.code, error.setting.as_str());
        assert_eq!(told, ("setting_unknown", name));
    }
}
