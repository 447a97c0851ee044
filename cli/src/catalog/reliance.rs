//! What is held and relies on what is not, so that it cannot be made from nothing.

use aludel_engine::schema::{Constraint, IndexKey, IndexPart, Object, ObjectName, Schema, Table, Type, Value};

use super::{Catalog, UnheldDocument};

/// What is not held and has a name that others may speak of. All else is a property of something that is there.
const NAMED: [&str; 19] = [
    "aggregate",
    "base type",
    "collation",
    "composite type",
    "domain",
    "enum",
    "foreign table",
    "function",
    "language",
    "operator class",
    "package",
    "range type",
    "sequence",
    "table",
    "text search configuration",
    "text search dictionary",
    "view",
    "virtual table",
    "routine",
];

impl Catalog {
    /// What relies on what is left out, a sentence each, as far as the texts say.
    pub(crate) fn reliant(&self) -> Vec<String> {
        let named = self.unheld.iter().filter(|one| one.on.is_none() && NAMED.contains(&one.kind.as_str()));
        let mut found = Vec::new();
        for one in named {
            // Without what tells it from others of its name, such as the arguments of a function.
            let name = ObjectName::from(one.name.split('(').next().unwrap_or_default()).name;
            found.extend(of_objects(&self.schema, one, &name));
            for table in self.schema.tables() {
                if let Some(part) = of_table(table, &name) {
                    found.push(format!("table `{}` ({part}) needs the {} `{}`", table.name, one.kind, one.name));
                }
            }
        }
        found
    }
}

fn of_objects(schema: &Schema, one: &UnheldDocument, name: &str) -> Vec<String> {
    let speaks = |object: &Object| match object {
        Object::Domain(domain) => of_type(&domain.ty, name),
        other => other.definition().is_some_and(|sql| has_word(sql, name)),
    };
    // A routine whose text may not be read is held without it.
    let is_itself = |object: &Object| object.id().name.to_string() == one.name;
    let found = schema.objects().filter(|object| speaks(object) && !is_itself(object)).map(|object| object.id());
    found.map(|id| format!("{} `{}` needs the {} `{}`", id.class.word(), id.name, one.kind, one.name)).collect()
}

/// The part of a table that speaks of a name.
fn of_table(table: &Table, name: &str) -> Option<String> {
    let speaks = |sql: &str| has_word(sql, name);
    let of_part = |part: &IndexPart| {
        let by_expression = matches!(&part.key, IndexKey::Expression(sql) if speaks(sql));
        let named = |text: &Option<String>| text.as_deref().is_some_and(|text| has_word(text, name));
        by_expression || named(&part.opclass) || named(&part.collation)
    };
    for column in &table.columns {
        let by_default = matches!(&column.default, Some(Value::Sql(sql)) if speaks(sql));
        let computed = column.computed.as_ref().is_some_and(|computed| speaks(&computed.sql));
        let collated = column.collation.as_deref() == Some(name);
        if of_type(&column.ty, name) || by_default || computed || collated {
            return Some(format!("its column `{}`", column.name));
        }
    }
    let by_constraint = |constraint: &&Constraint| constraint.expressions().any(speaks);
    if let Some(constraint) = table.constraints.iter().find(by_constraint) {
        return Some(format!("its constraint `{}`", constraint.name.as_deref().unwrap_or("(unnamed)")));
    }
    let indexed = table
        .indexes
        .iter()
        .find(|index| index.parts.iter().any(of_part) || index.predicate.as_deref().is_some_and(speaks));
    indexed.map(|index| format!("its index `{}`", index.name))
}

fn of_type(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Array(item) => of_type(item, name),
        Type::Native(text) => has_word(text, name),
        Type::Enum(found) => found.name == name,
        _ => false,
    }
}

/// Whether a text has a name as a word of its own.
fn has_word(text: &str, name: &str) -> bool {
    let (text, name) = (text.to_lowercase(), name.to_lowercase());
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    !name.is_empty()
        && text.match_indices(&name).any(|(at, _)| {
            let before = text.get(..at).and_then(|rest| rest.chars().next_back());
            let after = text.get(at + name.len()..).and_then(|rest| rest.chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
}
