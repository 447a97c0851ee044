//! Trying texts on a server where they leave nothing behind, for drivers whose server prints texts in its own words.

use std::collections::BTreeMap;

use super::judge;
use super::stand_in::{Builder, Carrier, Trial};
use super::{Answer, Question};
use crate::dialect::Dialect;
use crate::driver::{BatchError, DriverError, ErrorKind};
use crate::schema::Schema;

/// Where stand-ins are made, and what they keep.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// The namespace that is nobody else's.
    pub namespace: Option<String>,
    /// What the names of stand-ins begin with.
    pub prefix: String,
    /// Whether the name of a trigger is qualified by a namespace.
    pub qualified_triggers: bool,
    /// The options of a table, a column and an index that may bear on how an expression is printed, or without which it
    /// does not run.
    pub table_options: &'static [&'static str],
    /// See above.
    pub column_options: &'static [&'static str],
    /// See above.
    pub index_options: &'static [&'static str],
    /// The statement that makes a table with the columns of another relation, where there are materialized views.
    pub like: Option<fn(&str, &str) -> String>,
}

/// How a failed statement is put out of the way so that its transaction goes on.
#[derive(Debug, Clone, Copy)]
pub struct Savepoint {
    /// Sets it.
    pub set: &'static str,
    /// Forgets it.
    pub release: &'static str,
    /// Goes back to it.
    pub back: &'static str,
}

/// A batch of trials and what came of them.
pub struct Rehearsal<'a> {
    dialect: &'a dyn Dialect,
    question: &'a Question<'a>,
    ground: Ground,
    trials: Vec<Trial>,
    carriers: BTreeMap<usize, Carrier>,
    refused: BTreeMap<usize, String>,
    /// How a trial went; none when it has not run.
    outcomes: Vec<Option<Result<(), DriverError>>>,
}

impl std::fmt::Debug for Rehearsal<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rehearsal").field("trials", &self.trials).finish_non_exhaustive()
    }
}

impl<'a> Rehearsal<'a> {
    /// Prepares stand-ins for every doubt of a question.
    #[must_use]
    pub fn new(dialect: &'a dyn Dialect, question: &'a Question<'a>, ground: Ground) -> Self {
        let mut builder = Builder::new(dialect, question, &ground);
        builder.everything();
        let Builder { trials, carriers, refused, .. } = builder;
        let outcomes = trials.iter().map(|_| None).collect();
        Rehearsal { dialect, question, ground, trials, carriers, refused, outcomes }
    }

    /// Whether there is nothing to run, because no doubt can even be tried.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.trials.is_empty()
    }

    /// Runs all of it: statements go out together, and where one fails the rest goes on behind its trial. A stand-in that
    /// failed as a whole is tried once more part by part.
    ///
    /// # Errors
    /// When there is no connection left to go on with.
    pub fn run(
        &mut self,
        execute: &mut dyn FnMut(&[&str]) -> Result<(), BatchError>,
        savepoint: Option<Savepoint>,
    ) -> Result<(), DriverError> {
        self.run_from(0, execute, savepoint)?;
        let first = self.trials.len();
        let failed: Vec<Vec<usize>> = self
            .trials
            .iter()
            .zip(&self.outcomes)
            .filter(|(trial, outcome)| trial.divisible && matches!(outcome, Some(Err(error)) if is_its_own(error)))
            .map(|(trial, _)| trial.doubts.clone())
            .collect();
        if failed.is_empty() {
            return Ok(());
        }
        let again = Ground { prefix: format!("{}p", self.ground.prefix), ..self.ground.clone() };
        let mut builder = Builder::new(self.dialect, self.question, &again);
        for doubts in &failed {
            builder.one_by_one(doubts);
        }
        let Builder { trials, carriers, refused, .. } = builder;
        self.carriers.extend(carriers);
        self.refused.extend(refused);
        self.outcomes.extend(trials.iter().map(|_| None));
        let moved = |trial: Trial| Trial { parent: trial.parent.map(|parent| parent + first), ..trial };
        self.trials.extend(trials.into_iter().map(moved));
        self.run_from(first, execute, savepoint)
    }

    fn run_from(
        &mut self,
        mut next: usize,
        execute: &mut dyn FnMut(&[&str]) -> Result<(), BatchError>,
        savepoint: Option<Savepoint>,
    ) -> Result<(), DriverError> {
        while next < self.trials.len() {
            let mut statements: Vec<&str> = Vec::new();
            let mut owners: Vec<usize> = Vec::new();
            for (place, trial) in self.trials.iter().enumerate().skip(next) {
                let parent = trial.parent.and_then(|parent| self.outcomes.get(parent));
                if let Some(Some(Err(_))) = parent {
                    continue;
                }
                let texts = trial.statements.iter().map(String::as_str);
                let before = statements.len();
                statements.extend(savepoint.map(|savepoint| savepoint.set));
                statements.extend(texts);
                statements.extend(savepoint.map(|savepoint| savepoint.release));
                owners.extend((before..statements.len()).map(|_| place));
            }
            if statements.is_empty() {
                break;
            }
            let ran = execute(&statements);
            let failed = ran.as_ref().err().and_then(|failure| owners.get(failure.index)).copied();
            let done = owners.iter().copied().filter(|place| failed.is_none_or(|failed| *place < failed));
            for place in done {
                self.outcomes[place] = Some(Ok(()));
            }
            let Err(BatchError { error, .. }) = ran else { break };
            if matches!(error.kind, ErrorKind::Lost | ErrorKind::Unreachable | ErrorKind::Interrupted) {
                return Err(error);
            }
            let Some(failed) = failed else { return Err(error) };
            self.outcomes[failed] = Some(Err(error));
            if let Some(savepoint) = savepoint {
                execute(&[savepoint.back]).map_err(|failure| failure.error)?;
            }
            next = failed + 1;
        }
        self.pass_on_failures();
        Ok(())
    }

    /// What stands on something that failed has failed too.
    fn pass_on_failures(&mut self) {
        for place in 0..self.trials.len() {
            let parent = self.trials[place].parent.and_then(|parent| self.outcomes.get(parent).cloned().flatten());
            if let (None, Some(Err(error))) = (&self.outcomes[place], parent) {
                self.outcomes[place] = Some(Err(error));
            }
        }
    }

    /// Statements that remove what was made, the last first; not needed where a rollback or the end of the namespace does.
    #[must_use]
    pub fn removal(&self) -> Vec<String> {
        let made = self.trials.iter().zip(&self.outcomes).filter(|(_, outcome)| outcome.is_some());
        made.rev().flat_map(|(trial, _)| trial.removal.iter().cloned()).collect()
    }

    /// The answers, from what the catalog says of the stand-ins.
    #[must_use]
    pub fn judge(&self, catalog: &Schema) -> Vec<Answer> {
        let mut wrong: BTreeMap<usize, String> = self.refused.clone();
        for (trial, outcome) in self.trials.iter().zip(&self.outcomes) {
            for doubt in &trial.doubts {
                match outcome {
                    Some(Ok(())) => {
                        wrong.remove(doubt);
                    }
                    Some(Err(error)) => {
                        wrong.insert(*doubt, because(error));
                    }
                    None => {}
                }
            }
        }
        judge::answers(self.dialect, self.question, &self.carriers, &wrong, catalog)
    }
}

/// Whether a failure is about the texts and not about the circumstances.
fn is_its_own(error: &DriverError) -> bool {
    !matches!(
        error.kind,
        ErrorKind::Denied | ErrorKind::LockTimeout | ErrorKind::StatementTimeout | ErrorKind::ReadOnly
    )
}

/// Why a doubt is not decided, after a failure.
#[must_use]
pub fn because(error: &DriverError) -> String {
    let what = match error.kind {
        ErrorKind::Denied => "there is no right to try it",
        ErrorKind::ReadOnly => "nothing can be tried where everything can only be read",
        ErrorKind::LockTimeout => "somebody else held what it takes to try it",
        ErrorKind::StatementTimeout => "trying it took too long",
        _ => "it does not run as it is here",
    };
    let hint = error.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{what}: {}{hint}", error.message.trim_end_matches('.'))
}
