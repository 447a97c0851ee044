//! The property: whatever history the language can say, the catalog equals the model after every revision, up and down, and
//! no row is lost that should stay.
//!
//! Histories are made at random from a seed ([`world`]), as the text of YAML files, with rows between the revisions, and run on
//! a database ([`run`]). A history that fails is made smaller ([`shrink`]) and printed as a case for `specs/`, with its seed.
//!
//! A second property ([`oracle`]): after every revision nothing lies between the model and the database, and the difference
//! between any two schemas of a history, or of two histories that know nothing of each other, leads from the one to the other,
//! in the model, as steps of a revision file, and on a database.
//!
//! `ALUDEL_RANDOM_SEQUENCES` says how many histories (a few unless said), `ALUDEL_RANDOM_SEED` with which seed the first
//! one is made; the others count up from it. So a seed that failed is run again with
//! `ALUDEL_RANDOM_SEED=n ALUDEL_RANDOM_SEQUENCES=1`.

mod chain;
mod chance;
mod document;
mod facts;
mod fault;
mod lineage;
mod names;
mod oracle;
mod produce;
mod recording;
mod run;
mod shrink;
mod values;
mod world;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Suite;
use super::scratch::Scratch;
use crate::operation::Context;
use document::Document;
use fault::{Fault, Step};
use names::Pool;
use world::{Tally, generate};

/// The seed of the share that always runs.
const SEED: u64 = 20_261_120;
/// How far apart the seeds of two histories are that are compared.
const APART: u64 = 1 << 40;
/// Histories at once. More than one gains where a server waits for its disk.
const THREADS: usize = 2;
/// After so many failures the rest is left.
const FAILURES: usize = 8;

/// What is true of histories.
pub(super) struct Property {
    name: &'static str,
    /// What their names are drawn from, for each of the histories that it is about.
    pools: &'static [Pool],
    check: fn(&Suite, &Context, &[Document]) -> Result<(), Fault>,
    /// How many always run, as long as there is time.
    share: u64,
    /// The time that the share may take.
    time: Duration,
}

/// Every property.
pub(super) const PROPERTIES: &[Property] = &[
    Property {
        name: "histories",
        pools: &[Pool::Wide],
        check: |suite, context, histories| histories.iter().try_for_each(|document| run::run(suite, document, context)),
        share: 60,
        time: Duration::from_secs(15),
    },
    Property {
        name: "differences",
        pools: &[Pool::Wide],
        check: oracle::of_histories,
        share: 12,
        time: Duration::from_secs(8),
    },
    Property {
        name: "strangers",
        pools: &[Pool::Narrow, Pool::Narrow],
        check: oracle::of_heads,
        share: 12,
        time: Duration::from_secs(8),
    },
];

/// What is asked for.
struct Wish {
    seed: u64,
    sequences: u64,
    until: Option<Instant>,
}

impl Wish {
    fn read(property: &Property) -> Result<Wish, String> {
        let number = |name: &str| match std::env::var(name) {
            Ok(text) => text.trim().parse::<u64>().map(Some).map_err(|why| format!("{name}: {why}")),
            Err(_) => Ok(None),
        };
        let seed = number("ALUDEL_RANDOM_SEED")?.unwrap_or(SEED);
        Ok(match number("ALUDEL_RANDOM_SEQUENCES")? {
            Some(sequences) => Wish { seed, sequences, until: None },
            None => Wish { seed, sequences: property.share, until: Some(Instant::now() + property.time) },
        })
    }
}

/// What was seen.
#[derive(Default)]
struct Seen {
    sequences: u64,
    revisions: usize,
    tally: Tally,
    failures: BTreeMap<u64, String>,
}

impl Property {
    /// The name of its test for a dialect.
    pub(super) fn test(&self, dialect: &str) -> String {
        format!("random::{}::{dialect}", self.name)
    }

    /// Tries random histories on the database of a dialect.
    ///
    /// # Errors
    /// The histories that failed, made small.
    pub(super) fn run(&self, suite: &Suite, name: &str) -> Result<(), String> {
        let wish = Wish::read(self)?;
        let context = context(suite, name)?;
        let next = AtomicU64::new(0);
        let seen = Mutex::new(Seen::default());
        let began = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    loop {
                        let place = next.fetch_add(1, Ordering::Relaxed);
                        let late = wish.until.is_some_and(|until| Instant::now() > until);
                        let failed = seen.lock().unwrap_or_else(PoisonError::into_inner).failures.len();
                        if place >= wish.sequences || late || failed >= FAILURES {
                            return;
                        }
                        self.one(suite, &context, wish.seed.wrapping_add(place), &seen);
                    }
                });
            }
        });
        let seen = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let figures = figures(&self.test(name), &seen, began.elapsed());
        if wish.until.is_none() {
            let _ = writeln!(std::io::stderr(), "{figures}");
        }
        match seen.failures.is_empty() {
            true => Ok(()),
            false => {
                let shown: Vec<String> = seen.failures.into_values().collect();
                Err(format!("{figures}\n\n{}", shown.join("\n\n")))
            }
        }
    }

    /// Makes the histories of a seed and tries them.
    fn one(&self, suite: &Suite, context: &Context, seed: u64, seen: &Mutex<Seen>) {
        let mut histories = Vec::new();
        let mut tally = Tally::default();
        let mut result = Ok(());
        for (number, pool) in (0..).zip(self.pools) {
            let made = guarded(|| Ok(generate(seed.wrapping_add(APART.wrapping_mul(number)), context, *pool)));
            match made {
                Ok(Ok((document, own))) => {
                    tally.add(&own);
                    histories.push(document);
                }
                Ok(Err(wrong)) => {
                    result = Err(wrong.1);
                    histories.push(wrong.0);
                    break;
                }
                Err(fault) => {
                    result = Err(fault);
                    break;
                }
            }
        }
        let result = result.and_then(|()| self.check(suite, context, &histories));
        let revisions = histories.iter().map(|document| document.parts.len()).sum::<usize>();
        let failure = result.err().map(|fault| {
            let operations = |all: &[Document]| all.iter().map(Document::operations).sum::<usize>();
            let before = operations(&histories);
            let (small, fault) = shrink::shrink(histories, fault, |smaller| self.check(suite, context, smaller));
            let cases: Vec<String> = small.iter().map(|document| document.case("found at random")).collect();
            let step = fault.step;
            format!(
                "seed {seed} ({before} operations, made {}): {step:?}\n{}\n---\n{}",
                operations(&small),
                fault.message,
                cases.join("---\n")
            )
        });
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.sequences += 1;
        seen.revisions += revisions;
        seen.tally.add(&tally);
        seen.failures.extend(failure.map(|failure| (seed, failure)));
    }

    fn check(&self, suite: &Suite, context: &Context, histories: &[Document]) -> Result<(), Fault> {
        guarded(|| (self.check)(suite, context, histories))
    }
}

/// What a closure gives, with a panic in it as a fault.
fn guarded<T>(run: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        Err(Fault::new(Step::Panic, text.unwrap_or("a panic").to_owned()))
    })
}

/// The context for the version that the server has.
fn context(suite: &Suite, name: &str) -> Result<Context, String> {
    let dialect = Scratch::create(suite, name)?.connect()?.dialect();
    suite.context(dialect)
}

/// What was seen, in a few lines.
fn figures(name: &str, seen: &Seen, time: Duration) -> String {
    let operations: u32 = seen.tally.taken.values().sum();
    let mut text = format!(
        "{name}: {} sequences, {} revisions, {operations} operations, {} failed, {:.1} s",
        seen.sequences,
        seen.revisions,
        seen.failures.len(),
        time.as_secs_f64()
    );
    let list = |counts: &BTreeMap<String, u32>| {
        counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    let _ = write!(text, "\n  operations: {}", list(&seen.tally.taken));
    let _ = write!(
        text,
        "\n  left out: {}; {} that the rows forbid, {} that cannot be taken back",
        list(&seen.tally.refused),
        seen.tally.vetoed,
        seen.tally.irreversible
    );
    text
}

#[cfg(test)]
mod tests {
    use super::document::Document;
    use super::{Pool, generate};
    use crate::testing::context;

    fn made(seed: u64) -> Document {
        match generate(seed, &context(), Pool::Wide) {
            Ok((document, _)) => document,
            Err(wrong) => panic!("{:?}", wrong.1),
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_bytes() {
        for seed in 0..20 {
            let (first, second) = (made(seed), made(seed));
            for place in 0..first.parts.len() {
                assert_eq!(first.file(place), second.file(place));
            }
            assert_eq!(first, second);
        }
        assert_ne!(made(1), made(2));
    }
}
