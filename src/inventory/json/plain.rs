//! What a JSON parser would change or let through: integers that no machine number holds, and NUL characters.

use memchr::memmem;
use serde_json::Value as Json;
use std::ops::Range;

/// Digits of the shortest integer that may not fit a machine number (that of -9223372036854775809 is the shortest).
const LONG: usize = 19;

/// The text with quotes around every integer that fits neither `i64` nor `u64`, or none if there is none. As numbers they
/// would be rounded, and two ids could become one.
pub fn quote_long_integers(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    // A run of so many digits holds every so-manyth byte of the text.
    let suspicious = bytes.iter().skip(LONG - 1).step_by(LONG).any(u8::is_ascii_digit);
    if !suspicious {
        return None;
    }
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => at = after_string(bytes, at + 1),
            b'-' | b'0'..=b'9' => {
                let number = number_at(bytes, at);
                at = number.end;
                let long = text.get(number.clone()).filter(|number| is_long_integer(number));
                if let (Some(number_text), Some(before)) = (long, text.get(copied..number.start)) {
                    out.extend([before, "\"", number_text, "\""]);
                    copied = number.end;
                }
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Some(out)
}

/// Where the string that was opened before `at` is over.
fn after_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(offset) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        at += offset;
        if bytes.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

fn number_at(bytes: &[u8], start: usize) -> Range<usize> {
    let rest = bytes.get(start..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
    start..start + length
}

fn is_long_integer(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    digits.len() >= LONG
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
        && number.parse::<i64>().is_err()
        && number.parse::<u64>().is_err()
}

/// Replaces NUL characters in the texts and keys of a value that was parsed from `text`; true if there were any. They end
/// texts for other programs, and leaving them out could make two ids one.
pub fn replace_nuls(text: &str, value: &mut Json) -> bool {
    memmem::find(text.as_bytes(), b"\\u0000").is_some() && replace(value)
}

fn replace(value: &mut Json) -> bool {
    match value {
        Json::String(text) if text.contains('\0') => {
            *text = text.replace('\0', "\u{FFFD}");
            true
        }
        Json::Array(entries) => entries.iter_mut().fold(false, |found, entry| replace(entry) | found),
        Json::Object(entries) => {
            let mut found = entries.values_mut().fold(false, |found, entry| replace(entry) | found);
            if entries.keys().any(|key| key.contains('\0')) {
                *entries =
                    std::mem::take(entries).into_iter().map(|(key, entry)| (key.replace('\0', "\u{FFFD}"), entry)).collect();
                found = true;
            }
            found
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quoted(text: &str) -> Option<String> {
        quote_long_integers(text)
    }

    #[test]
    fn integers_keep_every_digit() {
        assert_eq!(quoted(r#"{"id":18446744073709551616,"n":1}"#).unwrap(), r#"{"id":"18446744073709551616","n":1}"#);
        assert_eq!(quoted("[-9223372036854775809]").unwrap(), r#"["-9223372036854775809"]"#);
        assert_eq!(quoted("123456789012345678901234").unwrap(), r#""123456789012345678901234""#);
        for same in [
            "18446744073709551615",
            "-9223372036854775808",
            r#"{"a":"123456789012345678901234","b\"1":"é 123456789012345678901234"}"#,
            "123456789012345678901234.5",
            "1234567890123456789012e3",
            "00000000000000000000000000001",
            "\"\\",
            "",
        ] {
            assert_eq!(quoted(same), None, "{same}");
        }
    }

    #[test]
    fn nuls_can_be_seen_and_change_no_other_text() {
        let replaced = |text: &str| {
            let mut value = serde_json::from_str(text).unwrap();
            (replace_nuls(text, &mut value), value.to_string())
        };
        let nul = "\\u0000";
        let (found, text) = replaced(&format!("{{\"a{nul}\":[\"b{nul}c\",\"d\"],\"e\":1}}"));
        assert_eq!((found, text.as_str()), (true, "{\"a\u{FFFD}\":[\"b\u{FFFD}c\",\"d\"],\"e\":1}"));
        assert_eq!(replaced("\"\\\\u0000\""), (false, "\"\\\\u0000\"".to_owned()));
    }

    proptest! {
        #[test]
        fn every_integer_is_read_as_written(number in "-?[1-9][0-9]{0,30}", pad in " {0,20}") {
            let text = format!("{{{pad}\"id\":{number}}}");
            let exact = quoted(&text).unwrap_or_else(|| text.clone());
            let value: Json = serde_json::from_str(&exact).unwrap();
            let id = value["id"].as_str().map_or_else(|| value["id"].to_string(), str::to_owned);
            prop_assert_eq!(id, number);
        }

        #[test]
        fn any_text_is_looked_through_without_harm(text in "[\"\\\\0-9é.e{}-]{0,60}") {
            let _ = quoted(&text);
        }
    }
}
