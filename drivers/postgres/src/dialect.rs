//! The dialect: what the engine asks, answered for one version.

use std::time::Duration;

use aludel_engine::change::Change;
use aludel_engine::data::{DataError, RowSource};
use aludel_engine::dialect::{
    Capabilities, Compile, Dialect, IdentifierLimit, NameScope, ObjectKind, OptionSpec, RunLock, Unsupported, Version,
    write_batches,
};
use aludel_engine::plan::{Data, Statement};
use aludel_engine::schema::{Column, Schema, Table, Type, Value};
use aludel_engine::sql::Lexicon;

use crate::version::{Features, MINIMUM};
use crate::{check, compile, copy, expression, identifier, literal, normalize, options, serial, types};

static CAPABILITIES: Capabilities = Capabilities {
    transactional_ddl: true,
    merges_changes: false,
    identifier_limit: IdentifierLimit::Bytes(63),
    namespaces: true,
    folds_case: false,
    index_names: NameScope::Relations,
    keys_name_indexes: true,
    constraint_names: NameScope::Table,
    named_enums: true,
    comments: true,
    run_lock: RunLock::Session,
    binary_collation: None,
    begin: "BEGIN",
};

/// PostgreSQL in one version.
#[derive(Debug, Clone, Copy)]
pub struct Postgres {
    version: Version,
    features: Features,
}

impl Postgres {
    /// The dialect of a version.
    ///
    /// # Errors
    /// When the version is too old.
    pub fn new(version: Version) -> Result<Self, Unsupported> {
        if version < MINIMUM {
            return Err(Unsupported::new(format!("PostgreSQL {version} is older than what Aludel supports"))
                .help(format!("the oldest version supported is {MINIMUM}")));
        }
        Ok(Postgres { version, features: Features::of(version) })
    }

    /// What the version has.
    #[must_use]
    pub fn features(&self) -> &Features {
        &self.features
    }
}

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn version(&self) -> Version {
        self.version
    }

    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn lexicon(&self) -> &Lexicon {
        &expression::LEXICON
    }

    fn options(&self, object: ObjectKind) -> &'static [OptionSpec] {
        options::options(object)
    }

    /// <https://www.postgresql.org/docs/current/ddl-system-columns.html>
    fn refuses_identifier(&self, identifier: &str, object: ObjectKind) -> Option<&'static str> {
        let system = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];
        (object == ObjectKind::Column && system.contains(&identifier)).then_some("every table has for a system column")
    }

    fn quote(&self, identifier: &str) -> String {
        identifier::quote(identifier)
    }

    fn literal(&self, value: &Value, ty: &Type) -> Result<String, Unsupported> {
        literal::render(value, ty, &self.features)
    }

    fn render_type(&self, ty: &Type, _schema: &Schema) -> Result<String, Unsupported> {
        types::render(ty)
    }

    fn parse_type(&self, text: &str) -> Type {
        types::parse(text)
    }

    fn check_table(&self, table: &Table, schema: &Schema) -> Vec<Unsupported> {
        check::table(table, schema, &self.features)
    }

    fn settle_column(&self, column: Column) -> Column {
        serial::settle(column)
    }

    fn normalize(&self, schema: &Schema) -> Schema {
        normalize::schema(schema, &self.features)
    }

    fn compile(&self, context: &Compile<'_>, changes: &[Change]) -> Result<Vec<Statement>, Unsupported> {
        compile::changes(self, context, &self.features, changes)
    }

    // The time zone is left alone on purpose: what `now()` means in a `timestamp` and how a conversion between the time
    // types reads its rows is the choice of the database or role, and the application sees the same one.
    fn session(&self) -> Vec<String> {
        [
            "SET client_encoding = 'UTF8'",
            "SET standard_conforming_strings = on",
            "SET datestyle = 'ISO, MDY'",
            "SET client_min_messages = warning",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    /// `COPY … FROM STDIN` with the data after it, as psql reads it.
    fn script_rows(
        &self,
        sql: &str,
        data: &Data,
        rows: &mut dyn RowSource,
        text: &mut String,
    ) -> Result<(), DataError> {
        if data.remove {
            return write_batches(self, data, rows, text);
        }
        let mut lines = copy::Lines::default();
        let mut part = Vec::new();
        text.push_str(&self.terminated(sql));
        text.push('\n');
        loop {
            let more = copy::write(data, self.features(), rows, &mut part, &mut lines, copy::PART)?;
            text.push_str(&String::from_utf8_lossy(&part));
            part.clear();
            if !more {
                break;
            }
        }
        text.push_str("\\.\n");
        Ok(())
    }

    fn script_header(&self) -> Vec<String> {
        vec!["\\set ON_ERROR_STOP on".to_owned()]
    }

    fn stop_unless(&self, condition: &str, message: &str) -> Option<Vec<String>> {
        let message = self.literal(&Value::Text(message.to_owned()), &Type::Text).ok()?;
        let body = format!("BEGIN IF NOT ({condition}) THEN RAISE EXCEPTION USING MESSAGE = {message}; END IF; END");
        // The name of a revision may have dollars in it.
        let mut tag = "$aludel$".to_owned();
        while body.contains(&tag) {
            tag.insert(1, '_');
        }
        Some(vec![format!("DO {tag} {body} {tag}")])
    }

    // LOCAL, because a bound that outlived its transaction would cut CREATE INDEX CONCURRENTLY short and leave an
    // INVALID index behind (manual, CREATE INDEX, "Building Indexes Concurrently").
    fn lock_timeout(&self, timeout: Option<Duration>) -> Option<String> {
        Some(lock_timeout("SET LOCAL", timeout))
    }

    fn session_lock_timeout(&self, timeout: Option<Duration>) -> Option<String> {
        Some(lock_timeout("SET", timeout))
    }

    fn clock(&self) -> &'static str {
        "clock_timestamp()"
    }

    fn session_user(&self) -> &'static str {
        "session_user"
    }
}

fn lock_timeout(set: &str, timeout: Option<Duration>) -> String {
    match timeout {
        // Zero would mean no bound at all.
        Some(timeout) => format!("{set} lock_timeout = '{}ms'", timeout.as_millis().max(1)),
        None => format!("{set} lock_timeout = 0"),
    }
}
