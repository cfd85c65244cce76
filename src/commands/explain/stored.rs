//! `countersign explain ID --sql`: the query of a stored run, for the sqlite3 shell.

use crate::checks::{Catalog, catalog, rerun};
use crate::error::Error;
use crate::nearest::did_you_mean;
use crate::render::clean;
use crate::report::words;
use crate::store::{Archive, StoredRun, list_views, run_views, without_views};
use std::path::Path;

/// How many runs an error names.
const NAMED_RUNS: usize = 5;

/// The statements that give, in any SQLite shell on the database, what the check said in that run: one row for each subject.
///
/// # Errors
/// If there is no such database, run or check, or the stored text is none that a check may have.
pub fn query(database: &Path, run: Option<&str>, check: &str, catalog: &Catalog) -> Result<String, Error> {
    let archive = Archive::open(database)?;
    let run = chosen(archive.runs()?, run, database)?;
    // a check that was renamed, or whose file is not at hand, is still known to the run by its id
    let id = catalog.find(check).map_or_else(|| check.to_uppercase(), |check| check.id.clone());
    let Some(stored) = archive.check(&run, &id)? else {
        let ids = archive.check_ids(&run)?;
        let hint = did_you_mean(check, ids.iter().map(String::as_str));
        return Err(Error::Unknown { what: "check in that run", name: check.to_owned(), hint });
    };
    let refused = |problem: String, hint: &str| Error::Inventory { name: id.clone(), problem, hint: hint.to_owned() };
    if !stored.selected {
        let problem = format!("the policy of run {} left it off, so it decided nothing", run.run_key);
        return Err(refused(problem, "name another run with --run"));
    }
    let altered = "the database was changed after the run: audit again";
    let query = rerun::written_out(&stored.sql, &stored.parameters)
        .map_err(|name| refused(format!("nothing is stored for its parameter `{name}`"), altered))?;
    let own = !catalog::is_ours(&id);
    archive.try_out(&run, &query, own)?.map_err(|error| refused(format!("its stored text is no check: {error}"), altered))?;
    let lists = if own { list_views() } else { String::new() };
    Ok(format!(
        "-- {id} as run {} decided it: id {}, as of {}, policy {}.\n\
         -- For the sqlite3 shell on the database; it makes temporary views of that run and changes nothing.\n\
         {}{}{lists}{query}\n;\n",
        run.run_key,
        clean::line(&run.run_id),
        words::instant(run.as_of),
        clean::line(&run.policy),
        without_views(),
        run_views(run.run_key),
    ))
}

/// The run with that number or id; the latest if none is named.
fn chosen(runs: Vec<StoredRun>, named: Option<&str>, database: &Path) -> Result<StoredRun, Error> {
    let told = |run: &StoredRun| {
        let period = run.period.as_ref().map(|period| format!(", {period}")).unwrap_or_default();
        format!("{} (as of {}{period}, policy {})", run.run_key, words::instant(run.as_of), run.policy)
    };
    let known: Vec<String> = runs.iter().take(NAMED_RUNS).map(told).collect();
    let found = match named {
        None => runs.into_iter().next(),
        Some(name) => {
            let is_named = |run: &StoredRun| run.run_id == name || name.parse() == Ok(run.run_key);
            runs.into_iter().find(is_named)
        }
    };
    found.ok_or_else(|| Error::Inventory {
        name: database.display().to_string(),
        problem: named.map_or_else(|| "it holds no run".to_owned(), |name| format!("it holds no run {name}")),
        hint: if known.is_empty() { "run an audit first".to_owned() } else { format!("the latest are {}", known.join("; ")) },
    })
}
