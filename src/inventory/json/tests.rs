use super::*;
use proptest::prelude::*;

#[derive(Default, Debug, PartialEq)]
struct Seen {
    elements: Vec<(u64, String)>,
    rejected: Vec<(u64, String)>,
    pages: Vec<String>,
    problems: Vec<String>,
    cut: bool,
}

impl JsonSink for Seen {
    fn element(&mut self, line: u64, _number: u64, element: &Json) {
        self.elements.push((line, element.to_string()));
    }

    fn reject(&mut self, line: u64, reason: String) {
        self.rejected.push((line, reason));
    }

    fn page(&mut self, envelope: &Map<String, Json>) {
        self.pages.push(Json::Object(envelope.clone()).to_string());
    }

    fn problem(&mut self, sentence: String) {
        self.problems.push(sentence);
    }

    fn cut(&mut self) {
        self.cut = true;
    }
}

fn seen(text: impl AsRef<[u8]>, path: &str) -> Seen {
    let mut seen = Seen::default();
    read(text.as_ref(), &Where::at(path), &mut seen).unwrap();
    seen
}

fn clean(text: &str, path: &str) -> Vec<String> {
    let seen = seen(text, path);
    assert!(seen.rejected.is_empty() && seen.problems.is_empty() && !seen.cut, "{seen:?}");
    seen.elements.into_iter().map(|(_, element)| element).collect()
}

const ONE: &str = r#"{"a":1}"#;
const TWO: &str = r#"{"a":2}"#;

#[test]
fn records_are_found_wherever_people_put_them() {
    for text in [
        format!("[{ONE},{TWO}]"),
        format!("[\n  {ONE},\n  {TWO}\n]\n"),
        format!("[{ONE}]\n[{TWO}]"),
        format!("[[{ONE}],[{TWO}],[]]"),
        format!("{ONE}\n{TWO}\n"),
        format!("{ONE}{TWO}"),
        format!("{ONE}\r\n\r\n{TWO}"),
    ] {
        assert_eq!(clean(&text, ""), [ONE, TWO], "{text}");
    }
    for text in [
        format!("{{\"k\":[{ONE},{TWO}],\"next\":null}}"),
        format!("{{\"k\":[{ONE}]}}\n{{\"k\":[{TWO}]}}"),
        format!("[{{\"k\":[{ONE}]}}, {{\"k\":[{TWO}]}}]"),
        format!("{{\"\\u006b\": [{ONE}], \"k\": [{TWO}]}}"),
    ] {
        assert_eq!(clean(&text, "k"), [ONE, TWO], "{text}");
    }
    assert_eq!(clean(&format!("{{\"x\":{{\"k\":[{ONE}],\"n\":1}}}}"), "x.k"), [ONE]);
    assert_eq!((clean("", ""), clean("[]", ""), clean("{\"k\":[]}", "k")), (vec![], vec![], vec![]));
}

#[test]
fn envelopes_hold_everything_but_the_records() {
    let pages = seen(format!("{{\"n\":1,\"k\":[{ONE}],\"o\":[{{}}]}}{{\"x\":{{\"y\":2}},\"k\":[]}}"), "k").pages;
    assert_eq!(pages, [r#"{"n":1,"o":[{}]}"#, r#"{"x":{"y":2}}"#]);
    assert_eq!(seen(format!("{{\"x\":{{\"k\":[{ONE}],\"n\":1}}}}"), "x.k").pages, [r#"{"x":{"n":1}}"#]);
    assert_eq!(seen("{\"error\":\"no\"}", "k").problems, ["the document on line 1 has no list `k`"]);
}

#[test]
fn one_bad_record_costs_one_record() {
    let text = b"[\n{\"a\":1},\n{\"a\":},\n{\"a\":\"\xff\"},\nnull,\n{\"a\":\"open},\n{\"a\":2},\n7, [1]\n]".as_slice();
    let seen = seen(text, "");
    assert_eq!(seen.elements, [(2, ONE.to_owned()), (7, TWO.to_owned())]);
    let rejected: Vec<_> = seen.rejected.iter().map(|(line, reason)| (*line, reason.as_str())).collect();
    assert_eq!(
        rejected,
        [
            (3, "is not JSON"),
            (4, "is not UTF-8"),
            (5, "is not an object"),
            (6, "has a quote that is not closed"),
            (8, "is not an object"),
            (8, "is not an object")
        ]
    );
    assert!(!seen.cut);
}

#[test]
fn a_forgotten_quote_costs_one_record() {
    let text = "[\n  {\n    \"a\": \"open,\n    \"b\": [\"{\"]\n  },\n  {\n    \"a\": 1\n  }\n]\n";
    let seen = seen(text, "");
    assert_eq!(seen.elements, [(6, ONE.to_owned())]);
    assert_eq!(seen.rejected, [(2, "has a quote that is not closed".to_owned())]);
}

#[test]
fn a_bad_line_costs_one_document() {
    let seen = seen(format!("{ONE}\n{{\"a\":[\nnot json\n{{\"a\":\"x\n{TWO}\n"), "");
    assert_eq!(seen.elements, [(1, ONE.to_owned()), (5, TWO.to_owned())]);
    assert_eq!(seen.rejected.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn a_cut_file_keeps_what_came_before() {
    for (text, path) in [(format!("[{ONE},\n{{\"a\":2"), ""), (format!("{{\"k\":[{ONE},\n{{\"a\":"), "k")] {
        let seen = seen(&text, path);
        assert_eq!(seen.elements, [(1, ONE.to_owned())]);
        assert_eq!(seen.rejected, [(2, "ends in the middle".to_owned())]);
        assert!(seen.cut);
    }
    let between = seen(format!("[{ONE},"), "");
    assert_eq!((between.elements.len(), between.rejected.len(), between.cut), (1, 1, true));
    assert!(seen("{\"k\"", "k").cut && seen("{\"k\":", "k").cut && seen("{\"k\":[", "k").cut);
}

#[test]
fn deep_nesting_is_rejected_and_reading_goes_on() {
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let seen = seen(format!("[{deep},{ONE}]"), "");
    assert_eq!(seen.elements.len(), 1);
    assert_eq!(seen.rejected, [(1, "is nested more than 100 deep".to_owned())]);
    let shut = format!("{{\"a\":{}1{}}}", "[".repeat(99), "]".repeat(99));
    assert_eq!(clean(&format!("[{shut}]"), "").len(), 1);
}

#[test]
fn a_missing_comma_is_told_once() {
    let seen = seen(format!("[{ONE} {TWO}\n{ONE}]"), "");
    assert_eq!((seen.elements.len(), seen.problems.as_slice()), (3, ["a comma is missing on line 1".to_owned()].as_slice()));
}

proptest! {
    #[test]
    fn any_bytes_are_scanned_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200), path in "(k|k\\.l|)") {
        seen(&bytes, &path);
    }

    #[test]
    fn any_brackets_are_scanned_without_harm(text in "[\\[\\]{}\",:k1\\\\\n ]{0,60}", path in "(k|)") {
        seen(&text, &path);
    }

    #[test]
    fn a_cut_anywhere_keeps_the_records_before_it(cut in 0_usize..60) {
        let text = format!("{{\"k\":[{ONE},{ONE},{ONE},{ONE}],\"n\":{{\"m\":[1,2]}}}}");
        let seen = seen(text.get(..cut.min(text.len())).unwrap(), "k");
        let whole = cut.saturating_sub(6) / (ONE.len() + 1) + usize::from(cut.saturating_sub(6) % (ONE.len() + 1) == ONE.len());
        prop_assert_eq!(seen.elements.len(), whole.min(4));
        prop_assert_eq!(seen.cut, cut > 0 && cut < text.len());
    }
}
