//! The steps of a difference as a revision file has them, and what they lead to.

use serde_yaml::{Mapping, Value as Yaml};

use super::case::{Case, yaml};
use crate::change::Change;
use crate::conformance::difference::lines;
use crate::diagnostic::{Diagnostics, render};
use crate::notation::{Notation, is_question, print};
use crate::operation::{Context, Lowering, steps};
use crate::schema::Schema;
use crate::source::{Node, Sources, parse};

/// The steps that say what changes do, read back as a reader of the file would.
pub(super) fn written(context: &Context, before: &Schema, changes: &[Change]) -> Result<Vec<Yaml>, String> {
    let written = Notation::of(context).steps(before, changes)?;
    let step =
        |keys: Mapping, operation: &str| Yaml::Mapping([(operation.into(), Yaml::Mapping(keys))].into_iter().collect());
    let list = written.into_iter().map(|found| step(found.keys, found.operation)).collect();
    let text = print(&Yaml::Sequence(list));
    let (_, node) = document(&text)?;
    match yaml(&node) {
        Yaml::Sequence(items) => Ok(items),
        _ => Ok(Vec::new()),
    }
}

fn document(text: &str) -> Result<(Sources, Node), String> {
    let mut sources = Sources::default();
    let mut diagnostics = Diagnostics::default();
    let file = sources.add("steps.yaml", text);
    parse(&sources, file, &mut diagnostics).map(|node| (sources, node)).ok_or_else(|| format!("not YAML:\n{text}"))
}

/// Compares steps with those that are expected.
pub(super) fn expect(expected: &[Yaml], found: &[Yaml]) -> Result<(), String> {
    let shown = |list: &[Yaml]| print(&Yaml::Sequence(list.to_vec()));
    let (expected, found) = (shown(expected), shown(found));
    match expected == found {
        true => Ok(()),
        false => {
            Err(format!("the steps are others\n- expected, + found\n{}\nfound are:\n{found}", lines(&expected, &found)))
        }
    }
}

/// The changes of steps, with the questions answered as the case says, and the schema that they lead to.
pub(super) fn lowered(
    case: &Case,
    context: &Context,
    before: &Schema,
    list: &[Yaml],
) -> Result<(Vec<Change>, Schema), String> {
    let mut list = Yaml::Sequence(list.to_vec());
    answer(&mut list, &case.answers);
    let text = print(&list);
    let (sources, node) = document(&text)?;
    let mut diagnostics = Diagnostics::default();
    let read = steps(&node, context, &mut diagnostics);
    let mut lowering = Lowering::new(context, before.clone(), &mut diagnostics);
    let changes = lowering.steps(&read).into_iter().flat_map(|step| step.changes).collect();
    let reached = lowering.schema;
    if diagnostics.has_errors() {
        let said: Vec<String> = diagnostics.sorted().iter().map(|found| render(found, &sources, false)).collect();
        return Err(format!("the steps are refused\n{}\n{text}", said.join("\n")));
    }
    Ok((changes, reached))
}

fn answer(value: &mut Yaml, answers: &Mapping) {
    match value {
        Yaml::Mapping(map) => {
            map.retain(|key, value| !is_question(value) || answers.contains_key(key));
            for (key, value) in map.iter_mut() {
                match answers.get(key).filter(|_| is_question(value)) {
                    Some(given) => *value = given.clone(),
                    None => answer(value, answers),
                }
            }
        }
        Yaml::Sequence(items) => items.iter_mut().for_each(|item| answer(item, answers)),
        _ => {}
    }
}

/// Whether a word of an enum is to go and nobody said what becomes of the rows that have it.
pub(super) fn loses_words(list: &[Yaml], answers: &Mapping) -> bool {
    list.iter()
        .filter_map(|step| step.get("alter_enum")?.get("drop")?.as_mapping())
        .any(|lost| lost.iter().any(|(word, replacement)| is_question(replacement) && !answers.contains_key(word)))
}
