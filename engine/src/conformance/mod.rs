//! The conformance suite: cases as data, run by every driver against the SQL it writes and the database it speaks to.
//!
//! A case is a YAML file in `specs/<operation>/`. [`main`] makes two tests of it for each dialect of a driver. *Offline*
//! the case is replayed, compared with what it expects, and compiled; the SQL of both directions is a snapshot beside the
//! driver. *Live* the same statements run on a fresh database through the real runner, and the catalog and the rows are
//! compared with the model after every move. A driver from outside this repository can call [`main`] in the same way.
//!
//! ```yaml
//! about: a nullable column is added to a table with rows       # one sentence
//! only: [sqlite, postgres]                                     # the dialects it is for, if not all
//! variables: {owner: app}                                      # for ${var:owner}
//! files: {data/x.csv: "id,name\n1,a\n"}                         # beside the revisions, for `load` and `{file: …}`
//! given: [{create_table: …}]                                   # operations: the first revision
//! rows: {users: [{id: 1}]}                                     # put in after `given`
//! when: [{add_column: …}]                                      # operations: the second revision, which it is about
//! downgrade: irreversible                                      # as in a revision file; derived if left out
//! transaction: false                                           # as in a revision file
//! then:
//!   schema: {users: {order: [id, email], columns: {email: {type: text}}, indexes: {ix_old: null}}, enums: {mood: [a]}}
//!   rows: {users: [{id: 1, email: null}]}                      # of these tables; the others keep what they have
//!   cells: {users: [{id: 1}]}                                  # the same in the very words the server prints
//!   reversible: false                                          # true unless said
//!   mysql: {schema: …}                                         # what a dialect expects instead
//! rows_after_down: {users: [{id: 1}]}                          # where the way back does not bring every value back
//! unless:                                                      # who must refuse, with which code; `@14` is 14 and before
//!   postgres@14: {code: E0501, reason: comes with PostgreSQL 15}
//! ```
//!
//! With `each: names.yaml` a case is run for every item of that list, live only.
//! Pairs of schemas with what lies between them are cases of another kind, in `specs/diff/`: see `pairs`.
//! Besides the cases, `random` makes histories that nobody thought of, and compares their schemas with each other;
//! `ALUDEL_RANDOM_SEQUENCES` says how many.
//!
//! The schema is matched in part, against the model in the words of the language: a key that is not written does not count,
//! `null` says that there is none.

mod catalog;
mod desired;
mod difference;
mod differences;
mod each;
mod expectation;
mod files;
mod history;
mod json;
mod live;
mod neighbours;
mod offline;
mod pairs;
mod random;
mod rows;
mod scratch;
mod snapshot;
mod spec;
mod standing;
pub mod support;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::dialect::{Dialect, Version};
use crate::driver::Driver;
use crate::operation::Context;
use pairs::Pair;
use spec::{Case, Spec};

/// How many cases run at once. Each has databases of its own; more would only make servers slow.
const THREADS: usize = 2;

/// How a driver wants the suite to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory of the driver's crate: `env!("CARGO_MANIFEST_DIR")`. Snapshots go to `tests/snapshots` in it.
    pub manifest: &'static str,
    /// The directory of the cases.
    pub specs: PathBuf,
    /// Where to make databases when `ALUDEL_TEST_<DIALECT>_URL` is not set; for databases that need no server.
    pub default_url: Option<&'static str>,
    /// Versions of dialects to compile for besides the ones assumed when nobody says.
    pub versions: &'static [(&'static str, Version)],
    /// Whether a column can be added between others. Where it cannot, it comes last, and only there the order counts.
    pub places_columns: bool,
}

impl Options {
    /// The options of a driver in `drivers/` of this repository.
    #[must_use]
    pub fn new(manifest: &'static str) -> Self {
        Options {
            manifest,
            specs: PathBuf::from(manifest).join("../../specs"),
            default_url: None,
            versions: &[],
            places_columns: true,
        }
    }
}

/// Runs every case on every dialect of a driver, as a test program with the command line of `cargo test`.
#[must_use]
pub fn main(driver: &'static dyn Driver, options: Options) -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let suite = Arc::new(Suite { driver, options });
    let mut trials = Vec::new();
    match spec::find(&suite.options.specs) {
        Ok(cases) if !cases.is_empty() => {
            for case in cases {
                suite.add(&Arc::new(case), &mut trials);
            }
            match pairs::find(&suite.options.specs) {
                Ok(pairs) => pairs.into_iter().for_each(|pair| suite.add_pair(&Arc::new(pair), &mut trials)),
                Err(why) => trials.push(Trial::test("diff", move || Err(Failed::from(why)))),
            }
            for (&dialect, property) in suite
                .driver
                .dialects()
                .iter()
                .flat_map(|dialect| random::PROPERTIES.iter().map(move |own| (dialect, own)))
            {
                let suite = Arc::clone(&suite);
                trials.push(Trial::test(property.test(dialect), move || Ok(property.run(&suite, dialect)?)));
            }
        }
        Ok(_) => trials.push(Trial::test("specs", || Err(Failed::from("there is no case in the directory of specs")))),
        Err(why) => trials.push(Trial::test("specs", move || Err(Failed::from(why)))),
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A driver under test.
pub(crate) struct Suite {
    driver: &'static dyn Driver,
    options: Options,
}

impl Suite {
    /// The tests of a case.
    fn add(self: &Arc<Self>, case: &Arc<Case>, trials: &mut Vec<Trial>) {
        for &dialect in self.driver.dialects() {
            // A case that cannot be read is for everybody, so that it fails.
            if self.read(case, dialect).is_ok_and(|spec| !spec.is_for(dialect)) {
                continue;
            }
            let (suite, own) = (Arc::clone(self), Arc::clone(case));
            let name = format!("live::{}::{dialect}", case.path());
            trials.push(Trial::test(name, move || Ok(live::run(&suite, &own, dialect)?)));
            if case.item.is_some() {
                continue;
            }
            let versions = self.options.versions.iter().filter(|(name, _)| *name == dialect);
            for version in [None].into_iter().chain(versions.map(|(_, version)| Some(*version))) {
                let suffix = version.map(|version| format!("@{version}")).unwrap_or_default();
                let name = format!("offline::{}::{dialect}{suffix}", case.path());
                let (suite, case) = (Arc::clone(self), Arc::clone(case));
                trials.push(Trial::test(name, move || Ok(offline::run(&suite, &case, dialect, version)?)));
            }
        }
    }

    /// The tests of a pair of schemas.
    fn add_pair(self: &Arc<Self>, pair: &Arc<Pair>, trials: &mut Vec<Trial>) {
        for &dialect in self.driver.dialects().iter().filter(|dialect| self.wants_pair(pair, dialect)) {
            let (suite, own) = (Arc::clone(self), Arc::clone(pair));
            let name = format!("diff::{}::{dialect}", pair.path());
            trials.push(Trial::test(name, move || Ok(pairs::run(&suite, &own, dialect)?)));
        }
    }

    /// What a text is read with, for a dialect beside the others of the driver.
    fn context(&self, dialect: Arc<dyn Dialect>) -> Result<Context, String> {
        let mut dialects: Vec<Arc<dyn Dialect>> = Vec::new();
        for other in self.driver.dialects() {
            let known =
                if *other == dialect.name() { Ok(Arc::clone(&dialect)) } else { self.driver.dialect(other, None) };
            dialects.push(known.map_err(|why| why.message)?);
        }
        Ok(Context {
            dialect,
            dialects: dialects.into(),
            naming: Arc::default(),
            variables: Arc::default(),
            files: Arc::default(),
            data: Arc::default(),
        })
    }

    /// Reads a case for a dialect.
    fn read(&self, case: &Case, dialect: &str) -> Result<Spec, String> {
        let known = self.driver.dialect(dialect, None).map_err(|why| why.message)?;
        case.read(self.driver.dialects(), &*known)
    }
}
