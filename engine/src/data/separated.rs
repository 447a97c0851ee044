//! Separated values: CSV and TSV, by the rules of RFC 4180.
//!
//! A reader of our own, because it has to tell a field in quotes from one without (`""` is an empty text, nothing at all
//! is NULL), to know on which line of the file a record begins, and to refuse what is malformed, where the readers for
//! general use take it as something else.

use std::io::{self, BufRead};

/// A reader of records.
pub(crate) struct Separated<R> {
    input: R,
    by: u8,
    /// The bytes of the record that was read last.
    raw: Vec<u8>,
    /// Its fields, without quotes, one after another.
    text: Vec<u8>,
    /// Where each field ends in `text`, and whether it was in quotes.
    ends: Vec<(usize, bool)>,
    /// The line that is read next, from 1.
    next_line: u64,
    /// The line on which the record begins.
    pub(crate) line: u64,
}

/// Why a record cannot be read.
#[derive(Debug)]
pub(crate) enum Malformed {
    /// What the operating system says.
    Input(io::Error),
    /// What is wrong with the text, and on which line.
    Text(u64, &'static str),
}

impl<R: BufRead> Separated<R> {
    /// A reader from the beginning of a file, behind its byte order mark.
    pub(crate) fn new(input: R, by: char) -> Self {
        let by = u8::try_from(by).unwrap_or(b',');
        Separated { input, by, raw: Vec::new(), text: Vec::new(), ends: Vec::new(), next_line: 1, line: 0 }
    }

    /// Reads a record; false at the end. A line without anything on it is a record of one empty field.
    pub(crate) fn read(&mut self) -> Result<bool, Malformed> {
        self.raw.clear();
        self.text.clear();
        self.ends.clear();
        self.line = self.next_line;
        let mut at = 0;
        if !self.more()? {
            return Ok(false);
        }
        loop {
            let quoted = self.raw.get(at) == Some(&b'"');
            at = if quoted { self.quoted(at + 1)? } else { self.plain(at)? };
            self.ends.push((self.text.len(), quoted));
            match self.raw.get(at) {
                Some(byte) if *byte == self.by => at += 1,
                _ => break,
            }
        }
        if std::str::from_utf8(&self.text).is_err() {
            return Err(Malformed::Text(self.line, "the text is not UTF-8; save the file as UTF-8"));
        }
        Ok(true)
    }

    /// Where it reads from.
    pub(crate) fn input(&self) -> &R {
        &self.input
    }

    /// Gives back where it read from.
    pub(crate) fn into_input(self) -> R {
        self.input
    }

    /// The number of fields.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// A field, and whether it was in quotes.
    pub(crate) fn field(&self, place: usize) -> (&str, bool) {
        let Some((end, quoted)) = self.ends.get(place).copied() else { return ("", false) };
        let start = place.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |(end, _)| *end);
        let bytes = self.text.get(start..end).unwrap_or_default();
        // The whole was seen to be UTF-8, and a field ends at an ASCII character.
        (std::str::from_utf8(bytes).unwrap_or_default(), quoted)
    }

    /// Reads on to the end of a line; false when there is nothing left.
    fn more(&mut self) -> Result<bool, Malformed> {
        let count = self.input.read_until(b'\n', &mut self.raw).map_err(Malformed::Input)?;
        self.next_line += u64::from(count > 0);
        Ok(count > 0)
    }

    /// Copies a field without quotes, and says where it ends.
    fn plain(&mut self, from: usize) -> Result<usize, Malformed> {
        let mut at = from;
        let end = loop {
            match self.raw.get(at) {
                None | Some(b'\n') => break at,
                Some(byte) if *byte == self.by => break at,
                Some(b'\r') => match self.raw.get(at + 1) {
                    None | Some(b'\n') => break at,
                    Some(_) => {
                        let what = "a carriage return stands in the middle of a line; put the field in quotes, or end the lines with a line feed";
                        return Err(Malformed::Text(self.next_line - 1, what));
                    }
                },
                Some(b'"') => {
                    let what = "a quote stands inside a field that does not begin with one; put the field in quotes and double the quote";
                    return Err(Malformed::Text(self.next_line - 1, what));
                }
                Some(_) => at += 1,
            }
        };
        self.text.extend_from_slice(self.raw.get(from..end).unwrap_or_default());
        Ok(end)
    }

    /// Copies a field in quotes, over several lines if need be, and says where it ends.
    fn quoted(&mut self, mut from: usize) -> Result<usize, Malformed> {
        let mut at = from;
        loop {
            match self.raw.get(at) {
                None => {
                    if !self.more()? {
                        return Err(Malformed::Text(self.line, "a quote is opened in this record and never closed"));
                    }
                }
                Some(b'"') => {
                    self.text.extend_from_slice(self.raw.get(from..at).unwrap_or_default());
                    match self.raw.get(at + 1) {
                        Some(b'"') => {
                            // The second of a pair stands for one.
                            from = at + 1;
                            at += 2;
                        }
                        None | Some(b'\n') => return Ok(at + 1),
                        Some(b'\r') if matches!(self.raw.get(at + 2), None | Some(b'\n')) => return Ok(at + 1),
                        Some(byte) if *byte == self.by => return Ok(at + 1),
                        Some(_) => {
                            let what =
                                "something follows the closing quote of a field; a quote inside a field is doubled";
                            return Err(Malformed::Text(self.next_line - 1, what));
                        }
                    }
                }
                Some(_) => at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Records = Vec<(u64, Vec<(String, bool)>)>;

    fn read(text: &str) -> Result<Records, (u64, &'static str)> {
        let mut reader = Separated::new(text.as_bytes(), ',');
        let mut records = Vec::new();
        loop {
            match reader.read() {
                Ok(false) => return Ok(records),
                Ok(true) => {
                    let fields = (0..reader.len()).map(|place| reader.field(place));
                    records.push((reader.line, fields.map(|(text, quoted)| (text.to_owned(), quoted)).collect()));
                }
                Err(Malformed::Text(line, what)) => return Err((line, what)),
                Err(Malformed::Input(error)) => panic!("{error}"),
            }
        }
    }

    fn shown(text: &str) -> String {
        let records = read(text).expect(text);
        let cell = |(text, quoted): &(String, bool)| if *quoted { format!("<{text}>") } else { text.clone() };
        let line =
            |(line, cells): &(u64, Vec<_>)| format!("{line}:{}", cells.iter().map(cell).collect::<Vec<_>>().join("|"));
        records.iter().map(line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn records_are_read_by_the_rules_of_rfc_4180() {
        for (text, records) in [
            ("", ""),
            ("a,b\n", "1:a|b"),
            ("a,b", "1:a|b"),
            ("a,b\r\nc,d\r\n", "1:a|b 2:c|d"),
            (",\n", "1:|"),
            ("a,\n", "1:a|"),
            ("\n\n", "1: 2:"),
            ("\"\",\n", "1:<>|"),
            ("\"a\"\"b\",c\n", "1:<a\"b>|c"),
            ("\"\"\"\"\n", "1:<\">"),
            ("\"a,b\",\"c\"\n", "1:<a,b>|<c>"),
            ("\"a\nb\r\nc\",d\ne\n", "1:<a\nb\r\nc>|d 4:e"),
            ("\"a\"\r\n", "1:<a>"),
            ("\"a\"", "1:<a>"),
            ("a\r", "1:a"),
            (" a , b \n", "1: a | b "),
            ("é,\"ü\"\n", "1:é|<ü>"),
            ("a\\,b\n", "1:a\\|b"),
        ] {
            assert_eq!(shown(text), records, "{text:?}");
        }
    }

    #[test]
    fn what_is_malformed_is_refused_with_its_line() {
        for (text, line, part) in [
            ("a\n\"b\nc\n", 2, "never closed"),
            ("a\nb\"c\n", 2, "inside a field"),
            ("\"a\"b\n", 1, "closing quote"),
            ("\"a\nb\" ,c\n", 2, "closing quote"),
            ("a\rb\n", 1, "carriage return"),
        ] {
            let (found, what) = read(text).expect_err(text);
            assert!(found == line && what.contains(part), "{text:?}: {found} {what}");
        }
        let mut reader = Separated::new(&b"a,\xff\n"[..], ',');
        assert!(matches!(reader.read(), Err(Malformed::Text(1, what)) if what.contains("UTF-8")));
    }
}
