//! The registry of codes. A code never changes its meaning; a new one takes the next free number of its range.
//!
//! Ranges: 01xx text and YAML, 02xx the language, 03xx replay of the history, 04xx the revision graph,
//! 05xx compiling for a dialect, 06xx databases and execution, 07xx project and settings.

/// A stable code with its meaning.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeInfo {
    /// Such as `E0203`.
    pub id: &'static str,
    /// One line.
    pub title: &'static str,
    /// What it means, why it is an error and how to mend it, in a few sentences.
    pub explanation: &'static str,
}

/// A reference to an entry of the registry.
pub type Code = &'static CodeInfo;

macro_rules! registry {
    ($($name:ident = $id:literal, $title:literal, $explanation:literal;)*) => {
        /// The codes by name.
        #[allow(missing_docs)]
        pub mod codes {
            use super::CodeInfo;
            $(pub static $name: CodeInfo = CodeInfo { id: $id, title: $title, explanation: $explanation };)*
        }

        /// Every code, by number.
        pub static CODES: &[Code] = &[$(&codes::$name),*];
    };
}

registry! {
    YAML_SYNTAX = "E0101", "the file is not valid YAML", "The text cannot be read as YAML 1.2. The message names the place where reading stopped; the mistake is often on the line before it.";
    FILE_UNREADABLE = "E0102", "the file cannot be read", "The file does not exist, is a directory, or may not be read by this user. The message carries the operating system's reason.";
    NOT_UTF8 = "E0103", "the file is not UTF-8", "Aludel reads UTF-8 only, with or without a byte order mark. Another encoding is not guessed, because a wrong guess would change names and data. Save the file as UTF-8.";
    FILE_TOO_LARGE = "E0104", "the file is too large", "Files of the migration language are limited in size, because they are held in memory. Keep bulk data in a CSV, TSV or JSON lines file and read it with the `load` operation, which streams.";
    CONTROL_CHARACTER = "E0105", "a control character stands in the text", "YAML allows no control characters but tab and line ends; they are invisible and often the sign of a damaged or binary file. In double quotes a control character can be written as an escape, such as `\\x1b` or `\\0`.";
    EMPTY_FILE = "E0106", "the file is empty", "The file holds nothing but white space or comments, so there is nothing to read. Remove it or fill it in.";
    DUPLICATE_KEY = "E0107", "a key is written twice", "A map has the same key more than once. Which of the two values would count is not defined, so neither is taken. Remove or rename one of them.";
    KEY_NOT_TEXT = "E0108", "a key is not a string", "Keys are strings. YAML reads an unquoted number, `true`, `false`, `null` or nothing as another kind of value; put it in quotes if it is a name. A list or a map cannot be a key.";
    UNKNOWN_TAG = "E0109", "a YAML tag that is not supported", "Only the tags of the YAML core schema are known: `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!seq` and `!!map`, and each only on a value it fits. Remove the tag, or quote the text if the `!` belongs to it.";
    SEVERAL_DOCUMENTS = "E0110", "several YAML documents in one file", "A file holds one document. A line `---` starts another one; put that in a file of its own.";
    TOO_DEEP = "E0111", "nesting is too deep", "Maps and lists stand inside each other beyond the limit, counted after aliases are followed. No real migration comes near it; the limit keeps a hostile file from exhausting the stack.";
    TOO_MANY_ALIASES = "E0112", "aliases expand to too much", "Following the aliases of this file makes far more values than it has lines. The limit keeps a small file from filling the memory.";
    UNKNOWN_ALIAS = "E0113", "an alias without an anchor", "An alias `*name` repeats the value that was marked `&name` above it in the same file. The anchor must stand before the alias and must not contain it.";
    MERGE_KEY = "E0114", "a merge key that cannot be merged", "The key `<<` takes a map, or a list of maps, whose entries are added to this map unless it has the key itself. Anything else cannot be merged.";
    TAB_INDENTATION = "E0115", "a tab in the indentation", "YAML forbids tabs in indentation, because editors do not agree how wide one is. Indent with spaces.";
    YAML_VERSION = "E0116", "another version of YAML", "The file asks with `%YAML` for a version other than 1.2. Versions differ in what `yes`, `no` and `on` mean, so the file is not read under another rule than it asks for.";
    UNKNOWN_KEY = "E0201", "unknown key", "The Aludel language does not have this key here. Unknown keys are errors, because a misspelt option that is passed over in silence would change what runs.";
    MISSING_KEY = "E0202", "a key is missing", "The map lacks a key that it cannot do without. The message names the key and the thing that needs it.";
    WRONG_TYPE = "E0203", "a value of the wrong type", "Another kind of value is needed here. Values are not converted in silence: YAML 1.2 reads `yes`, `no`, `on` and `off` as strings, and a number in quotes is a string.";
    UNKNOWN_WORD = "E0204", "not one of the words allowed here", "Only a few words are allowed here, and this is none of them. The message lists them and the one that is closest.";
    OUT_OF_RANGE = "E0205", "a number out of range", "The number is negative, has a fraction, or is too large for what it stands for. The message names the range.";
}

/// The entry of a code as a person types it: `E0201`, `e201` or `201`.
#[must_use]
pub fn explain(code: &str) -> Option<Code> {
    let number = code.trim().trim_start_matches(['e', 'E']).parse::<u32>().ok()?;
    let id = format!("E{number:04}");
    CODES.iter().copied().find(|known| known.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_in_order_and_explained() {
        assert!(CODES.is_sorted_by(|a, b| a.id < b.id), "a code is used twice or out of order");
        for code in CODES {
            assert!(code.explanation.ends_with('.'), "{}", code.id);
            assert!(!code.title.ends_with('.') && !code.title.is_empty(), "{}", code.id);
        }
    }

    #[test]
    fn finds_a_code() {
        for text in ["E0201", "e0201", "201", " E201 "] {
            assert_eq!(explain(text).map(|code| code.id), Some("E0201"), "{text}");
        }
        assert_eq!(explain("E9999"), None);
        assert_eq!(explain("x"), None);
    }
}
