//! Every format of the list in the wrappers and encodings that tools and people put around an export.

use super::FORMATS;
use super::contract::{assert_same, fixture, read_input, text};
use crate::inventory::detect::detect;
use crate::inventory::field::Field;
use crate::inventory::format::{Format, Layout, Records};
use crate::inventory::input::Input;
use serde_json::{Map, Value as Json, json};
use std::io::Write as _;

fn documents(format: &dyn Format) -> Vec<Json> {
    serde_json::Deserializer::from_str(&text(&fixture(format))).into_iter().map(Result::unwrap).collect()
}

/// The JSON formats with their documents and where the records are.
fn json_formats() -> impl Iterator<Item = (&'static dyn Format, Records, Vec<Json>)> {
    FORMATS.iter().filter_map(|format| match format.layout() {
        Layout::Json(records) => Some((*format, records, documents(*format))),
        Layout::Table | Layout::Parquet => None,
    })
}

/// Fails unless a text is recognised as the format and says what its fixture says.
fn assert_reads_the_same(format: &dyn Format, wrapper: &str, text: impl Into<Vec<u8>>) {
    let input = fixture(format);
    let wrapped = Input::memory(input.name.clone(), text);
    let found = detect(&wrapped, FORMATS, None).map(|detected| detected.format.id());
    assert_eq!(found.map_err(|error| error.to_string()), Ok(format.id()), "as {wrapper}");
    let straight = read_input(&input, None);
    let again = read_input(&wrapped, None);
    assert_eq!(straight.0.rejected, again.0.rejected, "{} as {wrapper}: {:?}", format.id(), again.1.rejected);
    assert_same(&straight.1, &again.1, &format!("{} as {wrapper}", format.id()));
}

fn lines<'a>(values: impl IntoIterator<Item = &'a Json>, end: &str) -> String {
    values.into_iter().map(|value| format!("{value}{end}")).collect()
}

#[test]
fn a_bare_array_may_come_as_lines_or_as_several_arrays() {
    for (format, records, documents) in json_formats() {
        let (Records::Array, [Json::Array(elements)]) = (records, documents.as_slice()) else { continue };
        let (one, other) = elements.split_at(elements.len() / 2);
        let (one_list, other_list) = (json!(one), json!(other));
        let end = "\r\n\r\n";
        assert_reads_the_same(format, "a record on each line", lines(elements, "\n"));
        assert_reads_the_same(format, "lines with blank ones between, of Windows", lines(elements, end));
        assert_reads_the_same(format, "records in a row", lines(elements, ""));
        assert_reads_the_same(format, "a list of lists", json!([one_list, other_list]).to_string());
        assert_reads_the_same(format, "arrays in a row", format!("{one_list}{other_list}"));
        assert_reads_the_same(format, "files that were joined with their marks", format!("{one_list}\n\u{feff}{other_list:#}\n"));
    }
}

#[test]
fn documents_may_come_as_a_list() {
    for (format, records, documents) in json_formats() {
        if records == Records::Documents {
            assert_reads_the_same(format, "a list of documents", json!(documents).to_string());
            assert_reads_the_same(format, "a document on each line", lines(&documents, "\n"));
            assert_reads_the_same(
                format,
                "documents over many lines",
                documents.iter().map(|one| format!("{one:#}\n")).collect::<String>(),
            );
        }
    }
}

/// The same value with its truth values as text, as tools print them that make everything text.
fn with_text_for_truth(value: &Json) -> Json {
    match value {
        Json::Bool(truth) => json!(truth.to_string()),
        Json::Array(entries) => entries.iter().map(with_text_for_truth).collect(),
        Json::Object(object) => object.iter().map(|(key, value)| (key.clone(), with_text_for_truth(value))).collect(),
        other => other.clone(),
    }
}

#[test]
fn truth_values_of_records_may_be_text() {
    for (format, records, documents) in json_formats() {
        let mut documents = documents;
        for document in &mut documents {
            match (records, document) {
                (Records::Under(key), Json::Object(page)) => {
                    if let Some(elements) = page.get_mut(key) {
                        *elements = with_text_for_truth(elements);
                    }
                }
                (_, document) => *document = with_text_for_truth(document),
            }
        }
        assert_reads_the_same(format, "records with text for truth values", lines(&documents, "\n"));
    }
}

#[test]
fn pages_may_come_in_a_row_or_as_a_list() {
    for (format, records, documents) in json_formats() {
        let (Records::Under(key), [Json::Object(page)]) = (records, documents.as_slice()) else { continue };
        let Some(elements) = page.get(key).and_then(Json::as_array) else { continue };
        let (one, other) = elements.split_at(elements.len() / 2);
        let of = |elements: &[Json]| {
            let mut page: Map<String, Json> = page.clone();
            page.insert(key.to_owned(), json!(elements));
            Json::Object(page)
        };
        let pages = [of(&[]), of(one), of(other)];
        assert_reads_the_same(format, "a page on each line", lines(&pages, "\n"));
        assert_reads_the_same(format, "pages in a row", lines(&pages, ""));
        assert_reads_the_same(
            format,
            "pages over many lines",
            pages.iter().map(|page| format!("{page:#}\r\n")).collect::<String>(),
        );
        assert_reads_the_same(format, "a list of pages", json!(pages).to_string());
    }
}

#[test]
fn records_without_their_answer_are_never_of_another_export() {
    for (format, records, documents) in json_formats() {
        let (Records::Under(key), [document]) = (records, documents.as_slice()) else { continue };
        let Some(elements) = document.get(key).and_then(Json::as_array).filter(|elements| !elements.is_empty()) else { continue };
        for text in [json!(elements).to_string(), lines(elements, "\n")] {
            if let Ok(detected) = detect(&Input::memory("x", text), FORMATS, None) {
                assert_eq!(detected.format.export(), format.export(), "{}", detected.format.id());
            }
        }
    }
}

/// The format of a text and the ids of the tokens that it gives.
fn told(text: &str) -> (&'static str, Vec<String>) {
    let input = Input::memory("x", text);
    let id = detect(&input, FORMATS, None).unwrap_or_else(|error| panic!("{error}")).format.id();
    let (_, read) = read_input(&input, None);
    (id, read.tokens.iter().map(|token| token.text(Field::TokenId).unwrap_or("-").to_owned()).collect())
}

#[test]
fn entries_may_be_taken_out_of_their_answer_or_be_answered_singly() {
    for (text, id) in [
        (
            r#"[{"ServiceSpecificCredentialId":"k","ServiceName":"s","UserName":"u","Status":"Active"}]"#,
            "aws-iam-service-specific-credentials",
        ),
        (r#"[{"authorizationId":"k","validTo":"2027-01-01T00:00:00Z","scope":"vso.code"}]"#, "azure-devops-pats"),
        (
            r#"[{"authorizationId":"k","hostAuthorizationId":"h","validTo":"2027-01-01T00:00:00","scope":"vso.code"}]"#,
            "azure-devops-tokenadmin-pats",
        ),
        (
            r#"{"success":true,"errors":[],"result":{"id":"k","policies":[],"issued_on":"2026-01-01T00:00:00Z"}}"#,
            "cloudflare-api-tokens-list",
        ),
        (r#"{"key":{"access_key":"k","grants":[]}}"#, "digitalocean-spaces-keys-list"),
        (
            r#"{"clientSecretData":{"id":"k","clientSecretTTL":0,"isClientSecretRevoked":false}}"#,
            "infisical-universal-auth-client-secrets-list",
        ),
        // An older GitHub Enterprise Server states neither the slug nor a suspension.
        (
            r#"{"total_count":1,"installations":[{"id":"k","app_id":1,"repository_selection":"all","permissions":{}}]}"#,
            "github-org-app-installations",
        ),
    ] {
        assert_eq!(told(text), (id, vec!["k".to_owned()]), "{text}");
    }
}

#[test]
fn people_may_be_taken_out_of_their_answer_too() {
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"mara","active":true}"#;
    for text in [format!("[{user}]"), user.to_owned()] {
        let (facts, read) = read_input(&Input::memory("x", text), None);
        assert_eq!((facts.format, read.people.len()), ("scim-users", 1));
    }
}

#[test]
fn single_answers_lose_their_secrets_too() {
    let planted = format!("v{}", "3xQz".repeat(9));
    for text in [
        format!(r#"{{"success":true,"errors":[],"result":{{"id":"k","value":"{planted}","policies":[],"issued_on":""}}}}"#),
        format!(r#"{{"key":{{"access_key":"k","secret_key":"{planted}","grants":[]}}}}"#),
    ] {
        let (facts, read) = read_input(&Input::memory("x", text), None);
        assert_eq!((facts.dropped_fields.len(), read.tokens.len()), (1, 1));
        assert!(!format!("{facts:?} {read:?}").contains(&planted));
    }
}

#[test]
fn common_keys_alone_are_of_no_format() {
    for element in [
        json!({"id": 1, "name": "a"}),
        json!({"id": "a", "name": "b", "created_at": "2026-01-01T00:00:00Z", "expires_at": null, "owner": "c", "scopes": ["d"]}),
        json!({"id": "a", "name": "b", "createdAt": "2026-01-01T00:00:00Z", "status": "active", "type": "key", "description": ""}),
        json!({"key": "a", "name": "b", "value": "c", "enabled": true, "email": "d@acme.example", "user": "e"}),
    ] {
        for text in [json!([element]).to_string(), element.to_string(), json!({"data": [element]}).to_string()] {
            let found = detect(&Input::memory("x", text), FORMATS, None).map(|detected| detected.format.id());
            assert!(found.is_err(), "{element} is taken for {found:?}: make its signature stronger");
        }
    }
}

#[test]
fn encodings_and_packing_change_nothing() {
    for format in FORMATS.iter().filter(|format| format.layout() != Layout::Parquet) {
        let plain = text(&fixture(*format));
        let wide: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(plain.as_bytes()).unwrap();
        assert_reads_the_same(*format, "UTF-8 with a mark", format!("\u{feff}{plain}"));
        assert_reads_the_same(*format, "UTF-16 without a mark", wide);
        assert_reads_the_same(*format, "gzip", gzip.finish().unwrap());
        assert_reads_the_same(*format, "zstd", zstd::stream::encode_all(plain.as_bytes(), 1).unwrap());
        assert_reads_the_same(*format, "lines of Windows", plain.replace("\r\n", "\n").replace('\n', "\r\n"));
    }
}
