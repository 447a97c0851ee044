//! What is set aside of what was found: it is told by name, and the rest goes on without it.

use std::sync::Arc;

use aludel_engine::desired::{self, Survivors, Test};
use aludel_engine::diagnostic::{Diagnostic, codes};
use aludel_engine::diff::creation;
use aludel_engine::driver::{Scope, Unheld};
use aludel_engine::notation::Notation;
use aludel_engine::plan::compile_changes;
use aludel_engine::project::planning::Reading;
use aludel_engine::schema::{ForeignKey, Object, ObjectId, ObjectName, Schema, Table};

use super::{Catalog, UnheldDocument};

/// The tables in which other tools keep what they have applied, each with the columns that it has at most: a table with
/// further ones is somebody's own.
const OF_TOOLS: [(&str, &[&str]); 14] = [
    ("alembic_version", &["version_num"]),
    (
        "databasechangelog",
        &[
            "id",
            "author",
            "filename",
            "dateexecuted",
            "orderexecuted",
            "exectype",
            "md5sum",
            "description",
            "comments",
            "tag",
            "liquibase",
            "contexts",
            "labels",
            "deployment_id",
        ],
    ),
    ("databasechangeloglock", &["id", "locked", "lockgranted", "lockedby"]),
    (
        "flyway_schema_history",
        &[
            "installed_rank",
            "version",
            "description",
            "type",
            "script",
            "checksum",
            "installed_by",
            "installed_on",
            "execution_time",
            "success",
        ],
    ),
    // Rails, dbmate, golang-migrate and Ecto.
    ("schema_migrations", &["version", "dirty", "inserted_at"]),
    ("ar_internal_metadata", &["key", "value", "created_at", "updated_at"]),
    ("django_migrations", &["id", "app", "name", "applied"]),
    (
        "_prisma_migrations",
        &[
            "id",
            "checksum",
            "finished_at",
            "migration_name",
            "logs",
            "rolled_back_at",
            "started_at",
            "applied_steps_count",
        ],
    ),
    ("__diesel_schema_migrations", &["version", "run_on"]),
    ("goose_db_version", &["id", "version_id", "is_applied", "tstamp"]),
    ("knex_migrations", &["id", "name", "batch", "migration_time"]),
    ("knex_migrations_lock", &["index", "is_locked"]),
    ("_sqlx_migrations", &["version", "description", "installed_on", "success", "checksum", "execution_time"]),
    ("refinery_schema_history", &["version", "name", "applied_on", "checksum"]),
];

/// Whether a table is another tool's.
fn of_a_tool(table: &Table) -> bool {
    let own = |columns: &[&str]| {
        let known = |name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
        !table.columns.is_empty() && table.columns.iter().all(|column| known(&column.name))
    };
    OF_TOOLS.iter().any(|(name, columns)| name.eq_ignore_ascii_case(&table.name.name) && own(columns))
}

/// Whether a schema can be written down.
pub(crate) fn writable(reading: &Reading, notation: &Notation, schema: &Schema) -> Result<(), Vec<String>> {
    let text = ("schema.yaml".to_owned(), desired::write(schema, notation));
    desired::reads_back(&[text], schema, &reading.context())
}

/// Whether a schema can be made from nothing.
pub(crate) fn makeable(reading: &Reading, schema: &Schema) -> Result<(), Vec<String>> {
    compile_changes(&*reading.dialect, &creation(schema), &Schema::default())
        .map(|_| ())
        .map_err(|refusal| vec![refusal.message])
}

impl Catalog {
    fn tell(&mut self, told: impl IntoIterator<Item = Unheld>) {
        self.unheld.extend(told.into_iter().map(UnheldDocument::from));
    }

    /// Takes the tables of other tools away.
    pub(crate) fn without_tools(&mut self) {
        self.drop_tools(&Schema::default());
    }

    fn drop_tools(&mut self, known: &Schema) {
        let is_known = |name: &ObjectName| known.table(name).is_some();
        let found = self.schema.tables().filter(|table| of_a_tool(table) && !is_known(&table.name));
        for name in found.map(|table| table.name.clone()).collect::<Vec<_>>() {
            self.schema.remove_table(&name);
            let triggers: Vec<_> = self
                .schema
                .objects()
                .filter(|object| matches!(&***object, Object::Trigger(trigger) if trigger.table == name))
                .map(|object| object.id())
                .collect();
            triggers.iter().for_each(|id| drop(self.schema.remove_object(id)));
            let why = "another migration tool keeps it for itself, so it is left alone";
            self.tell([Unheld::new("table", name.to_string(), why)]);
        }
    }

    /// Takes what does not pass a test away, and what refers to it.
    pub(crate) fn without_odd(&mut self, reading: &Reading, test: &Test<'_>) -> Result<(), Diagnostic> {
        let survivors = desired::survivors(&self.schema, reading.dialect.lexicon(), test);
        let Survivors { schema, told } = survivors.map_err(unwritable)?;
        self.schema = schema;
        self.tell(told);
        Ok(())
    }

    /// Takes away what was set aside when the database was written down: what a model does not know, and would be set
    /// aside again. What both have is compared as ever.
    pub(crate) fn beside(&mut self, known: &Schema, scope: &Scope, reading: &Reading, notation: &Notation) {
        self.drop_tools(known);
        let mut told = Vec::new();
        let mut kept = self.schema.clone();
        desired::dangling(&mut kept, &mut told);
        let has_more = self.schema.tables().any(|table| known.table(&table.name).is_none())
            || self.schema.enums().any(|found| known.enumeration(&found.name).is_none())
            || self.schema.objects().any(|object| known.object(&object.id()).is_none());
        if has_more {
            let test = |schema: &Schema| {
                writable(reading, notation, schema)?;
                makeable(reading, schema)
            };
            if let Ok(survivors) = desired::survivors(&kept, reading.dialect.lexicon(), &test) {
                kept = survivors.schema;
                told.extend(survivors.told);
            }
        }
        if told.is_empty() {
            return;
        }
        let whole = self.schema.clone();
        for table in whole.tables() {
            match (kept.table(&table.name), known.table(&table.name)) {
                (None, None) => drop(self.schema.remove_table(&table.name)),
                (Some(less), model) if less.constraints.len() < table.constraints.len() => {
                    let mut own = Table::clone(table);
                    own.constraints.retain(|constraint| {
                        let key = constraint.foreign_key().filter(|_| !less.constraints.contains(constraint));
                        key.is_none_or(|key| !is_read(scope, &key.referred_table) || has_key(model, key))
                    });
                    self.schema.put_table(own);
                }
                _ => {}
            }
        }
        for found in whole.enums().filter(|found| known.enumeration(&found.name).is_none()) {
            if kept.enumeration(&found.name).is_none() {
                self.schema.remove_enum(&found.name);
            }
        }
        for object in whole.objects().filter(|object| known.object(&object.id()).is_none()) {
            if kept.object(&object.id()).is_none() {
                self.schema.remove_object(&object.id());
            }
        }
        let told: Vec<Unheld> = told.into_iter().filter(|one| !is_there(&self.schema, one)).collect();
        self.tell(told);
    }
}

/// Whether tables of the namespace of a table were read.
fn is_read(scope: &Scope, name: &ObjectName) -> bool {
    name.schema.as_ref().is_none_or(|space| scope.namespaces.contains(space))
}

/// Whether a table of the model has a key of the same columns to the same table.
fn has_key(table: Option<&Arc<Table>>, key: &ForeignKey) -> bool {
    let keys = table.into_iter().flat_map(|table| table.constraints.iter().filter_map(|own| own.foreign_key()));
    keys.into_iter().any(|own| own.columns == key.columns && own.referred_table == key.referred_table)
}

/// Whether what was told is compared after all.
fn is_there(schema: &Schema, told: &Unheld) -> bool {
    let named = |name: &str| ObjectName::from(name);
    match (told.kind.as_str(), &told.on) {
        ("table", _) => schema.table(&named(&told.name)).is_some(),
        ("enum", _) => schema.enumeration(&named(&told.name)).is_some(),
        ("foreign key", Some(table)) => schema.table(&named(table)).is_some_and(|table| {
            let keys = table
                .constraints
                .iter()
                .filter(|own| own.foreign_key().is_some_and(|key| schema.table(&key.referred_table).is_none()));
            keys.into_iter().any(|own| own.name.as_deref().unwrap_or("(unnamed)") == told.name)
        }),
        (_, Some(table)) => schema.object(&ObjectId::trigger(&named(table), &told.name)).is_some(),
        (kind, None) => schema
            .objects()
            .map(|object| object.id())
            .any(|id| id.class.word() == kind && id.name.to_string() == told.name),
    }
}

fn unwritable(differences: Vec<String>) -> Diagnostic {
    let message = "what was found does not read back as the same, so nothing is written";
    let diagnostic = Diagnostic::error(&codes::NOT_WRITTEN_DOWN, message);
    differences.into_iter().take(20).fold(diagnostic, Diagnostic::note)
}
