//! The steps of several dialects as one list.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value as Yaml};

use crate::notation::WrittenStep;

/// A step for one or several dialects.
#[derive(Debug, Clone, PartialEq)]
pub struct MergedStep {
    /// The operation.
    pub operation: &'static str,
    /// Its keys.
    pub keys: Mapping,
    /// The dialects it is for, if not all.
    pub only: Vec<&'static str>,
    /// What its author should know before it runs.
    pub remarks: Vec<String>,
    pub(super) subject: String,
    dialects: Vec<&'static str>,
}

impl MergedStep {
    /// The step as it stands in a list of steps.
    #[must_use]
    pub fn document(&self) -> Yaml {
        let mut map = Mapping::new();
        map.insert(self.operation.into(), Yaml::Mapping(self.keys.clone()));
        if !self.only.is_empty() {
            map.insert("only".into(), Yaml::Sequence(self.only.iter().map(|name| (*name).into()).collect()));
        }
        Yaml::Mapping(map)
    }

    fn of(step: WrittenStep, dialect: &'static str) -> Self {
        MergedStep {
            operation: step.operation,
            keys: step.keys,
            only: Vec::new(),
            remarks: step.remarks,
            subject: step.subject,
            dialects: vec![dialect],
        }
    }

    fn is_same(&self, step: &WrittenStep) -> bool {
        self.operation == step.operation && self.subject == step.subject
    }
}

/// Leaves out the map of a dialect where it takes the same from the one it inherits.
pub(super) fn without_inherited(steps: &mut [MergedStep], dialect: &str, inherits: &str) {
    for step in steps.iter_mut().filter(|step| step.only.is_empty()) {
        leave_out(&mut step.keys, dialect, inherits);
    }
}

fn leave_out(keys: &mut Mapping, dialect: &str, inherits: &str) {
    if keys.get(dialect).is_some_and(|own| keys.get(inherits) == Some(own)) {
        keys.remove(dialect);
    }
    for (_, value) in keys.iter_mut() {
        match value {
            Yaml::Mapping(inner) => leave_out(inner, dialect, inherits),
            Yaml::Sequence(items) => {
                items.iter_mut().filter_map(Yaml::as_mapping_mut).for_each(|inner| leave_out(inner, dialect, inherits));
            }
            _ => {}
        }
    }
}

/// The steps of several dialects as one list: what they share once, in an order that is that of each.
pub(super) fn merged(each: Vec<(&'static str, Vec<WrittenStep>)>) -> Vec<MergedStep> {
    let all: Vec<&'static str> = each.iter().map(|(dialect, _)| *dialect).collect();
    let mut list: Vec<MergedStep> = Vec::new();
    for (dialect, steps) in each {
        let mut place = 0;
        for step in steps {
            let found =
                list[place..].iter().position(|known| known.is_same(&step) && !known.dialects.contains(&dialect));
            let joined = found.and_then(|offset| {
                let known = &list[place + offset];
                let keys = join(&known.keys, &known.dialects, &step.keys, dialect)?;
                Some((place + offset, keys))
            });
            match joined {
                Some((at, keys)) => {
                    list[at].keys = keys;
                    list[at].dialects.push(dialect);
                    let known = &mut list[at].remarks;
                    known.extend(step.remarks.into_iter().filter(|remark| !known.contains(remark)).collect::<Vec<_>>());
                    place = at + 1;
                }
                None => {
                    list.insert(place, MergedStep::of(step, dialect));
                    place += 1;
                }
            }
        }
    }
    for step in &mut list {
        if step.dialects.len() < all.len() {
            step.only.clone_from(&step.dialects);
        }
    }
    list
}

/// Steps that are for one dialect, whichever others there are.
pub(super) fn only(dialect: &'static str, steps: Vec<WrittenStep>) -> impl Iterator<Item = MergedStep> {
    steps.into_iter().map(move |step| MergedStep { only: vec![dialect], ..MergedStep::of(step, dialect) })
}

/// The steps of each dialect by themselves.
pub(super) fn apart(each: Vec<(&'static str, Vec<WrittenStep>)>) -> Vec<MergedStep> {
    let several = each.len() > 1;
    let of = |(dialect, steps): (&'static str, Vec<WrittenStep>)| {
        steps.into_iter().map(move |step| {
            let mut step = MergedStep::of(step, dialect);
            step.only.extend(several.then_some(dialect));
            step
        })
    };
    each.into_iter().flat_map(of).collect()
}

/// Keys under which other things stand by name, each with keys of its own.
const BY_NAME: [&str; 1] = ["columns"];
/// Keys whose value may be a map by dialect.
const TEXTS: [&str; 5] = ["sql", "where", "using", "expr", "collation"];

/// The keys of an object for dialects that share it and one more; none where they cannot be one.
fn join(known: &Mapping, dialects: &[&'static str], more: &Mapping, dialect: &'static str) -> Option<Mapping> {
    let mut joined = Mapping::new();
    let mut own: BTreeMap<String, Yaml> = BTreeMap::new();
    let mut theirs: BTreeMap<String, Yaml> = BTreeMap::new();
    for (key, value) in known {
        let name = key.as_str()?;
        match more.get(key) {
            Some(other) if other == value => {
                joined.insert(key.clone(), value.clone());
            }
            Some(other) => match join_value(name, value, dialects, other, dialect) {
                Some(both) => {
                    joined.insert(key.clone(), both);
                }
                None => {
                    joined.insert(key.clone(), value.clone());
                    own.insert(name.to_owned(), other.clone());
                }
            },
            // A dialect's own map, and a text that has a map by dialect, are of no concern to the others.
            None if dialects.contains(&name) || is_by_dialect(value, dialects) => {
                joined.insert(key.clone(), value.clone());
            }
            None => {
                theirs.insert(name.to_owned(), value.clone());
            }
        }
    }
    for (key, value) in more.iter().filter(|(key, _)| !known.contains_key(key)) {
        let name = key.as_str()?;
        match name == dialect || is_by_dialect(value, &[dialect]) {
            true => {
                joined.insert(key.clone(), value.clone());
            }
            false => {
                own.insert(name.to_owned(), value.clone());
            }
        }
    }
    for (name, value) in theirs {
        for dialect in dialects {
            put_own(&mut joined, dialect, &name, value.clone());
        }
    }
    for (name, value) in own {
        put_own(&mut joined, dialect, &name, value);
    }
    Some(joined)
}

/// Puts a key into the map of a dialect.
fn put_own(keys: &mut Mapping, dialect: &str, name: &str, value: Yaml) {
    match keys.get_mut(dialect) {
        Some(Yaml::Mapping(map)) => {
            map.insert(name.into(), value);
        }
        _ => {
            let map = [(name.into(), value)].into_iter().collect();
            keys.insert(dialect.into(), Yaml::Mapping(map));
        }
    }
}

/// Whether a value is a map by dialect, with words for these at most.
fn is_by_dialect(value: &Yaml, dialects: &[&str]) -> bool {
    let Yaml::Mapping(map) = value else { return false };
    !map.is_empty() && map.keys().all(|key| key.as_str().is_some_and(|key| dialects.contains(&key)))
}

fn join_value(key: &str, value: &Yaml, dialects: &[&'static str], other: &Yaml, dialect: &'static str) -> Option<Yaml> {
    match (value, other) {
        (Yaml::Mapping(known), Yaml::Mapping(more))
            if is_by_dialect(value, dialects) && is_by_dialect(other, &[dialect]) =>
        {
            Some(Yaml::Mapping(known.iter().chain(more).map(|(key, value)| (key.clone(), value.clone())).collect()))
        }
        (Yaml::Mapping(known), Yaml::Mapping(more)) if BY_NAME.contains(&key) => {
            let same_names = known.len() == more.len() && known.keys().zip(more.keys()).all(|(a, b)| a == b);
            let mut joined = Mapping::new();
            for ((name, value), other) in known.iter().zip(more.values()).filter(|_| same_names) {
                let both = match value == other {
                    true => value.clone(),
                    false => Yaml::Mapping(join(&keys_of(value), dialects, &keys_of(other), dialect)?),
                };
                joined.insert(name.clone(), both);
            }
            same_names.then_some(Yaml::Mapping(joined))
        }
        (Yaml::Sequence(known), Yaml::Sequence(more)) if known.len() == more.len() => {
            let item = |(value, other): (&Yaml, &Yaml)| match (value, other) {
                (value, other) if value == other => Some(value.clone()),
                (Yaml::Mapping(known), Yaml::Mapping(more)) => join(known, dialects, more, dialect).map(Yaml::Mapping),
                _ => None,
            };
            known.iter().zip(more).map(item).collect::<Option<Vec<_>>>().map(Yaml::Sequence)
        }
        (Yaml::String(known), Yaml::String(more)) if TEXTS.contains(&key) => {
            let each = dialects.iter().map(|name| (*name, known)).chain([(dialect, more)]);
            Some(Yaml::Mapping(each.map(|(name, text)| (name.into(), text.as_str().into())).collect()))
        }
        (Yaml::Mapping(known), Yaml::String(more)) if TEXTS.contains(&key) && is_by_dialect(value, dialects) => {
            let mut known = known.clone();
            known.insert(dialect.into(), more.as_str().into());
            Some(Yaml::Mapping(known))
        }
        _ => None,
    }
}

/// The keys of a column, of which the bare type is one.
fn keys_of(column: &Yaml) -> Mapping {
    match column {
        Yaml::Mapping(keys) => keys.clone(),
        ty => [("type".into(), ty.clone())].into_iter().collect(),
    }
}
