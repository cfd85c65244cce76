//! GitLab SSH keys of people: of the enterprise users of a group, or of one user.

use super::{PROVIDER, user};
use crate::inventory::field::Field;
use crate::inventory::format::{Row, Sink, SourceContext};
use crate::inventory::formats::element::{NULL_IS_NONE, SILENT, Token, granted};
use crate::inventory::formats::export::{Export, Reading, no_pages};

/// `GET /groups/{id}/manage/ssh_keys`, `GET /users/{id}/keys`.
pub const SSH_KEYS: Export = Export {
    id: "gitlab-group-manage-ssh-keys",
    title: "GitLab SSH keys",
    how_to_export: "glab api --paginate groups/ID/manage/ssh_keys > keys.json (or users/ID/keys)",
    signature: "JSON array with usage_type and title",
    recognises: |sight| sight.has_keys("", &["usage_type", "title"]),
    // The owner and the last use are left out: lists of one user do not state them, and each record tells whether it does.
    collects: Some(&[Field::TokenId, Field::Provider, Field::Name, Field::TokenKind, Field::CreatedAt, Field::ExpiresAt]),
    reading: Reading::Each { record: ssh_key, page: no_pages },
    ..Export::OF_PROVIDER
};

fn ssh_key(row: Row<'_>, _context: &SourceContext, sink: &mut dyn Sink) {
    let Some(mut token) = Token::start(row, PROVIDER, "ssh-key", sink) else { return };
    token.text(Field::TokenId, "id");
    token.text(Field::Name, "title");
    token.date(Field::CreatedAt, "created_at", SILENT);
    // A full time here, where access tokens have a date.
    token.date(Field::ExpiresAt, "expires_at", NULL_IS_NONE);
    if token.has("last_used_at") {
        token.date(Field::LastUsedAt, "last_used_at", NULL_IS_NONE);
    }
    if token.has("user_id") {
        let owner = user(&token);
        token.record.set_text(Field::Owner, owner);
    }
    if token.scalar("usage_type").as_deref() == Some("signing") {
        // It signs commits and opens nothing.
        token.record.set_text(Field::ScopeModel, "scoped");
        token.record.set(Field::ScopesGranted, granted(Vec::new()));
    }
    token.tag("usage_type", "usage_type");
    sink.token(token.record);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::formats::test_reader::{at, read};
    use crate::inventory::record::State;

    const KEYS: &str = include_str!("../../../../tests/fixtures/formats/gitlab-group-manage-ssh-keys.json");

    #[test]
    fn a_key_belongs_to_a_user_of_gitlab() {
        let read = read(&SSH_KEYS, KEYS);
        let texts = [Field::TokenId, Field::Name, Field::Owner, Field::TokenKind];
        assert_eq!(texts.map(|field| read.tokens[0].text(field).unwrap_or("-")), ["701", "notebook", "gitlab:61", "ssh-key"]);
        assert_eq!(read.tokens[0].get(Field::ExpiresAt), &at("2027-01-23T00:00:00Z"));
        assert_eq!(read.tokens[0].get(Field::LastUsedAt), &at("2026-10-30T05:40:11Z"));
    }

    #[test]
    fn null_is_told_from_what_a_list_does_not_have() {
        let read = read(&SSH_KEYS, KEYS);
        let states =
            |index: usize| [Field::ExpiresAt, Field::LastUsedAt, Field::Owner].map(|field| read.tokens[index].get(field).state);
        assert_eq!(states(1), [State::None, State::None, State::Value]);
        assert_eq!(states(3), [State::None, State::NotCollected, State::NotCollected]);
    }

    #[test]
    fn a_key_that_only_signs_opens_nothing() {
        let read = read(&SSH_KEYS, KEYS);
        let states: Vec<_> = read.tokens.iter().map(|token| token.get(Field::ScopesGranted).state).collect();
        assert_eq!(states, [State::NotCollected, State::NotCollected, State::None, State::NotCollected]);
    }
}
