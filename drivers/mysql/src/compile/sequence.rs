//! Sequences, which MariaDB has. <https://mariadb.com/kb/en/create-sequence/>

use aludel_engine::dialect::Unsupported;
use aludel_engine::plan::{LockLevel, Statement};
use aludel_engine::schema::Sequence;

use super::Compiler;

impl Compiler<'_> {
    pub(super) fn create_sequence(
        &self,
        sequence: &Sequence,
        if_not_exists: bool,
    ) -> Result<Vec<Statement>, Unsupported> {
        refuse_owner(sequence)?;
        let exists = if if_not_exists { "IF NOT EXISTS " } else { "" };
        let mut sql = format!("CREATE SEQUENCE {exists}{}", self.name(&sequence.name));
        for (word, value) in numbers(sequence) {
            if let Some(value) = value {
                sql.push_str(&format!(" {word} {value}"));
            }
        }
        if sequence.cycle {
            sql.push_str(" CYCLE");
        }
        Ok(vec![Statement::ddl(sql).outside().locks(&sequence.name, LockLevel::BlocksAll)])
    }

    /// The properties of a sequence change; the number it has reached stays.
    pub(super) fn alter_sequence(&self, before: &Sequence, after: &Sequence) -> Result<Vec<Statement>, Unsupported> {
        refuse_owner(after)?;
        let mut actions = Vec::new();
        for ((word, old), (_, new)) in numbers(before).into_iter().zip(numbers(after)) {
            match new {
                new if old == new => {}
                Some(value) => actions.push(format!("{word} {value}")),
                None => actions.push(usual(word, after)),
            }
        }
        match (before.cycle, after.cycle) {
            (false, true) => actions.push("CYCLE".to_owned()),
            (true, false) => actions.push("NOCYCLE".to_owned()),
            _ => {}
        }
        if actions.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!("ALTER SEQUENCE {} {}", self.name(&after.name), actions.join(" "));
        Ok(vec![Statement::ddl(sql).outside().locks(&after.name, LockLevel::BlocksAll)])
    }
}

fn refuse_owner(sequence: &Sequence) -> Result<(), Unsupported> {
    match sequence.owned_by {
        None => Ok(()),
        Some(_) => Err(Unsupported::new("a sequence of MariaDB cannot go with a column")
            .about(sequence.name.to_string())
            .help("write `owned_by: null` under `mariadb:`")),
    }
}

/// The clauses that take a number.
fn numbers(sequence: &Sequence) -> [(&'static str, Option<i64>); 5] {
    [
        ("INCREMENT BY", sequence.increment),
        ("MINVALUE", sequence.min),
        ("MAXVALUE", sequence.max),
        ("START WITH", sequence.start),
        ("CACHE", sequence.cache),
    ]
}

/// What a clause is when nobody says.
fn usual(word: &str, sequence: &Sequence) -> String {
    let ascending = sequence.increment.unwrap_or(1) > 0;
    match word {
        "INCREMENT BY" => "INCREMENT BY 1".to_owned(),
        "MINVALUE" => "NO MINVALUE".to_owned(),
        "MAXVALUE" => "NO MAXVALUE".to_owned(),
        "CACHE" => format!("CACHE {USUAL_CACHE}"),
        _ if ascending => format!("START WITH {}", sequence.min.unwrap_or(1)),
        _ => format!("START WITH {}", sequence.max.unwrap_or(-1)),
    }
}

/// How many numbers are taken at once when nobody says.
pub(crate) const USUAL_CACHE: i64 = 1000;
