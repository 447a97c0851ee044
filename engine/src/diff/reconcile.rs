//! A model in the words of a database, as far as the two mean the same.

use super::words::{self, Answer, Doubt, Owner, Part, Place, Question};
use crate::driver::{Connection, DriverError};
use crate::schema::{Object, ObjectId, Schema, Table, View};

/// A model after its texts were compared with those of a database.
#[derive(Debug, Clone)]
pub struct Reconciled {
    /// The model, normalized, with the database's own text wherever the database says that it is the same, and its name for
    /// a constraint to which the author gave none.
    pub model: Schema,
    /// What could not be decided. It counts as different.
    pub undecided: Vec<Undecided>,
}

/// Two texts of which a database did not say whether they are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// Where they stand.
    pub place: Place,
    /// Why it is not known, as a sentence without a full stop.
    pub reason: String,
}

/// Puts a model in the words of what was found in a database, wherever the database says that both mean the same.
///
/// `model` is as its author wrote it, because that is what the database is asked about; a normalized one does as well as
/// its text runs. `found` is what [`Connection::introspect`] gave, normalized or not. Costs no query when no text differs;
/// otherwise all doubts are settled together, in a few round trips, and nothing is left behind.
///
/// # Errors
/// When the connection is lost or its statement is interrupted. That something cannot be asked is no error: see
/// [`Reconciled::undecided`].
pub fn reconcile(connection: &mut dyn Connection, model: &Schema, found: &Schema) -> Result<Reconciled, DriverError> {
    let dialect = connection.dialect();
    let (normal, found) = (dialect.normalize(model), dialect.normalize(found));
    if normal == found {
        return Ok(Reconciled { model: normal, undecided: Vec::new() });
    }
    let (doubts, same) = words::find(&*dialect, model, &normal, &found);
    let mut settled = model.clone();
    for one in &same {
        settle(&mut settled, &found, one, 0);
    }
    // A text that this user may not read comes as none.
    let is_hidden = |doubt: &Doubt| {
        let first = doubt.candidates.first().filter(|part| **part == Part::Definition);
        first.is_some_and(|part| words::texts(&found, &doubt.place.owner, part).iter().all(String::is_empty))
    };
    let (hidden, doubts): (Vec<Doubt>, Vec<Doubt>) = doubts.into_iter().partition(is_hidden);
    let reason = "its text in the database cannot be read with the rights of this user";
    let told = |doubt: Doubt| Undecided { place: doubt.place, reason: reason.to_owned() };
    let mut undecided: Vec<Undecided> = hidden.into_iter().map(told).collect();
    if !doubts.is_empty() {
        let answers = connection.settle(&Question { model, found: &found, doubts: &doubts })?;
        let mut taken: Vec<(&Owner, &Part)> = Vec::new();
        for (doubt, answer) in doubts.iter().zip(answers) {
            match answer {
                Answer::Same(which) => {
                    // Two constraints without a name are not both the one that was found.
                    let Some(part) = doubt.candidates.get(which) else { continue };
                    if !taken.contains(&(&doubt.place.owner, part)) {
                        taken.push((&doubt.place.owner, part));
                        settle(&mut settled, &found, doubt, which);
                    }
                }
                Answer::Different => {}
                Answer::Undecided(reason) => undecided.push(Undecided { place: doubt.place.clone(), reason }),
            }
        }
    }
    Ok(Reconciled { model: dialect.normalize(&settled), undecided })
}

/// A view whose query is the found one has the names of its columns where that has them.
fn take_columns(model: &mut Schema, found: &Schema, id: &ObjectId) {
    if let (Some(Object::View(own)), Some(Object::View(found))) =
        (model.object(id).map(AsRef::as_ref), found.object(id).map(AsRef::as_ref))
        && own.columns != found.columns
    {
        let columns = found.columns.clone();
        model.put_object(Object::View(View { columns, ..own.clone() }));
    }
}

/// Takes over the found text of a place, and its name if it has none.
fn settle(model: &mut Schema, found: &Schema, doubt: &Doubt, which: usize) {
    let Some(part) = doubt.candidates.get(which) else { return };
    let texts = words::texts(found, &doubt.place.owner, part);
    words::put(model, &doubt.place.owner, &doubt.place.part, &texts);
    if let (Owner::Object(id), Part::Definition) = (&doubt.place.owner, &doubt.place.part) {
        take_columns(model, found, id);
    }
    if let (Owner::Table(table), Part::Unnamed(at), Part::Constraint(name)) =
        (&doubt.place.owner, &doubt.place.part, part)
        && let Some(mut table) = model.table(table).map(|table| Table::clone(table))
    {
        if let Some(constraint) = table.constraints.get_mut(*at) {
            constraint.name = Some(name.clone());
        }
        model.put_table(table);
    }
}
