//! Objects that stand in for those whose texts are in doubt: with their columns and their doubtful texts, and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::head;
use super::place::PARTITION_BY;
use super::{Ground, Owner, Part, Question};
use crate::change::{Change, Position};
use crate::dialect::{Compile, Dialect};
use crate::schema::{
    Column, Constraint, Domain, Index, Object, ObjectClass, ObjectName, OptionValue, Options, Partition, Schema, Table,
    Trigger, View,
};
use crate::sql::rename_qualifier;

/// Statements that are tried together: when one fails, the rest of them are left out.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) statements: Vec<String>,
    /// The doubts that are settled by what it makes.
    pub(super) doubts: Vec<usize>,
    /// The trial that must have gone well.
    pub(super) parent: Option<usize>,
    /// Whether its doubts can be tried one by one.
    pub(super) divisible: bool,
    /// What removes what it made.
    pub(super) removal: Vec<String>,
}

/// Where the text of a doubt is read again.
#[derive(Debug, Clone)]
pub(super) struct Carrier {
    /// What kind of object; none for a table.
    pub(super) class: Option<ObjectClass>,
    pub(super) name: String,
    pub(super) part: Part,
}

/// Makes stand-ins.
pub(super) struct Builder<'a> {
    dialect: &'a dyn Dialect,
    question: &'a Question<'a>,
    ground: &'a Ground,
    number: usize,
    pub(super) carriers: BTreeMap<usize, Carrier>,
    pub(super) trials: Vec<Trial>,
    /// Why a doubt cannot even be tried.
    pub(super) refused: BTreeMap<usize, String>,
}

/// What a stand-in is to carry: the doubt, and the part as its author wrote it.
enum Piece {
    Column(Column),
    Constraint(Constraint),
    Index(Index),
}

impl<'a> Builder<'a> {
    pub(super) fn new(dialect: &'a dyn Dialect, question: &'a Question<'a>, ground: &'a Ground) -> Self {
        Builder {
            dialect,
            question,
            ground,
            number: 0,
            carriers: BTreeMap::new(),
            trials: Vec::new(),
            refused: BTreeMap::new(),
        }
    }

    /// Stand-ins for all doubts, those of a table together.
    pub(super) fn everything(&mut self) {
        let mut by_owner: BTreeMap<&Owner, Vec<usize>> = BTreeMap::new();
        for (doubt, found) in self.question.doubts.iter().enumerate() {
            by_owner.entry(&found.place.owner).or_default().push(doubt);
        }
        let mut partitions: BTreeMap<ObjectName, Vec<usize>> = BTreeMap::new();
        for (owner, doubts) in by_owner {
            match owner {
                Owner::Table(name) => {
                    let part = |doubt: &usize| &self.question.doubts[*doubt].place.part;
                    let (divisions, rest): (Vec<usize>, Vec<usize>) = doubts
                        .into_iter()
                        .partition(|doubt| matches!(part(doubt), Part::PartitionBy | Part::PartitionValues));
                    for doubt in divisions {
                        match (&self.question.doubts[doubt].place.part, self.question.model.table(name)) {
                            (Part::PartitionValues, Some(table)) => {
                                let of = table.partition.as_ref().map(|partition| partition.of.clone());
                                partitions.entry(of.unwrap_or_default()).or_default().push(doubt);
                            }
                            _ => self.divided(name, doubt),
                        }
                    }
                    if !rest.is_empty() {
                        self.whole(name, &rest);
                    }
                }
                Owner::Object(id) => {
                    for doubt in doubts {
                        self.object(id, doubt);
                    }
                }
            }
        }
        for (whole, doubts) in partitions {
            self.partitions(&whole, &doubts);
        }
    }

    /// The doubts of a trial once more, each on its own.
    pub(super) fn one_by_one(&mut self, doubts: &[usize]) {
        let Some(Owner::Table(table)) = doubts.first().map(|doubt| &self.question.doubts[*doubt].place.owner) else {
            return;
        };
        let base = self.base(table);
        let name = base.name.clone();
        let create = Change::CreateTable { table: Arc::new(base.clone()), if_not_exists: false };
        let parent = self.trials.len();
        let mut schema = self.question.found.clone();
        if self.add(&mut schema, &[create], doubts, Vec::new(), None).is_none() {
            return;
        }
        for doubt in doubts {
            let Some((piece, part)) = self.piece(table, *doubt) else { continue };
            let table = name.clone();
            let change = match piece {
                Piece::Column(column) => {
                    Change::AddColumn { table, column, position: Position::Last, if_not_exists: false }
                }
                Piece::Constraint(constraint) => Change::AddConstraint { table, constraint },
                Piece::Index(index) => Change::CreateIndex { table, index, if_not_exists: false },
            };
            self.carriers.insert(*doubt, Carrier { class: None, name: name.name.clone(), part });
            // Each of them beside the bare table, because the others may not be there.
            let mut beside = schema.clone();
            self.add(&mut beside, &[change], &[*doubt], vec![*doubt], Some(parent));
        }
    }

    /// A stand-in with all doubtful parts of a table.
    fn whole(&mut self, table: &ObjectName, doubts: &[usize]) {
        let mut stand_in = self.base(table);
        for doubt in doubts {
            let Some((piece, part)) = self.piece(table, *doubt) else { continue };
            match piece {
                Piece::Column(column) => stand_in.columns.push(column),
                Piece::Constraint(constraint) => stand_in.constraints.push(constraint),
                Piece::Index(index) => stand_in.indexes.push(index),
            }
            self.carriers.insert(*doubt, Carrier { class: None, name: stand_in.name.name.clone(), part });
        }
        let change = Change::CreateTable { table: Arc::new(stand_in), if_not_exists: false };
        let mut schema = self.question.found.clone();
        if self.add(&mut schema, &[change], &[], doubts.to_vec(), None).is_none() {
            // The dialect says which of them it cannot do when they come one by one.
            self.one_by_one(doubts);
        } else if let Some(trial) = self.trials.last_mut() {
            trial.divisible = doubts.len() > 1;
        }
    }

    /// A stand-in that is divided as the model says.
    fn divided(&mut self, table: &ObjectName, doubt: usize) {
        let mut stand_in = self.base(table);
        let written = self.question.model.table(table).and_then(|table| table.options.get(PARTITION_BY).cloned());
        stand_in.options.0.extend(written.map(|text| (PARTITION_BY.to_owned(), text)));
        let carrier = Carrier { class: None, name: stand_in.name.name.clone(), part: Part::PartitionBy };
        self.carriers.insert(doubt, carrier);
        let change = Change::CreateTable { table: Arc::new(stand_in), if_not_exists: false };
        let mut schema = self.question.found.clone();
        self.add(&mut schema, &[change], &[doubt], vec![doubt], None);
    }

    /// A stand-in for a divided table, as it is, and its doubtful partitions, as the model has them.
    fn partitions(&mut self, whole: &ObjectName, doubts: &[usize]) {
        let mut stand_in = self.base(whole);
        let divided = self.question.found.table(whole).and_then(|table| table.options.get(PARTITION_BY).cloned());
        stand_in.options.0.extend(divided.map(|text| (PARTITION_BY.to_owned(), text)));
        let of = stand_in.name.clone();
        let columns = stand_in.columns.clone();
        let change = Change::CreateTable { table: Arc::new(stand_in), if_not_exists: false };
        let parent = self.trials.len();
        let mut schema = self.question.found.clone();
        if self.add(&mut schema, &[change], doubts, Vec::new(), None).is_none() {
            return;
        }
        for doubt in doubts {
            let Owner::Table(table) = &self.question.doubts[*doubt].place.owner else { continue };
            let written = self.question.model.table(table).and_then(|table| table.partition.clone());
            let Some(partition) = written else { continue };
            let name = self.name();
            let carrier = Carrier { class: None, name: name.name.clone(), part: Part::PartitionValues };
            self.carriers.insert(*doubt, carrier);
            let mut stand_in = Table::new(name);
            stand_in.columns.clone_from(&columns);
            stand_in.partition = Some(Partition { of: of.clone(), ..partition });
            let change = Change::CreateTable { table: Arc::new(stand_in), if_not_exists: false };
            let mut beside = schema.clone();
            self.add(&mut beside, &[change], &[*doubt], vec![*doubt], Some(parent));
        }
    }

    /// A stand-in for another object.
    fn object(&mut self, id: &crate::schema::ObjectId, doubt: usize) {
        let part = self.question.doubts[doubt].place.part.clone();
        let Some(object) = super::place::object(self.question.model, id).map(|object| Object::clone(object)) else {
            return;
        };
        let lexicon = self.dialect.lexicon();
        let name = self.name();
        let mut carrier = Carrier { class: Some(object.class()), name: name.name.clone(), part: part.clone() };
        let mut changes = Vec::new();
        match (object, &part) {
            (Object::View(view), Part::Index(index)) => return self.index_of_view(&view, index, name, doubt),
            (Object::View(view), _) => {
                let columns = view.columns;
                changes.push(create(Object::View(View { sql: view.sql, columns, ..View::named(name) })));
            }
            (Object::Domain(domain), _) => {
                let checks = domain.checks.into_iter();
                let stand_in = Domain {
                    default: domain.default.filter(|_| part == Part::DomainDefault),
                    checks: checks.filter(|check| part == Part::DomainCheck(check.name.clone())).collect(),
                    comment: None,
                    name,
                    ..domain
                };
                changes.push(create(Object::Domain(stand_in)));
            }
            (Object::Routine(mut routine), _) => {
                let Some(places) = head::names(&routine.sql, ObjectClass::Routine, lexicon) else {
                    return self.not_understood(doubt);
                };
                routine.sql = head::with(&routine.sql, &places, &[&self.dialect.quote_name(&name)]);
                // Its comment stays: some servers print it as part of the statement.
                routine.name = name;
                changes.push(create(Object::Routine(routine)));
            }
            (Object::Trigger(trigger), _) => {
                let Some(places) = head::names(&trigger.sql, ObjectClass::Trigger, lexicon) else {
                    return self.not_understood(doubt);
                };
                if self.question.found.table(&trigger.table).is_none() {
                    self.refused.insert(doubt, "a trigger of a view cannot be tried without the view".to_owned());
                    return;
                }
                let table = self.base(&trigger.table);
                let own = match self.ground.qualified_triggers {
                    true => self.dialect.quote_name(&name),
                    false => self.dialect.quote(&name.name),
                };
                let sql = head::with(&trigger.sql, &places, &[&own, &self.dialect.quote_name(&table.name)]);
                carrier.name.clone_from(&name.name);
                let stand_in = Trigger { name: name.name, table: table.name.clone(), sql, comment: None };
                changes.push(Change::CreateTable { table: Arc::new(table), if_not_exists: false });
                changes.push(create(Object::Trigger(stand_in)));
            }
            (Object::Namespace(_) | Object::Extension(_) | Object::Sequence(_), _) => return,
        }
        self.carriers.insert(doubt, carrier);
        let mut schema = self.question.found.clone();
        self.add(&mut schema, &changes, &[doubt], vec![doubt], None);
    }

    /// An index of a materialized view, on a table that has the columns of the view.
    fn index_of_view(&mut self, view: &View, index: &str, name: ObjectName, doubt: usize) {
        let index = view.indexes.iter().find(|found| found.name == index);
        let (Some(index), Some(like)) = (index, self.ground.like) else { return };
        let index = self.bare_index(index);
        self.carriers
            .insert(doubt, Carrier { class: None, name: name.name.clone(), part: Part::Index(index.name.clone()) });
        let sql = like(&self.dialect.quote_name(&name), &self.dialect.quote_name(&view.name));
        let mut schema = self.question.found.clone();
        schema.put_table(Table::new(name.clone()));
        let change = Change::CreateIndex { table: name, index, if_not_exists: false };
        if self.add(&mut schema, &[change], &[doubt], vec![doubt], None).is_some()
            && let Some(trial) = self.trials.last_mut()
        {
            trial.statements.insert(0, sql);
        }
    }

    /// A table with the columns that were found, and those that only the model has, bare of everything else.
    fn base(&mut self, table: &ObjectName) -> Table {
        let mut stand_in = Table::new(self.name());
        let (model, found) = (self.question.model.table(table), self.question.found.table(table));
        // The columns of a partition are its table's.
        let whole = found.and_then(|found| found.partition.as_ref()).map(|partition| partition.of.clone());
        let of_whole = whole.and_then(|whole| self.question.found.table(&whole));
        let of_found = found.filter(|found| !found.columns.is_empty()).or(of_whole);
        let own = of_found.into_iter().flat_map(|found| &found.columns);
        let new = model.into_iter().flat_map(|model| &model.columns);
        for column in own.chain(new) {
            if stand_in.column(&column.name).is_none() {
                stand_in.columns.push(self.bare(column));
            }
        }
        for name in self.ground.table_options {
            let option = found.and_then(|found| found.options.get(name));
            option.into_iter().for_each(|value| stand_in.options.set(*name, value.clone()));
        }
        stand_in
    }

    fn bare(&self, column: &Column) -> Column {
        let mut bare = Column::new(&column.name, column.ty.clone());
        bare.collation.clone_from(&column.collation);
        bare.options = kept(&column.options, self.ground.column_options);
        bare
    }

    /// The doubtful part of a table as its author wrote it, under a name of its own, and where it is read again.
    fn piece(&mut self, table: &ObjectName, doubt: usize) -> Option<(Piece, Part)> {
        let model = self.question.model.table(table)?;
        let lexicon = self.dialect.lexicon();
        let to = self.name().name;
        match &self.question.doubts[doubt].place.part {
            part @ (Part::Default(name) | Part::Computed(name)) => {
                let written = model.column(name)?;
                let found = self.question.found.table(table).and_then(|found| found.column(name));
                let mut column = Column { name: to.clone(), ..self.bare(found.unwrap_or(written)) };
                if let Part::Default(_) = part {
                    column.default.clone_from(&written.default);
                    return Some((Piece::Column(column), Part::Default(to)));
                }
                column.computed.clone_from(&written.computed);
                column
                    .computed
                    .iter_mut()
                    .for_each(|computed| computed.sql = unqualified(&computed.sql, table, lexicon));
                Some((Piece::Column(column), Part::Computed(to)))
            }
            part @ (Part::Constraint(_) | Part::Unnamed(_)) => {
                let mut places = model.constraints.iter().enumerate();
                let written = places.find(|(at, constraint)| match part {
                    Part::Unnamed(place) => at == place,
                    Part::Constraint(name) => constraint.name.as_ref() == Some(name),
                    _ => false,
                });
                let mut constraint = Constraint::new(Some(to.clone()), written?.1.kind.clone());
                for sql in constraint.expressions_mut() {
                    *sql = unqualified(sql, table, lexicon);
                }
                Some((Piece::Constraint(constraint), Part::Constraint(to)))
            }
            Part::Index(name) => {
                let mut index = self.bare_index(model.index(name)?);
                super::place::of_index(&mut index).for_each(|sql| *sql = unqualified(sql, table, lexicon));
                let part = Part::Index(index.name.clone());
                Some((Piece::Index(index), part))
            }
            _ => None,
        }
    }

    fn bare_index(&mut self, index: &Index) -> Index {
        Index {
            name: self.name().name,
            comment: None,
            unique: false,
            options: kept(&index.options, self.ground.index_options),
            ..index.clone()
        }
    }

    fn name(&mut self) -> ObjectName {
        self.number += 1;
        let name = format!("{}{}", self.ground.prefix, self.number);
        ObjectName { schema: self.ground.namespace.clone(), name }
    }

    fn not_understood(&mut self, doubt: usize) {
        self.refused.insert(doubt, "the head of the statement was not understood".to_owned());
    }

    /// Compiles changes into a trial. When the dialect refuses, `blamed` are told why.
    fn add(
        &mut self,
        schema: &mut Schema,
        changes: &[Change],
        blamed: &[usize],
        doubts: Vec<usize>,
        parent: Option<usize>,
    ) -> Option<()> {
        let mut statements = Vec::new();
        let mut removal = Vec::new();
        for change in changes {
            let before = schema.clone();
            let applied = change.apply(schema, self.dialect.lexicon()).map_err(|conflict| conflict.to_string());
            let compiled = applied.and_then(|()| {
                let context = Compile { before: &before, after: schema };
                self.dialect.compile(&context, std::slice::from_ref(change)).map_err(|refusal| refusal.message)
            });
            match compiled {
                Ok(found) => statements.extend(found.into_iter().map(|statement| statement.sql)),
                Err(why) => {
                    self.refused.extend(blamed.iter().map(|doubt| (*doubt, why.clone())));
                    return None;
                }
            }
            let undone = match change {
                Change::CreateTable { table, .. } => Some(Change::DropTable { table: Arc::clone(table) }),
                Change::CreateObject { object, .. } if object.class() != ObjectClass::Trigger => {
                    Some(Change::DropObject { object: Arc::clone(object) })
                }
                _ => None,
            };
            let context = Compile { before: schema, after: &before };
            let undone = undone.and_then(|undone| self.dialect.compile(&context, &[undone]).ok()).unwrap_or_default();
            removal.extend(undone.into_iter().map(|statement| statement.sql));
        }
        removal.reverse();
        self.trials.push(Trial { statements, doubts, parent, divisible: false, removal });
        Some(())
    }
}

fn create(object: Object) -> Change {
    Change::CreateObject { object: Arc::new(object), if_not_exists: false }
}

fn kept(options: &Options, names: &[&str]) -> Options {
    let pairs = options.0.iter().filter(|(name, _)| names.contains(&name.as_str()));
    Options(pairs.map(|(name, value): (&String, &OptionValue)| (name.clone(), value.clone())).collect())
}

/// An expression in which the columns are not qualified by the name of the table, which the stand-in does not have.
fn unqualified(sql: &str, table: &ObjectName, lexicon: &crate::sql::Lexicon) -> String {
    const MARK: &str = "aludel_stand_in";
    let marked = rename_qualifier(sql, table.schema.as_deref(), &table.name, MARK, lexicon);
    if marked == sql {
        return marked;
    }
    let qualifiers = table.schema.iter().map(|schema| format!("{schema}.{MARK}."));
    let qualifiers =
        qualifiers.chain(['"', '`'].map(|quote| format!("{quote}{MARK}{quote}."))).chain([format!("{MARK}.")]);
    qualifiers.fold(marked, |text, qualifier| text.replace(&qualifier, ""))
}
