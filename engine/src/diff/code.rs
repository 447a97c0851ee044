//! The order in which routines and views are made: each after what it speaks of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::creation::{called_in, in_order};
use crate::schema::{Object, ObjectClass, Schema};

/// Objects in an order in which they can be made. A view comes after the views and routines of its query. A routine comes
/// after those of its body too, for a server may look into it at once, unless they need the routine themselves: then the
/// body is looked into when it runs, or not at all.
pub(super) fn code_in_order(objects: Vec<&Arc<Object>>) -> Vec<&Arc<Object>> {
    let mentioned = mentions(&objects);
    let needs = |place: usize| {
        let asks = |other: &usize| !is_routine(objects[place]) || !reaches(&mentioned, *other, place);
        mentioned[place].iter().copied().filter(asks).collect()
    };
    in_order(objects.len(), needs).into_iter().map(|place| objects[place]).collect()
}

/// Of routines, which are made before the tables: those that expressions of tables call, and what those call in turn, as
/// far as that speaks of no table itself. And the others.
pub(super) fn early(
    routines: Vec<&Arc<Object>>,
    called: impl Fn(&str) -> bool,
    model: &Schema,
) -> (Vec<Arc<Object>>, Vec<Arc<Object>>) {
    let mut tables: BTreeSet<String> = model.tables().map(|table| table.name.name.to_lowercase()).collect();
    tables.extend(model.objects().filter(|o| o.class() == ObjectClass::View).map(|o| o.id().name.name.to_lowercase()));
    let mentioned = mentions(&routines);
    let alone: Vec<bool> = routines.iter().map(|routine| words(routine).is_disjoint(&tables)).collect();
    let mut waiting: Vec<usize> =
        (0..routines.len()).filter(|place| called(&routines[*place].id().name.name.to_lowercase())).collect();
    let mut found = BTreeSet::new();
    while let Some(place) = waiting.pop() {
        if found.insert(place) {
            waiting.extend(mentioned[place].iter().copied().filter(|other| alone[*other]));
        }
    }
    let (mut first, mut late) = (Vec::new(), Vec::new());
    for (place, routine) in routines.into_iter().enumerate() {
        if found.contains(&place) { first.push(routine) } else { late.push(Arc::clone(routine)) }
    }
    (code_in_order(first).into_iter().cloned().collect(), late)
}

fn is_routine(object: &Object) -> bool {
    object.class() == ObjectClass::Routine
}

/// A dollar is the end of a quote more often than it is part of a name: `$$SELECT a FROM v$$`.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The words of a definition, in lower case.
fn words(object: &Object) -> BTreeSet<String> {
    let sql = object.definition().unwrap_or_default().to_lowercase();
    sql.split(|c| !is_part(c)).map(str::to_owned).collect()
}

/// For each object the places of those that it speaks of: views by name, routines by a call.
fn mentions(objects: &[&Arc<Object>]) -> Vec<BTreeSet<usize>> {
    let mut views: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut routines: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, object) in objects.iter().enumerate() {
        let name = object.id().name.name.to_lowercase();
        match object.class() {
            ObjectClass::View => views.entry(name).or_default().push(place),
            ObjectClass::Routine => routines.entry(name).or_default().push(place),
            _ => {}
        }
    }
    let strange: Vec<&String> = views.keys().filter(|name| !name.chars().all(is_part)).collect();
    let of = |(place, object): (usize, &&Arc<Object>)| -> BTreeSet<usize> {
        if !matches!(object.class(), ObjectClass::View | ObjectClass::Routine) {
            return BTreeSet::new();
        }
        let sql = object.definition().unwrap_or_default().to_lowercase();
        let words: BTreeSet<&str> = sql.split(|c| !is_part(c)).collect();
        let quoted = strange.iter().map(|name| name.as_str()).filter(|name| sql.contains(name));
        let seen = words.iter().copied().chain(quoted).filter_map(|word| views.get(word));
        let called = called_in(&sql);
        let called = called.iter().filter_map(|word| routines.get(word));
        seen.chain(called).flatten().copied().filter(|other| *other != place).collect()
    };
    objects.iter().enumerate().map(of).collect()
}

/// Whether one speaks of another, at any distance.
fn reaches(mentioned: &[BTreeSet<usize>], from: usize, to: usize) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut waiting = vec![from];
    while let Some(place) = waiting.pop() {
        if place == to {
            return true;
        }
        waiting.extend(mentioned[place].iter().copied().filter(|next| seen.insert(*next)));
    }
    false
}
