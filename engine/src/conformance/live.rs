//! A case on a database: up, compared with the model, looked at again by another session, down, and up again.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::catalog::View;
use super::difference::lines;
use super::history::{History, Stop, To};
use super::rows::{self, Rows};
use super::scratch::Scratch;
use super::spec::{Case, Spec};
use super::{Suite, catalog, desired, differences, offline, standing};
use crate::change::{Change, Position};
use crate::diagnostic::Diagnostics;
use crate::driver::{Connection, Scope};
use crate::execute::{Journal, Outcome, RunError, Runner, Settings, Silent};
use crate::plan::Direction;
use crate::schema::{ObjectName, Schema};

/// Runs a case on a database of its own.
pub(super) fn run(suite: &Suite, case: &Case, name: &str) -> Result<(), String> {
    let spec = suite.read(case, name)?;
    let scratch = Scratch::create(suite, name)?;
    let connection = scratch.connect()?;
    let dialect = connection.dialect();
    if dialect.name() != name {
        return Err(format!("the server speaks {}, not {name}", dialect.name()));
    }
    if let Some(code) = spec.refusal(name, dialect.version()) {
        return offline::refused(suite, &spec, &dialect, code).map(|_| ());
    }
    let mut diagnostics = Diagnostics::default();
    let history = History::replay(suite, &spec, Arc::clone(&dialect), &mut diagnostics);
    let Some(history) = history.filter(|_| !diagnostics.has_errors()) else { return Err(spec.shown(&diagnostics)) };
    let mut live =
        Live { suite, spec: &spec, history: &history, scratch: &scratch, connection, view: View::FULL, runs: 0 };
    live.case()
}

/// A case on its way through a database.
struct Live<'a> {
    suite: &'a Suite,
    spec: &'a Spec,
    history: &'a History,
    scratch: &'a Scratch,
    connection: Box<dyn Connection>,
    view: View,
    /// How many runs there were.
    runs: u32,
}

impl Live<'_> {
    fn case(&mut self) -> Result<(), String> {
        self.go(Stop::Given, "running `given`")?;
        let spec = self.spec;
        rows::put(&mut *self.connection, self.history, spec, Stop::Given, &spec.rows)?;
        let (given, given_rows) = self.look(Stop::Given, "after `given`")?;

        self.note_limits(Direction::Upgrade);
        if let Some(words) = &spec.fails {
            return self.fails(words, &given, &given_rows);
        }
        self.go(Stop::When, "running `when`")?;
        let (after, after_rows) = self.look(Stop::When, "after `when`")?;
        self.compare_with_standing(&after, Stop::When, &spec.rows_after)?;
        differences::nothing(&mut *self.connection, &after, self.history.model(Stop::When), self.view)?;
        let namespaces = self.history.namespaces();
        differences::on_a_database(self.suite, self.history, &|connection| introspect(connection, &namespaces))?;
        desired::check_catalog(&self.history.context, &after)?;
        let makes_rows =
            |change: &&Change| matches!(change, Change::InsertRows(_) | Change::LoadRows(_) | Change::Execute(_));
        let may_grow = self.history.changes(Direction::Upgrade).iter().any(makes_rows);
        given_rows.kept(&after_rows, &spec.rows_after, None, may_grow)?;
        for (name, cells) in &spec.cells_after {
            let table = self.history.model(Stop::When).table(&ObjectName::from(name.as_str()));
            let table = table.ok_or_else(|| format!("cells are expected of `{name}`, which is no table"))?;
            rows::expect_cells(&mut *self.connection, table, cells)?;
        }
        self.reconnect()?;
        let (again, again_rows) = self.look(Stop::When, "after connecting anew")?;
        self.same(&after, &again, "connecting anew shows another schema")?;
        after_rows.kept(&again_rows, &[], None, false)?;
        self.idle(Stop::When)?;
        if !spec.reversible {
            return Ok(());
        }

        self.note_limits(Direction::Downgrade);
        self.go(Stop::Given, "running the downgrade")?;
        let (back, back_rows) = self.look(Stop::Given, "after the downgrade")?;
        self.same(&given, &back, "the downgrade does not lead back")?;
        let lossless = [Direction::Upgrade, Direction::Downgrade]
            .into_iter()
            .all(|direction| !self.history.changes(direction).into_iter().any(Change::loses_data));
        given_rows.kept(&back_rows, &spec.rows_after_down, (!lossless).then_some(&after_rows), false)?;
        if !spec.rows_after_down.is_empty() {
            let (_database, mut standing) = self.standing(Stop::Given)?;
            let expected = &spec.rows_after_down;
            rows::expect(&mut *self.connection, &mut *standing, self.history, spec, Stop::Given, expected)
                .map_err(|why| format!("after the downgrade: {why}"))?;
        }

        self.go(Stop::When, "running `when` again")?;
        let (second, second_rows) = self.look(Stop::When, "after the second upgrade")?;
        self.same(&after, &second, "the second upgrade leads elsewhere")?;
        if lossless && spec.rows_after_down.is_empty() {
            after_rows.kept(&second_rows, &[], None, false)?;
        }
        self.leave()
    }

    /// The steps fail, and everything is as it was.
    fn fails(&mut self, words: &str, given: &Schema, given_rows: &Rows) -> Result<(), String> {
        match self.go(Stop::When, "running `when`") {
            Ok(()) => return Err(format!("running `when` is to fail with `{words}`, and does not")),
            Err(why) if !why.contains(words) => return Err(format!("the failure is to say `{words}`\n{why}")),
            Err(_) => {}
        }
        self.reconnect()?;
        let (found, rows) = self.look(Stop::Given, "after the failure")?;
        self.same(given, &found, "the failure left another schema")?;
        given_rows.kept(&rows, &[], None, false)
    }

    /// Down to nothing.
    fn leave(&mut self) -> Result<(), String> {
        if !self.history.leads_to_base() {
            return Ok(());
        }
        self.go(Stop::Base, "running the downgrade to base")?;
        let left = self.introspect()?;
        let nothing = catalog::text(&*self.history.dialect, &Schema::default(), View::FULL);
        let left = catalog::text(&*self.history.dialect, &left, View::FULL);
        if left == nothing { Ok(()) } else { Err(format!("the downgrade to base leaves something behind\n{left}")) }
    }

    /// Runs to a place, as a user's run would.
    fn go(&mut self, stop: Stop, what: &str) -> Result<(), String> {
        self.run(stop).map(|_| ()).map_err(|error| format!("{what}: {}", self.stopped(&error)))
    }

    fn run(&mut self, stop: Stop) -> Result<Outcome, RunError> {
        self.runs += 1;
        let journal = Journal::new(self.connection.dialect(), &version_table());
        let settings = Settings {
            run_id: format!("conformance-{}", self.runs),
            target: format!("{stop:?}"),
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
        runner.run(&mut To(self.history, stop))
    }

    fn stopped(&self, error: &RunError) -> String {
        match error {
            RunError::Plan(diagnostics) => self.spec.shown(diagnostics),
            RunError::Statement(failure) => format!("{}\n  in: {}", failure.error, failure.sql),
            RunError::Journal { doing, error } => format!("{doing}: {error}"),
            other => other.to_string(),
        }
    }

    /// A further run has nothing to do.
    fn idle(&mut self, stop: Stop) -> Result<(), String> {
        match self.run(stop) {
            Ok(outcome) if outcome.revisions.is_empty() && outcome.resumed.is_empty() => Ok(()),
            Ok(outcome) => Err(format!("a further run runs {:?}", outcome.revisions)),
            Err(error) => Err(format!("a further run: {}", self.stopped(&error))),
        }
    }

    fn introspect(&mut self) -> Result<Schema, String> {
        introspect(&mut *self.connection, &self.history.namespaces())
    }

    /// Reads the catalog and the rows, and compares the catalog with the model.
    fn look(&mut self, stop: Stop, when: &str) -> Result<(Schema, Rows), String> {
        let found = self.introspect()?;
        let model = self.history.model(stop);
        catalog::compare(&mut *self.connection, model, &found, self.view)
            .map_err(|why| format!("{when} the catalog is not what the model says\n{why}"))?;
        let rows = rows::read(&mut *self.connection, model)?;
        Ok((found, rows))
    }

    /// Compares two catalogs, with every expression in them.
    fn same(&self, first: &Schema, second: &Schema, what: &str) -> Result<(), String> {
        let dialect = &*self.history.dialect;
        let (first, second) = (catalog::text(dialect, first, self.view), catalog::text(dialect, second, self.view));
        if first == second {
            return Ok(());
        }
        Err(format!("{what}\n- expected, + found\n{}", lines(&first, &second)))
    }

    /// A database whose schema was made from nothing.
    fn standing(&self, stop: Stop) -> Result<(Scratch, Box<dyn Connection>), String> {
        let database = Scratch::create(self.suite, self.history.dialect.name())?;
        let mut connection = database.connect()?;
        standing::create(&mut *connection, self.history.model(stop))
            .map_err(|why| format!("the schema cannot be made from nothing: {why}"))?;
        Ok((database, connection))
    }

    /// Compares the catalog with one that was made from nothing, and the rows with those the case expects.
    fn compare_with_standing(
        &mut self,
        found: &Schema,
        stop: Stop,
        expected: &[(String, crate::source::Node)],
    ) -> Result<(), String> {
        let (_database, mut standing) = self.standing(stop)?;
        let made = introspect(&mut *standing, &self.history.namespaces())?;
        self.same(&made, found, "the steps lead to another schema than making it at once")?;
        standing::without_triggers(&mut *standing, self.history.model(stop))?;
        rows::expect(&mut *self.connection, &mut *standing, self.history, self.spec, stop, expected)
    }

    fn reconnect(&mut self) -> Result<(), String> {
        self.connection = self.scratch.connect()?;
        Ok(())
    }

    /// Notes what no longer counts once changes have run: the order of columns where a dialect can only append and one
    /// was to go elsewhere, and the validation of constraints once one was taken back.
    fn note_limits(&mut self, direction: Direction) {
        let changes = self.history.changes(direction);
        let elsewhere =
            |change: &&Change| matches!(change, Change::AddColumn { position, .. } if *position != Position::Last);
        let appends = !self.suite.options.places_columns;
        self.view.ordered &= !(appends && changes.iter().any(elsewhere));
        self.view.validated &= !changes.iter().any(|change| matches!(change, Change::InvalidateConstraint { .. }));
    }
}

/// Reads a catalog, without the tool's own tables.
pub(super) fn introspect(connection: &mut dyn Connection, namespaces: &[String]) -> Result<Schema, String> {
    let exclude = Journal::new(connection.dialect(), &version_table()).table_names();
    let scope = Scope { exclude, namespaces: namespaces.to_vec(), ..Scope::default() };
    connection.introspect(&scope).map_err(|error| format!("the catalog cannot be read: {error}"))
}

fn version_table() -> ObjectName {
    ObjectName::new("aludel_version")
}
