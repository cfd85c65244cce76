//! Reads CSV and TSV: the splitter's sound slices go through polars' eager reader, every column as text, nothing inferred.
//!
//! Splitting and parsing run on their own thread and hand over a few slices ahead, so memory stays bounded while rows become
//! records.

use super::format::TableRow;
use super::split::{HeaderError, Rejected, Slice, Splitter};
use polars::prelude::*;
use std::io::{self, Read};
use std::sync::mpsc;
use std::thread;

/// Parsed slices that wait for the thread that makes records.
const SLICES_AHEAD: usize = 2;

/// Why a table could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error("line {line}: {source}")]
    Read { line: u64, source: io::Error },
    /// The splitter and polars disagree about a slice; nothing may be guessed then.
    #[error("line {line}: the table reader found {found} rows where there are {expected}")]
    Rows { line: u64, found: usize, expected: usize },
    #[error("line {line}: {source}")]
    Parse { line: u64, source: PolarsError },
}

/// What a table consists of.
pub trait TableSink {
    /// Comes first, and also if there are no rows.
    fn header(&mut self, header: &[String]);
    fn row(&mut self, row: TableRow<'_>);
    fn reject(&mut self, line: u64, reason: String);
    /// The rest of a packed file is lost; comes last.
    fn cut(&mut self) {}
}

#[derive(Default)]
struct Parsed {
    frame: Option<DataFrame>,
    lines: Vec<u64>,
    rejected: Vec<Rejected>,
    cut: bool,
}

/// Reads a whole table. Rows come in the order of the file; rejects come with the slice that they stand in.
pub fn read(input: impl Read + Send, sink: &mut dyn TableSink) -> Result<(), TableError> {
    let (mut splitter, header) = Splitter::open(input)?;
    sink.header(&header);
    let columns = header.len();
    let (sender, receiver) = mpsc::sync_channel(SLICES_AHEAD);
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut line = 1;
            loop {
                let mut rejected = Vec::new();
                let parsed = match splitter.next_slice(&mut rejected) {
                    Ok(Some(slice)) => {
                        line = slice.lines.first().copied().unwrap_or(line);
                        parse(slice, columns, splitter.delimiter()).map(|(frame, lines)| Parsed {
                            frame,
                            lines,
                            rejected,
                            cut: false,
                        })
                    }
                    Ok(None) => {
                        let _ = sender.send(Ok(Parsed { rejected, cut: splitter.is_damaged(), ..Parsed::default() }));
                        return;
                    }
                    Err(source) => Err(TableError::Read { line, source }),
                };
                let failed = parsed.is_err();
                // The receiver is gone only if it met an error itself.
                if sender.send(parsed).is_err() || failed {
                    return;
                }
            }
        });
        for parsed in receiver {
            let Parsed { frame, lines, rejected, cut } = parsed?;
            for Rejected { line, reason } in rejected {
                sink.reject(line, reason);
            }
            if let Some(frame) = frame {
                rows(&frame, &lines, &header, sink)?;
            }
            if cut {
                sink.cut();
            }
        }
        Ok(())
    })
}

fn parse(slice: Slice, columns: usize, delimiter: u8) -> Result<(Option<DataFrame>, Vec<u64>), TableError> {
    let Slice { bytes, lines } = slice;
    let Some(&line) = lines.first() else { return Ok((None, lines)) };
    // The names of the header may repeat; positions do not.
    let schema: Schema = (0..columns).map(|number| Field::new(number.to_string().into(), DataType::String)).collect();
    let options = CsvReadOptions::default()
        .with_has_header(false)
        .with_schema(Some(schema.into()))
        .with_infer_schema_length(Some(0))
        .map_parse_options(|options| options.with_separator(delimiter).with_missing_is_null(false));
    let mut frame = options
        .into_reader_with_file_handle(io::Cursor::new(bytes))
        .finish()
        .map_err(|source| TableError::Parse { line, source })?;
    frame.align_chunks_par();
    if frame.height() != lines.len() {
        return Err(TableError::Rows { line, found: frame.height(), expected: lines.len() });
    }
    Ok((Some(frame), lines))
}

/// Hands over the rows of a parsed slice.
fn rows(frame: &DataFrame, lines: &[u64], header: &[String], sink: &mut dyn TableSink) -> Result<(), TableError> {
    let first = lines.first().copied().unwrap_or(1);
    let texts = frame.columns().iter().map(|column| column.str()).collect::<PolarsResult<Vec<_>>>();
    let texts = texts.map_err(|source| TableError::Parse { line: first, source })?;
    // The reader's threads leave one chunk each, in all columns alike.
    let mut chunks: Vec<_> = texts.iter().map(|text| text.downcast_iter()).collect();
    let mut cells: Vec<&str> = Vec::with_capacity(header.len());
    let mut lines = lines.iter();
    loop {
        let arrays: Vec<_> = chunks.iter_mut().filter_map(Iterator::next).collect();
        let Some(height) = arrays.iter().map(|array| array.len()).min() else { return Ok(()) };
        for (index, &line) in (0..height).zip(lines.by_ref()) {
            cells.clear();
            cells.extend(arrays.iter().map(|array| array.get(index).unwrap_or_default()));
            // Files joined with `cat` bring their headers with them.
            if !is_header(header, &cells) {
                sink.row(TableRow { line, header, cells: &cells });
            }
        }
    }
}

/// True for a row that repeats the header; of a single column it may as well be a value.
fn is_header(header: &[String], cells: &[&str]) -> bool {
    let same = |(name, cell): (&String, &&str)| name.trim() == cell.trim_start_matches('\u{feff}').trim();
    header.len() > 1 && header.iter().any(|name| !name.trim().is_empty()) && header.iter().zip(cells).all(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Default, Debug, PartialEq)]
    struct Seen {
        header: Vec<String>,
        rows: Vec<(u64, Vec<String>)>,
        rejected: Vec<(u64, String)>,
        cut: bool,
    }

    impl TableSink for Seen {
        fn header(&mut self, header: &[String]) {
            self.header = header.to_vec();
        }

        fn row(&mut self, row: TableRow<'_>) {
            self.rows.push((row.line, row.cells.iter().map(|cell| (*cell).to_owned()).collect()));
        }

        fn reject(&mut self, line: u64, reason: String) {
            self.rejected.push((line, reason));
        }

        fn cut(&mut self) {
            self.cut = true;
        }
    }

    fn seen(bytes: &[u8]) -> Seen {
        let mut seen = Seen::default();
        read(bytes, &mut seen).unwrap();
        seen
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn a_header_in_between_is_no_row() {
        let joined = seen(b"id,name\n1,a\n\xEF\xBB\xBFid,name\n2,id\n\"id\",name\r\n");
        assert_eq!(joined.rows.iter().map(|(line, cells)| (*line, cells[0].as_str())).collect::<Vec<_>>(), [(2, "1"), (4, "2")]);
        assert_eq!(seen(b"id\nid\n").rows.len(), 1);
    }

    #[test]
    fn text_stays_text() {
        let seen = seen(b"id,name,empty\n007,true,\n1e5,2026-01-01,\"\"\n NA , null ,\t\n");
        assert_eq!(
            seen.rows,
            [row(2, &["007", "true", ""]), row(3, &["1e5", "2026-01-01", ""]), row(4, &[" NA ", " null ", "\t"])]
        );
    }

    #[test]
    fn quoted_cells_keep_quotes_delimiters_and_line_ends() {
        let seen = seen(b"a;b\r\n\"x\r\ny\";\"say \"\"hi\"\"\"\r\n5\" pipe;\"\"\"\"\r\n\";\";z\r\n");
        assert_eq!(seen.rows, [row(2, &["x\r\ny", "say \"hi\""]), row(4, &["5\" pipe", "\""]), row(5, &[";", "z"])]);
    }

    #[test]
    fn a_single_column_and_an_empty_table_are_tables() {
        assert_eq!(seen(b"id\nx\n\n\"\"\ny").rows, [row(2, &["x"]), row(4, &[""]), row(5, &["y"])]);
        let empty = seen(b"id,name\n");
        assert_eq!((empty.header.len(), empty.rows.len()), (2, 0));
        assert_eq!(seen(b"id,id\n1,2").rows, [row(2, &["1", "2"])]);
    }

    #[test]
    fn rejects_do_not_move_the_lines_of_others() {
        let seen = seen(b"a,b\n1,\"x\ny\"\n2\n3,z\n");
        assert_eq!(seen.rows, [row(2, &["1", "x\ny"]), row(5, &["3", "z"])]);
        assert_eq!(seen.rejected, [(4, "has 1 cell, the header has 2".to_owned())]);
    }

    #[test]
    fn a_table_of_several_slices_comes_in_order() {
        let cell = "x".repeat(200);
        let text: String = (0..60_000).map(|number| format!("{number},{cell}\n")).collect();
        let seen = seen(format!("a,b\n{text}").as_bytes());
        assert_eq!(seen.rows.len(), 60_000);
        for (number, (line, cells)) in seen.rows.iter().enumerate() {
            assert_eq!((*line, cells[0].as_str()), (number as u64 + 2, number.to_string().as_str()));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_written_is_read(rows in proptest::collection::vec(proptest::collection::vec("[a-c0 ,;\"\\r\\n\u{e9}\u{4e2d}]{0,6}", 3), 0..20)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["a", "b", "c"]).unwrap();
            for cells in &rows {
                writer.write_record(cells).unwrap();
            }
            let seen = seen(&writer.into_inner().unwrap());
            prop_assert_eq!(seen.rejected.len(), 0);
            prop_assert_eq!(seen.rows.into_iter().map(|(_, cells)| cells).collect::<Vec<_>>(), rows);
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read([b"a,b\n".as_slice(), &bytes].concat().as_slice(), &mut Seen::default());
        }

        #[test]
        fn any_quoting_is_read_without_harm(text in "[ab,\"\r\n]{0,80}") {
            let mut seen = Seen::default();
            read(format!("a,b\n{text}").as_bytes(), &mut seen).unwrap();
        }
    }
}
