use super::*;
use crate::inventory::formats::test_reader::{Read, at, read};
use base64::engine::general_purpose::STANDARD;

const REPORT: &str = include_str!("../../../../../tests/fixtures/formats/aws-iam-credential-report.csv");
const CLI: &str = include_str!("../../../../../tests/fixtures/formats/aws-iam-credential-report-cli.json");

fn slot<'a>(read: &'a Read, id: &str) -> &'a Record {
    read.tokens.iter().find(|token| token.text(Field::TokenId).is_some_and(|text| text.ends_with(id))).expect(id)
}

#[test]
fn every_used_slot_is_a_token_and_nothing_else_is() {
    let read = read(&CREDENTIAL_REPORT, REPORT);
    let ids: Vec<_> = read.tokens.iter().filter_map(|token| token.text(Field::TokenId)).collect();
    let user = |rest: &str| format!("arn:aws:iam::123456789012:{rest}");
    assert_eq!(
        ids,
        [
            user("root/access_key_1"),
            user("user/mara.lind/access_key_1"),
            user("user/service/ci-deploy/access_key_1"),
            user("user/service/ci-deploy/access_key_2"),
            user("user/ops-shared/access_key_1"),
            user("user/service/export/access_key_1"),
            user("user/service/export/access_key_2"),
            user("user/old-soap/access_key_1"),
            user("user/old-soap/cert_1"),
        ]
    );
    assert!(read.rejects.is_empty() && read.problems.is_empty());
    assert_eq!(read.skips.iter().filter(|(_, reason)| reason.contains("password")).count(), 2);
    assert_eq!(read.skips.iter().filter(|(_, reason)| reason.contains("slot")).count(), 6);
}

#[test]
fn a_key_has_its_facts_and_creation_is_rotation() {
    let read = read(&CREDENTIAL_REPORT, REPORT);
    let key = slot(&read, "mara.lind/access_key_1");
    assert_eq!(key.text(Field::Provider), Some("aws"));
    assert_eq!(key.text(Field::Account), Some("123456789012"));
    assert_eq!(key.text(Field::TokenKind), Some("access-key"));
    assert_eq!(key.text(Field::Name), Some("mara.lind"));
    assert_eq!(key.text(Field::Owner), Some("mara.lind"));
    assert_eq!(key.text(Field::State), Some("enabled"));
    assert_eq!(key.get(Field::CreatedAt), &at("2026-09-01T08:15:00Z"));
    assert_eq!(key.get(Field::LastRotatedAt), &at("2026-09-01T08:15:00Z"));
    assert_eq!(key.get(Field::LastUsedAt), &at("2026-10-31T22:10:00Z"));
    assert_eq!(key.get(Field::ExpiresAt).state, State::NotCollected);
    assert_eq!(key.get(Field::ScopesGranted).state, State::NotCollected);
    assert_eq!(key.tags.get("last_used_service").map(String::as_str), Some("ec2"));
    assert_eq!(key.tags.get("user_name").map(String::as_str), Some("mara.lind"));
    assert_eq!(key.line, 3);
}

#[test]
fn never_used_is_told_from_nothing_there() {
    let read = read(&CREDENTIAL_REPORT, REPORT);
    // Created before AWS recorded use: "never" holds since 2015-04-22 only.
    let old = slot(&read, "old-soap/access_key_1");
    assert_eq!(old.get(Field::LastUsedAt).state, State::None);
    assert_eq!(old.get(Field::UsageObservedSince), &at("2015-04-22T00:00:00Z"));
    assert_eq!(slot(&read, "export/access_key_2").get(Field::LastUsedAt).state, State::None);
    // A region of `N/A` says nothing of the use.
    let deploy = slot(&read, "ci-deploy/access_key_1");
    assert_eq!(deploy.get(Field::LastUsedAt), &at("2026-10-31T23:45:00Z"));
    assert!(!deploy.tags.contains_key("last_used_region"));
}

#[test]
fn an_inactive_key_keeps_its_date_and_stays_a_token() {
    let read = read(&CREDENTIAL_REPORT, REPORT);
    let key = slot(&read, "ci-deploy/access_key_2");
    assert_eq!(key.text(Field::State), Some("disabled"));
    assert_eq!(key.get(Field::CreatedAt), &at("2023-02-01T05:00:00Z"));
}

#[test]
fn each_key_of_a_user_tells_of_all() {
    let read = read(&CREDENTIAL_REPORT, REPORT);
    let count = |id| slot(&read, id).get(Field::ActiveSecretCount).value.clone();
    assert_eq!(count("ci-deploy/access_key_1"), Value::Count(1));
    assert_eq!(count("export/access_key_1"), Value::Count(2));
    assert_eq!(count("export/access_key_2"), Value::Count(2));
    let Value::Items(secrets) = &slot(&read, "export/access_key_2").get(Field::Secrets).value else { panic!("no secrets") };
    let created: Vec<_> = secrets.iter().filter_map(|secret| secret.parts.first()).collect();
    assert_eq!(created, [&at("2023-06-30T12:00:30Z"), &at("2026-06-01T09:00:00Z")]);
    // A certificate does not replace a key.
    assert_eq!(count("old-soap/access_key_1"), Value::Count(1));
    assert_eq!(count("old-soap/cert_1"), Value::Count(1));
}

#[test]
fn certificates_are_tokens_whose_use_nobody_records() {
    let read = read(&CREDENTIAL_REPORT, REPORT);
    let certificate = slot(&read, "old-soap/cert_1");
    assert_eq!(certificate.text(Field::TokenKind), Some("certificate"));
    assert_eq!(certificate.get(Field::CreatedAt), &at("2014-03-11T10:15:42Z"));
    assert_eq!(certificate.get(Field::LastUsedAt).state, State::NotCollected);
}

#[test]
fn root_is_nobodys_and_may_do_everything() {
    let read = read(&CREDENTIAL_REPORT, REPORT);
    let root = slot(&read, "root/access_key_1");
    assert_eq!(root.get(Field::Owner).state, State::Empty);
    assert_eq!(root.text(Field::ScopeModel), Some("unscoped"));
    assert!(matches!(&root.get(Field::ScopesGranted).value, Value::Scopes(scopes) if scopes[0].class == Some(ScopeClass::Admin)));
}

#[test]
fn the_23rd_column_capitals_quotes_and_carriage_returns_change_nothing() {
    let wide = REPORT
        .lines()
        .enumerate()
        .map(|(index, line)| format!("{line},{}\r\n", if index == 0 { "additional_credentials_info" } else { "" }))
        .collect::<String>()
        .replace(",true,", ",TRUE,")
        .replace(",false,", ",FALSE,");
    let told = |text: &str| -> Vec<Record> {
        let tokens = read(&CREDENTIAL_REPORT, text).tokens.into_iter();
        let lower = |mut token: Record| {
            token.tags.values_mut().for_each(|value| value.make_ascii_lowercase());
            token
        };
        tokens.map(lower).collect()
    };
    assert!(told(&wide) == told(REPORT));
    let read = read(&CREDENTIAL_REPORT, REPORT);
    let shared = slot(&read, "ops-shared/access_key_1");
    assert_eq!(shared.text(Field::Name), Some("ops,shared"));
}

#[test]
fn a_user_with_more_credentials_than_columns_has_no_certain_count() {
    let text = "user,arn,user_creation_time,access_key_1_active,access_key_1_last_rotated,additional_credentials_info\n\
                a,arn:aws:iam::123456789012:user/a,2026-01-01T00:00:00Z,true,2026-01-01T00:00:00Z,1 more access key\n";
    let read = read(&CREDENTIAL_REPORT, text);
    assert_eq!(read.tokens[0].get(Field::ActiveSecretCount).state, State::Empty);
    assert_eq!(read.tokens[0].tags.get("additional_credentials_info").map(String::as_str), Some("1 more access key"));
    assert_eq!(read.tokens[0].tags.get("user_created_at").map(String::as_str), Some("2026-01-01T00:00:00Z"));
}

#[test]
fn the_answer_of_the_command_line_holds_the_same_report() {
    let from_cli = read(&CREDENTIAL_REPORT_CLI, CLI);
    assert_eq!(from_cli.exported_at, Some(1_793_491_207));
    assert_eq!(from_cli.tokens.len(), 3);
    assert_eq!(from_cli.tokens[0].line, 2);
    let whole = format!(r#"{{"Content":"{}","ReportFormat":"text/csv"}}"#, STANDARD.encode(REPORT));
    assert_eq!(read(&CREDENTIAL_REPORT_CLI, &whole).tokens, read(&CREDENTIAL_REPORT, REPORT).tokens);
}

#[test]
fn an_answer_without_a_report_is_rejected() {
    for (content, reason) in [("\"!!\"", "base64"), ("\"aGVsbG8=\"", "header"), ("7", "no Content")] {
        let text = format!(r#"{{"Content":{content},"ReportFormat":"text/csv"}}"#);
        let read = read(&CREDENTIAL_REPORT_CLI, &text);
        assert!(read.tokens.is_empty() && read.rejects.len() == 1 && read.rejects[0].1.contains(reason), "{:?}", read.rejects);
    }
}

#[test]
fn broken_rows_cost_themselves_only() {
    let text = "user,arn,user_creation_time,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date\n\
                ,,,true,2026-01-01T00:00:00Z,N/A\n\
                a,arn:aws:iam::123456789012:user/a,x,true,soon,later\n\
                b,arn:x,x,maybe,2026-01-01T00:00:00Z,\n\
                c,arn:aws:iam::123456789012:user/c,x,true,N/A,N/A\n";
    let read = read(&CREDENTIAL_REPORT, text);
    assert_eq!(read.rejects.len(), 1);
    let states =
        |token: &Record| [Field::State, Field::Account, Field::CreatedAt, Field::LastUsedAt].map(|field| token.get(field).state);
    assert_eq!(states(&read.tokens[0]), [State::Value, State::Value, State::Unreadable, State::Unreadable]);
    assert_eq!(states(&read.tokens[1]), [State::Unreadable, State::Empty, State::Value, State::Empty]);
    assert_eq!(read.tokens[1].get(Field::ActiveSecretCount).state, State::Empty);
    assert_eq!(states(&read.tokens[2]), [State::Value, State::Value, State::Empty, State::None]);
}
