//! Where the texts of records and registers are, and how deeply each is searched.

use super::{CUT_MARK, Cut, Depth, Guard, named};
use crate::inventory::field::{FIELDS, Field, Kind, Part};
use crate::inventory::format::{Account, Person, Purpose};
use crate::inventory::record::{Date, Item, Problem, ProblemKind, Record, Value};
use std::collections::BTreeMap;

/// Fields that people write freely; the entropy rule looks at these and at tags (decisions, 27).
const FREE_TEXT: &[Field] = &[Field::Name, Field::Purpose, Field::Owner];
/// Parts of nested lists that people write freely.
const FREE_PARTS: &[&str] = &["location"];

/// True if the guard cut something out of the record's token id. Such a record is kept, keyed by source and row, and never
/// joined: its id is no id any more (decisions, 27).
pub fn token_id_was_cut(record: &Record) -> bool {
    record.problems.iter().any(|problem| problem.kind == ProblemKind::Secret)
        && record.text(Field::TokenId).is_some_and(|token_id| token_id.contains(CUT_MARK))
}

impl Guard {
    /// Cuts what looks like a token value out of every text of a record, and notes each cut as a problem of kind `secret`.
    pub fn clean_record(&self, record: &mut Record) {
        self.clean_texts(record, Depth::Shapes, Depth::FreeText);
    }

    /// The same for a record whose texts are cells of a table, which came through the door as they are: only free text is left to
    /// judge.
    pub fn clean_row(&self, record: &mut Record) {
        self.clean_texts(record, Depth::Nothing, Depth::Randomness);
    }

    /// `words` for identifiers, addresses and words, `free` for what people write freely.
    fn clean_texts(&self, record: &mut Record, words: Depth, free: Depth) {
        let mut found = Vec::new();
        for spec in FIELDS {
            let depth = if FREE_TEXT.contains(&spec.field) { free } else { words };
            if depth == Depth::Nothing && !matches!(spec.kind, Kind::Items(_)) {
                continue;
            }
            let cell = record.cell_mut(spec.field);
            match &mut cell.value {
                Value::Nothing | Value::Date(_) | Value::Count(_) => {}
                Value::Text(text) => self.clean(text, depth, spec.name, &mut found),
                Value::Words(words) => self.clean_all(words, depth, spec.name, &mut found),
                Value::Scopes(scopes) => {
                    scopes.iter_mut().for_each(|scope| self.clean(&mut scope.name, depth, spec.name, &mut found));
                }
                Value::Dates(dates) => self.clean_dates(dates, spec.name, &mut found),
                Value::Items(items) => {
                    let parts = if let Kind::Items(parts) = spec.kind { parts } else { &[] };
                    self.clean_items(items, parts, spec.name, (words, free), &mut found);
                }
            }
        }
        self.clean_tags(&mut record.tags, free, &mut found);
        for problem in &mut record.problems {
            if problem.kind != ProblemKind::Secret {
                self.clean(&mut problem.text, free, &problem.field, &mut found);
            }
        }
        for problem in found {
            // A word that no vocabulary knows stands in its cell and in a problem; it is one finding.
            if !record.problems.contains(&problem) {
                record.problems.push(problem);
            }
        }
    }

    /// Cleans the texts of somebody on a people register; returns what was cut, with the field it stood in.
    pub fn clean_person(&self, person: &mut Person) -> Vec<Problem> {
        let mut found = Vec::new();
        for (text, field, depth) in [(&mut person.id, "id", Depth::Shapes), (&mut person.name, "name", Depth::FreeText)] {
            if let Some(text) = text {
                self.clean(text, depth, field, &mut found);
            }
        }
        self.clean_all(&mut person.addresses, Depth::Shapes, "email", &mut found);
        found
    }

    /// Cleans the texts of a purpose; returns what was cut, with the field it stood in.
    pub fn clean_purpose(&self, purpose: &mut Purpose) -> Vec<Problem> {
        let mut found = Vec::new();
        self.clean(&mut purpose.purpose_id, Depth::Shapes, "purpose_id", &mut found);
        if let Some(text) = &mut purpose.text {
            self.clean(text, Depth::FreeText, "text", &mut found);
        }
        if let Some(status) = &mut purpose.status {
            self.clean(status, Depth::Shapes, "status", &mut found);
        }
        let lists = [(&mut purpose.scopes_required, "scopes_required"), (&mut purpose.authorized_readers, "authorized_readers")];
        for (list, field) in lists {
            if let Some(list) = list {
                self.clean_all(list, Depth::Shapes, field, &mut found);
            }
        }
        found
    }

    /// Cleans the texts of an account's contacts; returns what was cut, with the field it stood in.
    pub fn clean_account(&self, account: &mut Account) -> Vec<Problem> {
        let mut found = Vec::new();
        self.clean(&mut account.provider, Depth::Shapes, "provider", &mut found);
        self.clean(&mut account.account, Depth::Shapes, "account", &mut found);
        self.clean_items(
            &mut account.contacts,
            crate::inventory::field::CONTACT,
            "contacts",
            (Depth::Shapes, Depth::FreeText),
            &mut found,
        );
        found
    }

    fn clean(&self, text: &mut String, depth: Depth, field: &str, found: &mut Vec<Problem>) {
        if let Some((cleaned, cuts)) = self.cut(text, depth) {
            *text = cleaned;
            found.extend(cuts.into_iter().map(|cut| problem(field, &cut)));
        }
    }

    fn clean_all(&self, texts: &mut [String], depth: Depth, field: &str, found: &mut Vec<Problem>) {
        texts.iter_mut().for_each(|text| self.clean(text, depth, field, found));
    }

    fn clean_items(
        &self,
        items: &mut [Item],
        parts: &[Part],
        field: &str,
        (words, free): (Depth, Depth),
        found: &mut Vec<Problem>,
    ) {
        for (index, cell) in items.iter_mut().flat_map(|item| item.parts.iter_mut().enumerate()) {
            let part = parts.get(index).map_or("", |part| part.name);
            let depth = if FREE_PARTS.contains(&part) { free } else { words };
            match &mut cell.value {
                Value::Text(text) => {
                    if let Some((cleaned, cuts)) = self.cut(text, depth) {
                        *text = cleaned;
                        found.extend(cuts.iter().map(|cut| problem(&format!("{field}.{part}"), cut)));
                    }
                }
                Value::Words(words) => self.clean_all(words, depth, &format!("{field}.{part}"), found),
                _ => {}
            }
        }
    }

    fn clean_dates(&self, dates: &mut BTreeMap<String, Date>, field: &str, found: &mut Vec<Problem>) {
        if dates.keys().any(|name| self.cut(name, Depth::Shapes).is_some()) {
            let cleaned = std::mem::take(dates).into_iter().map(|(mut name, date)| {
                self.clean(&mut name, Depth::Shapes, field, found);
                (name, date)
            });
            *dates = cleaned.collect();
        }
    }

    fn clean_tags(&self, tags: &mut BTreeMap<String, String>, depth: Depth, found: &mut Vec<Problem>) {
        if tags.keys().any(|name| self.cut(name, depth).is_some()) {
            let mut cleaned = BTreeMap::new();
            for (mut name, value) in std::mem::take(tags) {
                self.clean(&mut name, depth, "tags", found);
                // Two names may be the same once cut; both values stay.
                while cleaned.contains_key(&name) {
                    name.push('\'');
                }
                cleaned.insert(name, value);
            }
            *tags = cleaned;
        }
        for (name, value) in tags {
            if named::is_secret(name, value) {
                let cut = Cut { id: named::RULE.to_owned(), characters: value.chars().count() };
                *value = format!("{CUT_MARK}{}]", cut.describe());
                found.push(problem(&format!("tags.{name}"), &cut));
                continue;
            }
            if let Some((cleaned, cuts)) = self.cut(value, depth) {
                *value = cleaned;
                found.extend(cuts.iter().map(|cut| problem(&format!("tags.{name}"), cut)));
            }
        }
    }
}

fn problem(field: &str, cut: &Cut) -> Problem {
    Problem { field: field.to_owned(), kind: ProblemKind::Secret, text: cut.describe() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::guard::test_values::mixed;
    use crate::inventory::record::{Cell, Precision, Scope, State};

    fn token() -> String {
        format!("gl{}{}", "pat-", mixed(20))
    }

    /// A record that holds the same text in each of its places.
    fn record_full_of(text: &str) -> Record {
        let mut record = Record::new(1);
        let date = Date { seconds: 1_781_524_800, precision: Precision::Second, assumed_utc: false };
        for spec in FIELDS {
            let value = match spec.kind {
                Kind::Text | Kind::Word(_) => Value::Text(text.to_owned()),
                Kind::PastDate | Kind::AnyDate => Value::Date(date),
                Kind::Count => Value::Count(1),
                Kind::Words => Value::Words(vec!["first".to_owned(), text.to_owned()]),
                Kind::Scopes => Value::Scopes(vec![Scope { name: text.to_owned(), class: None }]),
                Kind::Dates => Value::Dates([(text.to_owned(), date)].into()),
                Kind::Items(parts) => Value::Items(vec![Item { parts: vec![Cell::text(text); parts.len()] }]),
            };
            record.set(spec.field, Cell::value(value));
        }
        record.tags.insert("note".to_owned(), text.to_owned());
        record.tags.insert(text.to_owned(), "value".to_owned());
        record.problems.push(Problem { field: "state".to_owned(), kind: ProblemKind::UnknownWord, text: text.to_owned() });
        record
    }

    #[test]
    fn no_place_of_a_record_keeps_a_token() {
        let mut record = record_full_of(&token());
        Guard::built_in().clean_record(&mut record);
        assert!(!format!("{record:?}").contains(&token()));
        let fields: Vec<&str> = record.problems.iter().map(|problem| problem.field.as_str()).collect();
        for field in
            ["token_id", "owner", "scopes_granted", "scope_last_used", "storage.location", "contacts.address", "tags.note"]
        {
            assert!(fields.contains(&field), "{field} is missing in {fields:?}");
        }
        assert!(record.problems.iter().filter(|problem| problem.kind == ProblemKind::Secret).count() > 40);
        assert!(token_id_was_cut(&record));
    }

    #[test]
    fn free_text_alone_is_judged_by_entropy() {
        let mut record = record_full_of(&mixed(32));
        Guard::built_in().clean_record(&mut record);
        let fields: Vec<&str> = record
            .problems
            .iter()
            .filter(|problem| problem.kind == ProblemKind::Secret)
            .map(|problem| problem.field.as_str())
            .collect();
        assert_eq!(fields, ["name", "purpose", "owner", "storage.location", "tags", "tags.note", "state"]);
        assert!(!token_id_was_cut(&record));
        assert_eq!(record.text(Field::TokenId), Some(mixed(32).as_str()));
    }

    #[test]
    fn a_problem_says_kind_and_length_and_the_state_of_the_cell_stays() {
        let mut record = Record::new(3);
        record.set_text(Field::TokenId, token());
        record.set(Field::Owner, Cell::of(State::Empty));
        Guard::built_in().clean_record(&mut record);
        assert_eq!(record.text(Field::TokenId), Some("[cut: gitlab-token, 26 characters]"));
        assert_eq!(record.get(Field::Owner).state, State::Empty);
        assert_eq!(
            record.problems,
            [Problem { field: "token_id".into(), kind: ProblemKind::Secret, text: "gitlab-token, 26 characters".into() }]
        );
    }

    #[test]
    fn registers_are_cleaned_too() {
        let guard = Guard::built_in();
        let mut person = Person { id: Some(token()), name: Some(mixed(24)), addresses: vec![token()], ..Person::default() };
        let fields = |problems: Vec<Problem>| problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>();
        assert_eq!(fields(guard.clean_person(&mut person)), ["id", "name", "email"]);
        let mut purpose =
            Purpose { purpose_id: token(), text: Some(token()), scopes_required: Some(vec![token()]), ..Purpose::default() };
        assert_eq!(fields(guard.clean_purpose(&mut purpose)), ["purpose_id", "text", "scopes_required"]);
        let contact = Item { parts: vec![Cell::text("token"), Cell::text(token())] };
        let mut account = Account { provider: "x".into(), account: "y".into(), contacts: vec![contact], line: 1 };
        assert_eq!(fields(guard.clean_account(&mut account)), ["contacts.address"]);
        assert!(!format!("{person:?}{purpose:?}{account:?}").contains(&token()));
    }
}
