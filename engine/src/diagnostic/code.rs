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
    REVISION_ID = "E0401", "this cannot be the name of a revision or a branch", "Names of revisions and labels of branches have 1 to 128 characters, without `@`, `-`, `+`, `:`, white space or control characters, and are not one of the words head, heads, base, current, none, so that no name can be taken for a reference such as `head-1` or `a:b`. A name that YAML reads as a number and that cannot be given back as it was written needs quotes.";
    REVISION_HEADER = "E0402", "the head of the revision file is incomplete or has a wrong value", "A revision file has at least `revision` (its id) and `down_revision` (the revision it follows, null for a root, or a list for a merge). `branch_labels` and `depends_on` are lists of names, `message` and `created` are texts, `transaction` is true or false.";
    DUPLICATE_REVISION = "E0403", "two files have the same revision id", "Every revision has an id of its own. This happens when a file is copied, or when a merge of two source branches kept both versions of a file under different names. Give one of them a new id, or delete it.";
    UNKNOWN_PARENT = "E0404", "the revision follows one that does not exist", "`down_revision` names a revision of which there is no file. Perhaps the file was deleted, is not merged yet, or lies in a directory that the project does not list.";
    UNKNOWN_DEPENDENCY = "E0405", "the revision depends on one that does not exist", "`depends_on` names neither the full id of a revision nor a branch label of this project.";
    SELF_REFERENCE = "E0406", "the revision waits for itself", "`down_revision` or `depends_on` names the revision itself, or a label that it carries, so it could never run.";
    REVISION_CYCLE = "E0407", "revisions wait for each other in a circle", "Following `down_revision` and `depends_on` from one of these revisions leads back to it, so none of them could run first. Take one of the references shown away.";
    DUPLICATE_LABEL = "E0408", "two revisions have the same branch label", "A branch label names one branch: it stands at the revision that begins it and holds for everything after. Rename one, or remove it from the later revision.";
    LABEL_IS_REVISION = "E0409", "a branch label equals the id of a revision", "Labels and ids are written in the same places, so one word cannot be both.";
    REPEATED_PARENT = "E0410", "the revision follows the same one twice", "A merge names each of its parents once.";
    REFERENCE_SYNTAX = "E0420", "this does not name a revision", "A revision is named by its id, the first four or more characters of it, a branch label, `head`, `heads`, `base` or `current`, each with `+N` or `-N` behind it if wanted and `branch@` before it. `+N` and `-N` alone count from the applied revision. Ranges are `a:b`, `a:` and `:b`.";
    UNKNOWN_REVISION = "E0421", "no such revision or branch", "Nothing in this project has this id or label, and no id begins with it.";
    AMBIGUOUS_PREFIX = "E0422", "several revisions begin with this", "A shortened id must have exactly one revision that begins with it. Type more of it.";
    SEVERAL_HEADS = "E0423", "several heads where one is needed", "The history has more than one end here, so `head` does not say which. Name the branch, say `heads` where all are meant, or join them with `aludel merge`.";
    AMBIGUOUS_STEP = "E0424", "the step could go several ways", "Counting revisions up or down meets a place with more than one way on. Aludel never picks one by itself: say which branch to follow, as `branch@+1` or `branch@-1`.";
    TOO_FAR = "E0425", "there are not so many revisions that way", "Counting up or down came to the end of the history before the number was reached.";
    NOT_IN_BRANCH = "E0426", "the revision is not on this branch", "`branch@revision` names a revision that is an ancestor or a descendant of the one that carries the label.";
    NOT_APPLIED = "E0427", "the database cannot be taken down to a revision that is not applied", "A downgrade undoes what comes after its target. When the target itself is not applied there is nothing to come down to; perhaps `upgrade` was meant, or another branch.";
    UNKNOWN_APPLIED = "E0428", "the database has a revision that this project does not know", "The version table names a revision of which there is no file here. Often the database was migrated by a newer release, or from another source branch. Get the file, or see what the database itself recorded.";
    NOT_ANCESTOR = "E0429", "the start of the range does not lead to its end", "In `a:b`, `a` must be an ancestor of `b`.";
    NEEDS_DATABASE = "E0430", "`current` is known only with a database", "`current`, and `+N` and `-N` without a revision, count from what is applied in a database. Give the database, or name a revision.";
    WRONG_DIRECTION = "E0431", "the count points the other way", "`upgrade -N` and `downgrade +N` contradict themselves.";
    SEVERAL_TARGETS = "E0432", "one revision is needed, and this names several", "A downgrade has one target: a revision, or `base`.";
    PREFIX_TOO_SHORT = "E0433", "too few characters to name a revision by", "A shortened id has at least four characters, so that a typing slip does not name a revision by accident.";
    ROW_MISMATCH = "E0434", "the version table does not say what the step expects", "A step of a revision changes the rows of the version table from what they were before it. Here a row to be added is there already, or the row to be taken away is not, so something else has changed the table, or the steps are run out of order.";
}
