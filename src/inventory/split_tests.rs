use super::*;
use proptest::prelude::*;

/// Header, sound records as (line, text), rejects as (line, reason).
type Split = (Vec<String>, Vec<(u64, String)>, Vec<(u64, String)>);

fn split(bytes: &[u8]) -> Split {
    let (mut splitter, header) = Splitter::open(bytes).unwrap();
    let mut rejected = Vec::new();
    let mut records = Vec::new();
    while let Some(slice) = splitter.next_slice(&mut rejected).unwrap() {
        let delimiter = splitter.delimiter();
        let mut rest = slice.bytes.as_slice();
        for line in slice.lines {
            let Scan::Record { end, next, .. } = scan(rest, delimiter, true) else { panic!("slices hold whole records") };
            let text = std::str::from_utf8(&rest[..end]).unwrap();
            records.push((line, cells(text, delimiter).collect::<Vec<_>>().join("|")));
            rest = &rest[next..];
        }
        assert!(rest.is_empty());
    }
    (header, records, rejected.into_iter().map(|rejected| (rejected.line, rejected.reason)).collect())
}

fn records(bytes: &[u8]) -> Vec<(u64, String)> {
    let (_, records, rejected) = split(bytes);
    assert_eq!(rejected, []);
    records
}

fn at(line: u64, text: &str) -> (u64, String) {
    (line, text.to_owned())
}

#[test]
fn every_line_end_is_one() {
    let expected = [at(2, "1|2"), at(4, "3|4"), at(5, "5|6")];
    for end in ["\n", "\r\n", "\r"] {
        assert_eq!(records("a,b\n1,2\n\n3,4\n5,6\n".replace('\n', end).as_bytes()), expected, "{end:?}");
        assert_eq!(records("a,b\n1,2\n\n3,4\n5,6".replace('\n', end).as_bytes()), expected, "{end:?}");
    }
}

#[test]
fn delimiters_are_told_by_the_header() {
    assert_eq!(split(b"a;b,c;d\n1;2;3").1, [at(2, "1|2|3")]);
    assert_eq!(split(b"a\tb\n1,2\t3").1, [at(2, "1,2|3")]);
    assert_eq!(split(b"\"a;b;c\",d\n1,2").0, ["a;b;c", "d"]);
    assert_eq!(split(b"a\n1;2\n3").1, [at(2, "1;2"), at(3, "3")]);
    assert_eq!(split(b"\n\n a , b \n1,2").0, ["a", "b"]);
}

#[test]
fn quoted_cells_hold_anything_and_lines_stay_right() {
    assert_eq!(
        records(b"a,b\n\"x\ny\",\"say \"\"hi\"\"\"\r\n\"1,2\r\n3\r4\",\"\"\nend,0\n"),
        [at(2, "x\ny|say \"hi\""), at(4, "1,2\r\n3\r4|"), at(7, "end|0")]
    );
}

#[test]
fn a_quote_inside_a_plain_cell_is_text() {
    assert_eq!(records(b"a,b\n5\" pipe,\"x\"\nx,y\"z\"\n"), [at(2, "5\" pipe|x"), at(3, "x|y\"z\"")]);
}

#[test]
fn unsound_records_cost_their_line() {
    let (_, records, rejected) = split(b"a,b\n1\n1,2\n1,2,3\n\xff,2\n\0,2\n\"x\"y,2\n3,4");
    assert_eq!(records, [at(3, "1|2"), at(8, "3|4")]);
    assert_eq!(
        rejected,
        [
            at(2, "has 1 cell, the header has 2"),
            at(4, "has 3 cells, the header has 2"),
            at(5, "is not UTF-8"),
            at(6, "contains a NUL byte"),
            at(7, "has text after a closing quote")
        ]
    );
}

#[test]
fn a_forgotten_quote_does_not_swallow_the_file() {
    let (_, records, rejected) = split(b"a,b\n1,\"open\n2,x\n3,\"y\"\n4,z\n5,\"last\n6,w");
    assert_eq!(records, [at(3, "2|x"), at(4, "3|y"), at(5, "4|z"), at(7, "6|w")]);
    assert_eq!(rejected, [at(2, "has text after a closing quote"), at(6, "has a quote that is not closed")]);
}

#[test]
fn a_line_of_fifty_megabytes_costs_itself() {
    let long = [b"a,b\n1,2\n".as_slice(), &vec![b'x'; 50 << 20], b"\r\n3,4\n"].concat();
    let (_, records, rejected) = split(&long);
    assert_eq!(records, [at(2, "1|2"), at(4, "3|4")]);
    assert_eq!(rejected, [at(3, "is longer than 16 MiB")]);
    let open = [b"a,b\n\"".as_slice(), &vec![b'x'; 17 << 20], b"\n3,4\n"].concat();
    assert_eq!(split(&open).1, [at(3, "3|4")]);
}

#[test]
fn headers_can_be_wrong_too() {
    let error = |bytes: &[u8]| Splitter::open(bytes).map(|_| ()).unwrap_err().to_string();
    assert_eq!(error(b""), "there is no header row");
    assert_eq!(error(b"\n \n"), "there is no header row");
    assert_eq!(error(b"\n\"a"), "line 2: the header has a quote that is not closed");
    assert_eq!(error(b"a,\xff"), "line 1: the header is not UTF-8");
    assert_eq!(error(b"a,\0"), "line 1: the header contains a NUL byte");
    assert_eq!(error(&vec![b','; 5000]), "line 1: the header has too many columns");
}

#[test]
fn hostile_quotes_are_read_in_linear_time() {
    // Every line opens a quote that the following lines close and open again.
    let hostile = [b"a,b\n".to_vec(), b"a\",\"b\n".repeat(200_000)].concat();
    let (_, records, rejected) = split(&hostile);
    assert_eq!(records, []);
    assert!((2..1000).contains(&rejected.len()), "once too much was read twice, the broken record is left as a whole");
}

#[test]
fn slices_end_between_records() {
    let row = format!("{},{}\n", "x".repeat(3000), "y".repeat(3000));
    let bytes = [b"a,b\n".to_vec(), row.repeat(4000).into_bytes()].concat();
    let (mut splitter, _) = Splitter::open(bytes.as_slice()).unwrap();
    let mut lines = Vec::new();
    let mut slices = 0;
    while let Some(slice) = splitter.next_slice(&mut Vec::new()).unwrap() {
        assert!(slice.bytes.len() < SLICE + row.len());
        lines.extend(slice.lines);
        slices += 1;
    }
    assert!(slices > 1);
    assert_eq!(lines, (2..4002).collect::<Vec<u64>>());
}

proptest! {
    #[test]
    fn any_bytes_are_split_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Ok((mut splitter, _)) = Splitter::open(bytes.as_slice()) {
            while splitter.next_slice(&mut Vec::new()).unwrap().is_some() {}
        }
    }

    #[test]
    fn any_text_with_quotes_is_split_without_harm(text in "[ab,\"\r\n]{0,120}") {
        if let Ok((mut splitter, _)) = Splitter::open(text.as_bytes()) {
            let mut rejected = Vec::new();
            let mut lines = Vec::new();
            while let Some(slice) = splitter.next_slice(&mut rejected).unwrap() {
                lines.extend(slice.lines);
            }
            prop_assert!(lines.is_sorted() && rejected.is_sorted_by_key(|rejected| rejected.line));
        }
    }
}
