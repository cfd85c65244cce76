//! Waivers while the checks run: the policy's rules behind the runner's question.

use crate::checks::result::ResultWord;
use crate::checks::runner::Waive;
use crate::policy::waivers::{Candidate, Waivers};
use crate::store::TokenAttributes;

/// The waivers of a run.
pub struct InForce<'a>(pub &'a Waivers);

impl Waive for InForce<'_> {
    fn waiver(&self, check_id: &str, plain: ResultWord, reason: &str, subject: &TokenAttributes) -> Option<String> {
        let sources = names(subject);
        self.0.apply(&candidate(check_id, plain, reason, subject, &sources)).map(|waiver| waiver.id.clone())
    }

    fn naming(&self, check_id: &str, plain: ResultWord, reason: &str, subject: &TokenAttributes) -> Vec<usize> {
        let sources = names(subject);
        self.0.matching(&candidate(check_id, plain, reason, subject, &sources))
    }
}

fn names(subject: &TokenAttributes) -> Vec<&str> {
    subject.sources.iter().map(String::as_str).collect()
}

fn candidate<'a>(
    check: &'a str,
    plain_result: ResultWord,
    reason: &'a str,
    subject: &'a TokenAttributes,
    sources: &'a [&'a str],
) -> Candidate<'a> {
    Candidate {
        check,
        reason,
        plain_result,
        provider: subject.provider.as_deref(),
        account: subject.account.as_deref(),
        token_id: subject.token_id.as_deref(),
        name: subject.name.as_deref(),
        owner: subject.owner.as_deref(),
        environment: subject.environment.as_deref(),
        tags: &subject.tags,
        sources,
    }
}
