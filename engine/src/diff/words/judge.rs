//! Whether what a server printed for a stand-in is what it prints for the object in question.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::head;
use super::place::{of_object, of_table, put};
use super::stand_in::Carrier;
use super::{Answer, Doubt, Owner, Part, Question, texts};
use crate::dialect::Dialect;
use crate::schema::{Object, ObjectClass, Schema, Table};

/// The answer to each doubt. `wrong` says why some of them could not be tried.
pub(super) fn answers(
    dialect: &dyn Dialect,
    question: &Question<'_>,
    carriers: &BTreeMap<usize, Carrier>,
    wrong: &BTreeMap<usize, String>,
    catalog: &Schema,
) -> Vec<Answer> {
    let printed = Printed::new(catalog);
    let doubts = question.doubts.iter().enumerate();
    let read = |place: usize| match (wrong.get(&place), carriers.get(&place)) {
        (Some(why), _) => Err(why.clone()),
        (None, Some(carrier)) => printed.texts(carrier).ok_or_else(|| "the catalog does not show it".to_owned()),
        (None, None) => Err("there is no way to try it here".to_owned()),
    };
    let read: Vec<Result<Vec<String>, String>> = doubts.map(|(place, _)| read(place)).collect();
    // In the words of the server everything is read in the place of what was found, so that both are normalized alike.
    // Several candidates of one doubt get one schema each.
    let rounds = question.doubts.iter().map(|doubt| doubt.candidates.len()).max().unwrap_or_default();
    let mut answers: Vec<Answer> = read
        .iter()
        .map(|texts| texts.as_ref().err().map_or(Answer::Different, |why| Answer::Undecided(why.clone())))
        .collect();
    for round in 0..rounds {
        let open: Vec<(usize, &Doubt, &Part, &Vec<String>)> = question
            .doubts
            .iter()
            .enumerate()
            .filter(|(place, _)| !matches!(answers[*place], Answer::Same(_)))
            .filter_map(|(place, doubt)| {
                let (part, texts) = (doubt.candidates.get(round)?, read[place].as_ref().ok()?);
                Some((place, doubt, part, texts))
            })
            .collect();
        // Two doubts about one candidate are not put in its place together.
        let mut open: std::collections::VecDeque<_> = open.into();
        while !open.is_empty() {
            let mut asked: Vec<(usize, &Doubt, &Part, &Vec<String>)> = Vec::new();
            let mut waiting = std::collections::VecDeque::new();
            let mut seen = std::collections::BTreeSet::new();
            for one in open {
                if seen.insert((&one.1.place.owner, one.2)) { asked.push(one) } else { waiting.push_back(one) }
            }
            for place in same(dialect, question.found, &asked) {
                answers[place] = Answer::Same(round);
            }
            open = waiting;
        }
    }
    answers
}

/// Which of the texts are, normalized in the place of what was found, what was found there.
fn same(dialect: &dyn Dialect, found: &Schema, asked: &[(usize, &Doubt, &Part, &Vec<String>)]) -> Vec<usize> {
    let mut schema = Schema::default();
    found.enums().for_each(|found| schema.put_enum(Arc::clone(found)));
    for (_, doubt, part, texts) in asked {
        let owner = &doubt.place.owner;
        match owner {
            Owner::Table(name) => {
                if let (None, Some(table)) = (schema.table(name), found.table(name)) {
                    schema.put_table(Arc::clone(table));
                }
            }
            Owner::Object(id) => {
                if let (None, Some(object)) = (schema.object(id), found.object(id)) {
                    schema.put_object(Arc::clone(object));
                }
            }
        }
        put(&mut schema, owner, part, &with_head_of(dialect, found, owner, part, texts));
    }
    let schema = dialect.normalize(&schema);
    let equal = |(_, doubt, part, _): &&(usize, &Doubt, &Part, &Vec<String>)| {
        texts(&schema, &doubt.place.owner, part) == texts(found, &doubt.place.owner, part)
    };
    asked.iter().filter(equal).map(|(place, ..)| *place).collect()
}

/// The statement of a routine or trigger with the names that the one in question has.
fn with_head_of(dialect: &dyn Dialect, found: &Schema, owner: &Owner, part: &Part, printed: &[String]) -> Vec<String> {
    let (Owner::Object(id), Part::Definition, [sql]) = (owner, part, printed) else { return printed.to_vec() };
    if !matches!(id.class, ObjectClass::Routine | ObjectClass::Trigger) {
        return printed.to_vec();
    }
    let own = texts(found, owner, part);
    let lexicon = dialect.lexicon();
    let names = own.first().and_then(|own| Some((own, head::names(own, id.class, lexicon)?)));
    match (names, head::names(sql, id.class, lexicon)) {
        (Some((own, names)), Some(places)) => {
            let names: Vec<&str> = names.into_iter().map(|name| own.get(name).unwrap_or_default()).collect();
            vec![head::with(sql, &places, &names)]
        }
        _ => printed.to_vec(),
    }
}

/// What the catalog says of stand-ins, by their names alone.
struct Printed<'a> {
    tables: BTreeMap<&'a str, &'a Arc<Table>>,
    objects: BTreeMap<(ObjectClass, String), &'a Arc<Object>>,
}

impl<'a> Printed<'a> {
    fn new(catalog: &'a Schema) -> Self {
        Printed {
            tables: catalog.tables().map(|table| (table.name.name.as_str(), table)).collect(),
            objects: catalog.objects().map(|object| ((object.class(), object.id().name.name), object)).collect(),
        }
    }

    fn texts(&self, carrier: &Carrier) -> Option<Vec<String>> {
        let cloned = |slots: Vec<&mut String>| slots.into_iter().map(|slot| slot.clone()).collect::<Vec<_>>();
        let texts = match carrier.class {
            None => cloned(of_table(&mut Table::clone(self.tables.get(carrier.name.as_str())?), &carrier.part)),
            Some(class) => {
                let object = self.objects.get(&(class, carrier.name.clone()))?;
                cloned(of_object(&mut Object::clone(object), &carrier.part))
            }
        };
        Some(texts).filter(|texts| !texts.is_empty())
    }
}
