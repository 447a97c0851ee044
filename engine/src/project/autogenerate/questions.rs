//! What a generated revision asks its author and bids them mind.

use serde_yaml::{Mapping, Value as Yaml};

use super::{Generated, MergedStep, Reading};
use crate::diagnostic::{Diagnostic, codes};
use crate::dialect::Unsupported;
use crate::diff::{Difference, Lookalike};
use crate::notation::{ASK, Notation, is_question};
use crate::plan::{Statement, compile_changes};

/// Statements with what their author should know before they run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotated {
    /// What is not said and decides what becomes of rows.
    pub questions: Vec<String>,
    /// What is lost, or may fail.
    pub remarks: Vec<String>,
    /// The statements, as they are where nothing is answered.
    pub statements: Vec<Statement>,
}

impl Generated {
    /// What may be one thing under two names, each once.
    #[must_use]
    pub fn lookalikes(&self) -> Vec<&Lookalike> {
        let mut found: Vec<&Lookalike> = Vec::new();
        for lookalike in self.by_dialect.iter().flat_map(|(_, difference)| &difference.lookalikes) {
            if !found.contains(&lookalike) {
                found.push(lookalike);
            }
        }
        found
    }

    /// The questions that stand in the steps and wait for an answer.
    #[must_use]
    pub fn questions(&self) -> Vec<String> {
        let of = |step: &MergedStep| asked(&step.keys, step.operation, &step.subject);
        self.steps.iter().flat_map(of).collect()
    }

    /// What is lost by a step, or may keep it from running, each once.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut told: Vec<String> = Vec::new();
        for remark in self.steps.iter().flat_map(|step| &step.remarks) {
            if !told.contains(remark) {
                told.push(remark.clone());
            }
        }
        told
    }

    /// The statements of a dialect, with the questions and remarks of the steps that they carry out.
    ///
    /// # Errors
    /// When the dialect cannot carry it out.
    pub fn script(&self, dialect: &str) -> Result<Vec<Annotated>, Diagnostic> {
        let mut script = Vec::new();
        for (reading, difference) in self.by_dialect.iter().filter(|(reading, _)| reading.dialect.name() == dialect) {
            script.extend(annotated(reading, difference)?);
        }
        Ok(script)
    }
}

fn annotated(reading: &Reading, difference: &Difference) -> Result<Vec<Annotated>, Diagnostic> {
    let compiled = compile_changes(&*reading.dialect, &difference.changes, &difference.start).map_err(refused)?;
    let notation = Notation::new(reading.dialect.clone(), reading.naming.clone());
    let mut schema = difference.start.clone();
    let mut script = Vec::with_capacity(compiled.len());
    for (changes, statements) in compiled {
        let mut annotated = Annotated { statements, ..Annotated::default() };
        for step in notation.steps(&schema, changes).unwrap_or_default() {
            annotated.questions.extend(asked(&step.keys, step.operation, &step.subject));
            annotated.remarks.extend(step.remarks);
        }
        for change in changes {
            // It has just been compiled, so it fits.
            let _ = change.apply(&mut schema, reading.dialect.lexicon());
        }
        script.push(annotated);
    }
    Ok(script)
}

/// The questions in the keys of a step, at any depth.
fn asked(keys: &Mapping, operation: &str, subject: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in keys {
        let Yaml::Mapping(inner) = value else { continue };
        match is_question(value) {
            true => {
                let words = inner.get(ASK).and_then(Yaml::as_str).unwrap_or_default();
                let key = key.as_str().unwrap_or_default();
                found.push(format!("{operation} {subject}, `{key}`: {words}"));
            }
            false => found.extend(asked(inner, operation, subject)),
        }
    }
    found
}

fn refused(refusal: Unsupported) -> Diagnostic {
    let diagnostic = Diagnostic::error(&codes::UNSUPPORTED, refusal.message);
    match refusal.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}
