//! How the figures came about, in words. Every output prints the same paragraphs.

use super::fail_condition::FailCondition;
use super::input::RunFacts;
use super::model::*;
use super::words::instant_for_people;

/// The notes of a run, in reading order.
pub fn notes(facts: &RunFacts, summary: &Summary) -> Vec<MethodNote> {
    let mut notes = vec![
        note("As-of instant", &as_of(facts)),
        note("Results", RESULTS),
        note("Scores", &scores(facts)),
        note("When a run fails", &fails_when(facts.policy.fail_condition)),
        note("Policy", &policy(&facts.run.policy)),
        note("Age and limits", AGES),
        note("Sources and joining", SOURCES),
        note("Waivers", WAIVERS),
        note("Token values", SECRETS),
        note("What this report does not prove", LIMITS),
    ];
    if summary.not_yet_existing > 0 {
        notes.push(note("Tokens created later", NOT_YET));
    }
    let shows = |prefix: &str| facts.frameworks.iter().any(|framework| framework.id.starts_with(prefix));
    if !facts.frameworks.is_empty() {
        notes.push(note("Frameworks", FRAMEWORKS));
    }
    if shows("pci-dss") {
        notes.push(note("PCI DSS", PCI));
    }
    if let Some(text) = untested(facts, "owasp-nhi-2025") {
        notes.push(note("OWASP Non-Human Identities Top 10", &text));
    }
    if shows("cis-aws") {
        notes.push(note("CIS AWS Foundations Benchmark", CIS_AWS));
    }
    notes
}

fn note(heading: &str, text: &str) -> MethodNote {
    MethodNote { heading: heading.to_owned(), text: text.to_owned() }
}

fn as_of(facts: &RunFacts) -> String {
    let run = &facts.run;
    format!(
        "Every age is measured to one instant, {} (from: {}). No check reads a clock, so the same files, policy and instant give \
         the same report, byte for byte.",
        instant_for_people(run.as_of),
        run.as_of_origin
    )
}

fn scores(facts: &RunFacts) -> String {
    format!(
        "Compliance is pass divided by all results except not-applicable. Unknown, waived and error stay in the denominator and \
         earn nothing. Evidence coverage is the share of results that rest on evidence: pass, fail, and waived where the plain \
         result is fail; the policy asks for at least {} %. The possible range ends where every unknown, error and waived \
         unknown result would turn out to be a pass. Weighted compliance counts a critical check 8 times, high 4, medium 2, \
         low 1. Percentages are cut, not rounded, to one decimal: 100.0 % means all.",
        facts.policy.minimum_coverage_percent
    )
}

fn fails_when(condition: FailCondition) -> String {
    let or_higher = |severity: Severity| match severity {
        Severity::Critical => "critical severity".to_owned(),
        severity => format!("{} severity or higher", severity.word()),
    };
    let mut parts = Vec::new();
    if let Some(severity) = condition.fail_from {
        parts.push(format!("any fail of {}", or_higher(severity)));
    }
    if let Some(severity) = condition.unknown_from {
        parts.push(format!("any unknown result of a check of {}", or_higher(severity)));
    }
    parts.push("any error".to_owned());
    format!("This run counts as failed on {}. Waived results never count.", parts.join(", and on "))
}

/// Which policy applied, and where it asks for less than the profile that it extends.
fn policy(policy: &PolicyRef) -> String {
    match (&policy.profile, policy.relaxed.as_slice()) {
        (None, _) => format!("The checks ran with profile {}, as it comes with the program.", policy.name),
        (Some(profile), []) => {
            format!("The checks ran with policy {}, which extends profile {profile} and relaxes none of its limits.", policy.name)
        }
        (Some(profile), relaxed) => format!(
            "The checks ran with policy {}, which extends profile {profile} and is looser in these points, marked as relaxed where \
             they appear. {}.",
            policy.name,
            relaxed.join(". ")
        ),
    }
}

/// The controls of a framework that no check serves, selected or not.
fn untested(facts: &RunFacts, id: &str) -> Option<String> {
    let framework = facts.frameworks.iter().find(|framework| framework.id == id)?;
    let served = |control: &str| {
        let of =
            |mapped: &String| mapped.split_once(':').is_some_and(|(of, at)| of == id && at.trim_start_matches('~') == control);
        facts.checks.iter().flat_map(|check| &check.controls).any(of)
    };
    let names: Vec<String> = framework
        .controls
        .iter()
        .filter(|control| !served(&control.id))
        .map(|control| format!("{} ({})", control.id, control.title))
        .collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(format!("{one} has no check here and is not assessed.")),
        [first @ .., last] => Some(format!("{} and {last} have no check here and are not assessed.", first.join(", "))),
    }
}

const RESULTS: &str = "Each check gives each token one result. Pass: the evidence on record shows that the condition holds. Fail: \
    the evidence shows a violation; one proven violation is enough. Unknown: evidence is missing, unreadable or implausible; it is \
    never counted as a pass. Not applicable: the evidence shows that the check has no object here. Waived: a fail, or an unknown \
    if the waiver says so, that a waiver in force covers. Error: the tool could not evaluate. A token counts once, by the strongest \
    of its results: fail, error, unknown, waived, pass, not applicable. The age of the sources is judged too, once for each input \
    file: those results are in the totals of the run, the checks and the controls, and in no figure by token, owner or provider.";

const AGES: &str = "Ages are whole days: the seconds between the two instants divided by 86,400, cut. A limit with the boundary \
    \"over\" fails from the next whole day (90 days pass, 91 fail); with \"reached\" it fails on the day itself. Limits in hours are \
    compared to the second. Times are converted to UTC; a time without an offset is read as UTC; a date without a time of day is \
    read as 00:00 UTC. A past date more than 300 seconds ahead of the as-of instant is implausible and counts as missing, unless its \
    source was exported later still.";

const SOURCES: &str = "Each input file is named with its SHA-256 digest and its numbers of rows. Tokens are told apart by provider, \
    account and the provider's own id. Several files may describe one token; for each field the value with the highest rank is used: \
    the provider's own export before a secret store, a secret store before a hand-kept sheet, then the newer export. Values that \
    differ are listed as contradictions. Rows that could not be used are counted and listed. The order of files and rows changes \
    nothing. A field that no source of a token carries is not evidence of anything: checks that need it are unknown.";

const WAIVERS: &str = "Checks are evaluated first; a waiver only relabels a result, and the plain result stays visible. A waiver \
    needs a reason, an owner, an approver other than the owner, and an end date, which is inclusive. Every waiver is listed with the \
    number of results that it matches, whether it is in force or not. Where several match a result, it stands under the one that \
    ends last.";

const SECRETS: &str = "No token value is needed, stored or shown. Text that looks like one is cut while the file is read; the \
    finding names the field, the kind and the length only.";

const LIMITS: &str = "The report is as complete as the exports it was given: a token that no export lists is not judged. It \
    repeats what the sources state and does not ask the providers. A pass means that the evidence on record satisfies the check at \
    the as-of instant, not that the token was never misused. A check without findings is no statement that a framework's control is \
    met.";

const NOT_YET: &str = "Tokens created after the as-of instant are counted on their own and judged by no check.";

const FRAMEWORKS: &str = "A control is broader than the checks beside it. Its status is the strongest of their results: findings, \
    tool error, evidence gap, accepted risk, no findings; it is never said to be met. A check marked ~ gives evidence towards a \
    control that is about something wider or slightly different. Controls without results are listed as not assessed.";

const PCI: &str = "Requirements 8.6.2 and 8.6.3 speak of passwords and passphrases of application and system accounts. Whether an \
    API token counts as one is for the assessor to say. The requirements apply only to tokens in the scope of PCI DSS.";

const CIS_AWS: &str = "The benchmark speaks of AWS credentials. The results beside its recommendations cover the tokens of every \
    provider; for those of other providers they are supporting evidence only, and a check that looked at such tokens stands there \
    after ~. CIS renumbers its recommendations between versions, so \
    an id is valid only together with its version.";
