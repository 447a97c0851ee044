//! Namespaces and extensions.

use aludel_engine::plan::Statement;
use aludel_engine::schema::{Extension, Namespace};

use super::{Compiled, comment};
use crate::identifier::quote;

/// A namespace appears.
pub fn create(namespace: &Namespace, if_not_exists: bool) -> Compiled {
    let exists = if if_not_exists { "IF NOT EXISTS " } else { "" };
    let mut sql = format!("CREATE SCHEMA {exists}{}", quote(&namespace.name));
    if let Some(owner) = namespace.options.text("owner") {
        sql.push_str(&format!(" AUTHORIZATION {}", quote(owner)));
    }
    let mut statements = vec![Statement::ddl(sql)];
    let object = format!("SCHEMA {}", quote(&namespace.name));
    statements.extend(comment::on_new(&object, namespace.comment.as_deref())?);
    Ok(statements)
}

/// An extension appears.
pub fn create_extension(extension: &Extension, if_not_exists: bool) -> Statement {
    let exists = if if_not_exists { "IF NOT EXISTS " } else { "" };
    let mut sql = format!("CREATE EXTENSION {exists}{}", quote(&extension.name));
    if let Some(schema) = &extension.schema {
        sql.push_str(&format!(" SCHEMA {}", quote(schema)));
    }
    if let Some(version) = &extension.version {
        sql.push_str(&format!(" VERSION {}", quote(version)));
    }
    Statement::ddl(sql)
}

/// A namespace or an extension goes. The server refuses while something is in it or uses it.
pub fn drop(kind: &str, name: &str, if_exists: bool) -> Statement {
    let exists = if if_exists { "IF EXISTS " } else { "" };
    Statement::ddl(format!("DROP {kind} {exists}{}", quote(name)))
}
