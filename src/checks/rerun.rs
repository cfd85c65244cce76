//! The text of a check with its parameters written out, so that any SQLite shell runs it as it was run.

use super::sql_text::{Kind, tokens};
use crate::store::Parameter;
use std::collections::BTreeMap;

/// The query alone, without the header, every `:name` replaced by the value that was bound.
///
/// # Errors
/// The name of a parameter that nothing was bound to.
pub fn written_out(sql: &str, parameters: &BTreeMap<String, Parameter>) -> Result<String, String> {
    let tokens = tokens(sql);
    let end = tokens.iter().rev().find(|token| token.text != ";").map_or(0, |token| token.offset + token.text.len());
    let mut text = String::new();
    let mut copied = tokens.first().map_or(0, |token| token.offset);
    for token in tokens.iter().filter(|token| token.kind == Kind::Parameter) {
        let name = token.text.strip_prefix(':').unwrap_or(token.text);
        let value = parameters.get(name).ok_or_else(|| token.text.to_owned())?;
        text.push_str(sql.get(copied..token.offset).unwrap_or_default());
        if text.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_') {
            text.push(' ');
        }
        text.push_str(&literal(value));
        copied = token.offset + token.text.len();
    }
    text.push_str(sql.get(copied..end).unwrap_or_default());
    Ok(text)
}

/// A value as SQL.
pub fn literal(value: &Parameter) -> String {
    match value {
        // in brackets, because a minus before it would make it a comment
        Parameter::Integer(number) if *number < 0 => format!("({number})"),
        Parameter::Integer(number) => number.to_string(),
        Parameter::Real(number) => format!("({number:?})"),
        Parameter::Null => "NULL".to_owned(),
        Parameter::Text(text) => text_literal(text),
    }
}

/// A text as SQL. What steers a terminal, ends a line or acts unseen is written by its number.
fn text_literal(text: &str) -> String {
    let plain = |letter: &char| {
        !letter.is_control()
            && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    if text.chars().all(|letter| plain(&letter)) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut pieces: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let end = rest.find(|letter| !plain(&letter)).unwrap_or(rest.len());
        if end > 0 {
            pieces.push(format!("'{}'", rest.get(..end).unwrap_or_default().replace('\'', "''")));
        } else {
            pieces.push(format!("char({})", u32::from(letter)));
        }
        rest = rest.get(end.max(if end == 0 { letter.len_utf8() } else { 0 })..).unwrap_or_default();
    }
    format!("({})", pieces.join(" || "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(values: &[(&str, Parameter)]) -> BTreeMap<String, Parameter> {
        values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    fn text(text: &str) -> Parameter {
        Parameter::Text(text.to_owned())
    }

    #[test]
    fn values_stand_in_the_place_of_parameters_only() {
        let sql = "/*---\nid = \":a\"\n---*/\nSELECT:a, ':a', \"x:a\", -:n -- :a\nFROM t WHERE b IN (SELECT value FROM json_each(:words));\n";
        let values = bound(&[("a", Parameter::Integer(7)), ("n", Parameter::Integer(-1)), ("words", text(r#"["it's"]"#))]);
        assert_eq!(
            written_out(sql, &values).as_deref(),
            Ok("SELECT 7, ':a', \"x:a\", -(-1) -- :a\nFROM t WHERE b IN (SELECT value FROM json_each('[\"it''s\"]'))")
        );
        assert_eq!(written_out("SELECT :a, :b", &values), Err(":b".to_owned()));
    }

    #[test]
    fn no_text_ends_its_literal_or_its_line() {
        assert_eq!(literal(&text("'; DROP TABLE run; --")), "'''; DROP TABLE run; --'");
        assert_eq!(
            literal(&text("a\n.shell x\u{1b}[2J'\0")),
            "('a' || char(10) || '.shell x' || char(27) || '[2J''' || char(0))"
        );
        assert_eq!(literal(&text("")), "''");
        assert_eq!(literal(&text("\u{202e}")), "(char(8238))");
        assert_eq!(literal(&Parameter::Null), "NULL");
        assert_eq!(literal(&Parameter::Real(1.0)), "(1.0)");
    }
}
