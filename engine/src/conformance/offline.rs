//! A case without a database: replay, compare with what is expected, compile, compare with the snapshot.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::history::{History, Stop};
use super::spec::{Case, Spec};
use super::{Suite, differences, expectation, snapshot};
use crate::diagnostic::Diagnostics;
use crate::dialect::{Dialect, Version};
use crate::plan::Direction;

/// Runs a case offline.
pub(super) fn run(suite: &Suite, case: &Case, dialect: &str, version: Option<Version>) -> Result<(), String> {
    let spec = suite.read(case, dialect)?;
    let assumed = suite.driver.dialect(dialect, None).map_err(|why| why.message)?;
    let text = text(suite, &spec, Arc::clone(&assumed))?;
    let manifest = suite.options.manifest;
    let Some(version) = version else {
        snapshot::check(manifest, case, &spec, dialect, &text);
        return Ok(());
    };
    let versioned = suite.driver.dialect(dialect, Some(version)).map_err(|why| why.message)?;
    let other = self::text(suite, &spec, versioned)?;
    if other != text {
        snapshot::check(manifest, case, &spec, &format!("{dialect}@{version}"), &other);
    }
    Ok(())
}

/// The SQL of a case, or its refusal where one is due.
fn text(suite: &Suite, spec: &Spec, dialect: Arc<dyn Dialect>) -> Result<String, String> {
    if let Some(code) = spec.refusal(dialect.name(), dialect.version()) {
        return refused(suite, spec, &dialect, code);
    }
    let mut diagnostics = Diagnostics::default();
    let history = History::replay(suite, spec, Arc::clone(&dialect), &mut diagnostics);
    let Some(history) = history.filter(|_| !diagnostics.has_errors()) else { return Err(spec.shown(&diagnostics)) };
    if let Some(expected) = &spec.schema {
        expectation::check(expected, history.model(Stop::When))?;
    }
    if history.is_reversible() != spec.reversible {
        return Err(match spec.reversible {
            true => "the case is to be reversible, and is not".to_owned(),
            false => "the case is not to be reversible, and is".to_owned(),
        });
    }
    differences::in_the_model(&history)?;
    super::desired::check(&history)?;
    let mut text = String::from("-- upgrade\n");
    let transactional = dialect.capabilities().transactional_ddl;
    snapshot::plan_text(&mut text, &history.plan_of_when(Direction::Upgrade, &mut diagnostics), transactional);
    if spec.reversible {
        text.push_str("\n-- downgrade\n");
        snapshot::plan_text(&mut text, &history.plan_of_when(Direction::Downgrade, &mut diagnostics), transactional);
    }
    // What is there before has to compile too, though nobody wants to read it again and again.
    history.plan(&BTreeSet::new(), Stop::Given, &mut diagnostics);
    if diagnostics.has_errors() { Err(spec.shown(&diagnostics)) } else { Ok(text) }
}

/// Sees that a dialect refuses a case with the code that is due.
pub(super) fn refused(suite: &Suite, spec: &Spec, dialect: &Arc<dyn Dialect>, code: &str) -> Result<String, String> {
    let mut diagnostics = Diagnostics::default();
    let history = History::replay(suite, spec, Arc::clone(dialect), &mut diagnostics);
    if let Some(history) = history.filter(|_| !diagnostics.has_errors()) {
        history.plan(&BTreeSet::new(), Stop::When, &mut diagnostics);
        if spec.reversible {
            history.plan_of_when(Direction::Downgrade, &mut diagnostics);
        }
    }
    let found: Vec<&str> = diagnostics.sorted().iter().map(|found| found.code.id).collect();
    if found.is_empty() {
        return Err(format!("{} is to refuse this with {code}, and takes it", dialect.name()));
    }
    if found.iter().any(|found| *found != code) {
        return Err(format!("the refusal is to be {code}\n{}", spec.shown(&diagnostics)));
    }
    Ok(snapshot::refusal_text(&diagnostics))
}
