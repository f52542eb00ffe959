//! The crash-point matrix, whole: `crash [sqlite|postgres]…`, both unless said. Prints `N passed, M failed`, and exits with 1 when one
//! has failed.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Result, bail};

use latchkey_tests::crash::Matrix;
use latchkey_tests::requirement;
use latchkey_tests::server::Setup;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let mut wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.is_empty() {
        wanted = vec!["sqlite".to_owned(), "postgres".to_owned()];
    }
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for database in wanted {
        let setup = match (database.as_str(), requirement::postgres()) {
            ("sqlite", _) => Setup::sqlite(),
            ("postgres", Some(server)) => Setup::postgres(server).await,
            ("postgres", None) => {
                writeln!(
                    io::stdout(),
                    "postgres is missing: its places were not tried"
                )?;
                continue;
            }
            (other, _) => bail!("{other} is no database: sqlite or postgres"),
        };
        let mut matrix = Matrix::prepare(setup).await;
        let places = matrix.record().await;
        writeln!(io::stdout(), "{database}: {} places", places.len())?;
        let mut tried = 0;
        for place in &places {
            tried += 1;
            match matrix.try_at(place).await {
                Ok(()) => passed += 1,
                Err(why) => {
                    failed += 1;
                    writeln!(io::stdout(), "{database}: {place}: {why}")?;
                }
            }
        }
        if tried != places.len() || places.is_empty() {
            bail!("{tried} of {} places were tried", places.len());
        }
    }
    writeln!(io::stdout(), "{passed} passed, {failed} failed")?;
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
