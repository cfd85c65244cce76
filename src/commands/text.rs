//! Text for a terminal: aligned columns and wrapped paragraphs.

use unicode_width::UnicodeWidthStr;

/// Widest line that a paragraph fills.
const WIDTH: usize = 100;

/// Rows with their cells aligned; the last cell of a row is as long as it is.
pub fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width().min(*width) + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A label and a text wrapped beside it.
pub fn labelled(label: &str, body: &str) -> String {
    let indent = 14;
    let mut text = format!("{label:<indent$}");
    let mut column = indent;
    for word in body.split_whitespace() {
        if column > indent && column + 1 + word.width() > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > indent {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += word.width();
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_aligned_by_what_is_seen() {
        let rows = [vec!["東京".to_owned(), "x".to_owned()], vec!["a".to_owned(), "y".to_owned()]];
        assert_eq!(columns(&rows), "東京  x\na     y\n");
        assert_eq!(columns(&[]), "");
    }

    #[test]
    fn paragraphs_are_wrapped_beside_their_label() {
        let text = labelled("rule", &"word ".repeat(40));
        assert!(text.lines().count() == 3 && text.lines().all(|line| line.width() <= WIDTH), "{text}");
        assert!(text.lines().skip(1).all(|line| line.starts_with("              word")), "{text}");
        assert_eq!(labelled("rule", ""), "rule\n");
    }
}
