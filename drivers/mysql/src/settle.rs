//! Asking the server whether two texts mean the same: objects in a database of their own, which is dropped again.
//!
//! The name of that database says which server and which session made it, and a lock of that name is held while it is
//! needed, so that what a killed session left is known for what it is and dropped by the next one that comes by. Where no
//! database can be made, tables with such names are made in the database connected to. A view is made on the tables
//! themselves and reads none of their rows; everything else on stand-ins. The statements commit what is open, so no
//! transaction may be.

use aludel_engine::dialect::{comma_list, quoted_with};
use aludel_engine::diff::words::{Answer, Ground, Question, Rehearsal, because};
use aludel_engine::driver::{Connection, DriverError, ErrorKind};
use aludel_engine::schema::{Object, View};

use crate::connection::Session;
use crate::introspect;
use crate::normalize::columns_in_query;

/// What the names of everything made here begin with.
const PREFIX: &str = "aludel_trial_";

/// Answers the question.
pub(crate) fn settle(session: &mut Session, question: &Question<'_>) -> Result<Vec<Answer>, DriverError> {
    let answers = locked(session, question);
    // The lock goes with the session if this does not get there.
    let _ = session.query("SELECT release_lock(concat('aludel_trial_', @@server_id, '_', connection_id()))");
    match answers {
        Err(error) if !matches!(error.kind, ErrorKind::Lost | ErrorKind::Unreachable | ErrorKind::Interrupted) => {
            Ok(question.doubts.iter().map(|_| Answer::Undecided(because(&error))).collect())
        }
        answers => answers,
    }
}

fn locked(session: &mut Session, question: &Question<'_>) -> Result<Vec<Answer>, DriverError> {
    let own = "concat('aludel_trial_', @@server_id, '_', connection_id())";
    let name = session.scalar(&format!("SELECT {own} FROM (SELECT get_lock({own}, 0)) held"))?.unwrap_or_default();
    let left = "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE \
                concat('aludel\\_trial\\_', @@server_id, '\\_%') AND is_free_lock(schema_name) = 1";
    for row in session.query(left)? {
        for database in row.into_iter().flatten() {
            // Another one may have been quicker.
            let _ = session.execute(&format!("DROP DATABASE IF EXISTS {}", quoted_with(&database, '`')));
        }
    }
    let quoted = quoted_with(&name, '`');
    let collation = session.mysql().default_collation().to_owned();
    match session.execute(&format!("CREATE DATABASE {quoted} COLLATE {collation}")) {
        Ok(_) => {
            let answers = rehearse(session, question, ground(Some(name.clone())), &name);
            session.execute(&format!("DROP DATABASE IF EXISTS {quoted}"))?;
            answers
        }
        Err(error) if error.kind == ErrorKind::Denied => at_home(session, question, &name),
        Err(error) => Err(error),
    }
}

/// In the database connected to, where none can be made.
fn at_home(session: &mut Session, question: &Question<'_>, name: &str) -> Result<Vec<Answer>, DriverError> {
    clear_home(session)?;
    let home = session.server().database.clone();
    let ground = Ground { prefix: format!("{name}_"), ..ground(None) };
    rehearse(session, question, ground, &home)
}

/// Drops the tables, views and routines that a killed session left in the database connected to.
fn clear_home(session: &mut Session) -> Result<(), DriverError> {
    let ours = |name: &str| {
        format!(
            "{name} LIKE concat('aludel\\_trial\\_', @@server_id, '\\_%') AND is_free_lock(substring_index({name}, '_', 4)) = 1"
        )
    };
    let left = session.query(&format!(
        "SELECT CASE table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END, table_name FROM information_schema.tables \
         WHERE table_schema = database() AND {} UNION ALL SELECT routine_type, routine_name \
         FROM information_schema.routines WHERE routine_schema = database() AND {} ORDER BY 1 DESC",
        ours("table_name"),
        ours("routine_name")
    ))?;
    for row in left {
        if let [Some(kind), Some(name)] = row.as_slice() {
            let _ = session.execute(&format!("DROP {kind} IF EXISTS {}", quoted_with(name, '`')));
        }
    }
    Ok(())
}

fn ground(namespace: Option<String>) -> Ground {
    Ground {
        namespace,
        prefix: PREFIX.to_owned(),
        qualified_triggers: true,
        table_options: &["engine", "collate", "charset"],
        column_options: &["unsigned", "charset"],
        index_options: &["kind", "using"],
        like: None,
    }
}

fn rehearse(
    session: &mut Session,
    question: &Question<'_>,
    ground: Ground,
    database: &str,
) -> Result<Vec<Answer>, DriverError> {
    let dialect = session.dialect();
    let at_home = ground.namespace.is_none();
    let mut rehearsal = Rehearsal::new(&*dialect, question, ground);
    let ran = rehearsal.run(
        &mut |statements| {
            session.execute_all(statements).map_err(|mut failure| {
                if failure.error.kind == ErrorKind::Denied && failure.error.hint.is_none() {
                    let grants = comma_list(
                        ["CREATE", "DROP", "ALTER", "INDEX", "CREATE VIEW", "SHOW VIEW", "TRIGGER"].map(str::to_owned),
                    );
                    failure.error.hint = Some(format!(
                        "`GRANT {grants} ON `aludel\\_trial\\_%`.* TO …` gives the right to a database for it"
                    ));
                }
                failure
            })
        },
        None,
    );
    let catalog = ran.and_then(|()| introspect::of_database(session, database));
    if at_home {
        for sql in rehearsal.removal() {
            // What was not made cannot be dropped.
            let _ = session.execute(&sql);
        }
    }
    let mut catalog = catalog?;
    let views: Vec<View> = catalog
        .objects()
        .filter_map(|object| match &**object {
            Object::View(view) if !view.columns.is_empty() => Some(view.clone()),
            _ => None,
        })
        .collect();
    for mut view in views {
        // Texts alone are compared, and the names of columns are part of what a view is.
        columns_in_query(session.mysql(), &mut view);
        catalog.put_object(Object::View(view));
    }
    Ok(rehearsal.judge(&catalog))
}
