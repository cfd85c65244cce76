//! The formats of inventory files, one file for each service.
//!
//! A new format costs one file here, one line in [`FORMATS`] and one fixture `tests/fixtures/formats/<id>.*`.

mod aws;
mod cloudflare;
mod element;
mod github;
mod gitlab;
mod header;
mod hr_roster;
mod impact_com;
mod okta;
mod scim;
#[cfg(test)]
pub(crate) mod test_reader;

pub use aws::{AwsKey, same_aws_key};

use super::format::Format;

/// Every format that is recognised by itself. The order means nothing: exactly one of them must recognise a file.
pub const FORMATS: &[&dyn Format] = &[
    &aws::CredentialReport,
    &aws::CredentialReportCli,
    &aws::AccessKeys,
    &aws::SecretsManager,
    &cloudflare::ApiTokens,
    &github::FineGrainedPats,
    &gitlab::PersonalTokens,
    &gitlab::ResourceTokens,
    &gitlab::GroupWideTokens,
    &impact_com::AccessTokens,
    &okta::ApiTokens,
    // people
    &hr_roster::HrRoster,
    &scim::Users,
];

/// The format with this id.
pub fn by_id(id: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|format| format.id() == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_fit_for_a_command_line() {
        let mut seen = BTreeSet::new();
        for format in FORMATS {
            let id = format.id();
            assert!(seen.insert(id), "{id} is used twice; give one of the formats another id");
            assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{id}");
        }
    }

    #[test]
    fn every_format_explains_itself() {
        for format in FORMATS {
            for text in [format.title(), format.how_to_export(), format.signature()] {
                assert!(
                    !text.is_empty() && !text.contains('\n'),
                    "{}: one line each for title, export and signature",
                    format.id()
                );
            }
        }
    }
}
