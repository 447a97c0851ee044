//! A database to try changes on, in three ways: the running SQLite, the oldest dialect on it, and a script in the shell.

#![allow(dead_code)]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use aludel_engine::change::{Change, Position, invert_all};
use aludel_engine::dialect::{Compile, Dialect, Version};
use aludel_engine::driver::{ConnectOptions, Connection, Driver, Scope};
use aludel_engine::plan::{Statement, Transaction};
use aludel_engine::schema::{
    Column, Constraint, ConstraintKind, Enum, ForeignKey, Identity, Index, IndexPart, Match, ObjectName,
    ReferentialAction, Schema, Table, Type,
};
use aludel_sqlite::{DEFAULT_VERSION, DRIVER, Sqlite};

/// How the statements are compiled and run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// For the SQLite that is compiled in, through a connection.
    Running,
    /// For the default version, through a connection.
    Oldest,
    /// For the default version, as a script in the sqlite3 shell.
    Shell,
}

impl Mode {
    pub const ALL: [Mode; 3] = [Mode::Running, Mode::Oldest, Mode::Shell];
}

pub struct Lab {
    pub mode: Mode,
    pub path: PathBuf,
    pub connection: Box<dyn Connection>,
    pub dialect: Sqlite,
    pub schema: Schema,
    /// The statements of the last change.
    pub last: Vec<Statement>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Runs a test in every mode.
pub fn everywhere(test: impl Fn(&mut Lab)) {
    for mode in Mode::ALL {
        let mut lab = Lab::new(mode);
        test(&mut lab);
        lab.remove();
    }
}

impl Lab {
    pub fn new(mode: Mode) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("aludel_live_{}_{number}.db", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let version: Version = match mode {
            Mode::Running => rusqlite::version().parse().expect("version"),
            Mode::Oldest | Mode::Shell => DEFAULT_VERSION,
        };
        Lab {
            mode,
            connection: connect(&path),
            path,
            dialect: Sqlite::new(version).expect("supported"),
            schema: Schema::default(),
            last: Vec::new(),
        }
    }

    pub fn remove(&self) {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", self.path.display()));
        }
    }

    /// The statements of changes from the present schema, and the schema after them.
    pub fn compile(&self, changes: &[Change]) -> (Vec<Statement>, Schema) {
        let mut after = self.schema.clone();
        let mut statements = Vec::new();
        let mut rest = changes;
        while let Some(first) = rest.first() {
            let count = match first.alters_table() {
                true => rest.iter().take_while(|c| c.alters_table() && c.table() == first.table()).count(),
                false => 1,
            };
            let (group, later) = rest.split_at(count);
            let before = after.clone();
            for change in group {
                change.apply(&mut after, self.dialect.lexicon()).expect("the change fits the model");
            }
            let context = Compile { before: &before, after: &after };
            let found = self.dialect.compile(&context, group).unwrap_or_else(|e| panic!("{e:?}\n{group:#?}"));
            assert_eq!(found, self.dialect.compile(&context, group).expect("again"), "same input, same statements");
            statements.extend(found);
            rest = later;
        }
        (statements, after)
    }

    /// Makes changes happen and compares the catalog with the model.
    pub fn apply(&mut self, changes: &[Change]) {
        if let Err(error) = self.try_apply(changes) {
            let sql: Vec<&str> = self.last.iter().map(|s| s.sql.as_str()).collect();
            panic!("{:?}: {error}\n{}", self.mode, sql.join(";\n"));
        }
        self.compare();
    }

    pub fn try_apply(&mut self, changes: &[Change]) -> Result<(), String> {
        let (statements, after) = self.compile(changes);
        self.last = statements.clone();
        self.run(&statements)?;
        self.schema = after;
        Ok(())
    }

    fn run(&mut self, statements: &[Statement]) -> Result<(), String> {
        match self.mode {
            Mode::Shell => self.script(statements),
            Mode::Running | Mode::Oldest => self.transaction(statements),
        }
    }

    fn transaction(&mut self, statements: &[Statement]) -> Result<(), String> {
        for statement in statements {
            assert_eq!(statement.transaction, Transaction::Inside);
            for sql in &statement.prologue {
                self.connection.execute(sql).map_err(|e| format!("{e}: {sql}"))?;
            }
        }
        self.connection.execute("BEGIN IMMEDIATE").expect("begin");
        let mut outcome = Ok(());
        for statement in statements {
            if let Err(error) = self.connection.execute(&statement.sql) {
                outcome = Err(format!("{error} [{:?}] in {}", error.kind, statement.sql));
                break;
            }
        }
        let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
        self.connection.execute(end).expect(end);
        for sql in statements.iter().flat_map(|s| &s.epilogue) {
            self.connection.execute(sql).expect(sql);
        }
        outcome
    }

    /// The whole as a file for the shell.
    pub fn script_text(&self, statements: &[Statement]) -> String {
        let mut lines = self.dialect.script_header();
        let mut sql = |text: &str| lines.push(format!("{text};"));
        self.dialect.session().iter().for_each(|s| sql(s));
        statements.iter().flat_map(|s| &s.prologue).for_each(|s| sql(s));
        sql("BEGIN IMMEDIATE");
        statements.iter().for_each(|s| sql(&s.sql));
        sql("COMMIT");
        statements.iter().flat_map(|s| &s.epilogue).for_each(|s| sql(s));
        lines.join("\n") + "\n"
    }

    fn script(&mut self, statements: &[Statement]) -> Result<(), String> {
        let script = self.script_text(statements);
        let program = std::env::var("ALUDEL_TEST_SQLITE3").unwrap_or_else(|_| "sqlite3".to_owned());
        let mut child = Command::new(&program)
            .arg(&self.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("the shell `{program}` is needed for these tests: {e}"));
        child.stdin.take().expect("stdin").write_all(script.as_bytes()).expect("write");
        let output = child.wait_with_output().expect("shell");
        match output.status.success() && output.stderr.is_empty() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    /// The catalog, read by a new connection, must say what the model says.
    pub fn compare(&mut self) {
        self.connection = connect(&self.path);
        let found = self.connection.introspect(&Scope::default()).expect("introspect");
        let (mut found, wanted) = (self.dialect.normalize(&found), self.dialect.normalize(&self.schema));
        // Views and triggers that a test makes behind the model's back are looked at by the test itself.
        let unknown: Vec<_> =
            found.objects().map(|object| object.id()).filter(|id| wanted.object(id).is_none()).collect();
        unknown.iter().for_each(|id| {
            found.remove_object(id);
        });
        assert_eq!(self.dialect.normalize(&found), found, "normalize is idempotent on what was read");
        assert_eq!(self.dialect.normalize(&wanted), wanted, "normalize is idempotent on the model");
        if found != wanted {
            let sql: Vec<&str> = self.last.iter().map(|s| s.sql.as_str()).collect();
            panic!("{:?}\nfound {found:#?}\nwanted {wanted:#?}\n{}", self.mode, sql.join(";\n"));
        }
        assert_eq!(self.text("PRAGMA integrity_check"), "ok");
        assert_eq!(self.text("SELECT count(*) FROM pragma_foreign_key_check"), "0");
        assert_eq!(self.text("PRAGMA foreign_keys"), "1");
        let leftovers = "SELECT count(*) FROM (SELECT name FROM sqlite_schema UNION ALL SELECT name FROM sqlite_temp_schema) WHERE name LIKE '\\_aludel%' ESCAPE '\\'";
        assert_eq!(self.text(leftovers), "0");
    }

    /// Makes changes happen, takes them back, and makes them happen again.
    pub fn there_and_back(&mut self, changes: &[Change]) {
        let given = self.schema.clone();
        self.apply(changes);
        let back = invert_all(changes).expect("reversible");
        self.apply(&back);
        assert_eq!(self.dialect.normalize(&self.schema), self.dialect.normalize(&given));
        self.apply(changes);
    }

    pub fn sql(&mut self, sql: &str) {
        self.connection.execute(sql).unwrap_or_else(|e| panic!("{e}: {sql}"));
    }

    /// The rows of a query, fields joined by `|` and rows by a space.
    pub fn text(&mut self, sql: &str) -> String {
        let rows = self.connection.query(sql).unwrap_or_else(|e| panic!("{e}: {sql}"));
        let row = |row: Vec<Option<String>>| {
            row.into_iter().map(|field| field.unwrap_or_else(|| "NULL".to_owned())).collect::<Vec<_>>().join("|")
        };
        rows.into_iter().map(row).collect::<Vec<_>>().join(" ")
    }

    /// Whether the last change rebuilt a table.
    pub fn rebuilt(&self) -> bool {
        self.last.iter().any(|s| s.sql.contains("_aludel_new_"))
    }
}

pub fn connect(path: &std::path::Path) -> Box<dyn Connection> {
    let url = format!("sqlite:{}", path.display()).parse().expect("url");
    DRIVER.connect(&url, &ConnectOptions::default()).expect("connect")
}

// Short ways to write a model.

pub fn ty(text: &str) -> Type {
    Type::parse(text).expect(text)
}

pub fn col(name: &str, text: &str) -> Column {
    Column::new(name, ty(text))
}

pub fn id() -> Column {
    let mut column = col("id", "bigint").not_null();
    column.identity = Some(Identity::default());
    column
}

pub fn pk(table: &str, columns: &[&str]) -> Constraint {
    let columns = columns.iter().map(|c| (*c).to_owned()).collect();
    Constraint::new(Some(format!("pk_{table}")), ConstraintKind::PrimaryKey { columns })
}

pub fn unique(name: &str, columns: &[&str]) -> Constraint {
    let columns = columns.iter().map(|c| (*c).to_owned()).collect();
    Constraint::new(Some(name.to_owned()), ConstraintKind::Unique { columns })
}

pub fn check(name: &str, sql: &str) -> Constraint {
    Constraint::new(Some(name.to_owned()), ConstraintKind::Check { sql: sql.to_owned() })
}

pub fn fk(name: &str, column: &str, to: &str, on_delete: ReferentialAction) -> Constraint {
    let key = ForeignKey {
        columns: vec![column.to_owned()],
        referred_table: ObjectName::new(to),
        referred_columns: vec!["id".to_owned()],
        on_delete,
        on_update: ReferentialAction::NoAction,
        matching: Match::Simple,
    };
    Constraint::new(Some(name.to_owned()), ConstraintKind::ForeignKey(key))
}

pub fn index(name: &str, columns: &[&str]) -> Index {
    Index {
        name: name.to_owned(),
        parts: columns.iter().map(|c| IndexPart::column(*c)).collect(),
        unique: false,
        predicate: None,
        comment: None,
        options: Default::default(),
    }
}

/// A table with an identity column `id` before the others.
pub fn table(name: &str, columns: Vec<Column>, constraints: Vec<Constraint>) -> Table {
    let mut table = Table::new(name);
    table.columns.push(id());
    table.columns.extend(columns);
    table.constraints.push(pk(name, &["id"]));
    table.constraints.extend(constraints);
    table
}

pub fn create(table: Table) -> Change {
    Change::CreateTable { table: table.into(), if_not_exists: false }
}

pub fn add(table: &str, column: Column) -> Change {
    add_at(table, column, Position::Last)
}

pub fn add_at(table: &str, column: Column, position: Position) -> Change {
    Change::AddColumn { table: table.into(), column, position, if_not_exists: false }
}

pub fn drop_column(lab: &Lab, table: &str, column: &str) -> Change {
    let table = lab.schema.table(&table.into()).expect("table");
    let names: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    let at = table.position(column).expect("column");
    Change::DropColumn {
        table: table.name.clone(),
        column: table.columns[at].clone(),
        position: Position::of(at, &names),
    }
}

pub fn alter(lab: &Lab, table: &str, column: &str, change: impl Fn(&mut Column)) -> Change {
    let table = lab.schema.table(&table.into()).expect("table");
    let before = table.column(column).expect("column").clone();
    let mut after = before.clone();
    change(&mut after);
    Change::AlterColumn {
        table: table.name.clone(),
        before,
        after,
        using: None,
        using_down: None,
        existing_null_value: None,
    }
}

pub fn add_constraint(table: &str, constraint: Constraint) -> Change {
    Change::AddConstraint { table: table.into(), constraint }
}

pub fn drop_constraint(lab: &Lab, table: &str, name: &str) -> Change {
    let table = lab.schema.table(&table.into()).expect("table");
    Change::DropConstraint {
        table: table.name.clone(),
        constraint: table.constraint(name).expect("constraint").clone(),
    }
}

pub fn create_index(table: &str, index: Index) -> Change {
    Change::CreateIndex { table: table.into(), index, if_not_exists: false }
}

pub fn rename_column(table: &str, from: &str, to: &str) -> Change {
    Change::RenameColumn { table: table.into(), from: from.to_owned(), to: to.to_owned() }
}

pub fn enumeration(name: &str, values: &[&str]) -> Enum {
    Enum { name: name.into(), values: values.iter().map(|v| (*v).to_owned()).collect(), comment: None }
}
