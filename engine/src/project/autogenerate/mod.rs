//! The revision that leads from the present schema to the desired one, for every dialect of a project.
//!
//! For each dialect the difference is found, and written as steps. What the dialects have in common is one step; where a
//! dialect needs other keys they stand in its map. The text is then read again and replayed: nothing is given out that does
//! not lead where it should.

mod drift;
mod merge;
mod questions;
mod text;

use std::collections::BTreeSet;

use serde_yaml::Value as Yaml;

use super::desired::DesiredFiles;
use super::planning::{Planning, Reading};
use super::{History, Project};
use crate::change::{Change, invert_all};
use crate::desired::Desired;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::diff::{ByText, Difference, Judge, Side, between};
use crate::driver::DriverError;
use crate::notation::{Notation, WrittenStep, is_question, print};
use crate::operation::{Lowering, steps};
use crate::revision::RevisionId;
use crate::schema::{ObjectName, Schema};
use crate::source::{Sources, parse};

pub use merge::MergedStep;
pub use questions::Annotated;

/// What leads from the present schema to the desired one.
#[derive(Debug, Clone, Default)]
pub struct Generated {
    /// The steps, for all dialects.
    pub steps: Vec<MergedStep>,
    /// The same for each dialect, as changes.
    pub by_dialect: Vec<(Reading, Difference)>,
    /// The steps that take it back, for its author to look at; none where there is no way back.
    pub downgrade: Option<Vec<MergedStep>>,
}

/// A schema that was found in a database, and who decides what means the same there.
pub struct Against<'a> {
    /// What was found.
    pub found: &'a Schema,
    /// Who decides.
    pub judge: &'a mut dyn Judge,
}

impl Generated {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What is different and no step brings about, each once, with the dialects it is about.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let mut told: Vec<(String, Vec<&'static str>)> = Vec::new();
        for (reading, difference) in &self.by_dialect {
            for remark in &difference.remarks {
                match told.iter_mut().find(|(known, _)| known == remark) {
                    Some((_, dialects)) => dialects.push(reading.dialect.name()),
                    None => told.push((remark.clone(), vec![reading.dialect.name()])),
                }
            }
        }
        let all = self.by_dialect.len();
        let tell = |(remark, dialects): (String, Vec<&str>)| match dialects.len() == all {
            true => remark,
            false => format!("{remark} ({})", dialects.join(", ")),
        };
        told.into_iter().map(tell).collect()
    }

    /// The text of the steps as they stand in a revision file under `upgrade:`, with what their author should know.
    #[must_use]
    pub fn text(&self) -> String {
        text::revision(self)
    }
}

/// The schema that a database has in which these revisions are applied.
///
/// # Errors
/// What is wrong with the files.
pub fn schema_at(
    project: &Project,
    history: &mut History,
    reading: &Reading,
    rows: &BTreeSet<RevisionId>,
) -> Result<Schema, Diagnostics> {
    Planning::new(project, history, reading.clone(), []).schema(rows)
}

/// What leads from the history at a place to the desired schema, or with `against` from a database to it.
///
/// # Errors
/// What is wrong with the files, or why the difference cannot be written as steps.
pub fn autogenerate(
    project: &Project,
    history: &mut History,
    readings: &[Reading],
    files: &DesiredFiles,
    rows: &BTreeSet<RevisionId>,
    mut against: Option<Against<'_>>,
) -> Result<Generated, Failure> {
    let mut diagnostics = Diagnostics::default();
    let mut present = Vec::with_capacity(readings.len());
    let mut desired: Vec<Desired> = Vec::with_capacity(readings.len());
    for reading in readings {
        present.push(schema_at(project, history, reading, rows)?);
        desired.push(files.read(reading, &mut diagnostics));
    }
    if diagnostics.has_errors() {
        return Err(diagnostics.into());
    }
    let mut by_dialect = Vec::with_capacity(readings.len());
    for ((reading, present), desired) in readings.iter().zip(&present).zip(&desired) {
        let to = Side::written(&desired.schema);
        let dialect = &*reading.dialect;
        let difference = match &mut against {
            None => between(dialect, Side::written(present), to, &desired.renames, &mut ByText)?,
            Some(Against { found, judge }) => {
                between(dialect, Side::found_as(found, present), to, &desired.renames, &mut **judge)?
            }
        };
        by_dialect.push((reading.clone(), difference));
    }
    unclear(&by_dialect)?;
    let steps = together(readings, steps_of_each(readings, &by_dialect)?);
    let mut generated = Generated { steps, by_dialect, downgrade: None };
    if generated.is_empty() {
        return Ok(generated);
    }
    let goals: Vec<&Schema> = desired.iter().map(|desired| &desired.schema).collect();
    if let Err(first) = proven(&generated.steps, readings, &present, &goals) {
        // What dialects do not share can always be said of each by itself.
        generated.steps = merge::apart(steps_of_each(readings, &generated.by_dialect)?);
        if proven(&generated.steps, readings, &present, &goals).is_err() {
            return match (against, readings, present.as_slice(), desired.as_slice()) {
                (Some(against), [reading], [present], [desired]) => {
                    drift::generated(reading, against, present, desired)
                }
                _ => Err(first.into()),
            };
        }
    }
    generated.downgrade = downgrade(readings, &generated, &present);
    Ok(generated)
}

/// Refuses hints that may have been carried out or not: either guess could put values where they do not belong.
fn unclear(by_dialect: &[(Reading, Difference)]) -> Result<(), Diagnostics> {
    let mut told: Vec<&String> = Vec::new();
    let mut diagnostics = Diagnostics::default();
    for sentence in by_dialect.iter().flat_map(|(_, difference)| &difference.unclear) {
        if !told.contains(&sentence) {
            told.push(sentence);
            diagnostics.push(
                Diagnostic::error(&codes::RENAMED_FROM, sentence.clone())
                    .note("each of them was called what another is called now, and their definitions fit both before and after")
                    .help(
                        "if they have, remove `renamed_from` from them; if not, write the renames into a revision by hand, one of \
                         them to a name of its own first, and remove `renamed_from` then",
                    ),
            );
        }
    }
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(()) }
}

/// The steps that lead back, as the engine derives them.
fn downgrade(readings: &[Reading], generated: &Generated, present: &[Schema]) -> Option<Vec<MergedStep>> {
    let mut each = Vec::with_capacity(readings.len());
    for ((reading, difference), before) in generated.by_dialect.iter().zip(present) {
        let inverted = invert_all(&difference.changes).ok()?;
        let mut after = before.clone();
        for change in &difference.changes {
            change.apply(&mut after, reading.dialect.lexicon()).ok()?;
        }
        each.push((reading.dialect.name(), notation(readings, reading).steps(&after, &inverted).ok()?));
    }
    Some(together(readings, each))
}

fn notation(readings: &[Reading], reading: &Reading) -> Notation {
    let notation = Notation::new(reading.dialect.clone(), reading.naming.clone());
    if readings.len() > 1 { notation.by_dialect() } else { notation }
}

type Each = Vec<(&'static str, Vec<WrittenStep>)>;

fn steps_of_each(readings: &[Reading], all: &[(Reading, Difference)]) -> Result<Each, Diagnostics> {
    let mut each = Vec::with_capacity(all.len());
    let mut diagnostics = Diagnostics::default();
    for (reading, difference) in all {
        match notation(readings, reading).steps(&difference.start, &difference.changes) {
            Ok(steps) => each.push((reading.dialect.name(), steps)),
            Err(reason) => diagnostics.push(
                Diagnostic::error(&codes::NOT_A_STEP, format!("on {}: {reason}", reading.dialect.name()))
                    .help("write the step by hand, with `execute` and its `effect`"),
            ),
        }
    }
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(each) }
}

/// The steps of all dialects as one list.
fn together(readings: &[Reading], each: Each) -> Vec<MergedStep> {
    let mut steps = merge::merged(each);
    for dialect in readings.iter().map(|reading| &reading.dialect) {
        if let Some(inherits) = dialect.inherits() {
            merge::without_inherited(&mut steps, dialect.name(), inherits);
        }
    }
    steps
}

/// Reads the steps again and replays them for every dialect.
fn proven(
    written: &[MergedStep],
    readings: &[Reading],
    present: &[Schema],
    goals: &[&Schema],
) -> Result<(), Diagnostics> {
    for ((reading, present), goal) in readings.iter().zip(present).zip(goals) {
        let answered = written.iter().map(|step| answered(step.document(), goal)).collect();
        let text = print(&Yaml::Sequence(answered));
        let mut sources = Sources::default();
        let mut diagnostics = Diagnostics::default();
        let file = sources.add("steps", text.as_str());
        let context = reading.context();
        let Some(node) = parse(&sources, file, &mut diagnostics) else { return Err(diagnostics) };
        let read = steps(&node, &context, &mut diagnostics);
        let mut lowering = Lowering::new(&context, present.clone(), &mut diagnostics);
        lowering.steps(&read);
        let reached = lowering.schema;
        if diagnostics.has_errors() {
            return Err(misled(reading, &diagnostics));
        }
        let left = between(
            &*reading.dialect,
            Side::written(&reached),
            Side::written(goal),
            &crate::desired::Renames::default(),
            &mut ByText,
        );
        let rest: Vec<String> =
            left.map(|left| left.changes.iter().map(Change::describe).collect()).unwrap_or_default();
        if !rest.is_empty() {
            let mut diagnostics = Diagnostics::default();
            diagnostics.push(
                Diagnostic::error(
                    &codes::NOT_A_STEP,
                    format!("on {} the steps would not lead to the desired schema", reading.dialect.name()),
                )
                .note(format!("left to do: {}", rest.join("; ")))
                .help("write the step by hand, with `execute` and its `effect`"),
            );
            return Err(diagnostics);
        }
    }
    Ok(())
}

/// What the replay of the steps says, without places in a text that nobody has seen.
fn misled(reading: &Reading, diagnostics: &Diagnostics) -> Diagnostics {
    let mut told = Diagnostics::default();
    for problem in diagnostics.sorted() {
        told.push(
            Diagnostic::error(
                &codes::NOT_A_STEP,
                format!("on {} a step would not fit the history: {}", reading.dialect.name(), problem.message),
            )
            .help("write the step by hand, with `execute` and its `effect`"),
        );
    }
    told
}

/// A step as somebody would answer its questions whose tables are empty.
fn answered(mut step: Yaml, goal: &Schema) -> Yaml {
    let Yaml::Mapping(map) = &mut step else { return step };
    for (_, keys) in map.iter_mut() {
        let Yaml::Mapping(keys) = keys else { continue };
        keys.retain(|_, value| !is_question(value));
        let name = keys.get("enum").and_then(Yaml::as_str).map(ObjectName::from);
        let word = name.and_then(|name| goal.enumeration(&name)?.values.first().cloned());
        if let (Some(Yaml::Mapping(lost)), Some(word)) = (keys.get_mut("drop"), word) {
            lost.iter_mut().for_each(|(_, replacement)| *replacement = word.clone().into());
        }
    }
    step
}

/// Why there is no generated revision.
#[derive(Debug)]
pub enum Failure {
    /// The files are wrong, or the difference has no words.
    Refused(Diagnostics),
    /// A database did not answer.
    Database(DriverError),
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Self {
        Failure::Refused(diagnostics)
    }
}

impl From<DriverError> for Failure {
    fn from(error: DriverError) -> Self {
        Failure::Database(error)
    }
}
