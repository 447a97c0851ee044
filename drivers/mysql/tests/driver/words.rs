//! Whether two texts mean the same, as the server says.

use aludel_engine::diff::reconcile;
use aludel_engine::diff::words::{Owner, Part, put, texts};
use aludel_engine::driver::{ConnectOptions, Connection, Driver, Pattern, Scope};
use aludel_engine::schema::{ObjectClass, ObjectId, Schema, Type, Value};
use aludel_mysql::DRIVER;

use crate::support::{Database, Server};

crate::on_both_servers!(
    the_server_knows_its_own_words,
    what_does_not_run_is_told_and_hides_nothing_else,
    without_the_right_to_a_database_tables_of_a_name_of_its_own_do,
    what_a_killed_session_left_is_dropped,
    what_the_model_cannot_hold_is_told_by_name,
    what_would_be_made_otherwise_is_told,
    what_only_mariadb_has_is_left_out_and_told,
    the_number_of_queries_does_not_depend_on_the_number_of_tables,
);

const MADE: [&str; 6] = [
    "CREATE TABLE t (id int PRIMARY KEY, a int unsigned DEFAULT (5 - 3), s varchar(20) DEFAULT (lower('X')), \
     twice int GENERATED ALWAYS AS (a * 2) STORED, CONSTRAINT ck_a CHECK (a IN (1, 2)), \
     CONSTRAINT ck_s CHECK (s LIKE 'x%' OR a BETWEEN 0 AND 9))",
    "CREATE VIEW v AS SELECT id, s FROM t WHERE a IN (1, 2) AND s LIKE 'x%'",
    "CREATE FUNCTION f(x int) RETURNS int DETERMINISTIC RETURN x * 2",
    "CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW SET new.a = new.a + 1",
    "CREATE TABLE parted (id int) PARTITION BY HASH (id MOD 7) PARTITIONS 2",
    "CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DISABLE DO SET @x = 1",
];

fn made(server: &Server) -> (Database, Schema) {
    let mut database = Database::new(server);
    for sql in MADE {
        database.sql(sql);
    }
    if server.is_mysql() {
        database.sql("CREATE INDEX ix ON t ((lower(s)), (a + 1))");
    }
    let found = database.connection.introspect(&Scope::default()).expect("a schema");
    (database, found)
}

fn table(name: &str) -> Owner {
    Owner::Table(name.into())
}

fn object(class: ObjectClass, name: &str) -> Owner {
    Owner::Object(ObjectId::new(class, name))
}

fn reworded(found: &Schema, words: &[(Owner, Part, &[&str])]) -> Schema {
    let mut model = found.clone();
    for (owner, part, written) in words {
        let before = texts(&model, owner, part);
        let written: Vec<String> = written.iter().map(|&text| text.to_owned()).collect();
        assert_eq!(before.len(), written.len(), "{owner:?} {part:?}: {before:?}");
        put(&mut model, owner, part, &written);
    }
    model
}

fn same(server: &Server) -> Vec<(Owner, Part, &'static [&'static str])> {
    let mut words: Vec<(Owner, Part, &'static [&'static str])> = vec![
        (table("t"), Part::Default("s".to_owned()), &["LCASE( 'X' )"]),
        (table("t"), Part::Computed("twice".to_owned()), &["((a)*(2))"]),
        (table("t"), Part::Constraint("ck_a".to_owned()), &["t.a in (1,2)"]),
        (table("t"), Part::Constraint("ck_s".to_owned()), &["(s like 'x%') || (a between 0 and 9)"]),
        (
            object(ObjectClass::View, "v"),
            Part::Definition,
            &["select t.id, t.s from t where a in (1,2) and s like 'x%'"],
        ),
        (
            object(ObjectClass::Routine, "f"),
            Part::Definition,
            &["create function f (x integer) returns integer deterministic return x * 2"],
        ),
        (
            Owner::Object(ObjectId::trigger(&"t".into(), "tr")),
            Part::Definition,
            &["create trigger tr before update on t for each row set new.a = new.a + 1"],
        ),
    ];
    if server.is_mysql() {
        words.push((table("t"), Part::Index("ix".to_owned()), &["lcase(s)", "t.a + 1"]));
    }
    words
}

/// The lines in which two schemas differ.
fn different(one: &Schema, other: &Schema) -> Vec<String> {
    let [one, other] = [one, other].map(|schema| format!("{schema:#?}"));
    let lines = one.lines().zip(other.lines()).filter(|(one, other)| one != other);
    lines.map(|(one, other)| format!("{} / {}", one.trim(), other.trim())).collect()
}

fn expect_same(connection: &mut dyn Connection, server: &Server, found: &Schema) {
    let dialect = connection.dialect();
    let model = reworded(found, &same(server));
    assert_ne!(dialect.normalize(&model), dialect.normalize(found));
    let reconciled = reconcile(connection, &model, found).expect("answers");
    assert_eq!(reconciled.undecided, []);
    assert_eq!(different(&reconciled.model, &dialect.normalize(found)), Vec::<String>::new());
    let left = connection
        .query(
            "SELECT count(*) FROM information_schema.tables WHERE table_name LIKE concat('aludel\\_trial\\_%', connection_id(), '%') \
             OR table_schema LIKE concat('aludel\\_trial\\_%', connection_id())",
        )
        .expect("rows");
    assert_eq!(left, vec![vec![Some("0".to_owned())]]);
}

fn the_server_knows_its_own_words(server: &Server) {
    let (mut database, found) = made(server);
    expect_same(&mut *database.connection, server, &found);
}

fn what_does_not_run_is_told_and_hides_nothing_else(server: &Server) {
    let (mut database, found) = made(server);
    let dialect = database.connection.dialect();
    let words: [(Owner, Part, &[&str]); 4] = [
        (table("t"), Part::Constraint("ck_a".to_owned()), &["nothing in (1, 2)"]),
        (table("t"), Part::Constraint("ck_s".to_owned()), &["(s like 'y%') or (a between 0 and 9)"]),
        (table("t"), Part::Default("s".to_owned()), &["LCASE( 'X' )"]),
        (object(ObjectClass::View, "v"), Part::Definition, &["select nothing from t"]),
    ];
    let model = reworded(&found, &words);
    let reconciled = reconcile(&mut *database.connection, &model, &found).expect("answers");
    let told: Vec<String> = reconciled.undecided.iter().map(|one| format!("{}: {}", one.place, one.reason)).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("the constraint `ck_a` of the table `t`: it does not run as it is here: "), "{told:?}");
    assert!(told[1].starts_with("the view `v`: it does not run as it is here: "), "{told:?}");
    let expected = reworded(&found, &[words[0].clone(), words[1].clone(), words[3].clone()]);
    assert_eq!(reconciled.model, dialect.normalize(&expected));
}

fn without_the_right_to_a_database_tables_of_a_name_of_its_own_do(server: &Server) {
    let (mut database, found) = made(server);
    let name = database.connection.server().database.clone();
    let user = format!("w{}", name.trim_start_matches("aludel_live_"));
    database.sql(&format!("CREATE USER {user}@'%' IDENTIFIED BY 'secret'"));
    database.sql(&format!("GRANT ALL ON `{name}`.* TO {user}@'%'"));
    let text = database.url.expose().to_owned();
    let place = text.rfind('@').map_or("", |at| &text[at..]);
    let url = format!("{}://{user}:secret{place}", database.url.scheme()).parse().expect("a URL");
    let mut session = DRIVER.connect(&url, &ConnectOptions::default()).expect("a connection");
    // A routine takes a right of its own where statements are logged, so it may be undecided.
    let routine =
        |words: &(Owner, Part, &[&str])| matches!(&words.0, Owner::Object(id) if id.class != ObjectClass::View);
    let words: Vec<_> = same(server).into_iter().filter(|words| !routine(words)).collect();
    let model = reworded(&found, &words);
    let reconciled = reconcile(&mut *session, &model, &found).expect("answers");
    assert_eq!(reconciled.undecided, []);
    assert_eq!(reconciled.model, session.dialect().normalize(&found));
    let again = session.introspect(&Scope::default()).expect("a schema");
    // The text of a routine is for whoever made it.
    let hidden = Part::Definition;
    let f = object(ObjectClass::Routine, "f");
    assert_eq!(texts(&again, &f, &hidden), [""]);
    assert_eq!(different(&again, &reworded(&found, &[(f, hidden, &[""])])), Vec::<String>::new(), "nothing is left");
    let told = session.unheld(&Scope::default()).expect("a list");
    assert!(told.iter().any(|one| one.kind == "routine" && one.name == "f"), "{told:?}");
    let reconciled = reconcile(&mut *session, &found, &again).expect("answers");
    assert_eq!(reconciled.undecided.len(), 1);
    assert!(reconciled.undecided[0].reason.contains("cannot be read"), "{:?}", reconciled.undecided);
    database.sql(&format!("DROP USER {user}@'%'"));
}

fn what_a_killed_session_left_is_dropped(server: &Server) {
    let (mut database, found) = made(server);
    let id = database.connection.query("SELECT @@server_id").expect("a row")[0][0].clone().expect("a number");
    // No session has this number.
    let left = format!("aludel_trial_{id}_4294967295");
    database.sql(&format!("CREATE DATABASE {left}"));
    expect_same(&mut *database.connection, server, &found);
    let rows = database.connection.query(&format!("SHOW DATABASES LIKE '{left}'")).expect("rows");
    assert!(rows.is_empty());
}

fn what_the_model_cannot_hold_is_told_by_name(server: &Server) {
    let (mut database, _) = made(server);
    if server.is_mysql() {
        database.sql("CREATE TABLE g (p point NOT NULL SRID 4326)");
    } else {
        database.sql("CREATE TABLE g (x int) WITH SYSTEM VERSIONING");
    }
    database.sql("CREATE TABLE z (a int(5) ZEROFILL, b decimal(8,2) UNSIGNED ZEROFILL DEFAULT 1.5)");
    let mut told = |scope: &Scope| {
        let told = database.connection.unheld(scope).expect("a list");
        told.iter().map(|one| format!("{} {}", one.kind, one.name.replace('"', ""))).collect::<Vec<_>>()
    };
    let own = if server.is_mysql() { "column option g.p" } else { "system versioning g" };
    let mut expected = ["event ev", own, "column option z.a", "column option z.b"];
    expected.sort_unstable();
    assert_eq!(told(&Scope::default()), expected);
    assert_eq!(told(&Scope { excluding: vec![Pattern::new("?")], ..Scope::default() }), ["event ev"]);
}

fn what_would_be_made_otherwise_is_told(server: &Server) {
    let (mut database, _) = made(server);
    let user = format!("d{}", database.connection.server().database.trim_start_matches("aludel_live_"));
    database.sql(&format!("CREATE USER {user}@localhost"));
    for sql in [
        "CREATE TRIGGER z BEFORE INSERT ON t FOR EACH ROW SET new.a = 1",
        "CREATE TRIGGER b BEFORE INSERT ON t FOR EACH ROW SET new.a = 2",
        "SET @mode = @@sql_mode",
        "SET sql_mode = 'ANSI_QUOTES'",
        "CREATE PROCEDURE quoted() SELECT \"a\" FROM t",
        "SET sql_mode = @mode",
        &format!("CREATE DEFINER = {user}@localhost FUNCTION own() RETURNS int DETERMINISTIC RETURN 1"),
        &format!(
            "CREATE DEFINER = {user}@localhost FUNCTION anyone() RETURNS int DETERMINISTIC SQL SECURITY INVOKER RETURN 1"
        ),
        &format!("CREATE DEFINER = {user}@localhost VIEW whose AS SELECT id FROM t"),
        &format!("CREATE DEFINER = {user}@localhost TRIGGER e AFTER UPDATE ON t FOR EACH ROW SET @x = 1"),
    ] {
        database.sql(sql);
    }
    let me = database.connection.query("SELECT current_user()").expect("a row")[0][0].clone().expect("a name");
    let told: Vec<String> =
        database.connection.unheld(&Scope::default()).expect("a list").iter().map(ToString::to_string).collect();
    let expected = [
        "event `ev`: it would be missing".to_owned(),
        format!("function `own`: it would run with the rights of {me}, not of {user}@localhost"),
        "procedure `quoted`: it would be made under another sql_mode than ANSI_QUOTES".to_owned(),
        format!("trigger `e` on `t`: it would run with the rights of {me}, not of {user}@localhost"),
        "trigger order `t`: before insert, the triggers z, b would run by their names".to_owned(),
        format!("view `whose`: it would be read with the rights of {me}, not of {user}@localhost"),
    ];
    assert_eq!(told, expected);
    database.sql(&format!("DROP USER {user}@localhost"));
}

fn what_only_mariadb_has_is_left_out_and_told(server: &Server) {
    if server.is_mysql() {
        return;
    }
    let mut database = Database::new(server);
    for sql in [
        "CREATE SEQUENCE sq",
        "CREATE TABLE numbered (id int PRIMARY KEY DEFAULT nextval(sq))",
        "CREATE TABLE booked (a int, s date, e date, PERIOD FOR pp (s, e), UNIQUE u (a, pp WITHOUT OVERLAPS))",
        "CREATE TABLE versions (a int PRIMARY KEY, s timestamp(6) GENERATED ALWAYS AS ROW START, \
         e timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING",
        "CREATE TABLE packed (b text COMPRESSED)",
    ] {
        database.sql(sql);
    }
    let found = database.connection.introspect(&Scope::default()).expect("a schema");
    let column = |table: &str, place: usize| found.table(&table.into()).expect("a table").columns.get(place).cloned();
    let default = column("numbered", 0).and_then(|column| column.default);
    assert_eq!(default, Some(Value::Sql("nextval(`sq`)".to_owned())));
    assert_eq!(column("versions", 1), None);
    assert_eq!(found.table(&"versions".into()).expect("a table").primary_key_columns(), ["a"]);
    assert_eq!(column("packed", 0).map(|column| column.ty), Some(Type::Native("text".to_owned())));
    let told: Vec<String> = database
        .connection
        .unheld(&Scope::default())
        .expect("a list")
        .iter()
        .map(|one| format!("{} {}", one.kind, one.name))
        .collect();
    let expected = [
        "check constraint pp",
        "column versions.e",
        "column versions.s",
        "column option packed.b",
        "system versioning versions",
    ];
    assert_eq!(told, expected);
}

fn the_number_of_queries_does_not_depend_on_the_number_of_tables(server: &Server) {
    let mut database = Database::new(server);
    let asked = |database: &mut Database| {
        let number = |database: &mut Database| {
            let rows = database.connection.query("SHOW SESSION STATUS LIKE 'Questions'").expect("a row");
            rows[0][1].clone().and_then(|number| number.parse::<u32>().ok()).expect("a number")
        };
        let before = number(database);
        database.connection.introspect(&Scope::default()).expect("a schema");
        database.connection.unheld(&Scope::default()).expect("a list");
        number(database) - before - 1
    };
    let expected = if server.is_mysql() { 11 } else { 12 };
    assert_eq!(asked(&mut database), expected);
    for number in 0..30 {
        database.sql(&format!("CREATE TABLE t{number} (id int PRIMARY KEY, a int, INDEX ix (a))"));
    }
    assert_eq!(asked(&mut database), expected);
}
