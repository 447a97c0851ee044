//! A dialect for the engine's own tests, so that they need no driver: it can do everything, and its SQL says just which
//! change it stands for.

use std::sync::Arc;
use std::time::Duration;

use crate::change::Change;
use crate::dialect::{
    Capabilities, Compile, Dialect, IdentifierLimit, NameScope, ObjectKind, OptionKind, OptionSpec, RunLock,
    Unsupported, Version,
};
use crate::operation::{Context, Naming};
use crate::plan::Statement;
use crate::schema::{Schema, Table, Type, Value};
use crate::sql::Lexicon;

/// A dialect that can do everything but the type `interval`.
#[derive(Debug)]
pub struct Plain {
    name: &'static str,
    inherits: Option<&'static str>,
    lexicon: Lexicon,
    capabilities: Capabilities,
}

impl Plain {
    /// The dialect of a name.
    pub fn named(name: &'static str, inherits: Option<&'static str>) -> Arc<dyn Dialect> {
        Plain::able(name, inherits, |_| {})
    }

    /// The dialect of a name that can do other things.
    pub fn able(
        name: &'static str,
        inherits: Option<&'static str>,
        change: impl FnOnce(&mut Capabilities),
    ) -> Arc<dyn Dialect> {
        let mut capabilities = Capabilities {
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
            run_lock: RunLock::Transaction,
            binary_collation: None,
            begin: "BEGIN",
        };
        change(&mut capabilities);
        Arc::new(Plain { name, inherits, lexicon: Lexicon::default(), capabilities })
    }
}

/// A context for reading texts for the dialect `plain`, beside the dialects `other` and `child`, which inherits `plain`.
pub fn context() -> Context {
    let plain = Plain::named("plain", None);
    let others = [Arc::clone(&plain), Plain::named("other", None), Plain::named("child", Some("plain"))];
    Context {
        dialect: plain,
        dialects: Arc::new(others),
        naming: Arc::new(Naming::default()),
        variables: Arc::new([("owner".to_owned(), "app".to_owned())].into()),
        files: Arc::default(),
        data: Arc::default(),
    }
}

impl Dialect for Plain {
    fn name(&self) -> &'static str {
        self.name
    }

    fn inherits(&self) -> Option<&'static str> {
        self.inherits
    }

    fn version(&self) -> Version {
        Version::new(1, 0, 0)
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    fn options(&self, object: ObjectKind) -> &'static [OptionSpec] {
        const INDEX: &[OptionSpec] =
            &[OptionSpec { name: "using", kind: OptionKind::Word(&["btree", "hash"]), about: "" }];
        const TABLE: &[OptionSpec] = &[
            OptionSpec { name: "engine", kind: OptionKind::Text, about: "" },
            OptionSpec { name: "partition_by", kind: OptionKind::Text, about: "" },
        ];
        match object {
            ObjectKind::Index => INDEX,
            ObjectKind::Table => TABLE,
            _ => &[],
        }
    }

    fn quote(&self, identifier: &str) -> String {
        identifier.to_owned()
    }

    fn literal(&self, value: &Value, _: &Type) -> Result<String, Unsupported> {
        Ok(format!("{value:?}"))
    }

    fn render_type(&self, ty: &Type, _: &Schema) -> Result<String, Unsupported> {
        Ok(ty.to_string())
    }

    fn parse_type(&self, text: &str) -> Type {
        Type::parse(text).unwrap_or_else(|_| Type::Native(text.to_owned()))
    }

    fn check_table(&self, table: &Table, _: &Schema) -> Vec<Unsupported> {
        let lacking = table.columns.iter().filter(|column| column.ty == Type::Interval);
        lacking.map(|column| Unsupported::new("there is no type `interval`").about(column.name.clone())).collect()
    }

    fn normalize(&self, schema: &Schema) -> Schema {
        schema.clone()
    }

    fn compile(&self, _: &Compile<'_>, changes: &[Change]) -> Result<Vec<Statement>, Unsupported> {
        Ok(changes.iter().map(|change| Statement::ddl(change.describe())).collect())
    }

    fn session(&self) -> Vec<String> {
        Vec::new()
    }

    fn script_rows(
        &self,
        _: &str,
        data: &crate::plan::Data,
        rows: &mut dyn crate::data::RowSource,
        text: &mut String,
    ) -> Result<(), crate::data::DataError> {
        crate::dialect::write_batches(self, data, rows, text)
    }

    fn script_header(&self) -> Vec<String> {
        Vec::new()
    }

    fn lock_timeout(&self, _: Option<Duration>) -> Option<String> {
        None
    }

    fn clock(&self) -> &'static str {
        "now()"
    }

    fn session_user(&self) -> &'static str {
        "user"
    }
}
