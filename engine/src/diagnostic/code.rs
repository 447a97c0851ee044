//! The registry of codes. A code never changes its meaning; a new one takes the next free number of its range.
//!
//! Ranges: 01xx text and YAML, 02xx the language, 03xx replay of the history, 04xx the revision graph,
//! 05xx compiling for a dialect, 06xx databases and execution, 07xx project and settings.

/// A stable code with its meaning.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    UNKNOWN_KEY = "E0201", "unknown key", "The Aludel language does not have this key here. Unknown keys are errors, because a misspelt option that is passed over in silence would change what runs.";
}
