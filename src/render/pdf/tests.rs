//! Rules that every laid-out report keeps, tried on the sample reports and on random ones.

use super::*;
use crate::report::sample;
use crate::report::{PageSize, ResultWord};
use proptest::prelude::*;

fn laid_out(report: &Report) -> LaidOut {
    lay_out(report, &Limits::default(), &FontBook::bundled())
}

fn samples() -> Vec<(&'static str, Report)> {
    vec![
        ("sample", sample::sample()),
        ("hostile", sample::hostile()),
        ("empty", sample::empty()),
        ("all clean", sample::all_clean()),
        ("one finding", sample::sample_sized(1)),
        ("many findings", sample::sample_sized(2000)),
    ]
}

/// Everything lies between the margins, and no two texts touch.
fn check_places(name: &str, document: &LaidOut) {
    let frame = document.sheet.frame;
    let (left, right) = (frame.left - 0.1, frame.left + frame.width + 0.1);
    for (number, page) in document.pages.iter().enumerate() {
        let mut boxes: Vec<(f32, f32, f32, f32, &str)> = Vec::new();
        for item in &page.items {
            let (x0, y0, x1, y1) = match item {
                Item::Text(run) => {
                    let (x0, y0, x1, y1) = run.bounds();
                    boxes.push((x0, y0, x1, y1, &run.text));
                    (x0, y0, x1, y1)
                }
                Item::Line { from, to, .. } => (from.0, from.1, to.0, to.1),
                Item::Rect { x, y, width, height, .. } | Item::Link { x, y, width, height, .. } => {
                    (*x, *y, x + width, y + height)
                }
                Item::Mark { x, y, size, .. } => (*x, *y, x + size, y + size),
                Item::Anchor { y, .. } => (frame.left, *y, frame.left, *y),
                Item::PageOf { .. } => panic!("{name}: a page number was not filled in on page {}", number + 1),
            };
            assert!(x0 >= left && x1 <= right, "{name}, page {}: outside the margins: {item:?}", number + 1);
            assert!(y0 >= 24.0 && y1 <= document.sheet.height - 24.0, "{name}, page {}: off the page: {item:?}", number + 1);
        }
        boxes.sort_by(|a, b| a.1.total_cmp(&b.1));
        for (index, one) in boxes.iter().enumerate() {
            let below = boxes.iter().skip(index + 1).take_while(|other| other.1 < one.3 - 0.2);
            for other in below {
                let apart = other.0 >= one.2 - 0.2 || other.2 <= one.0 + 0.2;
                assert!(apart, "{name}, page {}: {:?} overlaps {:?}", number + 1, one.4, other.4);
            }
        }
    }
}

fn check_numbers(name: &str, document: &LaidOut) {
    let total = document.pages.len();
    for (index, page) in document.pages.iter().enumerate() {
        let words = format!("Page {} of {total}", index + 1);
        assert!(page.text().ends_with(&words), "{name}: {words} is missing");
    }
}

fn check_headings(name: &str, document: &LaidOut) {
    let anchors = page::anchors(&document.pages);
    assert!(document.headings.len() >= 10, "{name}");
    let mut last = (0, 0.0);
    for (number, heading) in document.headings.iter().enumerate() {
        let place = anchors.get(&number).copied();
        let place = place.unwrap_or_else(|| panic!("{name}: heading {:?} has no place", heading.title));
        assert!(place >= last, "{name}: heading {:?} comes too early", heading.title);
        last = place;
        let page = document.pages.get(place.0).map(Page::text).unwrap_or_default();
        let start: String = heading.title.chars().filter(|c| *c != '…').take(30).collect();
        let flat: String = page.split_whitespace().collect();
        let start: String = start.split_whitespace().collect();
        assert!(flat.contains(&start), "{name}: heading {start:?} is not on page {}", place.0 + 1);
    }
    // The summary has page 2 for itself.
    assert_eq!(anchors.get(&0).map(|(page, _)| *page), Some(1), "{name}");
    assert!(anchors.get(&1).is_some_and(|(page, _)| *page >= 2), "{name}");
}

#[test]
fn every_page_keeps_its_margins_and_no_texts_overlap() {
    for (name, mut report) in samples() {
        for size in [PageSize::A4, PageSize::Letter] {
            report.branding.page = size;
            let document = laid_out(&report);
            check_places(name, &document);
            check_numbers(name, &document);
            check_headings(name, &document);
        }
    }
}

fn text_of(document: &LaidOut) -> String {
    document.pages.iter().map(|page| page.text() + "\n").collect()
}

/// Words without blanks and breaks, which a narrow column may put anywhere.
fn flat(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn every_finding_of_the_sample_is_in_the_report() {
    let report = sample::sample();
    let document = laid_out(&report);
    let text = flat(&text_of(&document));
    for finding in report.findings.iter().filter(|finding| !finding.blanket) {
        let id = finding.token_id.as_deref().unwrap_or(&finding.source);
        assert!(text.contains(&flat(id)), "{} {id}", finding.check);
    }
    let listed = text.matches("IRAcme-").count();
    assert!(listed >= report.findings.iter().filter(|finding| finding.provider.as_deref() == Some("impact-com")).count());
    for group in &report.unknown_groups {
        assert!(text.contains(&flat(&group.text)), "{}", group.text);
    }
}

#[test]
fn a_list_that_is_cut_says_so_with_its_numbers() {
    let report = sample::sample_sized(5000);
    let document = laid_out(&report);
    let text = text_of(&document).replace('\n', " ");
    let limit = Limits::default().rows;
    for counts in &report.summary.by_severity {
        let listed = report.findings.iter().filter(|finding| {
            finding.severity == counts.severity && matches!(finding.result, ResultWord::Fail | ResultWord::Error)
        });
        let listed = listed.count();
        let words = format!(
            "{limit} of {} findings of {} severity are shown here",
            crate::report::words::number(listed as u64),
            counts.severity.word()
        );
        assert_eq!(text.contains(&words), listed > limit, "{words}");
    }
    assert!(text.contains("findings of high severity are shown here; all are in report.json."));
}

#[test]
fn a_table_repeats_its_heading_on_every_page() {
    let document = laid_out(&sample::sample_sized(2000));
    let pages: Vec<String> = document.pages.iter().map(Page::text).collect();
    let mut rows_without = 0;
    let mut continued = 0;
    for page in &pages {
        let mut lines = page.lines();
        if lines.next().is_some_and(|line| line.ends_with("(continued)")) {
            assert_eq!(lines.next(), Some("Token Provider and account Owner Observed"));
            continued += 1;
        }
        if page.contains("IRAcme-") && !page.contains("Provider and account") && !page.contains("Waiver") {
            rows_without += 1;
        }
    }
    assert!(continued > 10, "{continued}");
    assert_eq!(rows_without, 0);
}

#[test]
fn the_contents_give_the_pages_of_the_sections() {
    let document = laid_out(&sample::sample());
    let contents = document.pages.get(2).map(Page::text).unwrap_or_default();
    let anchors = page::anchors(&document.pages);
    for (number, heading) in document.headings.iter().enumerate() {
        if heading.level < block::Level::Group {
            let page = anchors.get(&number).map_or(0, |(page, _)| page + 1);
            let line = format!("{} {page}", heading.title);
            assert!(contents.lines().any(|found| found == line), "{line}");
        }
    }
}

#[test]
fn a_name_that_is_cut_says_how_much_is_left_out() {
    let text = text_of(&laid_out(&sample::hostile())).replace('\n', " ");
    assert!(text.contains("characters more in report.json)"));
    assert!(text.contains("<U+202E>"), "direction overrides are shown, not obeyed");
    assert!(!text.contains('\u{202e}'));
}

fn rendered(report: &Report) -> (Vec<u8>, Rendered) {
    let mut bytes = Vec::new();
    let rendered = Pdf.render(report, &mut bytes).unwrap_or_else(|error| panic!("{error}"));
    (bytes, rendered)
}

#[test]
fn the_same_report_gives_the_same_bytes_and_another_one_another_identifier() {
    let (first, _) = rendered(&sample::sample());
    let (second, _) = rendered(&sample::sample());
    assert!(first == second);
    assert!(first.len() < 250_000, "{}", first.len());
    let id = |bytes: &[u8]| lopdf::Document::load_mem(bytes).ok().and_then(|pdf| pdf.trailer.get(b"ID").ok().cloned());
    let (other, _) = rendered(&sample::all_clean());
    assert!(id(&first).is_some());
    assert_ne!(id(&first), id(&other));
}

#[test]
fn the_file_says_what_it_is_and_has_a_bookmark_for_each_section() {
    let report = sample::sample();
    let document = laid_out(&report);
    let (bytes, _) = rendered(&report);
    let pdf = lopdf::Document::load_mem(&bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(pdf.get_pages().len(), document.pages.len());
    let catalog = pdf.catalog().expect("a catalog");
    assert_eq!(catalog.get(b"Lang").and_then(lopdf::Object::as_str).ok(), Some("en".as_bytes()));
    let outline = catalog.get(b"Outlines").and_then(lopdf::Object::as_reference).and_then(|id| pdf.get_dictionary(id));
    let mut next = outline.and_then(|outline| outline.get(b"First")).and_then(lopdf::Object::as_reference);
    let mut sections = 0;
    while let Ok(id) = next {
        let entry = pdf.get_dictionary(id).expect("an entry of the outline");
        assert!(entry.has(b"Dest"));
        sections += 1;
        next = entry.get(b"Next").and_then(lopdf::Object::as_reference);
    }
    assert_eq!(sections, document.headings.iter().filter(|heading| heading.level == block::Level::Section).count());
    let information = pdf.trailer.get(b"Info").and_then(lopdf::Object::as_reference).and_then(|id| pdf.get_dictionary(id));
    let date = information.and_then(|information| information.get(b"CreationDate")).and_then(lopdf::Object::as_str).ok();
    assert_eq!(date, Some("D:20261001000000Z".as_bytes()));
}

#[test]
fn missing_glyphs_are_counted() {
    let mut report = sample::all_clean();
    report.branding.organisation = Some("Acme \u{e000}\u{e001}".to_owned());
    let document = laid_out(&report);
    // Cover and the head of every page but the first.
    assert_eq!(missing_glyphs(&document.pages), 2 * document.pages.len() as u64);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{1,12}( [a-z]{1,12}){0,4}",
        2 => "[a-zA-Z0-9:/._@=-]{1,80}",
        2 => "[\u{4e00}-\u{4eff}\u{3040}-\u{30ff}]{1,40}",
        1 => "\\PC{0,60}",
        1 => any::<String>(),
        1 => (1usize..400, "[a-zé文 -]{1,30}").prop_map(|(times, part)| part.repeat(times)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_reports_keep_the_rules(findings in 0usize..60, texts in prop::collection::vec(any_text(), 12), letter in any::<bool>()) {
        let mut report = if findings == 0 { sample::all_clean() } else { sample::sample_sized(findings) };
        if letter {
            report.branding.page = PageSize::Letter;
        }
        let text = |number: usize| texts.get(number % texts.len()).cloned().unwrap_or_default();
        report.branding.organisation = Some(text(0));
        report.branding.classification = Some(text(1));
        report.summary.verdict_sentence = text(2);
        report.run.policy.name = text(3);
        report.run.policy.title = text(4);
        report.run.as_of_origin = text(5);
        report.summary.incomplete_because.push(text(3));
        for (number, finding) in report.findings.iter_mut().enumerate() {
            finding.name = Some(text(number));
            finding.owner = Some(text(number + 1));
            finding.account = Some(text(number + 2));
            finding.token_id = Some(text(number + 3));
            finding.observed = text(number + 4);
            finding.required = text(number / 8 + 5);
            finding.title = text(number / 20 + 6);
        }
        for (number, source) in report.sources.iter_mut().enumerate() {
            source.name = text(number + 7);
            source.problems.push(text(number + 8));
        }
        for (number, owner) in report.owners.iter_mut().enumerate() {
            owner.owner = Some(text(number + 9));
        }
        let document = laid_out(&report);
        check_places("random", &document);
        check_numbers("random", &document);
        check_headings("random", &document);
    }
}
