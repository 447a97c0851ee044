//! The files a command has read, and where in them a span stands.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{FileId, Span};
use crate::diagnostic::{Diagnostic, codes};

/// The largest file that is read. Bulk data has no place in a revision; `load` streams it from a data file.
pub const SIZE_LIMIT: u64 = 64 * 1024 * 1024;

/// One file that was read.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// The path as the user would name it.
    pub path: PathBuf,
    /// Its text, without a byte order mark.
    pub text: String,
    lines: OnceLock<Vec<usize>>,
}

impl SourceFile {
    /// The byte at which each line starts, found once and only when asked for.
    pub(crate) fn line_starts(&self) -> &[usize] {
        self.lines
            .get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    /// The line, from 0, in which a byte stands.
    pub(crate) fn line_of(&self, byte: usize) -> usize {
        self.line_starts().partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// The byte range of a span, cut to what this text has, on character boundaries.
    pub(crate) fn range(&self, span: Span) -> std::ops::Range<usize> {
        let start = self.text.floor_char_boundary(span.start as usize);
        let end = self.text.ceil_char_boundary(span.end as usize);
        start..end.max(start)
    }

    fn line_column_at(&self, byte: usize) -> (usize, usize) {
        let line = self.line_of(byte);
        let start = self.line_starts().get(line).copied().unwrap_or(0);
        (line + 1, self.text.get(start..byte).map_or(0, |before| before.chars().count()) + 1)
    }
}

/// Every file a command has read, so that a [`Span`] can be shown to a person.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file and names it. A byte order mark at the start is left out.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        self.files.push(SourceFile { path: path.into(), text, lines: OnceLock::new() });
        id
    }

    /// Reads a file from disk.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, is a directory, is larger than [`SIZE_LIMIT`] or is not UTF-8.
    pub fn read(&mut self, path: &Path) -> Result<FileId, Diagnostic> {
        self.add_bytes(path, read_bytes(path)?)
    }

    /// Adds a file whose bytes were read elsewhere, by [`read_bytes`] on another thread.
    ///
    /// # Errors
    ///
    /// When it is not UTF-8.
    pub(crate) fn add_bytes(&mut self, path: &Path, bytes: Vec<u8>) -> Result<FileId, Diagnostic> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(self.add(path, text)),
            Err(error) => Err(self.not_utf8(path, error.as_bytes(), error.utf8_error().valid_up_to())),
        }
    }

    /// Puts stars over a range of a file, so that no message shows it. Places stay what they are, because every
    /// character is replaced by one of its own size.
    pub(crate) fn conceal(&mut self, file: FileId, range: std::ops::Range<usize>) {
        let Some(file) = self.files.get_mut(file.0 as usize) else { return };
        let Some(hidden) = file.text.get(range.clone()) else { return };
        let stars: String = hidden
            .chars()
            .map(|c| match c.len_utf8() {
                _ if c == '\n' => c,
                1 => '*',
                2 => '\u{d7}',
                3 => '\u{2217}',
                _ => '\u{1d7c8}',
            })
            .collect();
        file.text.replace_range(range, &stars);
    }

    fn not_utf8(&mut self, path: &Path, bytes: &[u8], at: usize) -> Diagnostic {
        let name = path.display();
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Diagnostic::error(&codes::NOT_UTF8, format!("`{name}` is UTF-16, not UTF-8"))
                .help("save the file as UTF-8");
        }
        let byte = bytes.get(at).copied().unwrap_or_default();
        // The replacement character has three bytes; the text before it is as it was on disk.
        let file = self.add(path, String::from_utf8_lossy(bytes));
        let bom = if bytes.starts_with(&[0xef, 0xbb, 0xbf]) { 3 } else { 0 };
        let start = u32::try_from(at - bom).unwrap_or(u32::MAX);
        let span = Span { file, start, end: start.saturating_add(3) };
        let guess = match byte {
            0x80..=0x9f => "Windows-1252",
            _ => "Latin-1 or Windows-1252",
        };
        Diagnostic::error(&codes::NOT_UTF8, format!("`{name}` is not UTF-8: byte 0x{byte:02x} at offset {at}"))
            .at(span, "not a UTF-8 character")
            .note(format!("the file is likely {guess}"))
            .help("save the file as UTF-8")
    }

    /// The file of an id, if it is of this collection.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The path of a file, or an empty path.
    #[must_use]
    pub fn path(&self, id: FileId) -> &Path {
        self.get(id).map_or(Path::new(""), |file| &file.path)
    }

    /// The text of a span as it was written, or nothing.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).and_then(|file| file.text.get(file.range(span))).unwrap_or("")
    }

    /// Line and column, both from 1 and the column in characters, at which a span starts.
    #[must_use]
    pub fn line_column(&self, span: Span) -> (usize, usize) {
        self.get(span.file).map_or((1, 1), |file| file.line_column_at(file.range(span).start))
    }

    /// Line and column, both from 1, of the first character after a span.
    #[must_use]
    pub fn end_line_column(&self, span: Span) -> (usize, usize) {
        self.get(span.file).map_or((1, 1), |file| file.line_column_at(file.range(span).end))
    }
}

/// The bytes of a file.
///
/// # Errors
///
/// When it cannot be opened, is a directory or is larger than [`SIZE_LIMIT`].
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    let name = path.display();
    let unreadable =
        |error: std::io::Error| Diagnostic::error(&codes::FILE_UNREADABLE, format!("cannot read `{name}`: {error}"));
    let mut file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Diagnostic::error(&codes::FILE_UNREADABLE, format!("`{name}` is a directory, not a file")));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(SIZE_LIMIT) + 1).unwrap_or_default());
    (&mut file).take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        let limit = SIZE_LIMIT / (1024 * 1024);
        return Err(Diagnostic::error(&codes::FILE_TOO_LARGE, format!("`{name}` is larger than {limit} MiB"))
            .help("keep bulk data in a data file and read it with `load`"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_and_column_count_characters() {
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", "\u{feff}é: 1\r\n  b: 2\n");
        let at = |start, end| Span { file, start, end };
        assert_eq!(sources.line_column(at(4, 5)), (1, 4));
        assert_eq!(sources.line_column(at(9, 10)), (2, 3));
        assert_eq!(sources.end_line_column(at(9, 10)), (2, 4));
        assert_eq!(sources.line_column(at(900, 1000)), (3, 1));
        assert_eq!(sources.text(at(0, 2)), "é");
    }

    #[test]
    fn what_is_concealed_keeps_its_size() {
        let mut sources = Sources::default();
        let file = sources.add("x.yaml", "a: é€𝄞x\nb: 1\n");
        sources.conceal(file, 3..13);
        let text = &sources.get(file).unwrap().text;
        assert_eq!(text, "a: \u{d7}\u{2217}\u{1d7c8}*\nb: 1\n");
        sources.conceal(file, 4..900);
        assert_eq!(sources.line_column(Span { file, start: 14, end: 15 }), (2, 1));
    }

    #[test]
    fn unreadable_files_say_why() {
        let dir = std::env::temp_dir().join(format!("aludel-sources-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = dir.join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let cases = [
            (dir.clone(), "is a directory"),
            (dir.join("absent.yaml"), "cannot read"),
            (write("utf16.yaml", &[0xff, 0xfe, b'a', 0]), "is UTF-16"),
            (write("latin.yaml", b"\xef\xbb\xbfa: caf\xe9\n"), "byte 0xe9 at offset 9"),
        ];
        let mut sources = Sources::default();
        for (path, expected) in cases {
            let error = sources.read(&path).unwrap_err();
            assert!(error.message.contains(expected), "{}", error.message);
            for label in &error.labels {
                assert_eq!(sources.text(label.span), "\u{fffd}");
            }
        }
        let file = sources.read(&write("good.yaml", b"\xef\xbb\xbfa: 1\n")).unwrap();
        assert_eq!(sources.get(file).unwrap().text, "a: 1\n");
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
