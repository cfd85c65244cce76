use super::*;
use crate::inventory::format::Format;
use crate::inventory::formats::test_reader::{Read, at, read, sight_of_json};

const ANSWER: &str = include_str!("../../../../tests/fixtures/formats/entra-applications.json");
const LIST: &str = include_str!("../../../../tests/fixtures/formats/entra-applications-cli.json");
const PRINCIPALS: &str = include_str!("../../../../tests/fixtures/formats/entra-service-principals.json");
const PRINCIPAL_LIST: &str = include_str!("../../../../tests/fixtures/formats/entra-service-principals-cli.json");

fn words(read: &Read, field: Field) -> Vec<&str> {
    read.tokens.iter().map(|token| token.text(field).unwrap_or("-")).collect()
}

fn scopes(record: &Record) -> Vec<&str> {
    match &record.get(Field::ScopesGranted).value {
        Value::Scopes(scopes) => scopes.iter().map(|scope| scope.name.as_str()).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn each_credential_is_a_token() {
    let read = read(&APPLICATIONS, ANSWER);
    assert_eq!(
        words(&read, Field::TokenKind),
        ["client-secret", "client-secret", "client-secret", "certificate", "certificate", "client-secret", "client-secret"]
    );
    assert_eq!(words(&read, Field::Name)[..3], ["Billing sync: prod 2026", "Billing sync", "Billing sync: old"]);
    assert_eq!(read.tokens[0].get(Field::CreatedAt), &at("2025-11-15T09:00:00Z"));
    assert_eq!(read.tokens[0].tags["application_id"], "1b220000-0000-4000-8000-000000000001");
    assert_eq!(read.tokens[0].tags["publisher_domain"], "acme.example");
    assert!(read.tokens.iter().all(|token| token.get(Field::Account).state == State::NotCollected));
    assert_eq!(read.paging[0].more, Some(true));
}

#[test]
fn far_years_are_no_end_and_an_ended_secret_is_expired() {
    let read = read(&APPLICATIONS, ANSWER);
    assert_eq!(read.tokens[1].get(Field::ExpiresAt).state, State::None);
    assert_eq!(words(&read, Field::State)[..3], ["enabled", "enabled", "expired"]);
}

#[test]
fn a_signing_certificate_is_counted_once() {
    let read = read(&APPLICATIONS, ANSWER);
    let wiki: Vec<_> = read.tokens.iter().filter(|token| token.tags["application_name"] == "SAML wiki").collect();
    assert_eq!(wiki.len(), 1);
    assert_eq!(wiki[0].text(Field::TokenId), Some("1d220000-0000-4000-8000-000000000001"));
    assert_eq!(wiki[0].tags["credential_usage"], "Sign");
}

#[test]
fn secrets_that_share_a_label_are_different_secrets() {
    let read = read(&APPLICATIONS, ANSWER);
    let deployer: Vec<_> = read.tokens.iter().filter(|token| token.tags["application_name"] == "Deployer").collect();
    assert_eq!(deployer.len(), 2);
    assert_eq!(deployer[0].get(Field::ActiveSecretCount).value, Value::Count(2));
}

#[test]
fn secrets_of_one_application_know_of_each_other() {
    let read = read(&APPLICATIONS, ANSWER);
    // The third secret has ended.
    assert_eq!(read.tokens[0].get(Field::ActiveSecretCount).value, Value::Count(2));
    assert!(matches!(&read.tokens[0].get(Field::Secrets).value, Value::Items(secrets) if secrets.len() == 3));
    assert_eq!(read.tokens[0].identity.as_deref(), Some("1b220000-0000-4000-8000-000000000001"));
}

#[test]
fn applications_without_credentials_are_normal() {
    let read = read(&APPLICATIONS, ANSWER);
    let reasons: BTreeSet<_> = read.skips.iter().map(|(_, reason)| *reason).collect();
    assert!(reasons.contains("an application without credentials"));
    assert_eq!((read.skips.len(), read.rejects.len(), read.problems.len()), (3, 0, 0));
}

#[test]
fn permissions_are_those_asked_for() {
    let read = read(&APPLICATIONS, ANSWER);
    let other = "1d990000-0000-4000-8000-000000000001/1d990000-0000-4000-8000-000000000002";
    assert_eq!(scopes(&read.tokens[0]), [other, "Application.ReadWrite.All", "User.Read"]);
    assert_eq!(read.tokens[0].tags["requested_delegated_permissions"], "User.Read");
    // Asking for nothing is no proof of having nothing.
    assert_eq!(read.tokens[3].get(Field::ScopesGranted).state, State::Empty);
    // The record was not asked for them.
    assert_eq!(read.tokens[5].get(Field::ScopesGranted).state, State::NotCollected);
}

#[test]
fn owners_are_known_if_the_request_expanded_them() {
    let read = read(&APPLICATIONS, ANSWER);
    assert_eq!(words(&read, Field::Owner)[4], "mara.lind@acme.example");
    assert_eq!(read.tokens[4].tags["owners"], "mara.lind@acme.example tom.field@acme.example");
    assert_eq!(read.tokens[0].get(Field::Owner).state, State::NotCollected);
}

#[test]
fn old_and_new_command_lines_say_the_same() {
    let read = read(&APPLICATIONS_CLI, LIST);
    assert_eq!(words(&read, Field::Name), ["Reporting: first", "Legacy"]);
    assert_eq!(read.tokens[1].get(Field::CreatedAt), &at("2020-03-04T05:06:07Z"));
    assert_eq!(read.tokens[1].tags["application_object_id"], "1a220000-0000-4000-8000-000000000022");
}

#[test]
fn principals_are_told_from_applications() {
    let formats: [&dyn Format; 4] = [&APPLICATIONS, &APPLICATIONS_CLI, &SERVICE_PRINCIPALS, &SERVICE_PRINCIPALS_CLI];
    for (index, text) in [ANSWER, LIST, PRINCIPALS, PRINCIPAL_LIST].into_iter().enumerate() {
        let sight = sight_of_json(text);
        let found: Vec<_> = (0..4).filter(|format| formats[*format].recognises(&sight)).collect();
        assert_eq!(found, [index]);
    }
    assert_eq!(read(&SERVICE_PRINCIPALS_CLI, PRINCIPAL_LIST).tokens.len(), 1);
}

#[test]
fn a_principal_can_be_switched_off_or_managed_by_azure() {
    let read = read(&SERVICE_PRINCIPALS, PRINCIPALS);
    assert_eq!(words(&read, Field::State), ["enabled", "disabled"]);
    assert_eq!(read.skips.len(), 1);
}

#[test]
fn a_list_that_left_the_credentials_out_says_so() {
    let text = r##"{"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#applications(id,displayName)", "value": [{"id": "1", "displayName": "x"}]}"##;
    let read = read(&APPLICATIONS, text);
    assert_eq!((read.tokens.len(), read.skips.len(), read.problems.len()), (0, 1, 1));
}
