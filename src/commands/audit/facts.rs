//! From the store to the facts of the report: what was recorded, uncounted and unsorted beyond what the store sorts.

use super::value_sources::{ValueSources, field_of};
use crate::checks::catalog::Catalog;
use crate::checks::header::Check;
use crate::checks::result::{ResultWord, Severity};
use crate::checks::runner::Outcome;
use crate::checks::tally::{Mark, TokenTally as Tally};
use crate::inventory::field::FIELDS;
use crate::inventory::formats;
use crate::inventory::where_to_get;
use crate::policy::Policy;
use crate::policy::frameworks::{self, Framework};
use crate::report::build::FINDINGS_CUT;
use crate::report::input::{
    CheckFacts, ControlFacts, CountFacts, FindingRow, FrameworkFacts, TokenTally, UnknownFacts, missing_fields,
};
use crate::report::model::{self, Contradiction, RejectedRow, ResultCounts, Source};
use crate::store::{OpenRun, SourceOverview, Store, StoreError, StoredFinding};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What a run is read back with.
pub struct Reader<'a> {
    pub store: &'a Store,
    pub run: &'a OpenRun,
    pub catalog: &'a Catalog,
    pub policy: &'a Policy,
    pub values: ValueSources,
}

impl Reader<'_> {
    /// The sources as the report shows them.
    pub fn sources(&self) -> Result<Vec<Source>, StoreError> {
        let needed = self.needed();
        Ok(self.store.sources(self.run)?.into_iter().map(|overview| source(overview, self.run.as_of, &needed)).collect())
    }

    /// The fields that some selected check looks at.
    fn needed(&self) -> BTreeSet<&'static str> {
        let evidence = self.catalog.all().iter().filter(|check| self.policy.selects(&check.id)).flat_map(|check| &check.evidence);
        evidence.filter_map(|name| field_of(name)).collect()
    }

    /// Where to get the fields that made results unknown, by source and field.
    pub fn supply_hints(&self, unknowns: &[UnknownFacts]) -> Result<BTreeMap<(String, String), String>, StoreError> {
        let formats: BTreeMap<String, String> =
            self.store.sources(self.run)?.into_iter().map(|source| (source.name, source.format)).collect();
        let mut hints = BTreeMap::new();
        for unknown in unknowns {
            let format = formats.get(&unknown.source).map(String::as_str).unwrap_or_default();
            for field in &unknown.missing {
                if let Some(hint) = where_to_get::hint(format, field) {
                    hints.insert((unknown.source.clone(), field.clone()), hint.to_owned());
                }
            }
        }
        Ok(hints)
    }

    /// Every check of the catalogue with the numbers of its results.
    pub fn checks(&self, outcome: &Outcome) -> Result<Vec<CheckFacts>, StoreError> {
        let names: BTreeMap<i64, String> = self.store.source_names(self.run)?.into_iter().collect();
        let mut counts: BTreeMap<&str, Vec<CountFacts>> = BTreeMap::new();
        for count in &outcome.counts {
            counts.entry(&count.check_id).or_default().push(CountFacts {
                source: names.get(&count.source_key).cloned().unwrap_or_default(),
                result: word(count.result),
                plain_result: word(count.plain_result),
                count: count.count,
            });
        }
        let mut of_provider: BTreeMap<&str, BTreeMap<String, ResultCounts>> = BTreeMap::new();
        for ((check, provider), numbers) in &outcome.of_provider {
            let counts = of_provider.entry(check).or_default().entry(provider.clone()).or_default();
            Mark::ALL.into_iter().zip(numbers).for_each(|(mark, number)| add(counts, mark, *number));
        }
        let facts = |check: &Check| CheckFacts {
            id: check.id.clone(),
            name: check.name.clone(),
            area: check.area.clone(),
            title: check.title.clone(),
            severity: check.severity,
            subject: check.subject,
            selected: self.policy.selects(&check.id),
            rationale: check.rationale.clone(),
            remediation: check.remediation.clone(),
            parameters: self.policy.parameters_in_force(check),
            controls: self.policy.controls(check).map(ToString::to_string).collect(),
            counts: counts.remove(check.id.as_str()).unwrap_or_default(),
            of_provider: of_provider.remove(check.id.as_str()).unwrap_or_default(),
        };
        Ok(self.catalog.all().iter().map(facts).collect())
    }

    /// The findings up to the cut: all of them if they are few enough, else the fails by severity (decisions, 30).
    pub fn findings(&self) -> Result<(Vec<FindingRow>, u64), StoreError> {
        let total = self.store.findings_total(self.run)?;
        let cut = FINDINGS_CUT as u64;
        let words: &[ResultWord] = if total > cut {
            &[ResultWord::Fail]
        } else {
            &[ResultWord::Fail, ResultWord::Error, ResultWord::Unknown, ResultWord::Waived]
        };
        let mut rows = Vec::new();
        self.each_finding(words, cut, &mut |row| rows.push(row))?;
        Ok((rows, total))
    }

    /// Hands over results by severity, word and check until the limit is reached.
    pub fn each_finding(&self, words: &[ResultWord], limit: u64, each: &mut dyn FnMut(FindingRow)) -> Result<(), StoreError> {
        let mut left = limit;
        for severity in Severity::ALL {
            for word in words {
                let of_severity = |check: &&Check| check.severity == severity && self.policy.selects(&check.id);
                for check in self.catalog.all().iter().filter(of_severity) {
                    let bound = self.bound(check);
                    let mut failure = None;
                    self.store.findings(self.run, &check.id, word.word(), left, &mut |finding| {
                        left = left.saturating_sub(1);
                        match self.finding(check, &bound, finding) {
                            Ok(row) => each(row),
                            Err(error) => failure = Some(error),
                        }
                    })?;
                    failure.map_or(Ok(()), Err)?;
                }
            }
        }
        Ok(())
    }

    /// Every result that has a row, in the order of the report.
    pub fn every_finding(&self, each: &mut dyn FnMut(FindingRow)) -> Result<(), StoreError> {
        let words = [ResultWord::Fail, ResultWord::Error, ResultWord::Unknown, ResultWord::Waived];
        self.each_finding(&words, u64::from(u32::MAX), each)
    }

    fn bound(&self, check: &Check) -> BTreeMap<String, Json> {
        let settings = check.parameters.iter().map(|parameter| (parameter, self.policy.setting(check, parameter)));
        settings.map(|(parameter, setting)| (parameter.name.clone(), setting.value.json())).collect()
    }

    fn finding(&self, check: &Check, bound: &BTreeMap<String, Json>, finding: StoredFinding) -> Result<FindingRow, StoreError> {
        let value_sources = self.values.of(self.store, check, &finding)?;
        let StoredFinding { row, sources, token, fact_source, .. } = finding;
        let mut evidence: BTreeMap<String, Json> = serde_json::from_str(&row.evidence).unwrap_or_default();
        if let Some(source) = fact_source {
            evidence.entry("fact_source".to_owned()).or_insert(Json::String(source));
        }
        let limit = evidence.get("limit_value").map(|value| model::Limit {
            value: value.clone(),
            origin: evidence.get("limit_origin").and_then(Json::as_str).unwrap_or("default").to_owned(),
        });
        let observed = match evidence.get("problem").and_then(Json::as_str) {
            Some(problem) if row.result == ResultWord::Error.word() => format!("The check could not be evaluated: {problem}"),
            _ => capitalised(&check.observed(&row.reason, &evidence, self.run.as_of)) + &cited(&evidence),
        };
        let token = token.unwrap_or_default();
        Ok(FindingRow {
            check: check.id.clone(),
            subject: check.subject,
            source: sources.join(", "),
            provider: token.provider,
            account: token.account,
            token_id: token.token_id,
            name: token.name,
            owner: token.owner,
            environment: token.environment,
            result: word(&row.result),
            plain_result: word(&row.plain_result),
            observed,
            required: check.requirement(&evidence, bound),
            reason: row.reason,
            basis: row.basis,
            limit,
            waiver: row.waiver,
            blanket: row.blanket,
            count: row.count,
            evidence: spell_instants(evidence),
            value_sources,
        })
    }

    /// Unknown results by check, source and reason.
    pub fn unknowns(&self, outcome: &Outcome) -> Result<Vec<UnknownFacts>, StoreError> {
        let names: BTreeMap<i64, String> = self.store.source_names(self.run)?.into_iter().collect();
        let facts = outcome.unknowns.iter().map(|(group, unknowns)| {
            let evidence = serde_json::from_str(&unknowns.evidence).unwrap_or_default();
            let check = self.catalog.by_id(&group.check_id);
            UnknownFacts {
                check: group.check_id.clone(),
                source: names.get(&group.source_key).cloned().unwrap_or_default(),
                reason: group.reason.clone(),
                text: check
                    .map(|check| capitalised(&check.observed(&group.reason, &evidence, self.run.as_of)))
                    .unwrap_or_default(),
                missing: group.missing.clone().map(|missing| missing_fields(&Json::String(missing))).unwrap_or_default(),
                blanket: group.blanket,
                count: unknowns.count,
            }
        });
        Ok(facts.collect())
    }

    /// The tokens by provider, account, owner and environment, with how they fared; and how many do not exist yet.
    pub fn tallies(&self, outcome: &Outcome) -> Result<(Vec<TokenTally>, u64), StoreError> {
        let mut groups: HashMap<String, TokenTally> = HashMap::new();
        let mut not_yet_existing = 0;
        // One buffer for all rows: a group is looked up a million times and made a few thousand times.
        let mut key = String::new();
        self.store.token_groups(self.run, &mut |token_key, group| {
            if group.not_yet_existing {
                not_yet_existing += 1;
                return;
            }
            key.clear();
            for part in [group.provider, group.account, group.owner, group.environment] {
                key.push_str(part.unwrap_or("\u{1}"));
                key.push('\0');
            }
            if !groups.contains_key(&key) {
                let text = |value: Option<&str>| value.map(str::to_owned);
                let (provider, account) = (text(group.provider), text(group.account));
                let (owner, environment) = (text(group.owner), text(group.environment));
                groups.insert(key.clone(), TokenTally { provider, account, owner, environment, ..TokenTally::default() });
            }
            let place = usize::try_from(token_key - self.run.first_token_key).ok();
            let token = place.and_then(|place| outcome.tokens.get(place)).copied().unwrap_or_default();
            if let Some(tally) = groups.get_mut(&key) {
                add_token(tally, &token);
            }
        })?;
        let mut groups: Vec<(String, TokenTally)> = groups.into_iter().collect();
        groups.sort_by(|a, b| a.0.cmp(&b.0));
        Ok((groups.into_iter().map(|(_, tally)| tally).collect(), not_yet_existing))
    }

    /// The first rejected rows and their number.
    pub fn rejected_rows(&self) -> Result<(Vec<RejectedRow>, u64), StoreError> {
        let (rows, total) = self.store.rejected_rows(self.run, model::LISTED_ROWS)?;
        Ok((rows.into_iter().map(|(source, line, reason)| RejectedRow { source, line, reason }).collect(), total))
    }

    /// The first contradictions and their number.
    pub fn contradictions(&self) -> Result<(Vec<Contradiction>, u64), StoreError> {
        let (rows, total) = self.store.contradictions(self.run, model::LISTED_ROWS)?;
        let rows = rows.into_iter().map(|row| Contradiction {
            provider: row.provider,
            account: row.account,
            token_id: row.token_id,
            field: row.field,
            used: row.used,
            used_source: row.used_source,
            other: row.other,
            other_source: row.other_source,
        });
        Ok((rows.collect(), total))
    }
}

/// Every framework of the policy with its controls in order.
pub fn framework_facts(policy: &Policy) -> Vec<FrameworkFacts> {
    let facts = |(id, framework): (&String, &Framework)| {
        let mut controls: Vec<_> = framework.controls.iter().collect();
        controls.sort_by_key(|(control, _)| frameworks::order(control));
        let control = |(control, title): (&String, &String)| ControlFacts {
            id: control.clone(),
            title: title.clone(),
            note: framework.notes.get(control).cloned(),
            notes_when_off: framework.notes_when_off.get(control).cloned().unwrap_or_default(),
        };
        FrameworkFacts {
            id: id.clone(),
            name: framework.name.clone(),
            version: framework.version.clone(),
            provider: framework.provider.clone(),
            note: framework.note.clone(),
            controls: controls.into_iter().map(control).collect(),
        }
    };
    policy.frameworks().iter().map(facts).collect()
}

fn add_token(tally: &mut TokenTally, token: &Tally) {
    tally.tokens += 1;
    for mark in Mark::ALL {
        add(&mut tally.results, mark, token.count(mark));
    }
    if let Some(mark) = token.strongest() {
        add(&mut tally.tokens_by_result, mark, 1);
    }
    for (sum, fails) in tally.fails_by_severity.iter_mut().zip(token.fails()) {
        *sum += fails;
    }
    let (passed, assessed) = token.weights();
    tally.weighted.numerator += passed;
    tally.weighted.denominator += assessed;
}

fn add(counts: &mut ResultCounts, mark: Mark, number: u64) {
    let place = match mark {
        Mark::Pass => &mut counts.pass,
        Mark::Fail => &mut counts.fail,
        Mark::Unknown => &mut counts.unknown,
        Mark::NotApplicable => &mut counts.not_applicable,
        Mark::WaivedFail => &mut counts.waived_fail,
        Mark::WaivedUnknown => &mut counts.waived_unknown,
        Mark::Error => &mut counts.error,
    };
    *place += number;
}

fn word(text: &str) -> ResultWord {
    ResultWord::parse(text).unwrap_or(ResultWord::Error)
}

/// A sentence of a check's header begins small, so that it can follow a name; on its own it begins with a capital.
fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The source of the fact that a result rests on, behind its sentence.
fn cited(evidence: &BTreeMap<String, Json>) -> String {
    const LONGEST: usize = 160;
    let Some(source) = evidence.get("fact_source").and_then(Json::as_str) else { return String::new() };
    let cut = source.char_indices().nth(LONGEST).and_then(|(end, _)| source.get(..end));
    format!(" (by the provider registry: {}{})", cut.unwrap_or(source), if cut.is_some() { "…" } else { "" })
}

/// Evidence columns that end in `_at` or `since` hold UTC seconds; outputs show RFC 3339.
fn spell_instants(evidence: BTreeMap<String, Json>) -> BTreeMap<String, Json> {
    let spell = |(name, value): (String, Json)| {
        let instant = value.as_i64().filter(|_| name.ends_with("_at") || name.ends_with("since"));
        let value = instant.map_or(value, |seconds| Json::String(crate::report::words::instant(seconds)));
        (name, value)
    };
    evidence.into_iter().map(spell).collect()
}

fn source(source: SourceOverview, as_of: i64, needed: &BTreeSet<&str>) -> Source {
    let role = match source.role.as_str() {
        "people" => model::SourceRole::People,
        "purposes" => model::SourceRole::Purposes,
        "accounts" => model::SourceRole::Accounts,
        _ => model::SourceRole::Inventory,
    };
    let states = |name: &str| source.collected.iter().any(|collected| collected == name);
    let not_collected: Vec<String> = if role == model::SourceRole::Inventory {
        FIELDS.iter().map(|spec| spec.name).filter(|name| !states(name)).map(str::to_owned).collect()
    } else {
        Vec::new()
    };
    let title = formats::by_id(&source.format).map_or_else(|| source.format.clone(), |format| format.title().to_owned());
    Source {
        format_title: title,
        role,
        exported_at: source.exported_at,
        // An export made after the as-of instant is age 0 (decisions, 2).
        age_days: source.exported_at.map(|at| u64::try_from(as_of.saturating_sub(at) / 86_400).unwrap_or(0)),
        exported_at_basis: source.exported_at_basis,
        rows: model::RowCounts {
            declared: source.rows_declared,
            read: source.rows_read,
            rejected: source.rows_rejected,
            skipped: source.rows_skipped,
            duplicate: source.rows_duplicate,
            superseded: source.rows_superseded,
            not_in_newer: source.rows_not_in_newer,
            contradictions: source.contradictions,
            records: source.records,
        },
        further_pages: source.further_pages,
        needed: not_collected.iter().filter(|field| needed.contains(field.as_str())).cloned().collect(),
        dropped_fields: source.dropped_fields,
        register: source
            .register
            .map(|facts| model::RegisterScope { complete: facts.complete, includes_leavers: facts.includes_leavers }),
        paging: match source.paging.as_str() {
            "complete" => model::Paging::Complete,
            "incomplete" => model::Paging::Incomplete,
            _ => model::Paging::Unknown,
        },
        not_collected,
        declared_complete: source.declared_complete,
        collected: source.collected,
        problems: source.problems,
        name: source.name,
        format: source.format,
        sha256: source.sha256,
    }
}
