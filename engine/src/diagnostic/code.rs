//! The registry of codes. A code never changes its meaning; a new one takes the next free number of its range.
//!
//! Ranges: 01xx text and YAML, 02xx the language, 03xx replay of the history, 04xx the revision graph,
//! 05xx compiling for a dialect, 06xx databases and execution, 07xx project and settings,
//! 08xx the command line.

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
    KEY_NOT_TEXT = "E0108", "a key is not a string", "Keys are strings. YAML reads an unquoted number, `true`, `false` or nothing as another kind of value; put it in quotes if it is a name. A list or a map cannot be a key.";
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
    UNKNOWN_OPERATION = "E0206", "unknown operation", "A step is a map with one operation, such as `create_table` or `add_column`, and optional modifiers beside it: `only`, `except`, `tags`, `allow`, `note`. For what the language has no word for there is `execute`.";
    STEP_SHAPE = "E0207", "a step that is not one operation", "Every list item under `upgrade:` and `downgrade:` is exactly one operation. Two operations are two list items.";
    UNKNOWN_DIALECT = "E0208", "unknown dialect", "The name is not that of a database Aludel speaks to. The names are `sqlite`, `postgres`, `mysql` and `mariadb`; `mariadb` takes what is said for `mysql` where it has nothing of its own.";
    NO_TEXT_FOR_DIALECT = "E0209", "nothing is said for a dialect", "A SQL text or native type is given by dialect, and a dialect that the project compiles for is not among them. Say what that database does, or keep the step from it with `only:` or `except:`.";
    UNKNOWN_VARIABLE = "E0210", "a variable without a value", "`${var:name}` in a SQL text is replaced by the value of `name` under `variables:` in aludel.yaml, of the database, or of `-x name=value`. None of them has it.";
    UNKNOWN_TYPE = "E0211", "unknown type", "The text is not a portable type. A type that only some databases have is written `type: {native: \"…\"}` or by dialect.";
    WRONG_VALUE = "E0212", "a value that does not fit the type", "The value cannot be stored in a column of this type with its meaning kept. Values are not converted in silence: `5` is not a text and `\"5\"` is not a number.";
    CONTRADICTION = "E0213", "two things that exclude each other", "The message names two settings that cannot both hold. Remove one of them.";
    ENUM_VALUES = "E0214", "the values of an enum do not hold together", "An enum has at least one value and none twice; a value that is renamed, dropped or named as a neighbour must be there.";
    SQL_SPLIT = "E0215", "SQL that cannot be split into statements", "A text of several statements is split at its semicolons, as the database's own client would: strings, comments, dollar quotes and bodies of triggers are kept whole. This text ends inside one of them.";
    MISSING_TABLE = "E0301", "there is no such table", "At this point of the replayed history no table has this name. Either no earlier revision makes it, a later one does, or it was renamed or dropped before.";
    TABLE_EXISTS = "E0302", "there is such a table already", "An earlier step made a table of this name. SQLite and MySQL do not tell names apart that differ in case only.";
    MISSING_COLUMN = "E0303", "there is no such column", "At this point of the replayed history the table has no column of this name.";
    COLUMN_EXISTS = "E0304", "there is such a column already", "The table has a column of this name already. Databases that fold case do not tell `Name` and `name` apart.";
    MISSING_CONSTRAINT = "E0305", "there is no such constraint", "At this point of the replayed history the table has no constraint of this name. Unnamed constraints are named by the project's `naming:` rules.";
    MISSING_INDEX = "E0306", "there is no such index", "At this point of the replayed history no index has this name, or several have and the step does not say of which table.";
    MISSING_ENUM = "E0307", "there is no such enum", "No earlier step declares an enum of this name. Declare it with `create_enum` or inline with the type.";
    ENUM_EXISTS = "E0308", "there is such an enum already", "An earlier step declared an enum of this name. An inline declaration may repeat it only with the same values.";
    NAME_TAKEN = "E0309", "the name of a constraint or index is taken", "PostgreSQL and SQLite want the names of indexes to be unique in a namespace, and different from those of tables; PostgreSQL those of enums different from those of tables; MySQL those of foreign keys and of checks unique in a database. Give it a `name:` of its own.";
    BAD_IDENTIFIER = "E0310", "a name that the database cannot hold", "The name is empty, contains a NUL or is longer than the database allows. Servers cut long names in silence, so that a second one could collide with it; names of constraints and indexes are cut by Aludel itself, with a hash.";
    FOREIGN_KEY = "E0311", "a foreign key that cannot hold", "The columns referred to must be the primary key or unique, as many as the referring ones, and of the same kind of type.";
    IN_USE = "E0312", "something else is made of it", "What the step drops is used by something that stays. Drop or change that first, or ask for it to go along with `cascade: true` where the operation has it.";
    PRIMARY_KEY_EXISTS = "E0313", "there is a primary key already", "A table has one primary key. Drop the present one first.";
    TAGGED_SCHEMA = "E0314", "a tagged step changes the schema", "Steps with `tags` run only when asked for, so the schema after them would depend on how the tool was called. They may change rows only.";
    CONFLICT = "E0315", "a step does not fit the schema", "The change does not fit the schema at this point of the history.";
    DOWNGRADE_MISMATCH = "E0316", "a written downgrade does not lead back", "The schema after the written `downgrade:` is not the schema from before the revision, so every later step would be checked against a schema that the database does not have. Add what is missing, or remove `downgrade:` so that it is derived.";
    IRREVERSIBLE = "E0317", "a revision cannot be downgraded", "A step of the revision cannot be taken back and no `downgrade:` says how. Nothing has been run. Write a `downgrade:`, or give `execute` a `down`.";
    NOT_A_KEY = "E0318", "columns that do not name one row", "The `key` of an insert says by which columns its rows are found again, when one is there already and when the insert is taken back. Other rows could have the same values unless the columns are the primary key or unique, and would be deleted along. Name a key, or make the columns unique first.";
    MISSING_OBJECT = "E0319", "there is no such view, sequence or other object", "At this point of the replayed history there is no object of this kind and name. Make it with the operation that creates it; for one that raw SQL made, say so in the `effect` of that `execute`.";
    OBJECT_EXISTS = "E0320", "there is such an object already", "An earlier step made an object of this kind and name.";
    WRONG_STATEMENT = "E0321", "the statement does not make what the operation says", "`sql` of a trigger or function is the whole `CREATE …` statement, exactly one, and it makes the object that the operation names, on the table that it names. Otherwise the history would speak of one thing and the database hold another.";
    UNANSWERED = "E0322", "a question is not answered yet", "`revision --autogenerate` writes `{ask: …}` where the schemas alone do not say what is to become of rows: which value a NULL gets, how a value becomes one of a narrower type, which word takes the place of one that goes. Write the answer in its place, or remove the key where the question says so.";
    REVISION_ID = "E0401", "this cannot be the name of a revision or a branch", "Names of revisions and labels of branches have 1 to 128 characters, without `@`, `-`, `+`, `:`, white space or control characters, and are not one of the words head, heads, base, current, none, so that no name can be taken for a reference such as `head-1` or `a:b`. A name that YAML reads as a number and that cannot be given back as it was written needs quotes.";
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
    SEVERAL_TARGETS = "E0432", "one revision is needed, and this names several", "A downgrade comes down to one revision, or to `base`; or to several with commas between them, one for each branch.";
    PREFIX_TOO_SHORT = "E0433", "too few characters to name a revision by", "A shortened id has at least four characters, so that a typing slip does not name a revision by accident.";
    ROW_MISMATCH = "E0434", "the version table does not say what the step expects", "A step of a revision changes the rows of the version table from what they were before it. Here a row to be added is there already, or the row to be taken away is not, so something else has changed the table, or the steps are run out of order.";
    NO_SUCH_TAG = "E0435", "no step has this tag", "`--with TAG` runs the steps that have the tag beside what is run anyway. No step of the project has this one. Nothing has been run: the steps that were meant would have been left out, and their revisions would count as applied all the same.";
    BRANCHES_CONFLICT = "E0436", "two branches cannot run in either order", "A merge says that its branches may run one after the other or the other way round: a database that has one of them gets the other one later, and a new database gets them in the order of the history. Here the outcome would depend on that order, or it cannot be proven that it does not: both branches touch the same object, or one of them runs raw SQL, of which nothing is known. `aludel rebase REV --onto HEAD` puts one branch behind the other, so that there is one order everywhere; that is right as long as it is applied nowhere. Where somebody has looked and knows that both orders are fine, `aludel merge --accept-conflicts` says so.";
    NOTHING_TO_MERGE = "E0437", "there is nothing to merge", "A merge revision joins two or more revisions that do not follow each other, ordinarily the heads of the history.";
    REBASE = "E0438", "the revision cannot be moved there", "`aludel rebase` gives a revision another parent. That is possible while the revision is applied nowhere: a database that has it believes that what it follows is applied too. It needs one parent to be replaced, a new one that does not come after the revision itself, and steps that hold on top of the new one.";
    EDITOR = "E0439", "no editor could be used", "`aludel edit` starts the program that $VISUAL names, or else $EDITOR, with the files behind it. The value is a program with its arguments, such as `code --wait`; no shell is involved.";
    HEADS_FOUND = "E0440", "the history has more than one head", "Two people have added a revision on the same one, as happens when two branches of the source are merged. A database can have both, but which of them comes first is not said, and `aludel upgrade head` does not know which one is meant. Join them with `aludel merge`, or put one behind the other with `aludel rebase`. Where several heads are meant to stay, say `aludel check --allow-heads`.";
    APPLIED_CHANGED = "E0460", "an applied revision was changed", "The database recorded what each revision was when it was applied, and the file says something else now. A database made from the files today would differ from this one, and later changes would be made of what the file says, so nothing is run. Comments, layout, the place in the graph and what concerns other databases only may change. Put the file back and write what is missing as a new revision; or, where this database has what the file says now, say so with `--accept-changed REVISION`, which is recorded.";
    NO_RECORD = "E0461", "the database does not say what an applied revision did", "A revision whose file is not here is undone from the database's own record. This one has none that can be used: it was stamped and not run, or another version of Aludel wrote the record. Use the files of the release that applied it, or undo it by hand and `aludel stamp` the revision before it.";
    RECORD_MISFIT = "E0462", "the database's record does not fit the files", "What the database recorded of a revision whose file is not here is put on top of the revisions whose files are. It changes something that these do not have, so these are not the files it was applied on top of.";
    NOTHING_IN_DOUBT = "E0463", "there is no statement to settle", "`aludel repair --mark` says of one statement whether it took effect: the one that an interrupted run left in doubt, or, with `done`, the one that failed and was then run by hand. There is none.";
    CANNOT_UNDO = "E0464", "a half-run revision cannot be undone", "A statement that has run cannot be taken back, or only a part of a change that takes several statements has run. The revision can be finished once the cause is mended, with `aludel repair --finish`; or undo its part by hand and stamp the revision before it.";
    FOREIGN_TABLE = "E0465", "a table of another tool has the name of one of Aludel's", "Aludel keeps what is applied in `aludel_version` and three tables beside it. A table of that name is there, but without the columns that Aludel needs, so another program made it. Choose another name with `version_table` in aludel.yaml.";
    NOT_AGREED = "E0466", "it was not agreed to", "What `aludel repair` does is shown and asked about on a terminal. Elsewhere it takes `--yes`.";
    CONTRADICTORY_TARGETS = "E0467", "the targets of the downgrade contradict each other", "Several targets with commas between them say what each branch comes down to. Here one of them, which counts from what is applied, undoes a revision that another one names or comes after. Leave one of them out.";
    UNSUPPORTED = "E0501", "a dialect cannot express it", "The database lacks what the step asks for, and leaving it out would change the meaning. Say under the dialect's own map what that database does instead, or keep the step from it with `except:`.";
    STATEMENT_FAILED = "E0601", "a statement failed", "The database refused a statement of a revision. Where the revision is one transaction it was rolled back; elsewhere what was done is recorded, and the next run continues after the cause is mended.";
    JOURNAL = "E0602", "the journal could not be read or written", "Aludel keeps its own tables beside yours: `aludel_version`, `aludel_history`, `aludel_run` and `aludel_step`. The database refused to make, read or write one of them.";
    LOCKED = "E0603", "another run holds the lock", "One run at a time may change a database. The message names the session that has the lock, as far as the server says; it goes with that session.";
    LOCK_LOST = "E0604", "the run lock was lost", "The session that runs the statements must be the one that has the lock. It is looked at before each revision; a pooler that hands out another session, or a server that ended ours, breaks that.";
    IN_DOUBT = "E0605", "a statement in doubt", "A run ended while a statement ran outside a transaction, and the catalog is neither as it was before nor as it would be after it. Nothing is guessed.";
    HALF_RUN_CHANGED = "E0606", "a half-run revision was changed", "A revision that ran in part may be mended only after the statements that have run.";
    NO_RUN_TRANSACTION = "E0607", "no transaction around the run is possible", "`transaction: run` wants all revisions of a run in one transaction, but this one has a statement that the database does not run in a transaction, or the database has no transactional definitions.";
    INTERRUPTED = "E0608", "interrupted", "Somebody asked the run to stop. The running statement was cancelled and the state recorded; the next run continues.";
    CONNECTION = "E0609", "the database cannot be reached", "No connection could be made. The message says what was tried, what the server answered and what to check.";
    SCRIPT_STOPPED = "E0610", "a script stopped in the middle of a revision", "A script made with `--sql` recorded that a revision begins and not that it is done. It does not record its single statements, so Aludel runs nothing on top of them.";
    LACKING_VALUE = "E0611", "rows would lack a value", "A downgrade brings a column back that takes no NULL and has no default, or forbids NULL in one again, and rows are there that would have no value for it. That is found before anything runs. Write the `downgrade:` of the revision out and say what the rows get, or give them a value before.";
    NO_CONDITION = "E0650", "a change of rows that does not say of which rows", "`update` and `delete` without `where` would touch every row of the table, which is more often a slip than meant. Write a condition, or `where: all`.";
    DOWN_OF_ROWS = "E0651", "a `down` that does more than change rows", "The `down` of `update` and `delete` takes back a change of rows: SQL, or a list of operations that change rows and nothing else. The schema after it must be the one before.";
    NO_EXPECTATION = "E0652", "an assertion without an expectation", "`assert` compares the one value that its `sql` gives: with `equals`, or with `at_least` and `at_most` or one of these.";
    ASSERTION_FAILED = "E0653", "an assertion does not hold", "The author of the revision wants a condition on the data to hold at this point, and it does not. Nothing after it has run. Where the revision is one transaction it was rolled back; elsewhere what was done before is recorded, and the next run begins with the assertion. Mend the data, or the assertion.";
    DATA_FILE = "E0654", "a data file cannot be used", "The file that `load` names cannot be read, is not what `format` says, or its header does not fit the table. The path is relative to the project's directory and does not lead out of it.";
    DATA_ROW = "E0655", "a row of a data file cannot be loaded", "A row of the file has another number of fields than it should, or a value that the type of its column does not hold. The message names file, line and column. Nothing of the file has been loaded.";
    NO_KEY_TO_GO_ALONG = "E0660", "no key to go along", "A backfill goes from row to row along a key, so that it knows what is done: the primary key, or a unique key whose columns are all NOT NULL. Columns of floating-point numbers and documents do not serve, because their values do not compare exactly.";
    BACKFILL_KEY = "E0661", "a backfill sets its own key", "The position of a backfill is a key: rows up to it are done. A row whose key changes would move past the position and be left out, or behind it and be changed again.";
    BATCH_SIZE = "E0662", "not a size for a batch", "`batch` is how many rows of the table one transaction of a backfill covers: a whole number from 1.";
    NOT_A_CONDITION = "E0663", "this is not a condition", "`where` is one expression, put in parentheses beside the range of the batch. It cannot be empty, hold several statements, or close a parenthesis that it did not open.";
    BACKFILL_POSITION = "E0664", "the position of a backfill cannot be used", "The key of a row did not come back from the database as a value to compare with: it is NULL where the history says NOT NULL, or the journal's text is damaged. Nothing more was changed.";
    NO_PROJECT = "E0701", "no project file was found", "A project is a directory with a file `aludel.yaml`. It is searched in the directory the command runs in (or the one given with `-C`) and in every directory above it. Make a project with `aludel init`, or name the file with `-c`.";
    NO_MIGRATIONS = "E0702", "a directory of revisions cannot be read", "`migrations` in aludel.yaml names one directory or several, relative to that file, in which revision files are searched; `migrations` is the default. The directory is not there or is not one. Note that Git does not keep empty directories: put a file such as `.gitkeep` into a new one.";
    UNKNOWN_DATABASE = "E0703", "unknown database", "`-d` takes a connection URL or one of the names under `databases` in aludel.yaml; without it the database `default` is used.";
    MISSING_ENVIRONMENT = "E0704", "an environment variable is not set", "`${NAME}` under `databases` is replaced by the environment variable of that name at the time the database is used. It is not set here, so the value would have a hole. Set it, or write a fallback: `${NAME:-fallback}`.";
    ENVIRONMENT_SYNTAX = "E0705", "this does not name an environment variable", "`${NAME}` and `${NAME:-fallback}` are the two forms. A name has letters, digits and `_` and does not begin with a digit; a fallback is plain text without `}`. They are replaced under `databases` only, so that what a migration does never depends on the machine it is read on; for SQL texts there is `${var:name}`.";
    PLACEHOLDER = "E0706", "a template that cannot be filled in", "`naming` and `file_template` are templates with placeholders in braces. The message names the ones that are known there. A brace that stands for itself cannot be written.";
    DURATION = "E0707", "this is not a length of time", "A length of time is a whole number with its unit: `500ms`, `5s`, `30m`, `2h`, or several from large to small as in `1m30s`. A number without a unit is refused, because tools disagree whether it means seconds or milliseconds.";
    DATABASE_URL = "E0708", "this is not the URL of a database", "The address of a database is a URL such as `sqlite:app.db`, `postgres://user@host/database` or `mysql://user@host/database`. Its scheme, the part before the first colon, says which kind of database it is.";
    COMMAND_SYNTAX = "E0709", "a command that cannot be split into words", "A hook is a program with its arguments, separated by spaces; quotes `\"…\"` and `'…'` keep a word with spaces together. No shell is involved, so there are no pipes, variables or wildcards; call one explicitly, as in `sh -c '…'`, where that is needed. `{file}` stands for the new file.";
    HOOK_FAILED = "E0710", "a hook failed", "A command under `hooks` in aludel.yaml could not be started, or ended with another status than 0. What had been done before the hook stays: the new revision file is there.";
    FILE_EXISTS = "E0711", "the file exists already", "A file is never overwritten. Remove it, or choose another name: for a revision with another message or `file_template`, for a project another directory.";
    FILE_UNWRITABLE = "E0712", "the file cannot be written", "The file or its directory could not be made. The message carries the operating system's reason.";
    PROJECT_SETTING = "E0713", "a setting of aludel.yaml that cannot be used", "The value has the right type but cannot serve: an empty name, a list that names the same thing twice, a time limit of zero. The message says which.";
    NO_DIALECT = "E0714", "nothing says which dialects to compile for", "Which databases every revision must work on is said by `dialects` in aludel.yaml or, without it, by the URLs under `databases`. A URL that comes from the environment says nothing before it is known, so there `dialects` is needed.";
    DESIRED_TWICE = "E0715", "an object is desired twice", "The desired schema is all of its files together, and each object of it stands in one place. The message shows both. Remove one of them, or put the two together.";
    RENAMED_FROM = "E0716", "a rename that cannot be meant", "`renamed_from` names what a table, column or other object was called before, so that it is renamed instead of dropped and made anew. It cannot be the present name, and one thing cannot have become two. Where names change places (`x` was `y`, and `y` was `x`) the names are the same before and after, so what they stand for must tell which it is; where that tells nothing, no revision is generated.";
    NO_DESIRED_SCHEMA = "E0717", "the desired schema cannot be read", "`schema` in aludel.yaml names a file, or a directory in which files that end in `.yaml` or `.yml` are searched, relative to aludel.yaml. It is not there, or there is no such file in it.";
    NOT_WRITTEN_DOWN = "E0740", "what was found does not survive being written down", "What `aludel inspect` and `aludel adopt` write is read again and compared with the database before it is given out. Here it does not read back as the same, so nothing was written. Where filters leave out what the rest refers to, include that too; otherwise this is a defect of Aludel: the message says what differs, and leaving that table out with `--exclude` is a way around it.";
    CATALOG = "E0741", "the catalog cannot be read", "The database did not answer the queries for its tables, views and other objects. The message carries what it said; often a right is missing.";
    TWO_DIALECTS = "E0742", "two sides of different dialects", "What is compared has to be of one dialect: a type, a default or an expression means something for one database. Compare each with the revision or the desired schema that both are made from, as in `aludel diff @head DATABASE`.";
    HAS_REVISIONS = "E0743", "the project has revisions already", "`aludel adopt` makes the first revision of a history from a database that is there. This project has a history. To bring a database under it that was made in another way, bring the two together (`aludel diff @head DATABASE` shows what lies between) and say `aludel stamp`.";
    IN_CARE = "E0744", "the database is in care already", "The version table of this database names applied revisions, or a run that was not finished. The history that they belong to takes care of it; use its project, or forget it with `aludel stamp base` or `aludel stamp --purge` there.";
    NOTHING_TO_ADOPT = "E0745", "there is nothing to adopt", "The database has no table, view or other object besides Aludel's own. A new history begins with `aludel init` and `aludel revision`.";
    SCRATCH = "E0746", "no scratch database could be made", "`aludel verify` proves the history on empty databases of its own, which it makes beside the one of the URL and drops again. That takes the right to create databases (PostgreSQL: CREATEDB; MySQL and MariaDB: CREATE and DROP on `aludel_verify_%`). Name a development server with `-d`.";
    NO_SUCH_SIDE = "E0747", "nothing to compare by this name", "A side of `aludel diff` is a database (a name under `databases` in aludel.yaml, or a URL), a revision with an `@` before it, such as `@head`, `@base` or `@3f2a`, or the path of a desired schema, a file or a directory.";
    NOT_A_STEP = "E0760", "a difference that cannot be written as steps", "`revision --autogenerate` reads what it has written again, replays it on the history and compares. What has no operation, or would not lead to the desired schema, is refused rather than written down.";
    USAGE = "E0801", "the command line does not hold together", "Two options exclude each other, or a value cannot be what it is given for. `aludel help COMMAND` shows what a command takes, with examples.";
    DATA_LOSS = "E0802", "data would be lost", "The downgrade removes tables, columns or rows that hold data. Without somebody to ask, that is refused; look at what is lost with `aludel plan --down TARGET`, and repeat the command with `--yes`.";
    TERMINAL = "E0803", "the output could not be written", "What the command had to say could not be written to standard output: the disk is full, or the file is gone. What the command did before is not undone.";
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
