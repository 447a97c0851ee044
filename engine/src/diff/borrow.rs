//! What was read from a database, in the words of the author of the other side wherever both mean the same: then a change
//! says what is different, and nothing of what a server merely puts otherwise.

use std::sync::Arc;

use super::compare::{alike, in_words};
use crate::schema::{Column, Constraint, Domain, Index, Object, Options, Schema, Sequence, Table, Type, View};

/// A schema and the same in the words of the server.
pub(super) type Both<'a> = (&'a Schema, &'a Schema);

/// Puts a found schema in the words of a written one.
pub(super) fn borrow(found: Both<'_>, written: Both<'_>) -> Schema {
    let mut borrowed = found.0.clone();
    for table in found.0.tables() {
        let (own, own_words) = (written.0.table(&table.name), written.1.table(&table.name));
        if let (Some(own), Some(own_words), Some(words)) = (own, own_words, found.1.table(&table.name)) {
            let lent = self::table((table, words), (own, own_words));
            if lent != **table {
                borrowed.put_table(lent);
            }
        }
    }
    for object in found.0.objects() {
        let id = object.id();
        let Some(own) = written.0.object(&id) else { continue };
        if let (Some(words), Some(own_words)) = (in_words(&id, found.1), in_words(&id, written.1)) {
            let lent = match alike(words, own_words) {
                true => Object::clone(own),
                false => self::object((object, words), (own, own_words)),
            };
            if lent != **object {
                borrowed.put_object(Arc::new(lent));
            }
        }
    }
    borrowed
}

/// One property of two things: the author's where the server has the same words for both.
macro_rules! lend {
    ($lent:ident, $words:expr, $own:expr, $own_words:expr; $($property:ident)*) => {
        $(if $words.$property == $own_words.$property {
            $lent.$property.clone_from(&$own.$property);
        })*
    };
}

/// The same, with the options.
macro_rules! lend_all {
    ($lent:ident, $words:expr, $own:expr, $own_words:expr; $($property:ident)*) => {
        lend!($lent, $words, $own, $own_words; $($property)*);
        let both = (&$words.options, &$own_words.options);
        $lent.options = options(&$lent.options, &$own.options, both, $words.options == $own_words.options);
    };
}

/// Of an option for which the server has no words, the author's word counts where nothing else is different: it may bear on
/// that.
fn options(found: &Options, own: &Options, (words, own_words): (&Options, &Options), same: bool) -> Options {
    let mut lent = found.clone();
    for name in found.0.keys().chain(own.0.keys()) {
        if words.get(name) != own_words.get(name) || words.get(name).is_none() && !same {
            continue;
        }
        match own.get(name) {
            Some(value) => lent.set(name, value.clone()),
            None => {
                lent.0.remove(name);
            }
        }
    }
    lent
}

fn table((found, words): (&Table, &Table), (own, own_words): (&Table, &Table)) -> Table {
    let mut lent = found.clone();
    lend_all!(lent, words, own, own_words; comment);
    for column in &mut lent.columns {
        let name = column.name.clone();
        let words = (words.column(&name), own.column(&name), own_words.column(&name));
        if let (Some(words), Some(own), Some(own_words)) = words {
            self::column(column, words, own, own_words);
        }
    }
    // What is a constraint here may be an index there, to a server to which both are one.
    let mut indexes = Vec::new();
    lent.constraints.retain_mut(|constraint| {
        // The key of a table may have no name to its server.
        if constraint.is_primary_key() {
            match own.primary_key() {
                Some(own) if words.primary_key() == own_words.primary_key() => *constraint = Constraint::clone(own),
                _ => {}
            }
            return true;
        }
        let Some(name) = constraint.name.clone() else { return true };
        let same = words.constraint(&name).is_some_and(|words| own_words.constraint(&name) == Some(words));
        match (same, own.constraint(&name), own.index(&name)) {
            (true, Some(own), _) => *constraint = Constraint::clone(own),
            (true, None, Some(own)) => {
                indexes.push(Index::clone(own));
                return false;
            }
            _ => {}
        }
        true
    });
    for index in &mut lent.indexes {
        let same = words.index(&index.name).is_some_and(|words| own_words.index(&index.name) == Some(words));
        if let Some(own) = own.index(&index.name).filter(|_| same) {
            index.clone_from(own);
        }
    }
    lent.indexes.extend(indexes);
    lent
}

fn column(lent: &mut Column, words: &Column, own: &Column, own_words: &Column) {
    // What is 0 to the server is not what `false` is to its author.
    let default = words.default == own_words.default && (lent.ty == Type::Boolean) == (own.ty == Type::Boolean);
    // Two enums may be one type to the server.
    if words.ty == own_words.ty && lent.ty.enum_name() == own.ty.enum_name() {
        lent.ty.clone_from(&own.ty);
    }
    if default {
        lent.default.clone_from(&own.default);
    }
    lend!(lent, words, own, own_words; nullable identity computed collation comment);
    // Whether numbers are used again is an option in the words of one and an identity in those of the other.
    lent.options = options(&lent.options, &own.options, (&words.options, &own_words.options), words == own_words);
}

/// What is the same of two objects that are not.
fn object((found, words): (&Object, &Object), (own, own_words): (&Object, &Object)) -> Object {
    match (found, words, own, own_words) {
        (Object::View(found), Object::View(words), Object::View(own), Object::View(own_words)) => {
            let mut lent: View = found.clone();
            lend_all!(lent, words, own, own_words; materialized check comment);
            // The names of the columns may stand in the query, in the words of the server.
            if words.sql == own_words.sql && words.columns == own_words.columns {
                lent.sql.clone_from(&own.sql);
                lent.columns.clone_from(&own.columns);
            }
            for index in &mut lent.indexes {
                let by_name = |view: &View| view.indexes.iter().find(|other| other.name == index.name).cloned();
                let (words, own_words) = (by_name(words), by_name(own_words));
                if let Some(own) = by_name(own).filter(|_| words.is_some() && words == own_words) {
                    *index = own;
                }
            }
            Object::View(lent)
        }
        (Object::Sequence(found), Object::Sequence(words), Object::Sequence(own), Object::Sequence(own_words)) => {
            let mut lent: Sequence = found.clone();
            lend_all!(lent, words, own, own_words; start increment min max cycle cache owned_by comment);
            Object::Sequence(lent)
        }
        (Object::Domain(found), Object::Domain(words), Object::Domain(own), Object::Domain(own_words)) => {
            let mut lent: Domain = found.clone();
            lend!(lent, words, own, own_words; ty nullable default checks collation comment);
            Object::Domain(lent)
        }
        _ => found.clone(),
    }
}
