//! Reads Parquet through polars, a row group at a time, and hands over rows of text like those of a table.
//!
//! Typed values are spelled as the canonical sheet spells them: dates as dates, instants in RFC 3339 (without `Z` if the column
//! has no zone), lists and structures as JSON, missing values as empty text.

mod pages;

use super::format::TableRow;
use super::input::{Input, InputError, SeekableInput};
use super::table::TableSink;
use super::time;
use pages::{Chunk, Fault};
use polars::io::mmap::MmapBytesReader;
use polars::prelude::*;
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Rows taken at a time, so that a large row group does not fill the memory.
const ROWS: usize = 1 << 17;

/// Why a Parquet file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ParquetError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error("row {row}: the file is no sound Parquet")]
    Unsound { row: u64, source: PolarsError },
    /// The Parquet reader gave up on it in a way of its own.
    #[error("row {row}: the file is no sound Parquet")]
    GaveUp { row: u64 },
}

/// The names of the columns.
pub fn columns(input: &Input) -> Result<Vec<String>, ParquetError> {
    guarded(1, || match input.seekable()? {
        SeekableInput::File(file) => names(file),
        SeekableInput::Memory(bytes) => names(bytes),
    })
}

/// Reads a whole file; a row's line is its number, from 1.
pub fn read(input: &Input, sink: &mut dyn TableSink) -> Result<(), ParquetError> {
    let header = columns(input)?;
    let row_groups = guarded(1, || match input.seekable()? {
        SeekableInput::File(file) => row_groups(file),
        SeekableInput::Memory(bytes) => row_groups(bytes),
    })?;
    sink.header(&header);
    let mut first = 0_usize;
    for RowGroup { rows, chunks } in row_groups {
        let row = first as u64 + 1;
        guarded(row, || {
            match input.seekable()? {
                SeekableInput::File(file) => pages::check(file, &chunks),
                SeekableInput::Memory(bytes) => pages::check(bytes, &chunks),
            }
            .map_err(ReadError::from)
        })?;
        let end = first.checked_add(rows).ok_or(ParquetError::GaveUp { row })?;
        while first < end {
            let count = ROWS.min(end - first);
            let row = first as u64 + 1;
            let frame = guarded(row, || match input.seekable()? {
                SeekableInput::File(file) => frame(file, first, count),
                SeekableInput::Memory(bytes) => frame(bytes, first, count),
            })?;
            hand_over(&frame, row, &header, sink)?;
            first += count;
        }
    }
    Ok(())
}

/// The Parquet reader panics on some damaged files; to the user that is one more unreadable file.
fn guarded<T>(row: u64, read: impl FnOnce() -> Result<T, ReadError>) -> Result<T, ParquetError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ReadError::Input(error))) => Err(ParquetError::Input(error)),
        Ok(Err(ReadError::Polars(source))) => Err(ParquetError::Unsound { row, source }),
        Err(_) => Err(ParquetError::GaveUp { row }),
    }
}

#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Polars(#[from] PolarsError),
}

fn names<R: MmapBytesReader>(reader: R) -> Result<Vec<String>, ReadError> {
    let schema = ParquetReader::new(reader).schema()?;
    Ok(schema.iter_names().map(|name| name.to_string()).collect())
}

impl From<Fault> for ReadError {
    fn from(fault: Fault) -> ReadError {
        ReadError::Polars(match fault {
            Fault::Read(error) => error.into(),
            Fault::Header(reason) => PolarsError::ComputeError(reason.into()),
        })
    }
}

struct RowGroup {
    rows: usize,
    chunks: Vec<Chunk>,
}

fn row_groups<R: MmapBytesReader>(reader: R) -> Result<Vec<RowGroup>, ReadError> {
    let mut reader = ParquetReader::new(reader);
    let row_groups = reader.get_metadata()?.row_groups.iter().map(|group| {
        let rows = group.num_rows();
        let chunks = group.parquet_columns().iter().map(|column| {
            let range = column.byte_range();
            let is_list = column.descriptor().descriptor.max_rep_level > 0;
            Chunk { start: range.start, end: range.end, values: column.num_values(), rows: (!is_list).then_some(rows) }
        });
        RowGroup { rows, chunks: chunks.collect() }
    });
    Ok(row_groups.collect())
}

fn frame<R: MmapBytesReader>(reader: R, first: usize, count: usize) -> Result<DataFrame, ReadError> {
    let mut frame = ParquetReader::new(reader).with_slice(Some((first, count))).finish()?;
    if frame.height() != count {
        return Err(Fault::Header("there are fewer rows than the file says").into());
    }
    frame.rechunk_mut();
    Ok(frame)
}

fn hand_over(frame: &DataFrame, first: u64, header: &[String], sink: &mut dyn TableSink) -> Result<(), ParquetError> {
    let unsound = |source| ParquetError::Unsound { row: first, source };
    let columns = frame.columns().iter().map(texts).collect::<PolarsResult<Vec<_>>>().map_err(unsound)?;
    let mut cells: Vec<&str> = Vec::with_capacity(columns.len());
    for (index, line) in (0..frame.height()).zip(first..) {
        cells.clear();
        cells.extend(columns.iter().map(|column| column.get(index).map_or("", |text| text.as_ref())));
        sink.row(TableRow { line, header, cells: &cells });
    }
    Ok(())
}

/// The texts of a column.
fn texts(column: &Column) -> PolarsResult<Vec<Cow<'_, str>>> {
    if let Ok(strings) = column.str() {
        return Ok(strings.iter().map(|text| Cow::Borrowed(text.unwrap_or_default())).collect());
    }
    (0..column.len()).map(|index| Ok(Cow::Owned(text(&json(column.get(index)?))))).collect()
}

fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn json(value: AnyValue<'_>) -> Json {
    match value {
        AnyValue::Null => Json::Null,
        AnyValue::Boolean(flag) => Json::Bool(flag),
        AnyValue::Date(days) => {
            let mut text = time::rfc3339(i64::from(days) * time::DAY);
            text.truncate(text.find('T').unwrap_or(text.len()));
            Json::String(text)
        }
        AnyValue::Datetime(ticks, unit, zone) => instant(ticks, unit, zone.is_some()),
        AnyValue::DatetimeOwned(ticks, unit, zone) => instant(ticks, unit, zone.is_some()),
        AnyValue::List(values) => Json::Array(values.iter().map(json).collect()),
        AnyValue::Struct(..) => match value.into_static() {
            AnyValue::StructOwned(fields) => structure(*fields),
            _ => Json::Null,
        },
        AnyValue::StructOwned(fields) => structure(*fields),
        AnyValue::Binary(bytes) => Json::String(String::from_utf8_lossy(bytes).into_owned()),
        AnyValue::BinaryOwned(bytes) => Json::String(String::from_utf8_lossy(&bytes).into_owned()),
        AnyValue::String(text) => Json::String(text.to_owned()),
        AnyValue::StringOwned(text) => Json::String(text.to_string()),
        number if number.is_integer() => number.extract::<i64>().map_or_else(|| Json::String(number.to_string()), Json::from),
        number if number.is_float() => number.extract::<f64>().map_or(Json::Null, Json::from),
        other => other.get_str().map_or_else(|| Json::String(other.to_string()), |text| Json::String(text.to_owned())),
    }
}

fn instant(ticks: i64, unit: TimeUnit, zoned: bool) -> Json {
    let per_second = match unit {
        TimeUnit::Nanoseconds => 1_000_000_000,
        TimeUnit::Microseconds => 1_000_000,
        TimeUnit::Milliseconds => 1_000,
    };
    let mut text = time::rfc3339(ticks.div_euclid(per_second));
    if !zoned {
        text.truncate(text.trim_end_matches('Z').len());
    }
    Json::String(text)
}

fn structure((values, fields): (Vec<AnyValue<'_>>, Vec<Field>)) -> Json {
    let pairs = fields.into_iter().zip(values).map(|(field, value)| (field.name().to_string(), json(value)));
    Json::Object(pairs.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Default)]
    struct Seen {
        header: Vec<String>,
        rows: Vec<(u64, Vec<String>)>,
    }

    impl TableSink for Seen {
        fn header(&mut self, header: &[String]) {
            self.header = header.to_vec();
        }

        fn row(&mut self, row: TableRow<'_>) {
            self.rows.push((row.line, row.cells.iter().map(|cell| (*cell).to_owned()).collect()));
        }

        fn reject(&mut self, line: u64, reason: String) {
            panic!("line {line} {reason}");
        }
    }

    fn written(mut frame: DataFrame, row_group: usize) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        ParquetWriter::new(&mut bytes).with_row_group_size(Some(row_group)).finish(&mut frame).unwrap();
        bytes.into_inner()
    }

    fn seen(bytes: Vec<u8>) -> Seen {
        let mut seen = Seen::default();
        read(&Input::memory("x.parquet", bytes), &mut seen).unwrap();
        seen
    }

    fn sample() -> Vec<u8> {
        let scopes =
            Series::new("scopes".into(), [Series::new("".into(), ["a b", "c"]), Series::new_empty("".into(), &DataType::String)]);
        let frame = DataFrame::new(
            2,
            vec![
                Column::new("id".into(), ["007", "x"]),
                Column::new("empty".into(), [None::<&str>, Some("")]),
                Column::new("count".into(), [3_i64, -1]),
                Column::new("flag".into(), [Some(true), None]),
                Column::new("day".into(), [20_619_i32, 0]).cast(&DataType::Date).unwrap(),
                Column::new("at".into(), [1_781_524_800_999_i64, 0])
                    .cast(&DataType::Datetime(TimeUnit::Milliseconds, None))
                    .unwrap(),
                scopes.into(),
            ],
        )
        .unwrap();
        written(frame, 1)
    }

    #[test]
    fn typed_columns_are_spelled_like_the_sheet() {
        let seen = seen(sample());
        assert_eq!(seen.header, ["id", "empty", "count", "flag", "day", "at", "scopes"]);
        assert_eq!(seen.rows[0].1, ["007", "", "3", "true", "2026-06-15", "2026-06-15T12:00:00", "[\"a b\",\"c\"]"]);
        assert_eq!(seen.rows[1].1, ["x", "", "-1", "", "1970-01-01", "1970-01-01T00:00:00", "[]"]);
        assert_eq!(seen.rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn structures_become_json() {
        let contact = StructChunked::from_series(
            "contacts".into(),
            1,
            [Series::new("role".into(), ["token"]), Series::new("address".into(), [None::<&str>])].iter(),
        )
        .unwrap();
        let frame = DataFrame::new(1, vec![contact.into_series().into()]).unwrap();
        assert_eq!(seen(written(frame, 10)).rows[0].1, ["{\"role\":\"token\",\"address\":null}"]);
    }

    #[test]
    fn many_row_groups_come_in_order() {
        let numbers: Vec<i64> = (0..5000).collect();
        let frame = DataFrame::new(5000, vec![Column::new("n".into(), numbers)]).unwrap();
        let rows = seen(written(frame, 700)).rows;
        assert!(rows.iter().enumerate().all(|(index, (line, cells))| *line == index as u64 + 1 && cells[0] == index.to_string()));
        assert_eq!(rows.len(), 5000);
    }

    #[test]
    fn a_damaged_count_does_not_end_the_process() {
        let sound = sample();
        // The first page header starts behind the four letters at the front; 0x7f makes each of its counts negative in turn.
        for at in 4..80 {
            let mut bytes = sound.clone();
            bytes[at] = 0x7f;
            let _ = read(&Input::memory("x.parquet", bytes), &mut Seen::default());
        }
        let count = sound.windows(2).position(|pair| pair == [0x2c, 0x15]).unwrap() + 2;
        let mut bytes = sound;
        bytes[count] = 0x7f;
        let error = read(&Input::memory("x.parquet", bytes), &mut Seen::default()).unwrap_err();
        assert!(
            matches!(&error, ParquetError::Unsound { row: 1, source } if source.to_string().contains("number of values")),
            "{error:?}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn damaged_files_are_errors(at in 0_usize..2000, byte in any::<u8>()) {
            let mut bytes = sample();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = read(&Input::memory("x.parquet", bytes), &mut Seen::default());
        }
    }
}
