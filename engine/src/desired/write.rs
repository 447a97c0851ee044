//! A schema to files.

use std::collections::BTreeSet;

use serde_yaml::{Mapping, Value as Yaml};

use super::section::{
    ALL, DOMAINS, ENUMS, EXTENSIONS, FUNCTIONS, SCHEMAS, SEQUENCES, Section, TABLES, TRIGGERS, VIEWS,
};
use crate::notation::{Notation, print};
use crate::schema::{Object, Schema, Table};

/// A schema as one file: kind by kind, and in each kind by name, so that the same schema is always the same text.
#[must_use]
pub fn write(schema: &Schema, notation: &Notation) -> String {
    let mut document = Mapping::new();
    for section in ALL {
        put(&mut document, section, section_of(section, schema, notation));
    }
    text(document)
}

/// A schema as several files, by path in their directory: one for each table, and `schema.yaml` for the rest.
#[must_use]
pub fn files(schema: &Schema, notation: &Notation) -> Vec<(String, String)> {
    let mut rest = Mapping::new();
    for section in ALL.into_iter().filter(|section| *section != TABLES) {
        put(&mut rest, section, section_of(section, schema, notation));
    }
    let mut written = Vec::new();
    if !rest.is_empty() {
        written.push(("schema.yaml".to_owned(), text(rest)));
    }
    let mut taken = BTreeSet::new();
    for table in schema.tables() {
        let mut tables = Mapping::new();
        tables.insert(table.name.to_string().into(), Yaml::Mapping(notation.table(table)));
        let mut document = Mapping::new();
        put(&mut document, TABLES, Yaml::Mapping(tables));
        written.push((format!("tables/{}.yaml", file_name(table, &mut taken)), text(document)));
    }
    written
}

/// A name for the file of a table that every file system takes, and that no other table has there.
fn file_name(table: &Table, taken: &mut BTreeSet<String>) -> String {
    let safe = |c: char| if c.is_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' };
    let part = |text: &str| text.chars().map(safe).take(60).collect::<String>();
    let base = match &table.name.schema {
        Some(schema) => format!("{}.{}", part(schema), part(&table.name.name)),
        None => part(&table.name.name),
    };
    let mut name = base.clone();
    let mut number = 2;
    while !taken.insert(name.to_lowercase()) {
        name = format!("{base}_{number}");
        number += 1;
    }
    name
}

fn text(document: Mapping) -> String {
    let header = "# The desired schema: what the database should hold. `aludel revision --autogenerate` writes the\n\
                  # revision that leads from the history to here.\n";
    if document.is_empty() {
        return format!("{header}tables: {{}}\n");
    }
    format!("{header}\n{}", print(&Yaml::Mapping(document)))
}

fn put(document: &mut Mapping, section: Section, value: Yaml) {
    let empty = match &value {
        Yaml::Mapping(map) => map.is_empty(),
        Yaml::Sequence(items) => items.is_empty(),
        _ => false,
    };
    if !empty {
        document.insert(section.key.into(), value);
    }
}

fn section_of(section: Section, schema: &Schema, notation: &Notation) -> Yaml {
    match section {
        TABLES => Yaml::Mapping(
            schema
                .tables()
                .map(|table| (table.name.to_string().into(), Yaml::Mapping(notation.table(table))))
                .collect(),
        ),
        ENUMS => Yaml::Mapping(
            schema
                .enums()
                .map(|found| {
                    let keys = notation.enumeration(found);
                    let short = keys.get("values").filter(|_| keys.len() == 1).cloned();
                    (found.name.to_string().into(), short.unwrap_or(Yaml::Mapping(keys)))
                })
                .collect(),
        ),
        section => objects(section, schema, notation),
    }
}

fn objects(section: Section, schema: &Schema, notation: &Notation) -> Yaml {
    let mut map = Mapping::new();
    for object in schema.objects().filter(|object| section_of_object(object) == section) {
        let mut keys = notation.object(object);
        if let Object::View(view) = &**object
            && !view.indexes.is_empty()
        {
            keys.insert("indexes".into(), Yaml::Sequence(notation.view_indexes(view)));
        }
        let name: Yaml = match &**object {
            Object::Trigger(trigger) => trigger.name.clone().into(),
            Object::Namespace(found) => found.name.clone().into(),
            Object::Extension(found) => found.name.clone().into(),
            other => other.id().name.to_string().into(),
        };
        match map.get_mut(&name) {
            Some(Yaml::Sequence(several)) => several.push(Yaml::Mapping(keys)),
            Some(one) => *one = Yaml::Sequence(vec![one.clone(), Yaml::Mapping(keys)]),
            None => {
                map.insert(name, Yaml::Mapping(keys));
            }
        }
    }
    let bare = map.values().all(|keys| matches!(keys, Yaml::Mapping(keys) if keys.is_empty()));
    match section.lists_names() && bare {
        true => Yaml::Sequence(map.into_iter().map(|(name, _)| name).collect()),
        false => Yaml::Mapping(map),
    }
}

fn section_of_object(object: &Object) -> Section {
    match object {
        Object::Namespace(_) => SCHEMAS,
        Object::Extension(_) => EXTENSIONS,
        Object::Domain(_) => DOMAINS,
        Object::Sequence(_) => SEQUENCES,
        Object::Routine(_) => FUNCTIONS,
        Object::View(_) => VIEWS,
        Object::Trigger(_) => TRIGGERS,
    }
}
