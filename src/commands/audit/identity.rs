//! The id of a run: a digest of everything that decides its results, so that repeating a run replaces it (decisions, 4).

use crate::as_of::{AsOf, Period};
use sha2::{Digest, Sha256};

/// What decides the results of a run.
#[derive(Debug, Clone, Copy)]
pub struct Decisive<'a> {
    pub tool_version: &'a str,
    pub policy_digest: &'a str,
    pub as_of: &'a AsOf,
    pub period: Option<&'a Period>,
    /// Settings that change what is read or how it is judged, in canonical form.
    pub settings: &'a str,
    /// SHA-256 of every input, registers and waivers included, in any order.
    pub inputs: &'a [String],
}

impl Decisive<'_> {
    /// The first 16 hex digits of the digest. Every part is written with its length, so that no two lists of parts look alike.
    pub fn run_id(&self) -> String {
        let mut inputs: Vec<&str> = self.inputs.iter().map(String::as_str).collect();
        inputs.sort_unstable();
        inputs.dedup();
        let as_of = self.as_of.seconds.to_string();
        let period = self.period.map_or("", |period| period.name.as_str());
        let mut digest = Sha256::new();
        for part in [self.tool_version, self.policy_digest, &as_of, period, self.settings].into_iter().chain(inputs) {
            digest.update(part.len().to_string());
            digest.update(":");
            digest.update(part);
        }
        let id = digest.finalize();
        id.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::as_of::Origin;

    #[test]
    fn every_part_counts_and_the_order_of_inputs_does_not() {
        let as_of = AsOf { seconds: 1, origin: Origin::Flag };
        let later = AsOf { seconds: 2, origin: Origin::Flag };
        let (ab, ba, b) = (["a".to_owned(), "b".to_owned()], ["b".to_owned(), "a".to_owned()], ["b".to_owned()]);
        let run = Decisive { tool_version: "1", policy_digest: "p", as_of: &as_of, period: None, settings: "", inputs: &ab };
        let id = run.run_id();
        assert_eq!(id.len(), 16);
        assert_eq!(id, Decisive { inputs: &ba, ..run }.run_id());
        for other in [
            Decisive { tool_version: "2", ..run },
            Decisive { policy_digest: "q", ..run },
            Decisive { as_of: &later, ..run },
            Decisive { settings: "x", ..run },
            Decisive { inputs: &b, ..run },
        ] {
            assert_ne!(id, other.run_id());
        }
    }
}
