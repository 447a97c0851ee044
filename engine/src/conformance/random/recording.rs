//! A connection that keeps what it is asked to run.

use std::sync::{Arc, Mutex, PoisonError};

use crate::data::RowSource;
use crate::dialect::Dialect;
use crate::diff::words::{Answer, Question};
use crate::driver::{
    BatchError, Connection, DriverError, Interrupt, LockAttempt, Namespaces, Row, Scope, ServerInfo, Unheld,
};
use crate::plan::Data;
use crate::schema::{ObjectName, Schema};

/// The statements that a connection ran.
#[derive(Debug, Clone, Default)]
pub(super) struct Record(Arc<Mutex<Vec<String>>>);

impl Record {
    fn push(&self, sql: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sql.to_owned());
    }

    /// What ran since the last time.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A connection that keeps what it is asked to run.
pub(super) struct Recording {
    pub(super) inner: Box<dyn Connection>,
    pub(super) record: Record,
}

impl Connection for Recording {
    fn dialect(&self) -> Arc<dyn Dialect> {
        self.inner.dialect()
    }

    fn server(&self) -> &ServerInfo {
        self.inner.server()
    }

    fn execute(&mut self, sql: &str) -> Result<u64, DriverError> {
        self.record.push(sql);
        self.inner.execute(sql)
    }

    fn execute_all(&mut self, statements: &[&str]) -> Result<(), BatchError> {
        statements.iter().for_each(|sql| self.record.push(sql));
        self.inner.execute_all(statements)
    }

    fn query(&mut self, sql: &str) -> Result<Vec<Row>, DriverError> {
        self.record.push(sql);
        self.inner.query(sql)
    }

    fn send(&mut self, sql: &str, data: &Data, rows: &mut dyn RowSource) -> Result<u64, DriverError> {
        self.record.push(sql);
        self.inner.send(sql, data, rows)
    }

    fn namespaces(&mut self) -> Result<Option<Namespaces>, DriverError> {
        self.inner.namespaces()
    }

    fn unheld(&mut self, scope: &Scope) -> Result<Vec<Unheld>, DriverError> {
        self.inner.unheld(scope)
    }

    fn settle(&mut self, question: &Question<'_>) -> Result<Vec<Answer>, DriverError> {
        self.inner.settle(question)
    }

    fn introspect(&mut self, scope: &Scope) -> Result<Schema, DriverError> {
        self.inner.introspect(scope)
    }

    fn pre_image(&mut self, tables: &[ObjectName]) -> Result<String, DriverError> {
        self.inner.pre_image(tables)
    }

    fn try_lock(&mut self, key: &str) -> Result<LockAttempt, DriverError> {
        self.inner.try_lock(key)
    }

    fn holds_lock(&mut self, key: &str) -> Result<bool, DriverError> {
        self.inner.holds_lock(key)
    }

    fn unlock(&mut self, key: &str) -> Result<(), DriverError> {
        self.inner.unlock(key)
    }

    fn interrupter(&self) -> Arc<dyn Interrupt> {
        self.inner.interrupter()
    }
}
