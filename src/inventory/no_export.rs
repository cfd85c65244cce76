//! What people get in place of an export: the answer of a service that refused, text without columns, a table without header.
//!
//! No format is of such a file, and no mapping helps; it is told apart so that the message says what to do.

use super::format::Sight;
use super::guard::Guard;
use super::time;
use serde_json::{Map, Value as Json};

/// Letters of the text that a message repeats.
const SHOWN: usize = 120;
/// Letters from which on text of the base64 alphabet is taken for encoded text and not for a word.
const ENCODED: usize = 200;

/// Letters that the name of a single column has at most.
const LONGEST_NAME: usize = 60;
/// Keys of an object that states an error in one word; a record may do so too, and has more.
const FEW_KEYS: usize = 6;

/// Why a file is no export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoExport {
    /// In words that follow "is no export: it is".
    pub what: String,
    /// What to do about it.
    pub hint: &'static str,
}

/// Looks for the signs of something that is no export; none if the file may be one.
pub fn why(sight: &Sight) -> Option<NoExport> {
    match sight {
        Sight::Table { header } => of_table(header),
        Sight::Json { elements, .. } => {
            let mut objects = elements.iter().filter(|(list, _)| list.is_empty()).filter_map(|(_, element)| element.as_object());
            let (answer, further) = (objects.next()?, objects.next());
            let message = refusal(answer).filter(|_| further.is_none())?;
            Some(NoExport {
                what: format!("the answer of a service that refused ({})", shown(&message)),
                hint: "export again with credentials that may list the tokens, and check the address",
            })
        }
        Sight::Parquet { .. } => None,
    }
}

fn of_table(header: &[String]) -> Option<NoExport> {
    let no_export = |what: String, hint| Some(NoExport { what, hint });
    if let [only] = header {
        let text = only.trim();
        if text.len() >= ENCODED && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte)) {
            return no_export("text in base64".to_owned(), "decode it first: base64 --decode FILE > export");
        }
        // A sheet may have a single column, but not one with a sentence or a row of blanks for its name.
        let is_text = text.len() > LONGEST_NAME || text.contains("  ") || text.contains(": ");
        if is_text {
            return no_export(
                format!("text without columns, which begins with `{}`", shown(text)),
                "ask the tool for JSON or CSV, such as with `--output json` or `-o json`",
            );
        }
    }
    let value = header.iter().find(|name| is_value(name))?;
    no_export(
        format!("a table without a header: its first line holds `{}`", shown(value)),
        "put a line with the names of the columns on top, or ask the tool for JSON",
    )
}

/// True for what stands in a row and not in a header. A year, quarter or month may head a column, and so may a number.
fn is_value(cell: &str) -> bool {
    let cell = cell.trim();
    let is_instant = cell.len() >= "2026-01-01".len() && cell.contains(['-', ':']) && time::parse(cell).date().is_some();
    let is_address = cell.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !cell.contains(char::is_whitespace) && !cell.contains('[')
    });
    is_instant || is_address
}

/// What a refusing service says, if the object is such an answer. The shapes are those of the services of the list: AWS,
/// GitHub, GitLab, Okta, Google, Microsoft, Vault, Cloudflare, Kubernetes, JSON:API, Slack, SCIM and their like.
fn refusal(answer: &Map<String, Json>) -> Option<String> {
    let text = |key: &str| answer.get(key).and_then(Json::as_str).filter(|text| !text.trim().is_empty());
    let any = |keys: &[&str]| keys.iter().find_map(|key| text(key)).map(str::to_owned);
    let failed = ["ok", "success"].iter().any(|key| answer.get(*key) == Some(&Json::Bool(false)));
    let holds_records = answer.iter().any(|(key, value)| {
        key != "errors" && key != "errorCauses" && value.as_array().is_some_and(|list| list.iter().any(Json::is_object))
    });
    if holds_records {
        return None;
    }
    match answer.get("error").or_else(|| answer.get("Error")).or_else(|| answer.get("odata.error")) {
        Some(Json::String(code)) if !code.is_empty() && answer.len() <= FEW_KEYS => {
            let more = any(&["error_description", "message", "errorMessage"]);
            return Some(more.map_or_else(|| code.clone(), |more| format!("{code}: {more}")));
        }
        Some(error @ Json::Object(_)) => return said(error),
        _ => {}
    }
    if let Some(Json::Array(errors)) = answer.get("errors")
        && let Some(first) = errors.first()
    {
        return said(first);
    }
    if let Some(summary) = text("errorSummary").or_else(|| text("errorMessage")) {
        return Some(summary.to_owned());
    }
    let of_kind = |key: &str, word: &str| text(key).is_some_and(|text| text.eq_ignore_ascii_case(word));
    let by_type = (of_kind("kind", "Status") && of_kind("status", "Failure"))
        || answer.contains_key("__type")
        || answer.contains_key("typeKey")
        || answer
            .get("schemas")
            .and_then(Json::as_array)
            .is_some_and(|schemas| schemas.iter().filter_map(Json::as_str).any(|schema| schema.ends_with(":Error")));
    // An object of a message and little else: records have an id, a name, dates.
    let few = [
        "message",
        "documentation_url",
        "status",
        "code",
        "error_code",
        "statusCode",
        "id",
        "reqId",
        "requestId",
        "request_id",
        "details",
    ];
    let only_a_message = answer.contains_key("message") && answer.keys().all(|key| few.contains(&key.as_str()));
    if failed || by_type || only_a_message {
        let listed = answer.get("messages").and_then(Json::as_array).and_then(|list| list.first()).and_then(said);
        return any(&["message", "Message", "detail"]).or(listed).or_else(|| Some("it gives no reason".to_owned()));
    }
    None
}

/// The reason inside an entry of a list of errors, or inside an error object.
fn said(error: &Json) -> Option<String> {
    match error {
        Json::String(text) => Some(text.clone()),
        Json::Object(error) => {
            let keys = ["message", "Message", "detail", "title", "value", "code", "Code", "status"];
            keys.iter().find_map(|key| said(error.get(*key)?))
        }
        _ => None,
    }
}

/// Text of the file, fit for a message: cut, without secrets and without what steers a terminal.
fn shown(text: &str) -> String {
    let clean: String = Guard::built_in().clean_text(text).chars().filter(|letter| !letter.is_control()).collect();
    let hidden = |letter: &char| !matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut short: String = clean.chars().filter(hidden).take(SHOWN).collect();
    if short.len() < clean.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::input::Input;
    use crate::inventory::sight;

    fn what(text: &str) -> Option<String> {
        why(&sight::look(&Input::memory("x", text)).unwrap()[0]).map(|found| found.what)
    }

    #[test]
    fn the_answers_of_services_that_refused_are_told_apart() {
        for (answer, message) in [
            (r#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}"#, "Not Found"),
            (r#"{"message":"401 Unauthorized"}"#, "401 Unauthorized"),
            (
                r#"{"error":"insufficient_scope","error_description":"too little","scope":"api"}"#,
                "insufficient_scope: too little",
            ),
            (r#"{"errorCode":"E0000011","errorSummary":"Invalid token","errorId":"a","errorCauses":[]}"#, "Invalid token"),
            (r#"{"error":{"code":403,"message":"Permission denied","status":"PERMISSION_DENIED"}}"#, "Permission denied"),
            (r#"[{"error":{"code":403,"message":"Permission denied"}}]"#, "Permission denied"),
            (r#"{"errors":["permission denied"]}"#, "permission denied"),
            (r#"{"errors":[{"status":"404","title":"not found"}]}"#, "not found"),
            (r#"{"jsonapi":{"version":"1.0"},"errors":[{"status":"401","detail":"Unauthorized","id":"a"}]}"#, "Unauthorized"),
            (r#"{"ok":false,"error":"not_an_enterprise"}"#, "not_an_enterprise"),
            (r#"{"messages":["Invalid token"],"success":false}"#, "Invalid token"),
            (r#"{"id":"unauthorized","message":"Unable to authenticate you"}"#, "Unable to authenticate you"),
            (r#"{"type":"error","error":{"type":"authentication_error","message":"invalid key"}}"#, "invalid key"),
            (r#"{"kind":"Status","status":"Failure","message":"secrets is forbidden","code":403}"#, "secrets is forbidden"),
            (r#"{"__type":"AccessDeniedException","Message":"not authorised"}"#, "not authorised"),
            (r#"{"$id":"1","innerException":null,"message":"TF400813","typeKey":"UnauthorizedRequestException"}"#, "TF400813"),
            (r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"no","status":"403"}"#, "no"),
        ] {
            assert_eq!(what(answer), Some(format!("the answer of a service that refused ({message})")), "{answer}");
        }
    }

    #[test]
    fn records_are_no_answers_of_that_kind() {
        for text in [
            r#"[{"id":1,"name":"a","message":"b"}]"#,
            r#"{"message":"a","items":[{"id":1}]}"#,
            r#"{"errors":[],"success":true,"result":[]}"#,
            r#"{"error":null,"tokens":[{"id":1}]}"#,
            "{\"message\":\"a\"}\n{\"message\":\"b\"}\n",
            "[]",
        ] {
            assert_eq!(what(text), None, "{text}");
        }
    }

    #[test]
    fn text_is_no_table() {
        assert!(
            what("An error occurred (AccessDenied) when calling the ListAccessKeys operation: denied\n")
                .unwrap()
                .starts_with("text without columns, which begins with `An error")
        );
        assert!(what("NAMESPACE   NAME   TYPE   DATA   AGE\nops   a   Opaque   1   2d\n").is_some());
        assert_eq!(what("Token ID\nk-1\n"), None);
        assert_eq!(what(&"dXNlcixhcm4s".repeat(40)).as_deref(), Some("text in base64"));
        let row = what("k-1,2026-02-01T00:00:00Z,ALL\n").unwrap();
        assert_eq!(row, "a table without a header: its first line holds `2026-02-01T00:00:00Z`");
        assert!(what("ops@acme.example;k-1\n").is_some());
        assert_eq!(what("Name,2026,2026-Q1,Owner (e.g. a@acme.example)\n"), None);
    }

    #[test]
    fn no_secret_is_repeated() {
        let secret = concat!("ghp", "_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8");
        let told = what(&format!(r#"{{"error":{{"message":"Incorrect key: {secret}"}}}}"#)).unwrap();
        assert!(told.contains("Incorrect key") && !told.contains(secret), "{told}");
    }
}
