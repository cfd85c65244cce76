//! The text of a check as tokens: enough to tell a name from a text, a comment and a parameter, and to know where each stands.

/// A token; blanks and comments are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'s> {
    pub kind: Kind,
    /// As written, quotation marks included.
    pub text: &'s str,
    /// In bytes, from the start of the text.
    pub offset: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A keyword, a plain name or a number.
    Word,
    /// A name in `"…"`, `` `…` `` or `[…]`.
    Quoted,
    /// A text in `'…'`.
    Text,
    /// `:name`, or one of the forms that checks do not use: `?`, `@name`, `$name`.
    Parameter,
    /// Any other character.
    Symbol,
}

impl Token<'_> {
    /// What it says: a name in lower case without its quotation marks, a text as it is. SQLite takes a text for a name where only a
    /// name makes sense.
    pub fn name(&self) -> String {
        match self.kind {
            Kind::Word | Kind::Parameter | Kind::Symbol => self.text.to_lowercase(),
            Kind::Quoted | Kind::Text => self.content().to_lowercase(),
        }
    }

    /// The content of a quoted token.
    pub fn content(&self) -> String {
        let mut inner = self.text.chars();
        let Some(opening) = inner.next() else { return String::new() };
        let closing = if opening == '[' { ']' } else { opening };
        let inner = inner.as_str();
        inner.strip_suffix(closing).unwrap_or(inner).replace(&format!("{closing}{closing}"), &closing.to_string())
    }

    /// Whether it is this keyword.
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }
}

/// The tokens of a text. A comment or a quotation without its end runs to the end of the text.
pub fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut offset = 0;
    while let Some((kind, length)) = next(sql.get(offset..).unwrap_or_default()) {
        if let (Some(kind), Some(text)) = (kind, sql.get(offset..offset + length)) {
            tokens.push(Token { kind, text, offset });
        }
        offset += length;
    }
    tokens
}

/// Kind and length of what a text begins with; no kind for blanks and comments, nothing at the end.
fn next(rest: &str) -> Option<(Option<Kind>, usize)> {
    let first = rest.chars().next()?;
    let until =
        |end: &str, from: usize| rest.get(from..).and_then(|rest| rest.find(end)).map_or(rest.len(), |at| from + at + end.len());
    let word =
        |from: usize| from + rest.get(from..).map_or(0, |rest| rest.find(|letter| !is_in_name(letter)).unwrap_or(rest.len()));
    Some(match first {
        _ if rest.starts_with("--") => (None, until("\n", 2)),
        _ if rest.starts_with("/*") => (None, until("*/", 2)),
        '\'' => (Some(Kind::Text), quoted(rest, '\'')),
        '"' | '`' => (Some(Kind::Quoted), quoted(rest, first)),
        '[' => (Some(Kind::Quoted), until("]", 1)),
        '?' => (Some(Kind::Parameter), word(1)),
        ':' | '@' | '$' if word(1) > 1 => (Some(Kind::Parameter), word(1)),
        _ if is_in_name(first) => (Some(Kind::Word), word(0)),
        _ if first.is_whitespace() => (None, first.len_utf8()),
        _ => (Some(Kind::Symbol), first.len_utf8()),
    })
}

fn is_in_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == '$' || !letter.is_ascii()
}

/// The length of a quotation in which the mark stands for itself when it is doubled.
fn quoted(rest: &str, mark: char) -> usize {
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == mark && letters.next_if(|(_, next)| *next == mark).is_none() {
            return at + mark.len_utf8();
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(sql: &str) -> Vec<(Kind, &str)> {
        tokens(sql).into_iter().map(|token| (token.kind, token.text)).collect()
    }

    #[test]
    fn names_texts_comments_and_parameters_are_told_apart() {
        use Kind::{Parameter, Quoted, Symbol, Text, Word};
        assert_eq!(
            read("SELECT a.\"b c\", [d], 'it''s :no -- text' -- :not\n/* ':nor' */ >= :limit_1;"),
            [
                (Word, "SELECT"),
                (Word, "a"),
                (Symbol, "."),
                (Quoted, "\"b c\""),
                (Symbol, ","),
                (Quoted, "[d]"),
                (Symbol, ","),
                (Text, "'it''s :no -- text'"),
                (Symbol, ">"),
                (Symbol, "="),
                (Parameter, ":limit_1"),
                (Symbol, ";"),
            ]
        );
        assert_eq!(
            read("?1 @a $b : 'open"),
            [(Parameter, "?1"), (Parameter, "@a"), (Parameter, "$b"), (Symbol, ":"), (Text, "'open"),]
        );
    }

    #[test]
    fn a_quoted_token_says_what_it_holds() {
        let said = |sql: &str| tokens(sql).first().map(Token::name);
        for sql in ["Token_Record", "\"Token_Record\"", "[token_record]", "`token_record`", "'TOKEN_record'"] {
            assert_eq!(said(sql).as_deref(), Some("token_record"), "{sql}");
        }
        assert_eq!(said("\"a\"\"b\"").as_deref(), Some("a\"b"));
    }

    proptest! {
        #[test]
        fn every_text_is_cut_into_tokens_in_order(sql in "[a-z'\"\\[\\]`:;/*\\-\n ?é]{0,60}") {
            let mut end = 0;
            for token in tokens(&sql) {
                prop_assert!(token.offset >= end && !token.text.is_empty());
                prop_assert_eq!(sql.get(token.offset..token.offset + token.text.len()), Some(token.text));
                end = token.offset + token.text.len();
                token.name();
            }
        }
    }
}
