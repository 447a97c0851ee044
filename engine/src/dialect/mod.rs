//! What the engine asks of a dialect: pure questions, answered the same way every time.
//!
//! A dialect is an instance for one product and version. It knows nothing of files, revisions or connections.

mod capabilities;
mod moment;
mod options;
mod sql;
mod unsupported;
mod version;

pub use capabilities::{Capabilities, IdentifierLimit, NameScope, RunLock};
pub use moment::{date_and_time, four_digit_year};
pub use options::{ObjectKind, OptionKind, OptionSpec};
pub use sql::{comma_list, quoted_with, string_literal};
pub use unsupported::Unsupported;
pub use version::Version;

use std::fmt::Debug;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::change::Change;
use crate::data::{Batches, DataError, RowSource};
use crate::plan::{Data, Statement};
use crate::schema::{Column, ObjectName, Schema, Type, Value};
use crate::sql::Lexicon;

/// One SQL dialect in one version.
///
/// `compile` gets changes that the engine has checked against the schema: objects exist, names are free. What it must
/// check is whether this dialect can hold the meaning; if not it fails, and nothing is dropped in silence.
pub trait Dialect: Send + Sync + Debug {
    /// The name users write: `postgres`.
    fn name(&self) -> &'static str;

    /// The dialect whose option maps this one takes where it has none of its own (`mysql` for MariaDB).
    fn inherits(&self) -> Option<&'static str> {
        None
    }

    /// The version compiled for.
    fn version(&self) -> Version;

    /// What it can do, as data.
    fn capabilities(&self) -> &Capabilities;

    /// How it writes strings, identifiers and comments.
    fn lexicon(&self) -> &Lexicon;

    /// The options an object may carry in this dialect's map.
    fn options(&self, object: ObjectKind) -> &'static [OptionSpec];

    /// Why an identifier cannot be the name of such an object, apart from its length, as the end of a sentence about it;
    /// none when it can.
    fn refuses_identifier(&self, _identifier: &str, _object: ObjectKind) -> Option<&'static str> {
        None
    }

    /// An identifier, quoted where it has to be. The same identifier always comes out the same.
    fn quote(&self, identifier: &str) -> String;

    /// A name with its namespace, quoted.
    fn quote_name(&self, name: &ObjectName) -> String {
        match &name.schema {
            Some(schema) => format!("{}.{}", self.quote(schema), self.quote(&name.name)),
            None => self.quote(&name.name),
        }
    }

    /// A value as an expression that has the meaning of the type.
    ///
    /// # Errors
    /// When the dialect has no such value: a NUL in a text, a function it lacks.
    fn literal(&self, value: &Value, ty: &Type) -> Result<String, Unsupported>;

    /// The whole numbers that a column takes, where they are not those of its portable type (UNSIGNED, TINYINT).
    fn whole_numbers(&self, _column: &Column) -> Option<RangeInclusive<i128>> {
        None
    }

    /// Whether a foreign key may refer to a column of another kind of type, because its values are converted to be compared.
    fn converts_references(&self) -> bool {
        false
    }

    /// A type in this dialect's words, as in a column definition. Enums are looked up in the schema.
    ///
    /// # Errors
    /// When the dialect lacks the type.
    fn render_type(&self, ty: &Type, schema: &Schema) -> Result<String, Unsupported>;

    /// The type that a text of this dialect means: what a server reports, or what a user wrote as a native type. Total:
    /// what is not known is [`Type::Native`]. `parse_type(render_type(t))` is the canonical form of `t`.
    fn parse_type(&self, text: &str) -> Type;

    /// Whether a table's definition can be held, for errors at replay, before anything is compiled. Everything wrong is
    /// reported, each with the column it is about.
    fn check_table(&self, table: &crate::schema::Table, schema: &Schema) -> Vec<Unsupported>;

    /// A column as the model holds it, where a type of this dialect says more than a type: PostgreSQL's `bigserial` is a
    /// number, NOT NULL, with numbers of its own.
    fn settle_column(&self, column: crate::schema::Column) -> crate::schema::Column {
        column
    }

    /// A schema in the words this server itself would report after making it: types in canonical form, what the server
    /// does not keep (names of MySQL primary keys, comments in SQLite) left out, defaults and expressions as canonical
    /// [`Value::Sql`] text, enums turned into what they become. Idempotent. Both a replayed and an introspected schema
    /// are put through it before they are compared.
    fn normalize(&self, schema: &Schema) -> Schema;

    /// The statements that make changes happen. With [`Capabilities::merges_changes`] the slice holds adjacent changes of
    /// one table, otherwise exactly one change.
    ///
    /// # Errors
    /// When this dialect cannot do it with the meaning kept.
    fn compile(&self, context: &Compile<'_>, changes: &[Change]) -> Result<Vec<Statement>, Unsupported>;

    /// Statements that open and close a transaction some of whose statements need session settings that switch checks off
    /// (SQLite's `foreign_keys` during a rebuild) while others write rows: they fail when the checks would have.
    fn transaction_guards(&self) -> Option<(Vec<Statement>, Vec<Statement>)> {
        None
    }

    /// Settings every session needs for the statements to mean what they say, run after connecting and at the head of
    /// a script (MySQL's `sql_mode`).
    fn session(&self) -> Vec<String>;

    /// A statement as a script for the database's own client has it, with its terminator.
    fn terminated(&self, sql: &str) -> String {
        // A comment at the end would swallow the terminator.
        let separator = if crate::sql::ends_in_comment(sql, self.lexicon()) { "\n" } else { "" };
        format!("{sql}{separator};")
    }

    /// The rows of a data file as part of a script for the database's own client: as statements, unless that client has
    /// a shorter way. `sql` is the text of the statement.
    ///
    /// # Errors
    /// What is wrong with a row.
    fn script_rows(&self, sql: &str, data: &Data, rows: &mut dyn RowSource, text: &mut String)
    -> Result<(), DataError>;

    /// Lines at the very head of a script for the database's own command-line client: stop at the first error.
    fn script_header(&self) -> Vec<String>;

    /// Statements for a script that fail with a message unless a condition holds; none where the language has no such thing
    /// outside of a routine.
    fn stop_unless(&self, _condition: &str, _message: &str) -> Option<Vec<String>> {
        None
    }

    /// The statement that bounds how long the following statements of the transaction wait for a lock; none where the
    /// dialect has none. `None` lifts the bound.
    fn lock_timeout(&self, timeout: Option<Duration>) -> Option<String>;

    /// The same for a statement that runs outside a transaction.
    fn session_lock_timeout(&self, timeout: Option<Duration>) -> Option<String> {
        self.lock_timeout(timeout)
    }

    /// An expression for the server's clock now (not at the start of the transaction), as the type of a `timestamptz` column.
    fn clock(&self) -> &'static str;

    /// An expression for the name of the database user.
    fn session_user(&self) -> &'static str;
}

/// The rows of a data file as statements of a script: what [`Dialect::script_rows`] writes where the database's client
/// has no shorter way.
///
/// # Errors
/// What is wrong with a row.
pub fn write_batches(
    dialect: &dyn Dialect,
    data: &Data,
    rows: &mut dyn RowSource,
    text: &mut String,
) -> Result<(), DataError> {
    let compile = |context: &Compile<'_>, changes: &[Change]| dialect.compile(context, changes);
    let mut batches = Batches::new(&compile, &data.load, data.remove, rows);
    while let Some(batch) = batches.next_batch()? {
        for sql in &batch.statements {
            text.push_str(&dialect.terminated(sql));
            text.push('\n');
        }
    }
    Ok(())
}

/// What a dialect may look at while it compiles.
#[derive(Debug, Clone, Copy)]
pub struct Compile<'a> {
    /// The schema before the changes.
    pub before: &'a Schema,
    /// The schema after them.
    pub after: &'a Schema,
}
