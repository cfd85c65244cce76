//! How a report of ours becomes the types of `v1`.

use super::*;
use crate::report::words;
use serde::ser::{SerializeMap, Serializer};

impl<'a> Report<'a> {
    pub fn of(report: &'a report::Report) -> Report<'a> {
        Report {
            schema: SCHEMA,
            run: Run::of(&report.run),
            branding: Branding {
                organisation: report.branding.organisation.as_deref(),
                classification: report.branding.classification.as_deref(),
                prepared_by: report.branding.prepared_by.as_deref(),
                language: &report.branding.language,
            },
            sources: report.sources.iter().map(Source::of).collect(),
            skipped_files: report
                .skipped_files
                .iter()
                .map(|file| SkippedFile { name: &file.name, reason: &file.reason })
                .collect(),
            summary: Summary::of(&report.summary),
            checks: report.checks.iter().map(Check::of).collect(),
            findings_total: report.findings_total,
            findings_file: report.findings_file.as_deref(),
            findings: Findings(&report.findings),
            unknown_groups: report.unknown_groups.iter().map(UnknownGroup::of).collect(),
            supply_next: report.supply_next.iter().map(SupplyNext::of).collect(),
            owners: report.owners.iter().map(Owner::of).collect(),
            providers: report.providers.iter().map(Provider::of).collect(),
            provider_totals: report.provider_totals.iter().map(Group::of).collect(),
            environments: report.environments.iter().map(Group::of).collect(),
            areas: report.areas.iter().map(Group::of).collect(),
            rejected_rows_total: report.rejected_total,
            rejected_rows: report
                .rejected_rows
                .iter()
                .map(|row| RejectedRow { source: &row.source, line: row.line, reason: &row.reason })
                .collect(),
            contradictions_total: report.contradictions_total,
            contradictions: report.contradictions.iter().map(Contradiction::of).collect(),
            waivers: report.waivers.iter().map(Waiver::of).collect(),
            frameworks: report.frameworks.iter().map(Framework::of).collect(),
            method: report.method.iter().map(|note| MethodNote { heading: &note.heading, text: &note.text }).collect(),
        }
    }
}

impl<'a> Run<'a> {
    fn of(run: &'a report::Run) -> Run<'a> {
        let period = run.period.as_ref();
        Run {
            id: &run.id,
            as_of: words::instant(run.as_of),
            as_of_origin: &run.as_of_origin,
            period: period.map(|period| period.name.as_str()),
            period_from: period.map(|period| words::instant(period.from)),
            period_to: period.map(|period| words::instant(period.to)),
            tool_version: &run.tool_version,
            policy: Policy {
                name: &run.policy.name,
                title: &run.policy.title,
                digest: &run.policy.digest,
                profile: run.policy.profile.as_deref(),
                relaxed: &run.policy.relaxed,
            },
        }
    }
}

impl<'a> Source<'a> {
    fn of(source: &'a report::Source) -> Source<'a> {
        Source {
            name: &source.name,
            role: source.role.word(),
            format: &source.format,
            format_title: &source.format_title,
            sha256: &source.sha256,
            exported_at: source.exported_at.map(words::instant),
            exported_at_basis: source.exported_at_basis.as_deref(),
            age_days: source.age_days,
            rows: Rows {
                declared: source.rows.declared,
                read: source.rows.read,
                rejected: source.rows.rejected,
                skipped: source.rows.skipped,
                duplicate: source.rows.duplicate,
                superseded: source.rows.superseded,
                not_in_newer: source.rows.not_in_newer,
                contradictions: source.rows.contradictions,
                records: source.rows.records,
            },
            paging: source.paging.word(),
            further_pages: source.further_pages,
            declared_complete: &source.declared_complete,
            collected: &source.collected,
            not_collected: &source.not_collected,
            needed: &source.needed,
            dropped_fields: &source.dropped_fields,
            register: source
                .register
                .map(|register| Register { complete: register.complete, includes_leavers: register.includes_leavers }),
            problems: &source.problems,
        }
    }
}

impl<'a> Summary<'a> {
    fn of(summary: &'a report::Summary) -> Summary<'a> {
        Summary {
            tokens: summary.tokens,
            not_yet_existing: summary.not_yet_existing,
            tokens_by_result: Results::of(&summary.tokens_by_result),
            results: Results::of(&summary.results),
            compliance: Share::of(summary.score.compliance),
            coverage: Coverage {
                share: Share::of(summary.coverage.fraction),
                minimum_percent: summary.coverage.minimum_percent,
                sufficient: summary.coverage.sufficient,
            },
            possible: Share::of(summary.score.possible),
            accepted_risk: Share::of(summary.score.accepted_risk),
            with_accepted_risk: Share::of(summary.score.with_accepted_risk),
            weighted: Share::of(summary.score.weighted),
            by_severity: BySeverity(&summary.by_severity),
            verdict: summary.verdict.word(),
            verdict_sentence: &summary.verdict_sentence,
            incomplete_because: &summary.incomplete_because,
        }
    }
}

impl Results {
    fn of(counts: &report::ResultCounts) -> Results {
        Results {
            pass: counts.pass,
            fail: counts.fail,
            unknown: counts.unknown,
            not_applicable: counts.not_applicable,
            waived: counts.waived(),
            waived_unknown: counts.waived_unknown,
            error: counts.error,
        }
    }
}

impl Score {
    fn of(score: &report::Score) -> Score {
        Score {
            compliance: Share::of(score.compliance),
            coverage: Share::of(score.coverage),
            possible: Share::of(score.possible),
            accepted_risk: Share::of(score.accepted_risk),
            with_accepted_risk: Share::of(score.with_accepted_risk),
            weighted: Share::of(score.weighted),
        }
    }
}

impl<'a> Group<'a> {
    fn of(group: &'a report::GroupSummary) -> Group<'a> {
        Group {
            name: group.name.as_deref(),
            tokens: group.tokens,
            results: Results::of(&group.results),
            score: Score::of(&group.score),
        }
    }
}

impl Share {
    fn of(fraction: report::Fraction) -> Share {
        // Tenths of a percent stay far below 2^53, so the division gives the double nearest to the decimal.
        let percent = fraction.tenths().map(|tenths| tenths as f64 / 10.0);
        Share { numerator: fraction.numerator, denominator: fraction.denominator, percent }
    }
}

impl Serialize for BySeverity<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|counts| (counts.severity.word(), Results::of(&counts.results))))
    }
}

impl Serialize for FailsBySeverity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (severity, fails) in report::Severity::ALL.iter().zip(self.0) {
            map.serialize_entry(severity.word(), &fails)?;
        }
        map.end()
    }
}

impl<'a> Check<'a> {
    fn of(check: &'a report::CheckSummary) -> Check<'a> {
        Check {
            id: &check.id,
            name: &check.name,
            area: &check.area,
            title: &check.title,
            severity: check.severity.word(),
            subject: check.subject.word(),
            selected: check.selected,
            rationale: &check.rationale,
            remediation: &check.remediation,
            parameters: Parameters(&check.parameters),
            controls: &check.controls,
            results: Results::of(&check.results),
            score: Score::of(&check.score),
        }
    }
}

impl Serialize for Parameters<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for parameter in self.0 {
            let spelled = Parameter { value: &parameter.value, text: &parameter.text, relaxed: parameter.relaxed };
            map.serialize_entry(&parameter.name, &spelled)?;
        }
        map.end()
    }
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Finding::of))
    }
}

impl<'a> Finding<'a> {
    fn of(finding: &'a report::Finding) -> Finding<'a> {
        Finding {
            check: &finding.check,
            severity: finding.severity.word(),
            result: finding.result.word(),
            plain_result: finding.plain_result.word(),
            subject: finding.subject.word(),
            source: &finding.source,
            provider: finding.provider.as_deref(),
            account: finding.account.as_deref(),
            token_id: finding.token_id.as_deref(),
            name: finding.name.as_deref(),
            owner: finding.owner.as_deref(),
            environment: finding.environment.as_deref(),
            reason: &finding.reason,
            basis: &finding.basis,
            evidence: &finding.evidence,
            observed: &finding.observed,
            required: &finding.required,
            limit: finding.limit.as_ref().map(|limit| Limit { value: &limit.value, origin: &limit.origin }),
            waiver: finding.waiver.as_deref(),
            blanket: finding.blanket,
            count: finding.count,
            value_sources: &finding.value_sources,
            relaxed: finding.relaxed,
        }
    }
}

impl<'a> UnknownGroup<'a> {
    fn of(group: &'a report::UnknownGroup) -> UnknownGroup<'a> {
        UnknownGroup {
            check: &group.check,
            source: &group.source,
            reason: &group.reason,
            text: &group.text,
            count: group.count,
            blanket: group.blanket,
        }
    }
}

impl<'a> SupplyNext<'a> {
    fn of(entry: &'a report::SupplyNext) -> SupplyNext<'a> {
        SupplyNext {
            source: &entry.source,
            field: &entry.field,
            unknowns: entry.unknowns,
            decides: entry.decides,
            checks: &entry.checks,
            hint: entry.hint.as_deref(),
        }
    }
}

impl<'a> Owner<'a> {
    fn of(owner: &'a report::OwnerSummary) -> Owner<'a> {
        Owner {
            owner: owner.owner.as_deref(),
            tokens: owner.tokens,
            results: Results::of(&owner.results),
            fails_by_severity: FailsBySeverity(owner.fails_by_severity),
            score: Score::of(&owner.score),
        }
    }
}

impl<'a> Provider<'a> {
    fn of(provider: &'a report::ProviderSummary) -> Provider<'a> {
        Provider {
            provider: &provider.provider,
            account: &provider.account,
            tokens: provider.tokens,
            tokens_by_result: Results::of(&provider.tokens_by_result),
            results: Results::of(&provider.results),
            score: Score::of(&provider.score),
        }
    }
}

impl<'a> Contradiction<'a> {
    fn of(entry: &'a report::Contradiction) -> Contradiction<'a> {
        Contradiction {
            provider: &entry.provider,
            account: &entry.account,
            token_id: &entry.token_id,
            field: &entry.field,
            used: &entry.used,
            used_source: &entry.used_source,
            other: &entry.other,
            other_source: &entry.other_source,
        }
    }
}

impl<'a> Waiver<'a> {
    fn of(waiver: &'a report::WaiverSummary) -> Waiver<'a> {
        Waiver {
            id: &waiver.id,
            check: &waiver.check,
            selector: &waiver.selector,
            reason: &waiver.reason,
            owner: &waiver.owner,
            approver: &waiver.approver,
            approved_at: &waiver.approved_at,
            valid_through: &waiver.valid_through,
            ticket: waiver.ticket.as_deref(),
            status: &waiver.status,
            note: waiver.note.as_deref(),
            matched: waiver.matched,
            relabelled: waiver.relabelled,
        }
    }
}

impl<'a> Framework<'a> {
    fn of(framework: &'a report::FrameworkSummary) -> Framework<'a> {
        Framework {
            id: &framework.id,
            name: &framework.name,
            version: &framework.version,
            provider: framework.provider.as_deref(),
            note: framework.note.as_deref(),
            controls: framework.controls.iter().map(Control::of).collect(),
        }
    }
}

impl<'a> Control<'a> {
    fn of(control: &'a report::ControlSummary) -> Control<'a> {
        Control {
            id: &control.id,
            title: &control.title,
            status: &control.status,
            checks: &control.checks,
            checks_off: &control.checks_off,
            results: Results::of(&control.results),
            of_provider: control.of_provider.as_ref().map(Results::of),
            score: Score::of(&control.score),
            note: control.note.as_deref(),
        }
    }
}
