//! The end of a load: records of one token are joined, and what is known only when every source was read is applied.
//!
//! The first record of each cluster is in the store, the later ones are laid aside in a temporary table. Clusters come back in the
//! order of their tokens, one at a time, so that memory stays bounded.

use super::load::Loader;
use super::recall::Recall;
use super::settle::settle;
use super::{LoadError, Settlement, StoredSource, identities, vanished};
use crate::inventory::join::{Joined, Place, SourceWord, Stated, join, take_unusable};
use crate::inventory::record::Record;
use rusqlite::{Row, params};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Index of a source in the list of all, by its key.
type Places = HashMap<i64, usize>;

impl Loader<'_> {
    /// Joins the clusters, applies what is known only now, and ends the load. `sources` are all sources of the run.
    pub fn finish(mut self, sources: &[StoredSource], settlement: &Settlement) -> Result<(), LoadError> {
        self.try_finish(sources, settlement).map_err(|source| self.failed(source))
    }

    fn try_finish(&mut self, sources: &[StoredSource], settlement: &Settlement) -> rusqlite::Result<()> {
        let connection = self.connection;
        self.join_clusters(sources)?;
        vanished::note(connection, &self.run, sources)?;
        identities::count_again(connection, &self.run, sources, &mut self.states, &mut self.lists)?;
        self.complete_purposes(settlement)?;
        settle(connection, &self.run, settlement, &mut self.classes)?;
        connection.execute(
            "UPDATE run SET last_token_key = ?2, last_list_key = ?3 WHERE run_key = ?1",
            params![self.run.run_key, self.next_token_key - 1, self.lists.next() - 1],
        )?;
        connection.execute_batch("COMMIT; DROP INDEX temp.aside_by_cluster; DROP TABLE temp.aside")?;
        // The checks read the file itself, mapped into memory, and not pages scattered over the log.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    }

    fn join_clusters(&mut self, sources: &[StoredSource]) -> rusqlite::Result<()> {
        let words: Vec<SourceWord> = sources.iter().map(|source| source.word.clone()).collect();
        let places: Places = sources.iter().enumerate().map(|(index, source)| (source.source_key, index)).collect();
        let connection = self.connection;
        connection.execute_batch("CREATE INDEX temp.aside_by_cluster ON aside (cluster)")?;
        let mut recall = Recall::new(connection)?;
        let groups = grouped(&self.links);
        let linked: BTreeSet<i64> = groups.values().flatten().copied().collect();
        let mut of_cluster = connection.prepare("SELECT source_key, line, record FROM temp.aside WHERE cluster = ?1")?;
        for members in groups.values() {
            let mut stated = Vec::new();
            for &cluster in members {
                stated.push(first(&mut recall, cluster, &places)?);
                let mut rows = of_cluster.query([cluster])?;
                while let Some(row) = rows.next()? {
                    stated.push(later(row, &places)?);
                }
            }
            self.store_cluster(members, stated, &words, sources)?;
        }
        let mut all = connection.prepare("SELECT source_key, line, record, cluster FROM temp.aside ORDER BY cluster")?;
        let mut rows = all.query([])?;
        let (mut cluster, mut stated): (i64, Vec<Stated>) = (0, Vec::new());
        while let Some(row) = rows.next()? {
            let next: i64 = row.get(3)?;
            if linked.contains(&next) {
                continue;
            }
            if next != cluster {
                if !stated.is_empty() {
                    self.store_cluster(&BTreeSet::from([cluster]), std::mem::take(&mut stated), &words, sources)?;
                }
                cluster = next;
                stated.push(first(&mut recall, cluster, &places)?);
            }
            stated.push(later(row, &places)?);
        }
        if !stated.is_empty() {
            self.store_cluster(&BTreeSet::from([cluster]), stated, &words, sources)?;
        }
        Ok(())
    }

    /// Puts the tokens of a cluster in the place of its first records.
    fn store_cluster(
        &mut self,
        members: &BTreeSet<i64>,
        mut stated: Vec<Stated>,
        words: &[SourceWord],
        sources: &[StoredSource],
    ) -> rusqlite::Result<()> {
        for &cluster in members {
            self.connection.prepare_cached("DELETE FROM token_record WHERE token_key = ?1")?.execute([cluster])?;
            self.connection.prepare_cached("DELETE FROM field_problem WHERE token_key = ?1")?.execute([cluster])?;
        }
        for (place, reason) in take_unusable(&mut stated, words) {
            self.reject(place, reason, sources)?;
        }
        let mut token_key = members.first().copied();
        for joined in join(stated, words) {
            let key = token_key.take().unwrap_or_else(|| self.new_token_key());
            self.store_joined(key, &joined, sources)?;
        }
        self.commit_now_and_then()
    }

    fn store_joined(&mut self, token_key: i64, joined: &Joined, sources: &[StoredSource]) -> rusqlite::Result<()> {
        let key_of = |index: usize| sources.get(index).map(|source| source.source_key);
        let heard = joined.heard.first().and_then(|place| key_of(place.source)).unwrap_or_default();
        let duplicate = match (joined.duplicates.is_empty(), joined.duplicates_differ) {
            (true, _) => None,
            (false, false) => Some("exact-duplicate"),
            (false, true) => Some("conflicting-duplicate"),
        };
        self.store(token_key, heard, joined.heard.len(), duplicate, &joined.record)?;
        self.outcomes(token_key, "duplicate", &joined.duplicates, sources)?;
        self.outcomes(token_key, "superseded", &joined.superseded, sources)?;
        if joined.heard.len() > 1 || !joined.duplicates.is_empty() {
            let mut statement = self
                .connection
                .prepare_cached("INSERT OR IGNORE INTO token_source (token_key, source_key, line) VALUES (?1, ?2, ?3)")?;
            for place in &joined.heard {
                statement.execute(params![token_key, key_of(place.source), place.line])?;
            }
        }
        let mut statement =
            self.connection.prepare_cached("INSERT INTO field_source (token_key, field, source_key) VALUES (?1, ?2, ?3)")?;
        for (field, source) in &joined.field_sources {
            statement.execute(params![token_key, field.name(), key_of(*source)])?;
        }
        let mut statement = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO field_contradiction (token_key, field, used, used_source_key, other, other_source_key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for conflict in &joined.conflicts {
            let (used, other) = (key_of(conflict.used_source), key_of(conflict.other_source));
            statement.execute(params![token_key, conflict.field.name(), conflict.used, used, conflict.other, other])?;
        }
        Ok(())
    }

    /// Keeps a row that turned out to be of no use only now.
    fn reject(&self, place: Place, reason: &str, sources: &[StoredSource]) -> rusqlite::Result<()> {
        let source_key = sources.get(place.source).map(|source| source.source_key);
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO run_row (run_key, source_key, line, outcome, reason) VALUES (?1, ?2, ?3, 'rejected', ?4)",
        )?;
        statement.execute(params![self.run.run_key, source_key, place.line, reason])?;
        let mut statement = self
            .connection
            .prepare_cached("UPDATE run_source SET rows_rejected = rows_rejected + 1 WHERE run_key = ?1 AND source_key = ?2")?;
        statement.execute(params![self.run.run_key, source_key]).map(drop)
    }

    fn outcomes(&self, token_key: i64, outcome: &str, places: &[Place], sources: &[StoredSource]) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO run_row (run_key, source_key, line, outcome, reason, token_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let reason = if outcome == "duplicate" { "the token is listed again" } else { "a newer export states the token" };
        for place in places {
            let source_key = sources.get(place.source).map(|source| source.source_key);
            statement.execute(params![self.run.run_key, source_key, place.line, outcome, reason, token_key])?;
        }
        Ok(())
    }
}

/// The record of a cluster that was stored at once.
fn first(recall: &mut Recall<'_>, cluster: i64, places: &Places) -> rusqlite::Result<Stated> {
    let (record, source_key) = recall.record(cluster)?;
    Ok(Stated { record, source: places.get(&source_key).copied().unwrap_or_default() })
}

/// A record that was laid aside: source, line and text of the row.
fn later(row: &Row<'_>, places: &Places) -> rusqlite::Result<Stated> {
    let text = row.get_ref(2)?.as_str()?;
    let mut record: Record = serde_json::from_str(text).map_err(|_| rusqlite::Error::InvalidQuery)?;
    record.line = row.get(1)?;
    let source_key: i64 = row.get(0)?;
    Ok(Stated { record, source: places.get(&source_key).copied().unwrap_or_default() })
}

/// Clusters that belong together, by the first of each.
fn grouped(links: &[(i64, i64)]) -> BTreeMap<i64, BTreeSet<i64>> {
    let mut groups: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    let mut first_of: HashMap<i64, i64> = HashMap::new();
    for &(one, other) in links {
        let root = |mut key: i64| {
            while let Some(&first) = first_of.get(&key) {
                key = first;
            }
            key
        };
        let (one, other) = (root(one), root(other));
        if one != other {
            let (first, second) = (one.min(other), one.max(other));
            first_of.insert(second, first);
            let moved = groups.remove(&second).unwrap_or_else(|| BTreeSet::from([second]));
            groups.entry(first).or_insert_with(|| BTreeSet::from([first])).extend(moved);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_are_grouped_through_any_chain_of_links() {
        let groups = grouped(&[(3, 5), (9, 5), (2, 3), (7, 8), (9, 2)]);
        assert_eq!(groups, BTreeMap::from([(2, BTreeSet::from([2, 3, 5, 9])), (7, BTreeSet::from([7, 8]))]));
    }
}
