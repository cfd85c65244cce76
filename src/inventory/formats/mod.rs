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
    use super::super::format::{Layout, Role};
    use super::super::guard::Guard;
    use super::super::input::Input;
    use super::super::record::ProblemKind;
    use super::super::sight::look;
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

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

    #[test]
    fn every_format_has_a_fixture_that_it_alone_recognises() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats");
        for format in FORMATS {
            let file = ["csv", "json", "ndjson", "parquet"]
                .iter()
                .map(|ending| folder.join(format!("{}.{ending}", format.id())))
                .find(|path| path.exists())
                .unwrap_or_else(|| panic!("add a fixture {}.* to tests/fixtures/formats", format.id()));
            let sights = look(&Input::file(&file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            let by: Vec<&str> = FORMATS
                .iter()
                .filter(|format| sights.iter().any(|sight| format.recognises(sight)))
                .map(|format| format.id())
                .collect();
            assert_eq!(by, [format.id()], "{}: exactly its own format must recognise it", file.display());
        }
    }

    #[test]
    fn no_fixture_makes_the_guard_cry_wolf() {
        for format in FORMATS {
            let Layout::Json(_) = format.layout() else { continue };
            let path = format!("{}/tests/fixtures/formats/{}.json", env!("CARGO_MANIFEST_DIR"), format.id());
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            if format.role() != Role::Inventory {
                continue;
            }
            for mut token in test_reader::read(*format, &text).tokens {
                Guard::built_in().clean_record(&mut token);
                let cut: Vec<_> = token.problems.iter().filter(|problem| problem.kind == ProblemKind::Secret).collect();
                assert!(cut.is_empty(), "{path}: {cut:?}");
            }
        }
    }
}
