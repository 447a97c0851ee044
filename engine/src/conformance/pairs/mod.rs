//! Pairs of schemas: what lies between them is found, what does not is not, and what was found leads from one to the other.
//!
//! A pair is two desired schemas in `specs/diff/`, in a file of its own or under a name in the `cases` of a file. [`run`]
//! is a test of it for a dialect, `diff::<file>::<case>::<dialect>`, without a database and then with one:
//!
//! ```yaml
//! about: a partial index gets another condition                # one sentence
//! only: [sqlite, postgres]                                     # the dialects it is for, if not all
//! from: {tables: {t: {columns: {…}, indexes: […]}}}            # a desired schema; nothing if left out
//! to: {tables: {…}}                                            # another one
//! then: [{drop_index: …}, {create_index: …}]                   # the steps, exactly as a revision file gets them
//! remarks: […]                                                 # what no step brings about, in full; none unless said
//! lookalikes: [t.a -> t.b]                                     # what may have been renamed; none unless said
//! answers: {existing_null_value: 0}                            # what goes where a step asks, by the key that asks; if
//!                                                              # there is no answer the key goes, as for empty tables
//! found: […]                                                   # the steps where `from` is what the database reports, if
//!                                                              # they are others
//! back: false                                                  # on a database the way back is not tried; it is unless said
//! unless: {mysql: {code: E0501, reason: …}}                    # who must refuse it, as in other cases
//! ```
//!
//! `then`, `found`, `remarks` and `lookalikes` may be a map by dialect, with `others` for those that it does not name. Instead
//! of `then` a pair has `same: true` where `to` is another spelling of `from`, or the same when it is left out: nothing lies
//! between them. `same: database` says that only the database knows that.
//!
//! Offline: each schema differs from itself in nothing, the steps are those of the case, they read back, compile, and lead to
//! the other schema, and the changes of the way back lead back. Live: in a database made from `from` nothing differs from
//! `from`, whichever side is asked; the steps found there are those of the case; once they have run nothing differs from
//! `to`, and the catalog is the one of a database made from `to` at once; then the same the other way round, unless rows
//! stand in the way of that.

mod case;
mod live;
mod offline;
mod steps;

pub(super) use case::{Pair, find};

use super::Suite;
use super::differences::is_order;
use super::scratch::Scratch;
use crate::diagnostic::Diagnostics;
use crate::diff::{self, Difference, Judge, Lookalike, Side};
use crate::operation::Context;
use case::Case;

/// Runs a pair for a dialect.
pub(super) fn run(suite: &Suite, pair: &Pair, name: &str) -> Result<(), String> {
    let case = suite.read_pair(pair, name)?;
    let assumed = suite.context(suite.driver.dialect(name, None).map_err(|why| why.message)?)?;
    offline::run(&case, &assumed).map_err(|why| format!("offline: {why}"))?;
    let scratch = Scratch::create(suite, name)?;
    let mut connection = scratch.connect()?;
    let context = suite.context(connection.dialect())?;
    if case.refusal(&context) != case.refusal(&assumed) {
        offline::run(&case, &context).map_err(|why| format!("for the version of the server: {why}"))?;
    }
    if case.refusal(&context).is_some() {
        return Ok(());
    }
    live::run(suite, &case, &context, &mut *connection).map_err(|why| format!("live: {why}"))
}

/// What lies between two sides, with the renames that the case says.
fn between(
    case: &Case,
    context: &Context,
    from: Side<'_>,
    to: Side<'_>,
    judge: &mut dyn Judge,
) -> Result<Difference, String> {
    let renames = &case.to(context, &mut Diagnostics::default()).renames;
    diff::between(&*context.dialect, from, to, renames, judge).map_err(|error| error.to_string())
}

/// Compares remarks and lookalikes with those that are expected.
fn said(case: &Case, found: &Difference) -> Result<(), String> {
    let lookalikes: Vec<String> = found.lookalikes.iter().map(lookalike).collect();
    for (what, expected, found) in
        [("remarks", &case.remarks, &found.remarks), ("lookalikes", &case.lookalikes, &lookalikes)]
    {
        if expected != found {
            return Err(format!("the {what} are to be {expected:#?} and are {found:#?}"));
        }
    }
    Ok(())
}

fn lookalike(found: &Lookalike) -> String {
    match found {
        Lookalike::Table { from, to } => format!("{from} -> {to}"),
        Lookalike::Column { table, from, to } => format!("{table}.{from} -> {table}.{to}"),
    }
}

impl Suite {
    fn read_pair(&self, pair: &Pair, dialect: &str) -> Result<Case, String> {
        let known = self.driver.dialect(dialect, None).map_err(|why| why.message)?;
        pair.read(self.driver.dialects(), &*known)
    }

    /// Whether a pair is for a dialect. One that cannot be read is for everybody, so that it fails.
    pub(super) fn wants_pair(&self, pair: &Pair, dialect: &str) -> bool {
        self.read_pair(pair, dialect).map_or(true, |case| case.is_for(dialect))
    }
}
