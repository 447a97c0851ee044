//! A history on a database: up revision by revision with rows in between, down revision by revision, and up at once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use serde_yaml::{Mapping, Value as Yaml};

use super::chain::{Chain, To};
use super::document::{Document, Fill, list, map, text};
use super::fault::{Fault, Step};
use super::lineage::{self, Rows};
use super::recording::{Record, Recording};
use crate::change::{Change, Position};
use crate::conformance::catalog::{self, View};
use crate::conformance::difference::lines;
use crate::conformance::scratch::Scratch;
use crate::conformance::{Suite, desired, differences, standing};
use crate::diagnostic::Diagnostics;
use crate::driver::{Connection, Scope};
use crate::execute::{Journal, Outcome, RunError, Runner, Settings, Silent};
use crate::operation::{Context, Lowering, steps};
use crate::plan::Direction;
use crate::schema::{ObjectName, Schema};
use crate::source::{Sources, parse};

/// Runs a history on a database of its own.
///
/// # Errors
/// The first thing that is not as it should be.
pub(super) fn run(suite: &Suite, document: &Document, context: &Context) -> Result<(), Fault> {
    let chain = super::chain::read(document, context)?;
    let database = |why: String| Fault::new(Step::Database, why);
    let scratch = Scratch::create(suite, context.dialect.name()).map_err(database)?;
    let record = Record::default();
    let inner = scratch.connect().map_err(database)?;
    let connection = Recording { inner, record: record.clone() };
    let mut run =
        Run { suite, chain: &chain, connection: Box::new(connection), record, view: View::FULL, runs: 0, place: 0 };
    run.all(document)
}

/// A history on its way through a database.
struct Run<'a> {
    suite: &'a Suite,
    chain: &'a Chain,
    connection: Box<dyn Connection>,
    record: Record,
    view: View,
    runs: u32,
    /// How many revisions are applied.
    place: usize,
}

/// What the database looked like at a place.
struct Look {
    catalog: Schema,
    rows: Rows,
}

impl Run<'_> {
    fn all(&mut self, document: &Document) -> Result<(), Fault> {
        let mut looks = vec![self.look(0)?];
        for place in 0..self.chain.len() {
            self.note_limits(place, Direction::Upgrade);
            self.go(place + 1, Step::Up)?;
            let look = self.look(place + 1)?;
            self.compare_rows(place, Direction::Upgrade, &looks[place], &look)?;
            self.fill(&document.parts[place].fills, place + 1)?;
            let rows = self.rows(place + 1)?;
            looks.push(Look { rows, ..look });
        }
        let head = self.chain.len();
        self.idle()?;
        self.compare_with_standing(&looks[head])?;
        let mut now = looks.remove(head);
        let up = now.catalog.clone();
        for place in (0..head).rev() {
            self.note_limits(place, Direction::Downgrade);
            self.go(place, Step::Down)?;
            let look = self.look(place)?;
            self.same(&looks[place].catalog, &look.catalog, Step::Back, "the downgrade does not lead back")?;
            self.compare_rows(place, Direction::Downgrade, &now, &look)?;
            now = look;
        }
        let nothing = catalog::text(&*self.chain.context.dialect, &Schema::default(), View::FULL);
        let left = catalog::text(&*self.chain.context.dialect, &now.catalog, View::FULL);
        if left != nothing {
            return Err(Fault::new(Step::Left, format!("the downgrade to base leaves something behind\n{left}")));
        }
        self.view = View::FULL;
        (0..head).for_each(|place| self.note_limits(place, Direction::Upgrade));
        self.go(head, Step::Again)?;
        let again = self.look(head)?;
        self.same(&up, &again.catalog, Step::Again, "the whole history at once leads elsewhere")
    }

    /// Runs to a place, as a user's run would, and sees that what ran is the plan made without a database.
    fn go(&mut self, place: usize, step: Step) -> Result<(), Fault> {
        let from = self.place;
        self.record.take();
        self.start(place).map_err(|error| Fault::new(step, self.stopped(&error)))?;
        self.place = place;
        let ran = self.record.take();
        self.compare_with_offline(from, place, &ran)
    }

    fn start(&mut self, place: usize) -> Result<Outcome, RunError> {
        self.runs += 1;
        let dialect = self.connection.dialect();
        let journal = Journal::new(Arc::clone(&dialect), &version_table());
        let settings = Settings {
            run_id: format!("random-{}", self.runs),
            target: place.to_string(),
            lock_timeout: Some(Duration::from_secs(5)),
            lock_retries: 3,
            run_lock_timeout: Duration::from_secs(20),
            host: "test".to_owned(),
            pid: 1,
            tool: "conformance".to_owned(),
            tags: "[]".to_owned(),
            one_transaction: false,
        };
        let mut observer = Silent;
        let interrupted = Arc::new(AtomicBool::new(false));
        let mut runner = Runner::new(&mut *self.connection, journal, settings, &mut observer, interrupted);
        runner.run(&mut To { chain: self.chain, dialect, place })
    }

    fn stopped(&self, error: &RunError) -> String {
        match error {
            RunError::Plan(said) => self.chain.shown(said),
            RunError::Statement(failure) => format!("{}\n  in: {}", failure.error, failure.sql),
            RunError::Journal { doing, error } => format!("{doing}: {error}"),
            other => other.to_string(),
        }
    }

    fn compare_with_offline(&self, from: usize, to: usize, ran: &[String]) -> Result<(), Fault> {
        let wrong = |why: String| Fault::new(Step::Offline, why);
        let online = &self.chain.context.dialect;
        let dialect = self.suite.driver.dialect(online.name(), Some(online.version()));
        let dialect = dialect.map_err(|why| wrong(why.message))?;
        let plan = self.chain.plan(&*dialect, &self.chain.rows_at(from), to);
        let plan = plan.map_err(|said| wrong(self.chain.shown(&said)))?;
        let mut ran = ran.iter();
        for statement in plan.revisions.iter().flat_map(|revision| revision.statements()) {
            if !ran.any(|sql| *sql == statement.sql) {
                return Err(wrong(format!(
                    "a statement of the plan made without a database did not run: {}",
                    statement.sql
                )));
            }
        }
        Ok(())
    }

    /// Puts rows in, with the statements of the `insert` operation. Cells of columns that are not there are passed over, so
    /// that a history that is made smaller stays sound.
    fn fill(&mut self, fills: &[Fill], place: usize) -> Result<(), Fault> {
        let mut schema = self.chain.model(place).clone();
        for fill in fills {
            let Some(table) = schema.table(&ObjectName::from(fill.table.as_str())).cloned() else { continue };
            let known = |name: &Yaml| name.as_str().is_some_and(|name| table.column(name).is_some());
            let row = |row: &Mapping| {
                let cells = row.iter().filter(|(name, _)| known(name));
                Yaml::Mapping(cells.map(|(name, value)| (name.clone(), value.clone())).collect())
            };
            let rows: Vec<Yaml> = fill.rows.iter().map(row).collect();
            let insert = map([("table", Yaml::from(fill.table.clone())), ("rows", Yaml::Sequence(rows))]);
            let mut sources = Sources::default();
            let file = sources.add("rows.yaml", text(&list([map([("insert", insert)])])));
            let mut said = Diagnostics::default();
            let node = parse(&sources, file, &mut said);
            let read = node.map(|node| steps(&node, &self.chain.context, &mut said)).unwrap_or_default();
            let mut lowering = Lowering::new(&self.chain.context, schema.clone(), &mut said);
            let lowered = lowering.steps(&read);
            if said.has_errors() {
                let fault = Fault::refused(&said, &sources);
                return Err(fault.at(Step::Fill));
            }
            for change in lowered.into_iter().flat_map(|step| step.changes) {
                standing::run(&mut *self.connection, &*self.chain.context.dialect, &mut schema, &[change])
                    .map_err(|why| Fault::new(Step::Fill, why))?;
            }
        }
        Ok(())
    }

    /// Reads the catalog and the rows, and compares the catalog with the model.
    fn look(&mut self, place: usize) -> Result<Look, Fault> {
        let catalog = introspect(&mut *self.connection)?;
        catalog::compare(&mut *self.connection, self.chain.model(place), &catalog, self.view)
            .map_err(|why| Fault::new(Step::Catalog, format!("the catalog is not what the model says\n{why}")))?;
        differences::nothing(&mut *self.connection, &catalog, self.chain.model(place), self.view)
            .map_err(|why| Fault::new(Step::Nothing, why))?;
        let rows = self.rows(place)?;
        Ok(Look { catalog, rows })
    }

    fn rows(&mut self, place: usize) -> Result<Rows, Fault> {
        let dialect = Arc::clone(&self.chain.context.dialect);
        let mut all = Rows::new();
        for table in self.chain.model(place).tables() {
            let columns: Vec<String> = table.columns.iter().map(|column| dialect.quote(&column.name)).collect();
            let sql = format!("SELECT {} FROM {}", columns.join(", "), dialect.quote_name(&table.name));
            let rows = self.connection.query(&sql);
            let rows = rows.map_err(|error| Fault::new(Step::Rows, format!("{error}\n  in: {sql}")))?;
            all.insert(table.name.clone(), rows);
        }
        Ok(all)
    }

    /// Sees that rows are still the same after a revision.
    fn compare_rows(&self, lower: usize, direction: Direction, old: &Look, new: &Look) -> Result<(), Fault> {
        let changes = self.chain.changes(lower, direction);
        let (before, after) = match direction {
            Direction::Upgrade => (lower, lower + 1),
            Direction::Downgrade => (lower + 1, lower),
        };
        let (before, after) = (self.chain.model(before), self.chain.model(after));
        lineage::compare(&changes, (before, &old.rows), (after, &new.rows)).map_err(|why| Fault::new(Step::Rows, why))
    }

    /// A further run has nothing to do.
    fn idle(&mut self) -> Result<(), Fault> {
        match self.start(self.place) {
            Ok(outcome) if outcome.revisions.is_empty() && outcome.resumed.is_empty() => Ok(()),
            Ok(outcome) => Err(Fault::new(Step::Idle, format!("a further run runs {:?}", outcome.revisions))),
            Err(error) => Err(Fault::new(Step::Idle, self.stopped(&error))),
        }
    }

    /// Compares two catalogs, with every expression in them.
    fn same(&self, first: &Schema, second: &Schema, step: Step, what: &str) -> Result<(), Fault> {
        let dialect = &*self.chain.context.dialect;
        let (first, second) = (catalog::text(dialect, first, self.view), catalog::text(dialect, second, self.view));
        if first == second {
            return Ok(());
        }
        Err(Fault::new(step, format!("{what}\n- expected, + found\n{}", lines(&first, &second))))
    }

    /// Compares the catalog with that of a database whose schema is made from nothing.
    fn compare_with_standing(&self, look: &Look) -> Result<(), Fault> {
        let wrong = |why: String| Fault::new(Step::Standing, why);
        let database = Scratch::create(self.suite, self.chain.context.dialect.name()).map_err(wrong)?;
        let mut connection = database.connect().map_err(wrong)?;
        standing::create(&mut *connection, self.chain.model(self.place))
            .map_err(|why| wrong(format!("the schema cannot be made from nothing: {why}")))?;
        let made = introspect(&mut *connection)?;
        self.same(&made, &look.catalog, Step::Standing, "the steps lead to another schema than making it at once")?;
        desired::check_catalog(&self.chain.context, &look.catalog).map_err(|why| Fault::new(Step::Standing, why))
    }

    /// Notes what no longer counts once changes have run, as for a case: see [`View`].
    fn note_limits(&mut self, lower: usize, direction: Direction) {
        let changes = self.chain.changes(lower, direction);
        let elsewhere =
            |change: &&Change| matches!(change, Change::AddColumn { position, .. } if *position != Position::Last);
        // Where a generated column has to be made anew for the column that it is computed from, it comes last as well.
        let model = self.chain.model(lower);
        let made_anew = |change: &&Change| match change {
            Change::AlterColumn { table, before, after, .. } => {
                let other = before.ty != after.ty || before.collation != after.collation;
                let tables = model.table(table).into_iter().chain(self.chain.model(lower + 1).table(table));
                other && tables.into_iter().any(|table| table.columns.iter().any(|column| column.computed.is_some()))
            }
            _ => false,
        };
        let appends = !self.suite.options.places_columns;
        self.view.ordered &= !(appends && changes.iter().any(|change| elsewhere(change) || made_anew(change)));
        self.view.validated &= !changes.iter().any(|change| matches!(change, Change::InvalidateConstraint { .. }));
    }
}

pub(super) fn introspect(connection: &mut dyn Connection) -> Result<Schema, Fault> {
    let exclude = Journal::new(connection.dialect(), &version_table()).table_names();
    let scope = Scope { exclude, ..Scope::default() };
    let found = connection.introspect(&scope);
    found.map_err(|error| Fault::new(Step::Catalog, format!("the catalog cannot be read: {error}")))
}

fn version_table() -> ObjectName {
    ObjectName::new("aludel_version")
}
