//! Where a field that is missing can be got: by the format that lacks it, else by the field alone.
//!
//! The report puts these words beside "what to supply next" (decisions, 33), so that a reader knows the next step and not only the gap.

/// What another export of the same provider states: formats (by the start of their id), fields, where to get them.
const BY_FORMAT: &[(&str, &[&str], &str)] = &[
    (
        "aws-iam-list-access-keys",
        &["last_used_at", "usage_observed_since", "account"],
        "add the credential report: aws iam generate-credential-report; aws iam get-credential-report",
    ),
    (
        "aws-iam-",
        &["scopes_granted", "scope_model"],
        "list the user's policies as scopes in your own sheet; aws iam get-account-authorization-details has them",
    ),
    (
        "aws-iam-",
        &["expires_at"],
        "IAM access keys have no expiry; state `none` in your own sheet, or add the fact under [[provider]]",
    ),
    (
        "okta-api-tokens",
        &["scopes_granted"],
        "an API token has the roles of its owner: GET /api/v1/users/{id}/roles; list them in your own sheet",
    ),
    (
        "gitlab-deploy-tokens",
        &["created_at", "last_used_at"],
        "GitLab does not state it for deploy tokens; keep the date in your own sheet",
    ),
    (
        "github-org-fine-grained-pats",
        &["created_at"],
        "GitHub states no creation date; access_granted_at comes close, keep the date in your own sheet",
    ),
    (
        "gcp-service-account-keys",
        &["last_used_at"],
        "Google states it apart: gcloud policy-intelligence query-activity --activity-type=serviceAccountKeyLastAuthentication",
    ),
    ("entra-", &["last_used_at"], "Graph states it in the beta report servicePrincipalSignInActivities"),
    ("entra-", &["owner"], "GET /applications/{id}/owners states it; enter the owner in your own sheet"),
];

/// What no list of tokens states, or what several kinds of source can: the field's name or the first part of it, where to get it.
const BY_FIELD: &[(&str, &str)] = &[
    ("people", "give a people register with --people: an HR file or directory export that includes those who left"),
    ("purposes", "give the purpose register with --purposes"),
    ("owner", "tag the token at its provider and name the tag under owner_keys, or enter the owner in your own sheet"),
    ("environment", "tag the token at its provider and name the tag under environment_keys, or enter it in your own sheet"),
    ("sensitivity", "enter it in your own sheet"),
    ("purpose", "enter it in your own sheet, or name a purpose_id of a register given with --purposes"),
    ("purpose_id", "enter it in your own sheet"),
    ("purpose_status", "enter it in your own sheet, or in a purpose register given with --purposes"),
    ("purpose_ends_at", "enter it in your own sheet, or in a purpose register given with --purposes"),
    ("scopes_required", "enter them in your own sheet, or in a purpose register given with --purposes"),
    ("authorized_readers", "enter them in your own sheet, or in a purpose register given with --purposes"),
    (
        "contacts",
        "enter contacts with the date when each was confirmed in your own sheet, or give an accounts register with --accounts",
    ),
    (
        "storage.encrypted_at_rest",
        "enter storage.encrypted_at_rest (yes or no) in your own sheet, or add the list of a secret store that states it",
    ),
    (
        "storage",
        "add the list of the secret store that holds the token, or enter storage.kind and storage.location in your own sheet",
    ),
    (
        "shares",
        "no provider states who received the value: enter shares.0.recipient and shares.0.channel in your own sheet, or `none`",
    ),
    (
        "integrations",
        "no provider states which applications use the token: enter integrations.0.name and its parts in your own sheet",
    ),
    (
        "compromise",
        "declare complete = [\"compromise.state\"] under [[source]] if an empty value means that nothing is suspected",
    ),
    ("secret_scan", "enter the date and the open findings of the last scan for leaked secrets in your own sheet"),
    ("reviewed_at", "enter the date of the last review in your own sheet"),
    ("enabled_at", "the provider's audit log has it; enter the date in your own sheet"),
    ("last_used_at", "the provider's audit log may have it; enter the date in your own sheet"),
    (
        "last_rotated_at",
        "enter the date of the last reset in your own sheet, or add the list of the secret store that holds the token",
    ),
    ("created_at", "enter the date in your own sheet; if it is lost, the earliest date on which the token is proven to exist"),
    ("scopes_granted", "enter the token's scopes in your own sheet"),
    ("credential_version", "add the list of the secret store that holds the token, or enter it in your own sheet"),
];

/// Where to get a field that sources of a format do not state; none if nothing is known of it.
pub fn hint(format: &str, field: &str) -> Option<&'static str> {
    let by_format = BY_FORMAT.iter().find(|(start, fields, _)| format.starts_with(start) && fields.contains(&field));
    let root = field.split(['.', '[']).next().unwrap_or(field);
    let called = |wanted: &str| BY_FIELD.iter().find(|(name, _)| *name == wanted).map(|(_, hint)| *hint);
    let by_field = || called(field).or_else(|| called(root));
    by_format.map(|(_, _, hint)| *hint).or_else(by_field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::field::{FIELDS, Field};
    use crate::inventory::formats::FORMATS;

    #[test]
    fn every_hint_is_about_a_field_that_the_format_lacks() {
        for (start, fields, _) in BY_FORMAT {
            let formats: Vec<_> = FORMATS.iter().filter(|format| format.id().starts_with(start)).collect();
            for name in *fields {
                let field = Field::from_name(name).unwrap_or_else(|| panic!("{name} is no field"));
                for format in &formats {
                    let collects = format.collects().unwrap_or_default();
                    let alone = format.id() == *start || formats.len() == 1;
                    assert!(!alone || !collects.contains(&field), "{} states {name} itself", format.id());
                }
            }
        }
    }

    #[test]
    fn every_hint_names_a_field_or_a_register() {
        for (name, _) in BY_FIELD {
            let root = name.split('.').next();
            let known = FIELDS.iter().any(|spec| spec.name.split('.').next() == root);
            assert!(known || ["people", "purposes"].contains(name), "{name}");
        }
    }

    #[test]
    fn the_format_goes_before_the_field() {
        assert!(hint("aws-iam-list-access-keys", "last_used_at").is_some_and(|hint| hint.contains("credential report")));
        assert!(hint("cloudflare-api-tokens", "last_used_at").is_some_and(|hint| hint.contains("audit log")));
        assert!(hint("canonical-csv", "contacts.verified_at").is_some_and(|hint| hint.contains("--accounts")));
        assert_eq!(hint("canonical-csv", "token_id"), None);
    }
}
