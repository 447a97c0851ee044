//! The tables of the journal as our own model has them.

use std::sync::Arc;

use super::Journal;
use crate::change::{Change, Position};
use crate::diagnostic::{Diagnostic, codes};
use crate::dialect::{Compile, Unsupported};
use crate::driver::{Connection, DriverError, Scope};
use crate::schema::{Column, Constraint, ConstraintKind, Identity, ObjectName, Schema, Table, Type};

/// How long a revision id may be, in characters.
const REVISION: u32 = 128;
/// How much of a message is kept.
pub(super) const MESSAGE: u32 = 1000;
/// How much is kept of a target, and of the name of a machine or a user.
pub(super) const NAME: u32 = 255;

/// A table of another tool that has the name of one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignTable {
    /// Its name.
    pub table: ObjectName,
    /// The columns it has.
    pub columns: Vec<String>,
    /// Those of ours that it lacks.
    pub missing: Vec<String>,
}

impl ForeignTable {
    /// The message that refuses to touch it.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let columns = self.columns.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let missing = self.missing.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        Diagnostic::error(
            &codes::FOREIGN_TABLE,
            format!("the table `{}` is there, and is not one that Aludel made", self.table),
        )
        .note(format!("it has the columns {columns}, and lacks {missing}"))
        .help("give `version_table` in aludel.yaml another name; the other tables of Aludel are named after it")
    }
}

impl Journal {
    /// The statements that make the tables where they are not there.
    ///
    /// # Errors
    /// When the dialect cannot hold them, because the name of the version table does not fit it.
    pub fn create(&self) -> Result<Vec<String>, Unsupported> {
        self.complete(&Schema::default())
    }

    /// The same, and the statements that add the columns which present tables lack, because an earlier version made them.
    ///
    /// # Errors
    /// As for [`Journal::create`].
    pub fn complete(&self, present: &Schema) -> Result<Vec<String>, Unsupported> {
        let mut sql = Vec::new();
        let mut schema = Schema::default();
        for wanted in self.tables() {
            self.fits(&wanted)?;
            let lacking: Vec<Column> = present.table(&wanted.name).map_or_else(Vec::new, |found| {
                wanted.columns.iter().filter(|column| found.column(&column.name).is_none()).cloned().collect()
            });
            let mut table = wanted.clone();
            table.columns.retain(|column| !lacking.contains(column));
            let table = Arc::new(table);
            let mut changes = vec![Change::CreateTable { table: Arc::clone(&table), if_not_exists: true }];
            changes.extend(lacking.into_iter().map(|column| Change::AddColumn {
                table: wanted.name.clone(),
                column,
                position: Position::Last,
                if_not_exists: false,
            }));
            for change in changes {
                let before = schema.clone();
                if change.apply(&mut schema, self.dialect.lexicon()).is_err() {
                    continue;
                }
                let statements = self.dialect.compile(&Compile { before: &before, after: &schema }, &[change])?;
                sql.extend(statements.into_iter().map(|statement| statement.sql));
            }
        }
        Ok(sql)
    }

    /// A table that has the name of one of ours and is another tool's: it lacks a column that no version was without.
    ///
    /// # Errors
    /// What the server said.
    pub fn foreign(&self, connection: &mut dyn Connection) -> Result<Option<ForeignTable>, DriverError> {
        Ok(self.foreign_in(&self.present(connection)?))
    }

    /// The tables of our names that are there.
    pub(in crate::execute) fn present(&self, connection: &mut dyn Connection) -> Result<Schema, DriverError> {
        let namespaces = self.version.schema.iter().cloned().collect();
        connection.introspect(&Scope { namespaces, only: Some(self.table_names()), ..Scope::default() })
    }

    pub(in crate::execute) fn foreign_in(&self, present: &Schema) -> Option<ForeignTable> {
        self.tables().iter().find_map(|wanted| {
            let found = present.table(&wanted.name)?;
            let needed = wanted.columns.iter().filter(|column| !column.nullable);
            let missing: Vec<String> =
                needed.filter(|column| found.column(&column.name).is_none()).map(|c| c.name.clone()).collect();
            let columns = found.columns.iter().map(|column| column.name.clone()).collect();
            (!missing.is_empty()).then(|| ForeignTable { table: wanted.name.clone(), columns, missing })
        })
    }

    /// A name that the server cuts would be the name of another table of ours.
    fn fits(&self, table: &Table) -> Result<(), Unsupported> {
        let names = table.constraints.iter().filter_map(|key| key.name.as_deref()).chain([table.name.name.as_str()]);
        for name in names {
            if let Some((size, limit)) = self.dialect.capabilities().identifier_limit.measure(name)
                && size > limit
            {
                return Err(Unsupported::new(format!(
                    "the name of the version table is too long: `{name}`, made from it, has {size} of at most {limit} \
                     characters or bytes"
                ))
                .help("give `version_table` in aludel.yaml a shorter name"));
            }
        }
        Ok(())
    }

    /// The tables, in the order to make them.
    #[must_use]
    pub fn tables(&self) -> [Table; 4] {
        let revision = || text("revision", REVISION).not_null();
        let version = self.table(&self.version, vec![revision()], &["revision"]);
        let mut id = Column::new("id", Type::BigInt).not_null();
        id.identity = Some(Identity::default());
        let history = self.table(
            &self.history,
            vec![
                id,
                revision(),
                text("direction", 16).not_null(),
                text("message", MESSAGE),
                text("checksum", 64),
                text("text_hash", 64),
                Column::new("files", Type::Text),
                Column::new("tags", Type::Text),
                Column::new("operations", Type::Text),
                Column::new("undo", Type::Text),
                text("run_id", 64).not_null(),
                text("tool", 64).not_null(),
                text("db_user", NAME),
                text("host", NAME),
                moment("started_at").not_null(),
                moment("finished_at"),
            ],
            &["id"],
        );
        let run = self.table(
            &self.run,
            vec![
                text("run_id", 64).not_null(),
                text("direction", 16).not_null(),
                text("target", NAME),
                text("plan_hash", 64).not_null(),
                Column::new("fence", Type::BigInt).not_null(),
                text("state", 16).not_null(),
                text("host", NAME),
                Column::new("pid", Type::BigInt),
                text("session", 64),
                Column::new("tags", Type::Text),
                text("tool", 64).not_null(),
                moment("started_at").not_null(),
                moment("finished_at"),
            ],
            &["run_id"],
        );
        let step = self.table(
            &self.step,
            vec![
                text("run_id", 64).not_null(),
                Column::new("seq", Type::BigInt).not_null(),
                revision(),
                text("state", 16).not_null(),
                Column::new("sql_text", Type::Text).not_null(),
                text("sql_hash", 64).not_null(),
                Column::new("statement", Type::Text).not_null(),
                Column::new("pre_image", Type::Text),
                Column::new("inverse", Type::Text),
                Column::new("progress", Type::Text),
                Column::new("error", Type::Text),
                moment("started_at"),
                moment("finished_at"),
            ],
            &["run_id", "seq"],
        );
        // The version table last: where it is, all are, also when making them was cut short.
        [step, run, history, version]
    }

    fn table(&self, name: &ObjectName, mut columns: Vec<Column>, key: &[&str]) -> Table {
        // Ids that differ in case are different ids, whatever the server's default collation thinks. And what is recorded
        // may be in any script, whatever the character set of the database: the collation brings its own.
        let collation = self.dialect.capabilities().binary_collation;
        for column in columns.iter_mut().filter(|column| matches!(column.ty, Type::Varchar(_) | Type::Text)) {
            column.collation = collation.map(str::to_owned);
        }
        let mut table = Table::new(name.clone());
        table.columns = columns;
        let kind = ConstraintKind::PrimaryKey { columns: key.iter().map(|column| (*column).to_owned()).collect() };
        table.constraints.push(Constraint::new(Some(format!("pk_{}", name.name)), kind));
        table
    }
}

fn text(name: &str, size: u32) -> Column {
    Column::new(name, Type::Varchar(Some(size)))
}

fn moment(name: &str) -> Column {
    Column::new(name, Type::TimestampTz(6))
}
