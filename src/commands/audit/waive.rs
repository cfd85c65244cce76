//! Waivers while the checks run: the policy's rules behind the runner's question.

use crate::checks::result::ResultWord;
use crate::checks::runner::Waive;
use crate::policy::waivers::{Candidate, Waivers};
use crate::store::TokenAttributes;

/// The waivers of a run.
pub struct InForce<'a>(pub &'a Waivers);

impl Waive for InForce<'_> {
    fn waiver(&self, check_id: &str, plain: ResultWord, reason: &str, token: &TokenAttributes) -> Option<String> {
        let sources: Vec<&str> = token.sources.iter().map(String::as_str).collect();
        let candidate = Candidate {
            check: check_id,
            reason,
            plain_result: plain,
            provider: token.provider.as_deref(),
            account: token.account.as_deref(),
            token_id: token.token_id.as_deref(),
            name: token.name.as_deref(),
            owner: token.owner.as_deref(),
            environment: token.environment.as_deref(),
            tags: &token.tags,
            sources: &sources,
        };
        self.0.apply(&candidate).map(|waiver| waiver.id.clone())
    }
}
