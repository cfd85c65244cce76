//! The few lines that an overview shows, chosen from a finished [`Report`] so that every output shows the same ones.

use super::model::*;
use std::collections::{BTreeMap, BTreeSet};

/// How many risks an executive summary names.
pub const TOP_RISKS: usize = 5;
/// How many owners a risk names before it counts the others.
pub const NAMED_OWNERS: usize = 3;

/// Results of all checks of one area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaSummary {
    /// For example `rotation`.
    pub area: String,
    pub results: ResultCounts,
}

/// One check with fails, as a line of the executive summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk<'a> {
    pub check: &'a str,
    pub title: &'a str,
    pub severity: Severity,
    pub fails: u64,
    /// The first owners in the order of the findings, each once; none stands for tokens without an owner. A source has no owner.
    pub owners: Vec<Option<&'a str>>,
    /// Owners beyond those named.
    pub more_owners: u64,
}

/// The first owners of a check's fails in order, and all of them.
type Owners<'a> = (Vec<Option<&'a str>>, BTreeSet<Option<&'a str>>);

impl Report {
    /// Results by area, in the order of the checks; areas without any result are left out.
    pub fn areas(&self) -> Vec<AreaSummary> {
        let mut areas: Vec<AreaSummary> = Vec::new();
        for check in self.checks.iter().filter(|check| check.selected) {
            match areas.iter_mut().find(|area| area.area == check.area) {
                Some(area) => area.results.add(&check.results),
                None => areas.push(AreaSummary { area: check.area.clone(), results: check.results }),
            }
        }
        areas.retain(|area| area.results.total() > 0);
        areas
    }

    /// The checks with fails that weigh most: by severity, then number of fails, then catalogue order.
    pub fn top_risks(&self) -> Vec<Risk<'_>> {
        let mut failing: Vec<&CheckSummary> = self.checks.iter().filter(|check| check.results.fail > 0).collect();
        failing.sort_by_key(|check| (check.severity, u64::MAX - check.results.fail));
        failing.truncate(TOP_RISKS);
        // Named in the order of the findings, counted as a set: a check may fail for thousands of owners.
        let mut named: BTreeMap<&str, Owners<'_>> = failing.iter().map(|check| (check.id.as_str(), Owners::default())).collect();
        let of_tokens = |finding: &&Finding| finding.result == ResultWord::Fail && finding.subject == Subject::Token;
        for finding in self.findings.iter().filter(of_tokens) {
            let owner = finding.owner.as_deref();
            if let Some((first, all)) = named.get_mut(finding.check.as_str())
                && all.insert(owner)
                && first.len() < NAMED_OWNERS
            {
                first.push(owner);
            }
        }
        failing
            .into_iter()
            .map(|check| {
                let (owners, all) = named.remove(check.id.as_str()).unwrap_or_default();
                let more_owners = all.len().saturating_sub(owners.len()) as u64;
                Risk {
                    check: &check.id,
                    title: &check.title,
                    severity: check.severity,
                    fails: check.results.fail,
                    owners,
                    more_owners,
                }
            })
            .collect()
    }

    /// Sources that did not give everything: unread pages or stated problems.
    pub fn incomplete_sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|source| source.paging == Paging::Incomplete || !source.problems.is_empty())
    }

    /// Waivers that lapse soon or need attention: ending, expired, unused or invalid.
    pub fn waivers_needing_attention(&self) -> impl Iterator<Item = &WaiverSummary> {
        self.waivers.iter().filter(|waiver| matches!(waiver.status.as_str(), "ending" | "expired" | "unused" | "invalid"))
    }
}
