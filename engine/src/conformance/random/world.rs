//! The state of a history that grows: the schema as the engine's own replay has it, and what is known of the rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_yaml::{Mapping, Value as Yaml};

use super::chance::Chance;
use super::document::{Document, Fill, Part, text};
use super::facts::Facts;
use super::fault::{Fault, Step};
use super::names::{Pool, fresh};
use super::produce::{Offer, PRODUCERS};
use super::values::value;
use crate::change::invert_all;
use crate::diagnostic::{Diagnostics, codes};
use crate::operation::{Context, LoweredStep, Lowering, steps};
use crate::plan::{Direction, Irreversible, Replayed, Request, RevisionFile, plan};
use crate::revision::{Graph, Header, RevisionId};
use crate::schema::{Schema, Table};
use crate::source::{Sources, Span, Spanned, parse};

/// Most rows that one table gets after a revision.
const ROWS: usize = 2;
/// The number of the first row that an `insert` operation makes.
const INSERTED: usize = 1001;

/// How often what happened while histories were made.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Operations taken, by name.
    pub(super) taken: BTreeMap<String, u32>,
    /// Operations refused as they should be, by code.
    pub(super) refused: BTreeMap<String, u32>,
    /// Operations that the rows would not let happen, or not let be taken back.
    pub(super) vetoed: u32,
    /// Operations that cannot be taken back.
    pub(super) irreversible: u32,
}

impl Tally {
    pub(super) fn add(&mut self, other: &Tally) {
        for (mine, others) in [(&mut self.taken, &other.taken), (&mut self.refused, &other.refused)] {
            for (name, count) in others {
                *mine.entry(name.clone()).or_default() += count;
            }
        }
        self.vetoed += other.vetoed;
        self.irreversible += other.irreversible;
    }
}

/// A history that grows.
pub(super) struct World<'c> {
    pub(super) chance: Chance,
    pub(super) context: &'c Context,
    pub(super) schema: Schema,
    pub(super) facts: Facts,
    /// The number of the next row of an `insert`.
    inserted: usize,
    graph: Graph,
    id: RevisionId,
    /// The schema before the revision that is being made, and its steps.
    before: Schema,
    steps: Vec<LoweredStep>,
    tally: Tally,
    pool: Pool,
}

/// What became of an operation.
enum Verdict {
    Taken,
    Left,
    Wrong(Fault),
}

/// A history for a dialect.
///
/// # Errors
/// The history so far with an operation that was refused with the wrong code, and what was said.
pub(super) fn generate(seed: u64, context: &Context, pool: Pool) -> Result<(Document, Tally), Box<(Document, Fault)>> {
    let mut document = Document::default();
    let mut world = match World::new(seed, context, pool) {
        Ok(world) => world,
        Err(why) => return Err(Box::new((document, Fault::new(Step::Generate, why)))),
    };
    for place in 0..world.chance.between(2, 6) {
        document.parts.push(Part::default());
        if let Err(fault) = world.revision(place, &mut document) {
            return Err(Box::new((document, fault)));
        }
    }
    Ok((document, world.tally))
}

impl<'c> World<'c> {
    fn new(seed: u64, context: &'c Context, pool: Pool) -> Result<Self, String> {
        let id = RevisionId::parse("r")?;
        let mut sources = Sources::default();
        let file = sources.add("random.yaml", "");
        let header = Header {
            id: Spanned::new(id.clone(), Span::default()),
            down_revisions: Vec::new(),
            depends_on: Vec::new(),
            branch_labels: Vec::new(),
            message: String::new(),
            created: None,
            transaction: true,
            file,
        };
        let graph = Graph::build(vec![header], &mut Diagnostics::default()).ok_or("no graph of one revision")?;
        Ok(World {
            chance: Chance::new(seed),
            context,
            schema: Schema::default(),
            facts: Facts::default(),
            inserted: INSERTED,
            graph,
            id,
            before: Schema::default(),
            steps: Vec::new(),
            tally: Tally::default(),
            pool,
        })
    }

    /// Makes a revision, and the rows after it.
    fn revision(&mut self, place: usize, document: &mut Document) -> Result<(), Fault> {
        self.before = self.schema.clone();
        self.steps = Vec::new();
        let (wanted, tables) = match place {
            0 => (self.chance.between(2, 5), self.chance.between(1, 3)),
            _ => (self.chance.between(1, 5), 0),
        };
        let mut attempts = 0;
        let mut taken = 0;
        while taken < wanted && attempts < wanted * 12 {
            attempts += 1;
            let offer = if taken < tables { super::produce::first(self) } else { self.offer() };
            let Some(offer) = offer else { continue };
            if let Some(part) = document.parts.last_mut() {
                part.operations.push(offer.operation.clone());
            }
            match self.take(&offer) {
                Verdict::Taken => taken += 1,
                Verdict::Left => drop(document.parts.last_mut().and_then(|part| part.operations.pop())),
                Verdict::Wrong(fault) => return Err(fault),
            }
        }
        if let Some(part) = document.parts.last_mut() {
            part.fills = self.fill();
        }
        Ok(())
    }

    fn offer(&mut self) -> Option<Offer> {
        let all: usize = PRODUCERS.iter().map(|(weight, _)| weight).sum();
        let mut draw = self.chance.below(all);
        for (weight, produce) in PRODUCERS {
            match draw.checked_sub(*weight) {
                None => return produce(self),
                Some(rest) => draw = rest,
            }
        }
        None
    }

    /// Lets the engine and the dialect judge an operation, and takes it when they do.
    fn take(&mut self, offer: &Offer) -> Verdict {
        let mut sources = Sources::default();
        let file = sources.add("random.yaml", text(&Yaml::Sequence(vec![offer.operation.clone()])));
        let mut said = Diagnostics::default();
        let node = parse(&sources, file, &mut said);
        let read = node.map(|node| steps(&node, self.context, &mut said)).unwrap_or_default();
        let mut lowering = Lowering::new(self.context, self.schema.clone(), &mut said);
        let mut lowered = lowering.steps(&read);
        let after = lowering.schema;
        if said.has_errors() {
            return self.judge(&said, &sources, offer);
        }
        let mut facts = self.facts.clone();
        let mut before = self.schema.clone();
        for change in lowered.iter().flat_map(|step| &step.changes) {
            if !facts.take(change, &before) {
                self.tally.vetoed += 1;
                return Verdict::Left;
            }
            if change.apply(&mut before, self.context.dialect.lexicon()).is_err() {
                return Verdict::Left;
            }
        }
        let known = self.steps.len();
        self.steps.append(&mut lowered);
        let Ok(downgrade) = self.downgrade() else {
            self.steps.truncate(known);
            self.tally.irreversible += 1;
            return Verdict::Left;
        };
        self.compile(downgrade, &after, &mut said);
        if said.has_errors() {
            self.steps.truncate(known);
            return self.judge(&said, &sources, offer);
        }
        self.schema = after;
        self.facts = facts;
        let name = offer.name().to_owned();
        *self.tally.taken.entry(name).or_default() += 1;
        Verdict::Taken
    }

    fn judge(&mut self, said: &Diagnostics, sources: &Sources, offer: &Offer) -> Verdict {
        let proper = |code: &str| {
            [codes::UNSUPPORTED.id, codes::BAD_IDENTIFIER.id].contains(&code) || offer.may_be_refused.contains(&code)
        };
        if said.sorted().iter().all(|found| proper(found.code.id)) {
            for found in said.sorted() {
                *self.tally.refused.entry(found.code.id.to_owned()).or_default() += 1;
            }
            return Verdict::Left;
        }
        Verdict::Wrong(Fault::refused(said, sources))
    }

    fn downgrade(&self) -> Result<Vec<LoweredStep>, Irreversible> {
        let back = |step: &LoweredStep| match invert_all(&step.changes) {
            Ok(changes) => Ok(LoweredStep { changes, ..step.clone() }),
            Err(why) => Err(Irreversible { reason: why.reason, span: Some(step.span) }),
        };
        self.steps.iter().rev().map(back).collect()
    }

    /// Compiles the revision so far in both directions.
    fn compile(&self, downgrade: Vec<LoweredStep>, after: &Schema, said: &mut Diagnostics) {
        let replayed = Replayed {
            id: self.id.clone(),
            before: self.before.clone(),
            after: after.clone(),
            upgrade: self.steps.clone(),
            downgrade: Ok(downgrade),
            recorded: false,
        };
        for direction in [Direction::Upgrade, Direction::Downgrade] {
            let rows = (direction == Direction::Downgrade).then(|| self.id.clone()).into_iter().collect();
            let request = Request {
                dialect: &*self.context.dialect,
                graph: &self.graph,
                rows,
                direction,
                path: vec![self.id.clone()],
                tags: &Default::default(),
                ran_with: &Default::default(),
                transactions: true,
            };
            plan(&request, |_| Some(&replayed), |_| RevisionFile::default(), said);
        }
    }

    /// Rows for the tables that get some.
    fn fill(&mut self) -> Vec<Fill> {
        let mut fills = Vec::new();
        for name in self.facts.in_order() {
            let Some(table) = self.schema.table(&name).cloned() else { continue };
            let Some(facts) = self.facts.tables.get(&name) else { continue };
            if facts.empty {
                continue;
            }
            let first = facts.rows + 1;
            let last = (facts.rows + self.chance.below(ROWS + 1)).min(self.facts.room(&name));
            let rows: Vec<Mapping> = (first..=last).map(|number| self.row(&table, number)).collect();
            if !rows.is_empty() {
                fills.push(Fill { table: name.to_string(), rows });
            }
        }
        fills
    }

    /// Row `number` of a table, noted as put in.
    fn row(&mut self, table: &Arc<Table>, number: usize) -> Mapping {
        let mut row = Mapping::new();
        let mut nulls = Vec::new();
        for (name, found) in self.cells(table, number) {
            let nullable = table.column(&name).is_some_and(|column| column.nullable);
            let may_be_null = self.facts.tables.get(&table.name).and_then(|facts| facts.columns.get(&name));
            let may_be_null = nullable && may_be_null.is_some_and(|column| column.may_be_null);
            if may_be_null && self.chance.one_in(4) {
                row.insert(Yaml::from(name.clone()), Yaml::Null);
                nulls.push(name);
            } else {
                row.insert(Yaml::from(name), found);
            }
        }
        self.facts.filled(&table.name, &nulls);
        row
    }

    /// The value of each column that a row can give one, for row `number`.
    fn cells(&self, table: &Table, number: usize) -> Vec<(String, Yaml)> {
        let given = |column: &&crate::schema::Column| {
            column.computed.is_none() && !column.identity.is_some_and(|identity| identity.always)
        };
        let facts = self.facts.tables.get(&table.name);
        let cell = |column: &crate::schema::Column| {
            let origin = facts.and_then(|facts| facts.columns.get(&column.name)).map_or(&column.ty, |own| &own.origin);
            let words = origin.enum_name().and_then(|name| self.facts.words.get(name));
            (column.name.clone(), value(origin, &column.ty, number, words.map_or(&[][..], Vec::as_slice)))
        };
        table.columns.iter().filter(given).map(cell).collect()
    }

    /// A row for an `insert` operation: of a number that no other row has, and referring to nothing.
    pub(super) fn inserted_row(&mut self, table: &Table) -> Yaml {
        let number = self.inserted;
        self.inserted += 1;
        let refers = |name: &str| {
            table.foreign_keys().any(|(_, key)| key.columns.iter().any(|column| column == name))
                && table.column(name).is_some_and(|column| column.nullable)
        };
        let cells = self.cells(table, number).into_iter();
        let row: Mapping = cells
            .map(|(name, value)| match refers(&name) {
                true => (Yaml::from(name), Yaml::Null),
                false => (Yaml::from(name), value),
            })
            .collect();
        Yaml::Mapping(row)
    }

    /// A table.
    pub(super) fn any_table(&mut self) -> Option<Arc<Table>> {
        let tables: Vec<Arc<Table>> = self.schema.tables().cloned().collect();
        self.chance.pick(&tables)
    }

    /// A name that no table, index or enum has, in any case of letters.
    pub(super) fn object_name(&mut self) -> String {
        let mut known: Vec<String> = Vec::new();
        for table in self.schema.tables() {
            known.push(table.name.name.to_lowercase());
            known.extend(table.indexes.iter().map(|index| index.name.to_lowercase()));
            known.extend(table.constraints.iter().filter_map(|one| one.name.as_deref().map(str::to_lowercase)));
        }
        known.extend(self.schema.enums().map(|found| found.name.name.to_lowercase()));
        fresh(&mut self.chance, self.pool, |name| known.contains(&name.to_lowercase()))
    }

    /// A name that no column of a table has.
    pub(super) fn column_name(&mut self, taken: &[String]) -> String {
        fresh(&mut self.chance, self.pool, |name| taken.iter().any(|other| other.to_lowercase() == name.to_lowercase()))
    }
}
