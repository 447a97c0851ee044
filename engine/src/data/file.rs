//! A file on disk: what it is called, and what says that it is the same later.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How much of the beginning is looked at while planning: room for the names of the fields.
const HEAD: usize = 64 * 1024;

/// A data file as a change knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Its path as the author wrote it, from the project's directory.
    pub name: String,
    /// Where it is on this machine.
    #[serde(skip)]
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its content in hexadecimal, the ends of lines counting as `\n`.
    pub sha256: String,
}

/// A data file as planning finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The file.
    pub file: DataFile,
    /// Its beginning: whole lines, as many as fit some 64 KiB.
    pub head: Vec<u8>,
}

impl Found {
    /// Reads through a file once.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn read(name: &str, path: &Path) -> io::Result<Found> {
        Self::scan(name, path, File::open(path)?)
    }

    /// Reads through the content of a file once.
    ///
    /// # Errors
    /// What the operating system says.
    pub(crate) fn scan(name: &str, path: &Path, content: impl Read) -> io::Result<Found> {
        let mut input = Hashing::new(content);
        let mut head = Vec::new();
        let mut buffer = vec![0; HEAD];
        loop {
            let count = input.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            let room = HEAD.saturating_sub(head.len());
            head.extend(buffer.iter().take(count.min(room)));
        }
        let bytes = input.bytes;
        if bytes > HEAD as u64 {
            let whole = head.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            head.truncate(whole);
        }
        let file = DataFile { name: name.to_owned(), path: path.to_owned(), bytes, sha256: input.finish() };
        Ok(Found { file, head })
    }
}

/// Reads, counts and hashes on the way. A `\r\n` counts as `\n`, because Git may check a text out either way.
pub(super) struct Hashing<R> {
    inner: R,
    hasher: Sha256,
    /// A `\r` was last, and it is not known yet what follows.
    pending: bool,
    /// How many bytes were read.
    pub bytes: u64,
}

impl<R: Read> Hashing<R> {
    pub(super) fn new(inner: R) -> Self {
        Hashing { inner, hasher: Sha256::new(), pending: false, bytes: 0 }
    }

    /// The hash of what was read, in hexadecimal.
    pub(super) fn finish(mut self) -> String {
        if self.pending {
            self.hasher.update(b"\r");
        }
        self.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn update(&mut self, mut bytes: &[u8]) {
        if self.pending && !bytes.is_empty() {
            if bytes.first() != Some(&b'\n') {
                self.hasher.update(b"\r");
            }
            self.pending = false;
        }
        while let Some(at) = bytes.iter().position(|byte| *byte == b'\r') {
            let (before, rest) = bytes.split_at(at);
            self.hasher.update(before);
            match rest.get(1) {
                Some(b'\n') => {}
                Some(_) => self.hasher.update(b"\r"),
                None => self.pending = true,
            }
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.hasher.update(bytes);
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let (read, _) = buffer.split_at(count);
        self.update(read);
        self.bytes += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(chunks: &[&str]) -> String {
        let mut hashing = Hashing::new(io::empty());
        chunks.iter().for_each(|chunk| hashing.update(chunk.as_bytes()));
        hashing.finish()
    }

    #[test]
    fn the_ends_of_lines_do_not_count_wherever_a_read_ends() {
        let plain = hash(&["a\nb\n"]);
        for same in [&["a\r\nb\r\n"][..], &["a\r", "\nb\r", "\n"], &["a", "\r\n", "b\n"]] {
            assert_eq!(hash(same), plain, "{same:?}");
        }
        for other in [&["a\rb\n"][..], &["a\r", "b\n"], &["a\n\nb\n"], &["a\nb\n\r"], &["a\r\r\nb\n"]] {
            assert_ne!(hash(other), plain, "{other:?}");
        }
    }
}
