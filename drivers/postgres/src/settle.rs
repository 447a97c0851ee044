//! Asking the server whether two texts mean the same: temporary objects in a transaction that is rolled back.
//!
//! It takes the right to make temporary tables, and no lock on anybody's table but those that reading takes, for as long
//! as the batch runs: a view is made on the tables themselves, everything else on stand-ins of its own. When the session
//! dies the server rolls back.

use aludel_engine::diff::words::{Answer, Ground, Question, Rehearsal, Savepoint, because};
use aludel_engine::driver::{Connection, DriverError, ErrorKind};
use aludel_engine::schema::Schema;

use crate::connection::PostgresConnection;
use crate::introspect;

const SAVEPOINT: Savepoint = Savepoint {
    set: "SAVEPOINT aludel_trial",
    release: "RELEASE SAVEPOINT aludel_trial",
    back: "ROLLBACK TO SAVEPOINT aludel_trial",
};

/// How long a trial may wait for a lock that somebody else has.
const PATIENCE: &str = "2s";

/// Answers the question.
pub fn settle(connection: &mut PostgresConnection, question: &Question<'_>) -> Result<Vec<Answer>, DriverError> {
    let dialect = connection.dialect();
    let ground = Ground {
        namespace: Some("pg_temp".to_owned()),
        prefix: "aludel_trial_".to_owned(),
        index_options: &["using"],
        like: Some(|to, from| format!("CREATE TABLE {to} (LIKE {from})")),
        ..Ground::default()
    };
    let mut rehearsal = Rehearsal::new(&*dialect, question, ground);
    if rehearsal.is_empty() {
        return Ok(rehearsal.judge(&Schema::default()));
    }
    let (begin, end) = match connection.in_transaction() {
        false => ("BEGIN", "ROLLBACK"),
        true => ("SAVEPOINT aludel_rehearsal", "ROLLBACK TO SAVEPOINT aludel_rehearsal"),
    };
    let ran = rehearse(connection, &mut rehearsal, begin);
    let ended = connection.execute(end);
    match ran {
        Ok(catalog) => {
            ended?;
            Ok(rehearsal.judge(&catalog))
        }
        Err(error) if matches!(error.kind, ErrorKind::Lost | ErrorKind::Unreachable | ErrorKind::Interrupted) => {
            Err(error)
        }
        Err(error) => {
            ended?;
            Ok(question.doubts.iter().map(|_| Answer::Undecided(because(&error))).collect())
        }
    }
}

fn rehearse(
    connection: &mut PostgresConnection,
    rehearsal: &mut Rehearsal<'_>,
    begin: &str,
) -> Result<Schema, DriverError> {
    let patience = format!("SET LOCAL lock_timeout = '{PATIENCE}'");
    // A routine that speaks of what is not there yet can be made all the same; its text is what counts.
    let settings = [begin, &patience, "SET LOCAL check_function_bodies = off", "SET LOCAL client_min_messages = error"];
    let server = connection.server();
    let [database, user] = [&server.database, &server.user].map(|name| connection.dialect().quote(name));
    let grant = format!("`GRANT TEMPORARY ON DATABASE {database} TO {user}` gives the right to temporary tables");
    let mut first = true;
    rehearsal.run(
        &mut |statements| {
            // The settings go out with the first statements.
            let before: &[&str] = if std::mem::take(&mut first) { &settings } else { &[] };
            let all: Vec<&str> = before.iter().chain(statements).copied().collect();
            connection.execute_all(&all).map_err(|mut failure| {
                // A view can also be denied for what it reads.
                let is_view = all.get(failure.index).is_some_and(|sql| sql.starts_with("CREATE VIEW"));
                if failure.error.kind == ErrorKind::Denied && !is_view {
                    failure.error.hint = Some(grant.clone());
                }
                failure.index = failure.index.saturating_sub(before.len());
                failure
            })
        },
        Some(SAVEPOINT),
    )?;
    introspect::temporary(connection)
}
