//! A statement: a record of which the SQL text is one field.

use serde::{Deserialize, Serialize};

use super::Batches;
use crate::change::{Assert, Fact, LoadRows};
use crate::schema::ObjectName;
use crate::source::Span;

/// One statement for a database, with what the plan, the journal and a reviewer need to know of it.
///
/// A dialect fills in what it knows best; the planner adds facts, footprint and inverse from the change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The text, without a terminator.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sql: String,
    /// Whether it runs inside the revision's transaction.
    pub transaction: Transaction,
    /// How much work it is.
    pub work: Work,
    /// How long it may wait or run.
    pub timeout: TimeoutClass,
    /// The locks it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<Lock>,
    /// Settings of the session to make before the transaction it is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prologue: Vec<String>,
    /// Settings of the session to restore after that transaction, also when it failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub epilogue: Vec<String>,
    /// Remarks for a reviewer, printed as comments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The tables whose definition it touches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub footprint: Vec<ObjectName>,
    /// What the catalog says once it has taken effect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// Whether the change it belongs to goes on with the next statement.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
    /// How the change that it completes is taken back; none on a statement that completes no change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<Inverse>,
    /// How to clear what an interruption may leave (an INVALID index) before a second attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleanup: Option<Cleanup>,
    /// How it is run in batches; the text then says what all of them do together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batches: Option<Box<Batches>>,
    /// The data file whose rows it sends; the text is then only how they are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Box<Data>>,
    /// The assertion that it makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assertion: Option<Assert>,
    /// Where the step stands that it comes from, for messages.
    #[serde(skip)]
    pub span: Option<Span>,
}

/// The rows of a file that a statement sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Data {
    /// The file and what is known of its columns.
    pub load: LoadRows,
    /// Whether the rows are deleted by their key rather than inserted.
    pub remove: bool,
}

impl Statement {
    /// A short change of definitions inside the transaction.
    pub fn ddl(sql: impl Into<String>) -> Self {
        Statement {
            sql: sql.into(),
            transaction: Transaction::Inside,
            work: Work::Metadata,
            timeout: TimeoutClass::Brief,
            locks: Vec::new(),
            prologue: Vec::new(),
            epilogue: Vec::new(),
            notes: Vec::new(),
            footprint: Vec::new(),
            facts: Vec::new(),
            continues: false,
            inverse: None,
            cleanup: None,
            batches: None,
            data: None,
            assertion: None,
            span: None,
        }
    }

    /// A change of rows that is run in batches, each a transaction of its own.
    pub fn batched(batches: Batches) -> Self {
        let statement = Statement::dml(batches.whole()).outside();
        Statement { batches: Some(Box::new(batches)), ..statement }
    }

    /// A change of rows inside the transaction.
    pub fn dml(sql: impl Into<String>) -> Self {
        Statement { work: Work::Rows, timeout: TimeoutClass::Heavy, ..Statement::ddl(sql) }
    }

    /// A change of rows that a data file holds.
    pub fn data(sql: impl Into<String>, load: &LoadRows, remove: bool) -> Self {
        let data = Data { load: load.clone(), remove };
        Statement { data: Some(Box::new(data)), ..Statement::dml(sql) }
    }

    /// An assertion: a statement that fails when it does not hold.
    pub fn assertion(sql: impl Into<String>, assert: &Assert) -> Self {
        Statement { assertion: Some(assert.clone()), ..Statement::ddl(sql).work(Work::Scan) }
    }

    /// Says how much work it is; the time-out class follows.
    #[must_use]
    pub fn work(mut self, work: Work) -> Self {
        self.work = work;
        self.timeout = match work {
            Work::Metadata => TimeoutClass::Brief,
            Work::Scan | Work::Index => TimeoutClass::Build,
            Work::Rebuild | Work::Copy | Work::Rows => TimeoutClass::Heavy,
        };
        self
    }

    /// Says that it must run outside a transaction.
    #[must_use]
    pub fn outside(mut self) -> Self {
        self.transaction = Transaction::Outside;
        self
    }

    /// Says how long it may wait or run.
    #[must_use]
    pub fn timeout(mut self, class: TimeoutClass) -> Self {
        self.timeout = class;
        self
    }

    /// Adds a lock.
    #[must_use]
    pub fn locks(mut self, relation: &ObjectName, level: LockLevel) -> Self {
        self.locks.push(Lock { relation: relation.clone(), level });
        self
    }

    /// Adds a remark for a reviewer.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds a session setting around the transaction: what to run before it and what restores it.
    #[must_use]
    pub fn within(mut self, before: impl Into<String>, after: impl Into<String>) -> Self {
        self.prologue.push(before.into());
        self.epilogue.push(after.into());
        self
    }

    /// Says what the catalog shows once this has taken effect, where it is not the last statement of its change.
    #[must_use]
    pub fn proves(mut self, fact: Fact) -> Self {
        self.facts.push(fact);
        self
    }

    /// Says how to clear what an interruption may leave.
    #[must_use]
    pub fn cleanup(mut self, needed: impl Into<String>, sql: impl Into<String>) -> Self {
        self.cleanup = Some(Cleanup { needed: needed.into(), sql: sql.into() });
        self
    }
}

/// How a change is taken back, as it was known when it was about to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Inverse {
    /// By these statements.
    By {
        /// In the order to run them.
        statements: Vec<Statement>,
        /// The rows and values that do not come back, in words.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        lost: Vec<String>,
    },
    /// By nothing, for this reason.
    Impossible(String),
}

/// How to clear what an interruption may leave, and nothing else: an object of the same name that somebody else made must
/// not be touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleanup {
    /// A query that has a row only if there is a wreck.
    pub needed: String,
    /// The statement that clears it.
    pub sql: String,
}

/// Whether a statement runs inside the revision's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transaction {
    /// Commits and rolls back with the revision.
    Inside,
    /// Cannot run in a transaction, or ends it: journalled by itself.
    Outside,
}

/// How much work a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// The catalog only.
    Metadata,
    /// Reads the table.
    Scan,
    /// Builds an index.
    Index,
    /// Writes the table anew while it can be used.
    Rebuild,
    /// Writes the table anew while writers wait.
    Copy,
    /// Writes rows.
    Rows,
}

/// How long a statement may wait for locks and run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeoutClass {
    /// Waits a short time for its lock, then is tried again; runs an instant.
    Brief,
    /// Blocks nobody while it waits; is not bounded.
    Online,
    /// Builds something; a short bound would lose the work.
    Build,
    /// Rewrites a table or many rows.
    Heavy,
}

/// A lock a statement takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// On what.
    pub relation: ObjectName,
    /// How strong.
    pub level: LockLevel,
}

/// How strong a lock is, in terms of whom it stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockLevel {
    /// Readers and writers go on.
    Online,
    /// Writers wait, readers go on.
    BlocksWrites,
    /// Everybody waits.
    BlocksAll,
}
