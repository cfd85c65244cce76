//! What a run comes to, in a word, in a sentence, and in what keeps it from being complete.

use super::input::RunFacts;
use super::model::*;
use super::words::number;

/// The first that applies (decisions, 32). `of_tokens` is the number of assessed results of tokens: files that are fresh are no
/// audit of anything.
pub fn word(results: &ResultCounts, of_tokens: u64, coverage: &Coverage) -> Verdict {
    if results.error > 0 {
        Verdict::Error
    } else if results.fail > 0 {
        Verdict::Findings
    } else if of_tokens == 0 {
        // Without any assessed result coverage has no meaning, so this word must come before "not enough evidence".
        Verdict::NoApplicableResults
    } else if !coverage.sufficient {
        Verdict::NotEnoughEvidence
    } else {
        Verdict::NoFindings
    }
}

/// Why the run says what it says.
pub fn sentence(
    verdict: Verdict,
    tokens: u64,
    by_severity: &[SeverityCounts],
    results: &ResultCounts,
    coverage: &Coverage,
) -> String {
    let beside = match (results.unknown, results.waived()) {
        (0, 0) => String::new(),
        (unknown, 0) => format!(" {} could not be judged.", counted(unknown, "result", "results")),
        (0, waived) => format!(" {} waived.", counted(waived, "result is", "results are")),
        (unknown, waived) => format!(
            " {} could not be judged, and {} waived.",
            counted(unknown, "result", "results"),
            counted(waived, "is", "are")
        ),
    };
    let fails = || {
        let parts: Vec<String> = by_severity
            .iter()
            .filter(|counts| counts.results.fail > 0)
            .map(|counts| format!("{} {}", number(counts.results.fail), counts.severity.word()))
            .collect();
        format!("{} the policy ({})", counted(results.fail, "result breaks", "results break"), parts.join(", "))
    };
    match verdict {
        Verdict::Error => {
            let errors = format!("{} not be evaluated", counted(results.error, "result could", "results could"));
            let fails = if results.fail > 0 { format!(", and {}", fails()) } else { String::new() };
            format!("{errors}{fails}.{beside}")
        }
        Verdict::Findings => format!("{}.{beside}", fails()),
        Verdict::NotEnoughEvidence => format!(
            "Nothing on record breaks the policy, but only {} of the results rest on evidence and the policy asks for {} %.{beside}",
            coverage.fraction.percent_text(),
            coverage.minimum_percent
        ),
        Verdict::NoApplicableResults if tokens == 0 => "No token was read, so nothing was judged.".to_owned(),
        Verdict::NoApplicableResults => "No check applies to any token, so nothing was judged.".to_owned(),
        Verdict::NoFindings => format!("Nothing on record breaks the policy.{beside}"),
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// What keeps the run from being complete, in the order in which a reader would mend it.
pub fn incomplete_because(facts: &RunFacts, results: &ResultCounts, coverage: &Coverage) -> Vec<String> {
    let mut reasons = Vec::new();
    if facts.tokens == 0 {
        reasons.push("no token was read".to_owned());
    }
    let mut skipped: Vec<&SkippedFile> = facts.skipped_files.iter().collect();
    skipped.sort_by(|a, b| (&a.name, &a.reason).cmp(&(&b.name, &b.reason)));
    reasons.extend(skipped.iter().map(|file| format!("{} was not read: {}", file.name, file.reason)));
    let mut sources: Vec<&Source> = facts.sources.iter().collect();
    sources.sort_by(|a, b| (a.role, &a.name, &a.sha256).cmp(&(b.role, &b.name, &b.sha256)));
    for source in sources {
        let read = source.rows.read;
        if source.paging == Paging::Incomplete {
            reasons.push(match source.rows.declared {
                Some(declared) if declared > read => {
                    format!("{} holds {} of {} rows: further pages are missing", source.name, number(read), number(declared))
                }
                _ => format!("{} is incomplete: further pages are missing", source.name),
            });
        } else if let Some(declared) = source.rows.declared.filter(|declared| *declared > read) {
            reasons.push(format!("{} declares {} rows and holds {}", source.name, number(declared), number(read)));
        } else if read > 0 && source.rows.rejected >= read {
            reasons.push(format!("no row of {} could be used", source.name));
        }
    }
    if results.assessed() > 0 && !coverage.sufficient {
        reasons.push(format!(
            "evidence coverage is {}, below the policy's minimum of {} %",
            coverage.fraction.percent_text(),
            coverage.minimum_percent
        ));
    }
    reasons
}
