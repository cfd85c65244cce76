//! Joining: what several sources say of one token, brought together field by field (decisions, 8 to 11).
//!
//! A cluster holds every record with one provider and token id. It falls apart by account; a record without an account joins
//! the only stated one. Files of one export supersede each other: of those with different dates the newest speaks, of equal ones the
//! record whose canonical text sorts lowest. Between exports the strongest state wins, and between equal states the source
//! whose word counts most. The order of files and rows never matters.
//! Lists of places and shares are the exception: they add up, so that no source can hide the exposed copy that another one found.

use super::field::{FIELDS, Field};
use super::format::Standing;
use super::formats::{name_aws_keys, series, unusable_aws_answers};
use super::record::{Cell, Precision, ProblemKind, Record, State, Value};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// What decides how much a source's word counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceWord {
    /// What the file is an export of; files of one export supersede each other by age.
    pub export: String,
    /// `[[source]] rank`: 1 counts most, none comes after all.
    pub rank: Option<i64>,
    pub standing: Standing,
    /// UTC seconds.
    pub exported_at: Option<i64>,
    pub sha256: String,
}

impl SourceWord {
    /// Sorts sources by how much their word counts, most first.
    fn precedence(&self) -> impl Ord + use<'_> {
        (self.rank.unwrap_or(i64::MAX), self.standing, Reverse(self.exported_at), &self.sha256)
    }
}

/// A record and the source (by index) that states it; the record's line is that of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    pub record: Record,
    pub source: usize,
}

/// A place that states a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub source: usize,
    pub line: u64,
}

/// A value that lost against another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub field: Field,
    pub used: String,
    pub used_source: usize,
    pub other: String,
    pub other_source: usize,
}

/// One token out of all that was said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    pub record: Record,
    /// Who was heard, the strongest word first.
    pub heard: Vec<Place>,
    /// Who stated each field that has a value; only for tokens that more than one source states.
    pub field_sources: Vec<(Field, usize)>,
    pub conflicts: Vec<Conflict>,
    /// Repeated rows of one export, the one that was heard left out.
    pub duplicates: Vec<Place>,
    /// True if some repeated row differs from the one that was heard.
    pub duplicates_differ: bool,
    /// Rows of an older file of the same export.
    pub superseded: Vec<Place>,
}

/// Brings a cluster together: one token for each account in it.
pub fn join(cluster: Vec<Stated>, sources: &[SourceWord]) -> Vec<Joined> {
    let tokens = by_identity(cluster).into_iter().flat_map(|records| by_series(records, sources));
    tokens.filter_map(|records| join_token(records, sources)).collect()
}

/// Takes out of a cluster what does not say which of several tokens it is about, with the reason. Call it before [`join`].
pub fn take_unusable(cluster: &mut Vec<Stated>, sources: &[SourceWord]) -> Vec<(Place, &'static str)> {
    name_keys(cluster);
    let exported_at = |entry: &Stated| sources.get(entry.source).and_then(|source| source.exported_at);
    let records: Vec<_> = cluster.iter().map(|entry| (&entry.record, exported_at(entry))).collect();
    let unusable = unusable_aws_answers(&records);
    let taken = unusable.iter().filter_map(|(index, reason)| Some((place(cluster.get(*index)?), *reason))).collect();
    let mut index = 0..;
    cluster.retain(|_| index.next().is_none_or(|index| !unusable.contains_key(&index)));
    taken
}

/// Gives records of AWS keys that name no id the one that another source states for them (decisions, 26).
fn name_keys(cluster: &mut [Stated]) {
    name_aws_keys(&mut cluster.iter_mut().map(|entry| &mut entry.record).collect::<Vec<_>>());
}

/// Splits records with one id that the provider's own exports count apart. What another source says goes to the series it names, or
/// to the only one there is.
fn by_series(records: Vec<Stated>, sources: &[SourceWord]) -> Vec<Vec<Stated>> {
    let is_providers = |entry: &Stated| sources.get(entry.source).is_some_and(|source| source.standing <= Standing::SecretStore);
    let told: BTreeSet<String> =
        records.iter().filter(|entry| is_providers(entry)).filter_map(|entry| series(&entry.record).map(str::to_owned)).collect();
    if told.len() < 2 {
        return vec![records];
    }
    let mut tokens: BTreeMap<Option<String>, Vec<Stated>> = BTreeMap::new();
    for entry in records {
        let series = series(&entry.record).filter(|series| told.contains(*series)).map(str::to_owned);
        tokens.entry(series).or_default().push(entry);
    }
    tokens.into_values().collect()
}

/// Splits a cluster into tokens.
fn by_identity(mut cluster: Vec<Stated>) -> Vec<Vec<Stated>> {
    name_keys(&mut cluster);
    let mut stated: BTreeMap<(String, String, String), Vec<Stated>> = BTreeMap::new();
    let mut unstated: BTreeMap<(String, String), Vec<Stated>> = BTreeMap::new();
    for entry in cluster {
        let text = |field| entry.record.text(field).unwrap_or_default().to_owned();
        let (provider, token_id) = (text(Field::Provider), text(Field::TokenId));
        match entry.record.text(Field::Account) {
            Some(account) if account != UNSTATED => {
                let account = account.to_owned();
                stated.entry((provider, token_id, account)).or_default().push(entry);
            }
            _ => unstated.entry((provider, token_id)).or_default().push(entry),
        }
    }
    let mut tokens = Vec::new();
    for ((provider, token_id), entries) in unstated {
        let mut accounts = stated.iter_mut().filter(|((p, t, _), _)| *p == provider && *t == token_id);
        match (accounts.next(), accounts.next()) {
            (Some((_, only)), None) => only.extend(entries),
            _ => tokens.push(entries),
        }
    }
    tokens.extend(stated.into_values());
    tokens
}

/// The account of a record whose source states none (decisions, 8).
pub const UNSTATED: &str = "unstated";

fn join_token(records: Vec<Stated>, sources: &[SourceWord]) -> Option<Joined> {
    let mut exports: BTreeMap<String, Vec<Stated>> = BTreeMap::new();
    for entry in records {
        let export = sources.get(entry.source).map(|source| source.export.clone()).unwrap_or_default();
        exports.entry(export).or_default().push(entry);
    }
    let mut joined = Joined {
        record: Record::new(0),
        heard: Vec::new(),
        field_sources: Vec::new(),
        conflicts: Vec::new(),
        duplicates: Vec::new(),
        duplicates_differ: false,
        superseded: Vec::new(),
    };
    let mut voices: Vec<Stated> = exports.into_values().filter_map(|export| voice(export, sources, &mut joined)).collect();
    voices.sort_by(|a, b| {
        let word = |entry: &Stated| sources.get(entry.source).map(SourceWord::precedence);
        word(a).cmp(&word(b)).then_with(|| place(a).cmp(&place(b)))
    });
    joined.heard = voices.iter().map(place).collect();
    let mut voices = voices.into_iter();
    let first = voices.next()?;
    let mut winners = [first.source; FIELDS.len()];
    joined.record = first.record;
    for voice in voices {
        hear(&mut joined, &mut winners, voice);
    }
    if joined.heard.len() > 1 {
        let valued = FIELDS.iter().filter(|spec| joined.record.get(spec.field).state == State::Value);
        joined.field_sources = valued.map(|spec| (spec.field, winners[spec.field as usize])).collect();
    }
    joined.duplicates.sort_unstable();
    joined.superseded.sort_unstable();
    Some(joined)
}

fn place(entry: &Stated) -> Place {
    Place { source: entry.source, line: entry.record.line }
}

/// The one record that speaks for an export; the others become duplicates or superseded.
fn voice(mut export: Vec<Stated>, sources: &[SourceWord], joined: &mut Joined) -> Option<Stated> {
    let exported_at = |entry: &Stated| sources.get(entry.source).and_then(|source| source.exported_at);
    let newest = export.iter().filter_map(exported_at).max();
    let (older, mut current): (Vec<_>, Vec<_>) =
        export.drain(..).partition(|entry| exported_at(entry).is_some_and(|at| Some(at) < newest));
    joined.superseded.extend(older.iter().map(place));
    if current.len() > 1 {
        current.sort_by_cached_key(|entry| (canonical_text(&entry.record), place(entry)));
    }
    let mut current = current.into_iter();
    let first = current.next()?;
    for other in current {
        joined.duplicates_differ |= canonical_text(&other.record) != canonical_text(&first.record);
        joined.duplicates.push(place(&other));
    }
    Some(first)
}

/// The canonical serialisation of a record.
pub fn canonical_text(record: &Record) -> String {
    serde_json::to_string(record).unwrap_or_default()
}

/// Adds what a source with a weaker word says.
fn hear(joined: &mut Joined, winners: &mut [usize; FIELDS.len()], voice: Stated) {
    for spec in FIELDS {
        if add_up(spec.field, joined.record.cell_mut(spec.field), voice.record.get(spec.field)) {
            continue;
        }
        let (held, said) = (joined.record.get(spec.field), voice.record.get(spec.field));
        let replaces = said.state > held.state || says_more(spec.field, held, said);
        // Where a value cannot change after creation, rotation only repeats the creation date, which is compared on its own.
        let repeats = spec.field == Field::LastRotatedAt
            && [&joined.record, &voice.record].iter().any(|record| record.get(spec.field) == record.get(Field::CreatedAt));
        // What belongs to the whole identity is counted again when all of its secrets are known.
        let of_identity = matches!(spec.field, Field::ActiveSecretCount | Field::Secrets)
            && [&joined.record, &voice.record].iter().any(|record| record.identity.is_some());
        if !repeats && !of_identity && contradict(spec.field, held, said) {
            let (held, said) = ((spell(held), winners[spec.field as usize]), (spell(said), voice.source));
            let (used, other) = if replaces { (said, held) } else { (held, said) };
            let conflict =
                Conflict { field: spec.field, used: used.0, used_source: used.1, other: other.0, other_source: other.1 };
            joined.conflicts.push(conflict);
        }
        if replaces {
            joined.record.set(spec.field, said.clone());
            winners[spec.field as usize] = voice.source;
            // What was wrong with the weaker value no longer concerns the token.
            joined.record.problems.retain(|problem| problem.field != spec.name || problem.kind == ProblemKind::Secret);
            let problems = voice.record.problems.iter().filter(|problem| problem.field == spec.name);
            joined.record.problems.extend(problems.cloned());
        }
    }
    joined.record.identity = joined.record.identity.take().or(voice.record.identity);
    for (name, value) in voice.record.tags {
        joined.record.tags.entry(name).or_insert(value);
    }
    let held: BTreeSet<_> = joined.record.problems.iter().cloned().collect();
    let secrets = voice.record.problems.into_iter().filter(|problem| problem.kind == ProblemKind::Secret);
    joined.record.problems.extend(secrets.filter(|problem| !held.contains(problem)));
}

/// Places and shares of several sources add up: that one source knows a vault does not deny the copy that another one found.
/// True if both cells list something and the first now lists all of it.
fn add_up(field: Field, held: &mut Cell, said: &Cell) -> bool {
    match (&mut held.value, &said.value) {
        (Value::Items(held), Value::Items(said)) if matches!(field, Field::Storage | Field::Shares) => {
            let new: Vec<_> = said.iter().filter(|item| !held.contains(item)).cloned().collect();
            held.extend(new);
            true
        }
        _ => false,
    }
}

/// An account that is stated says more than the word for "unstated".
fn says_more(field: Field, held: &Cell, said: &Cell) -> bool {
    field == Field::Account && said.state == State::Value && held.as_text() == Some(UNSTATED) && said.as_text() != Some(UNSTATED)
}

/// True if both sources commit themselves, and not to the same. Accounts and ids differ only where they were joined on purpose.
pub fn contradict(field: Field, held: &Cell, said: &Cell) -> bool {
    let committed = |cell: &Cell| cell.state >= State::None;
    committed(held) && committed(said) && !matches!(field, Field::Account | Field::TokenId) && !agree(held, said)
}

/// True if two cells say the same: lists in any order, times and dates on the same UTC date where one is a date only.
fn agree(held: &Cell, said: &Cell) -> bool {
    if held.state != said.state {
        return false;
    }
    match (&held.value, &said.value) {
        (Value::Date(a), Value::Date(b)) if a.precision == Precision::Date || b.precision == Precision::Date => {
            a.seconds.div_euclid(86_400) == b.seconds.div_euclid(86_400)
        }
        (Value::Date(a), Value::Date(b)) => a.seconds == b.seconds,
        (Value::Words(a), Value::Words(b)) => sorted(a) == sorted(b),
        (Value::Scopes(a), Value::Scopes(b)) => {
            let names = |scopes: &[super::record::Scope]| scopes.iter().map(|scope| scope.name.clone()).collect::<BTreeSet<_>>();
            names(a) == names(b)
        }
        (Value::Items(a), Value::Items(b)) => sorted(a) == sorted(b),
        (a, b) => a == b,
    }
}

fn sorted<T: Ord>(list: &[T]) -> Vec<&T> {
    let mut list: Vec<&T> = list.iter().collect();
    list.sort_unstable();
    list
}

/// A value in words, for the list of contradictions.
pub fn spell(cell: &Cell) -> String {
    let instant = |date: &super::record::Date| {
        let form = if date.precision == Precision::Date { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%SZ" };
        chrono::DateTime::from_timestamp(date.seconds, 0).map(|at| at.format(form).to_string()).unwrap_or_default()
    };
    match &cell.value {
        Value::Nothing => cell.state.word().to_owned(),
        Value::Text(text) => text.clone(),
        Value::Date(date) => instant(date),
        Value::Count(count) => count.to_string(),
        Value::Words(words) => words.join("; "),
        Value::Scopes(scopes) => scopes.iter().map(|scope| scope.name.as_str()).collect::<Vec<_>>().join("; "),
        Value::Dates(dates) => {
            dates.iter().map(|(name, date)| format!("{name}={}", instant(date))).collect::<Vec<_>>().join("; ")
        }
        Value::Items(items) => {
            let entries = items.iter().map(|item| {
                let parts = item.parts.iter().filter(|part| part.state == State::Value).map(spell);
                parts.collect::<Vec<_>>().join(", ")
            });
            entries.collect::<Vec<_>>().join(" | ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(export: &str, standing: Standing, exported_at: Option<i64>, sha256: &str) -> SourceWord {
        SourceWord { export: export.to_owned(), rank: None, standing, exported_at, sha256: sha256.to_owned() }
    }

    fn record(line: u64, account: Option<&str>, owner: Option<&str>) -> Record {
        let mut record = Record::new(line);
        record.set_text(Field::Provider, "aws");
        record.set_text(Field::TokenId, "AKIAEXAMPLE");
        if let Some(account) = account {
            record.set_text(Field::Account, account);
        }
        if let Some(owner) = owner {
            record.set_text(Field::Owner, owner);
        }
        record
    }

    fn two_formats() -> Vec<SourceWord> {
        vec![
            source("sheet", Standing::Canonical, Some(20), "a"),
            source("export", Standing::Provider, Some(10), "b"),
            source("export", Standing::Provider, Some(30), "c"),
        ]
    }

    #[test]
    fn the_providers_word_counts_more_and_a_difference_is_recorded() {
        let cluster = vec![
            Stated { record: record(2, Some("1"), Some("ann")), source: 0 },
            Stated { record: record(5, Some("1"), Some("bob")), source: 1 },
        ];
        let joined = join(cluster, &two_formats());
        assert_eq!(joined.len(), 1);
        assert_eq!(joined[0].record.text(Field::Owner), Some("bob"));
        assert_eq!(joined[0].conflicts.len(), 1);
        assert_eq!(joined[0].conflicts[0].other, "ann");
        assert_eq!(joined[0].heard, [Place { source: 1, line: 5 }, Place { source: 0, line: 2 }]);
    }

    #[test]
    fn a_value_wins_over_silence_whoever_says_it() {
        let cluster = vec![
            Stated { record: record(2, Some("1"), Some("ann")), source: 0 },
            Stated { record: record(5, Some("1"), None), source: 1 },
        ];
        let joined = join(cluster, &two_formats());
        assert_eq!(joined[0].record.text(Field::Owner), Some("ann"));
        assert!(joined[0].conflicts.is_empty());
        assert!(joined[0].field_sources.contains(&(Field::Owner, 0)));
    }

    #[test]
    fn an_exposed_copy_is_not_hidden_by_a_vault() {
        let place = |kind: &str| {
            let mut record = record(2, Some("1"), None);
            let item = super::super::record::Item { parts: vec![Cell::text(kind)] };
            record.set(Field::Storage, Cell::value(Value::Items(vec![item])));
            record
        };
        let cluster = vec![Stated { record: place("chat"), source: 0 }, Stated { record: place("secret-manager"), source: 1 }];
        let joined = join(cluster, &two_formats());
        let Value::Items(places) = &joined[0].record.get(Field::Storage).value else { panic!("no list") };
        assert_eq!(places.len(), 2);
        assert!(joined[0].conflicts.is_empty());
    }

    #[test]
    fn the_newest_file_of_an_export_supersedes_the_older() {
        let cluster = vec![
            Stated { record: record(2, Some("1"), Some("old")), source: 1 },
            Stated { record: record(3, Some("1"), Some("new")), source: 2 },
        ];
        let joined = join(cluster, &two_formats());
        assert_eq!(joined[0].record.text(Field::Owner), Some("new"));
        assert_eq!(joined[0].superseded, [Place { source: 1, line: 2 }]);
        assert!(joined[0].duplicates.is_empty() && joined[0].conflicts.is_empty());
    }

    #[test]
    fn a_repeated_row_is_a_duplicate_in_any_order() {
        let rows = [record(2, Some("1"), Some("zoe")), record(9, Some("1"), Some("ann"))];
        let forward = rows.iter().map(|record| Stated { record: record.clone(), source: 1 }).collect();
        let backward = rows.iter().rev().map(|record| Stated { record: record.clone(), source: 1 }).collect();
        let (forward, backward) = (join(forward, &two_formats()), join(backward, &two_formats()));
        assert_eq!(forward, backward);
        assert_eq!(forward[0].record.text(Field::Owner), Some("ann"));
        assert_eq!(forward[0].duplicates, [Place { source: 1, line: 2 }]);
        assert!(forward[0].duplicates_differ);
    }

    #[test]
    fn a_report_slot_takes_the_id_of_the_key_list() {
        let key = |id: &str, account: Option<&str>| {
            let mut record = record(2, account, None);
            record.set_text(Field::TokenId, id);
            record.set_text(Field::TokenKind, "access-key");
            record.tags.insert("user_name".to_owned(), "ci".to_owned());
            let date = crate::inventory::record::Date { seconds: 100, precision: Precision::Second, assumed_utc: false };
            record.set(Field::CreatedAt, Cell::value(Value::Date(date)));
            record
        };
        let slot = Stated { record: key("arn:aws:iam::1:user/ci/access_key_1", Some("1")), source: 1 };
        let entry = Stated { record: key("AKIAEXAMPLE", None), source: 0 };
        let joined = join(vec![slot, entry], &two_formats());
        assert_eq!(joined.len(), 1);
        assert_eq!(joined[0].record.text(Field::TokenId), Some("AKIAEXAMPLE"));
        assert_eq!(joined[0].record.text(Field::Account), Some("1"));
        assert!(joined[0].conflicts.is_empty());
    }

    #[test]
    fn a_record_without_account_joins_the_only_stated_one() {
        let sources = two_formats();
        let unstated = || Stated { record: record(2, None, None), source: 0 };
        let stated = |account| Stated { record: record(5, Some(account), None), source: 1 };
        assert_eq!(join(vec![unstated(), stated("1")], &sources).len(), 1);
        assert_eq!(join(vec![unstated(), stated("1"), stated("2")], &sources).len(), 3);
    }

    #[test]
    fn numbers_of_different_series_are_different_tokens() {
        let numbered = |kind: &str, source: usize| {
            let mut record = record(2, None, None);
            record.set_text(Field::Provider, "github");
            record.set_text(Field::TokenId, "5501");
            record.set_text(Field::TokenKind, kind);
            Stated { record, source }
        };
        let kinds = |cluster: Vec<Stated>| {
            let joined = join(cluster, &two_formats());
            joined.iter().map(|joined| joined.record.text(Field::TokenKind).unwrap_or("-").to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(kinds(vec![numbered("deploy-key", 1), numbered("app-installation", 2)]), ["app-installation", "deploy-key"]);
        // A sheet that calls the kind otherwise is heard if there is only one such token.
        assert_eq!(kinds(vec![numbered("deploy-key", 1), numbered("ssh", 0)]), ["deploy-key"]);
        let three = vec![numbered("deploy-key", 1), numbered("app-installation", 2), numbered("deploy-key", 0)];
        assert_eq!(kinds(three).len(), 2);
    }

    #[test]
    fn an_answer_about_one_of_several_keys_is_taken_out() {
        let key = |id: &str, source: usize| {
            let mut record = record(7, None, None);
            record.set_text(Field::TokenId, id);
            record.set_text(Field::TokenKind, "access-key");
            record.tags.insert("user_name".to_owned(), "ci".to_owned());
            if id.is_empty() {
                record.tags.insert("key_named_by".to_owned(), "user".to_owned());
            }
            Stated { record, source }
        };
        let mut cluster = vec![key("AKIAONE", 1), key("", 0), key("AKIATWO", 1)];
        let taken = take_unusable(&mut cluster, &two_formats());
        assert_eq!(taken.iter().map(|(place, _)| *place).collect::<Vec<_>>(), [Place { source: 0, line: 7 }]);
        assert_eq!(cluster.len(), 2);
        let mut cluster = vec![key("AKIAONE", 1), key("", 0)];
        assert_eq!(take_unusable(&mut cluster, &two_formats()), []);
        let joined = join(cluster, &two_formats());
        assert_eq!((joined.len(), joined[0].heard.len()), (1, 2));
    }
}
