//! The file of a report, written to disk row by row.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use rust_xlsxwriter::{DocProperties, Format as Style, Workbook};
use serde_json::{Value, json};
use shared::{
    db::reports::Order,
    domain::report::{Cell, Format},
};
use tempfile::NamedTempFile;

/// The most rows of a sheet in a workbook, including the header.
const MAX_SHEET_ROWS: u32 = 1_048_576;
/// The most characters of a cell in a workbook.
const MAX_CELL: usize = 32_767;
/// The first character of a CSV file: without it Excel does not read UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The file of a report. It is deleted when this is dropped.
pub(super) struct ReportFile {
    file: NamedTempFile,
    columns: &'static [&'static str],
    writer: Writer,
}

enum Writer {
    Json { out: BufWriter<File>, rows: u64 },
    Csv(Box<csv::Writer<File>>),
    Xlsx(Box<Book>),
}

impl ReportFile {
    /// Creates a file.
    pub(super) fn create(order: &Order) -> anyhow::Result<Self> {
        let (file, columns) = (NamedTempFile::new()?, order.kind.columns());
        let writer = match order.format {
            Format::Json => {
                let mut out = BufWriter::new(file.reopen()?);
                let about = json!({ "kind": order.kind, "from": utc(order.period.from), "to": utc(order.period.to) })
                    .to_string();
                write!(out, "{},\"rows\":[", about.trim_end_matches('}'))?;
                Writer::Json { out, rows: 0 }
            }
            Format::Csv => {
                let mut bare = file.reopen()?;
                bare.write_all(BYTE_ORDER_MARK.as_bytes())?;
                let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(bare);
                out.write_record(columns)?;
                Writer::Csv(Box::new(out))
            }
            Format::Xlsx => {
                Writer::Xlsx(Box::new(Book::new(order.kind.as_str(), columns, order.zone, MAX_SHEET_ROWS)?))
            }
        };
        Ok(Self { file, columns, writer })
    }

    /// Writes a row.
    pub(super) fn write(&mut self, row: &[Cell]) -> anyhow::Result<()> {
        match &mut self.writer {
            Writer::Json { out, rows } => {
                let row: serde_json::Map<_, _> =
                    self.columns.iter().map(|column| (*column).to_owned()).zip(row.iter().map(json_value)).collect();
                out.write_all(if *rows == 0 { b"\n" } else { b",\n" })?;
                serde_json::to_writer(out, &row)?;
                *rows += 1;
            }
            Writer::Csv(out) => {
                for cell in row {
                    out.write_field(csv_field(cell).as_bytes())?;
                }
                out.write_record(None::<&[u8]>)?;
            }
            Writer::Xlsx(book) => book.write(row)?,
        }
        Ok(())
    }

    /// Finishes the file.
    pub(super) fn finish(self) -> anyhow::Result<NamedTempFile> {
        match self.writer {
            Writer::Json { mut out, .. } => {
                out.write_all(b"\n]}\n")?;
                out.flush()?;
            }
            Writer::Csv(mut out) => out.flush()?,
            Writer::Xlsx(book) => book.save(self.file.path())?,
        }
        Ok(self.file)
    }
}

fn utc(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Rounds a number to two decimals.
fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

fn json_value(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) => json!(text),
        Cell::Count(count) => json!(count),
        Cell::Number(number) => json!(rounded(*number)),
        Cell::Date(date) => json!(date),
        Cell::Time(time) => json!(utc(*time)),
    }
}

fn csv_field(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Empty => Cow::Borrowed(""),
        Cell::Text(text) => harmless(text),
        Cell::Count(count) => Cow::Owned(count.to_string()),
        Cell::Number(number) => Cow::Owned(rounded(*number).to_string()),
        Cell::Date(date) => Cow::Owned(date.to_string()),
        Cell::Time(time) => Cow::Owned(utc(*time)),
    }
}

/// Returns the text without formulas for spreadsheets (OWASP, CSV Injection): a ' is inserted where one would begin.
/// That is at the beginning, and after every character that a spreadsheet may take for the end of a cell: in many
/// countries that is a semicolon, and quotes do not help, since the cell around the text does not begin with them.
fn harmless(text: &str) -> Cow<'_, str> {
    let ends = text.match_indices([';', '\t', '|', '\r', '\n']).map(|(at, end)| at + end.len());
    let mut begins = std::iter::once(0).chain(ends).filter(|&at| is_formula(&text[at..])).peekable();
    if begins.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let (mut out, mut done) = (String::with_capacity(text.len() + 8), 0);
    for at in begins {
        out.push_str(&text[done..at]);
        out.push('\'');
        done = at;
    }
    Cow::Owned(out + &text[done..])
}

/// Returns whether a cell with this text could be read as a formula. Some programs skip blanks and quotes before one.
fn is_formula(cell: &str) -> bool {
    let cell = cell.trim_start_matches(|c: char| c == '"' || c.is_whitespace() || c.is_control() || c == '\u{feff}');
    cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// A workbook that keeps its rows on disk while it is made. Rows that do not fit into a sheet are written to another.
struct Book {
    book: Workbook,
    name: &'static str,
    columns: &'static [&'static str],
    zone: Tz,
    sheets: usize,
    /// The most rows of a sheet.
    max_rows: u32,
    /// The rows of the last sheet.
    rows: u32,
    bold: Style,
    date: Style,
    time: Style,
}

impl Book {
    fn new(name: &'static str, columns: &'static [&'static str], zone: Tz, max_rows: u32) -> anyhow::Result<Self> {
        let mut book = Workbook::new();
        book.set_properties(&DocProperties::new().set_title(format!("Taskbell, {name}")));
        let style = |format: &str| Style::new().set_num_format(format);
        let mut this = Self {
            book,
            name,
            columns,
            zone,
            sheets: 0,
            max_rows,
            rows: 0,
            bold: Style::new().set_bold(),
            date: style("yyyy-mm-dd"),
            time: style("yyyy-mm-dd hh:mm"),
        };
        this.add_sheet()?;
        Ok(this)
    }

    fn add_sheet(&mut self) -> anyhow::Result<()> {
        let sheet = self.book.add_worksheet_with_constant_memory()?;
        self.sheets += 1;
        sheet.set_name(if self.sheets == 1 { self.name.into() } else { format!("{} {}", self.name, self.sheets) })?;
        sheet.set_freeze_panes(1, 0)?;
        for (at, column) in (0..).zip(self.columns) {
            sheet.set_column_width(at, if ["title", "changes"].contains(column) { 48 } else { 20 })?;
            let name = match *column {
                // Times in cells have no zone: the name of the column contains it.
                "at" | "due_at" | "completed_at" => format!("{column} ({})", self.zone),
                other => other.to_owned(),
            };
            sheet.write_with_format(0, at, name, &self.bold)?;
        }
        self.rows = 1;
        Ok(())
    }

    fn write(&mut self, row: &[Cell]) -> anyhow::Result<()> {
        if self.rows == self.max_rows {
            self.add_sheet()?;
        }
        let (zone, at) = (self.zone, self.rows);
        let sheet = self.book.worksheet_from_index(self.sheets - 1)?;
        for (column, cell) in (0..).zip(row) {
            match cell {
                Cell::Empty => {}
                Cell::Text(text) => _ = sheet.write_string(at, column, fitting(text))?,
                #[expect(clippy::cast_precision_loss, reason = "a cell holds a double; no count is near 2^53")]
                Cell::Count(count) => _ = sheet.write_number(at, column, *count as f64)?,
                Cell::Number(number) => _ = sheet.write_number(at, column, rounded(*number))?,
                Cell::Date(date) => _ = sheet.write_date_with_format(at, column, date, &self.date)?,
                Cell::Time(time) => {
                    let local = time.with_timezone(&zone).naive_local();
                    sheet.write_datetime_with_format(at, column, local, &self.time)?;
                }
            }
        }
        self.rows += 1;
        Ok(())
    }

    fn save(mut self, path: &Path) -> anyhow::Result<()> {
        self.book.save(path)?;
        Ok(())
    }
}

/// Returns the beginning of a text that fits into a cell.
fn fitting(text: &str) -> &str {
    let end = text.char_indices().nth(MAX_CELL).map_or(text.len(), |(end, _)| end);
    &text[..end]
}

#[cfg(test)]
mod tests {
    use calamine::{Reader, Xlsx};

    use super::*;

    fn written(text: &str) -> String {
        csv_field(&Cell::Text(text.into())).into_owned()
    }

    #[test]
    fn a_text_that_looks_like_a_formula_is_escaped() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\r=1", "＝1", " =1", "\u{a0}=1", "\"=1", "\" =1", "\u{feff}=1"] {
            assert!(written(text).starts_with('\''), "{text}");
            assert_eq!(written(text).replace('\'', ""), text, "nothing else is changed");
        }
        for text in ["", "1=1", "a-b", "a; b", "a|b", "x, -1", "''", ";", "\u{feff}", "e-mail; phone"] {
            assert_eq!(written(text), text);
        }
        assert_eq!(csv_field(&Cell::Number(-1.0)), "-1", "a number is none");
    }

    /// No cell is a formula, whichever character a program takes for the end of a cell, and whether or not it
    /// interprets quotes inside a cell.
    #[test]
    fn no_delimiter_or_quoting_makes_a_formula_of_a_text() {
        let texts = [
            "=1",
            "a;=1",
            "a;b; =1;+2",
            "a|@x",
            "a\t-1",
            "a\n=1",
            "a\r\n=1",
            "a;\"=1\"",
            "\";=1",
            "a;;=1",
            "a,\"b\";=1+1",
        ];
        for text in texts {
            let mut out = csv::Writer::from_writer(Vec::new());
            out.write_record(["WEB-1", &written(text), "x"]).unwrap();
            let line = String::from_utf8(out.into_inner().unwrap()).unwrap();
            for end in [b';', b'|', b'\t'] {
                let mut reader = csv::ReaderBuilder::new();
                reader.has_headers(false).flexible(true).delimiter(end);
                for quoting in [true, false] {
                    for row in reader.quoting(quoting).from_reader(line.as_bytes()).records() {
                        let row = row.unwrap();
                        let formula = row.iter().find(|cell| is_formula(cell));
                        assert!(formula.is_none(), "{text:?} as {line:?} by {:?}: {row:?}", char::from(end));
                    }
                }
            }
        }
    }

    #[test]
    fn rows_that_do_not_fit_into_a_sheet_go_into_another() {
        let file = NamedTempFile::new().unwrap();
        let mut book = Book::new("activity", &["at", "title"], chrono_tz::UTC, 3).unwrap();
        for number in 1..=5 {
            book.write(&[Cell::Empty, Cell::Count(number)]).unwrap();
        }
        book.save(file.path()).unwrap();
        let mut book: Xlsx<_> = calamine::open_workbook(file.path()).unwrap();
        let mut found = Vec::new();
        for name in book.sheet_names() {
            let sheet = book.worksheet_range(&name).unwrap();
            found.push((name, sheet.rows().map(|row| row[1].to_string()).collect::<Vec<_>>().join(" ")));
        }
        let expected = [("activity", "title 1 2"), ("activity 2", "title 3 4"), ("activity 3", "title 5")];
        assert_eq!(found, expected.map(|(name, rows)| (name.to_owned(), rows.to_owned())));
    }
}
