//! Waivers while the checks run: the policy's rules behind the runner's question.

use crate::checks::result::ResultWord;
use crate::checks::runner::Waive;
use crate::policy::waivers::{Candidate, Waivers};
use crate::store::TokenAttributes;

/// The waivers of a run.
pub struct InForce<'a>(pub &'a Waivers);

impl Waive for InForce<'_> {
    fn waiver(&self, check_id: &str, plain: ResultWord, reason: &str, subject: &TokenAttributes) -> Option<String> {
        let sources: Vec<&str> = subject.sources.iter().map(String::as_str).collect();
        let candidate = Candidate {
            check: check_id,
            reason,
            plain_result: plain,
            provider: subject.provider.as_deref(),
            account: subject.account.as_deref(),
            token_id: subject.token_id.as_deref(),
            name: subject.name.as_deref(),
            owner: subject.owner.as_deref(),
            environment: subject.environment.as_deref(),
            tags: &subject.tags,
            sources: &sources,
        };
        self.0.apply(&candidate).map(|waiver| waiver.id.clone())
    }
}
