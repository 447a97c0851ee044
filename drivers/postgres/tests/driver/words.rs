//! Whether two texts mean the same, as the server says.

use aludel_engine::diff::reconcile;
use aludel_engine::diff::words::{Owner, Part, put, texts};
use aludel_engine::driver::{ConnectOptions, Driver, Pattern, Scope};
use aludel_engine::schema::{ObjectClass, ObjectId, Schema};
use aludel_postgres::DRIVER;

use crate::database::Database;

const MADE: [&str; 22] = [
    "CREATE TYPE mood AS ENUM ('sad', 'ok')",
    "CREATE DOMAIN small AS integer DEFAULT 1 + 1 CHECK (VALUE IN (1, 2, 3))",
    "CREATE SCHEMA app",
    "CREATE TABLE t (id integer PRIMARY KEY, a integer DEFAULT 5 - 3, s text DEFAULT lower('X'), \
     m mood DEFAULT 'ok'::mood, at timestamptz DEFAULT now() + interval '1 day', \
     twice integer GENERATED ALWAYS AS (a * 2) STORED, r int4range, \
     CONSTRAINT ck_a CHECK (a IN (1, 2)), CHECK (a BETWEEN 0 AND 9), CHECK (a <> 7), \
     CONSTRAINT ck_m CHECK (m = 'ok' OR s LIKE 'x%'), \
     CONSTRAINT ex_r EXCLUDE USING gist ((int4range(lower(r), upper(r))) WITH &&) WHERE (a > 0 AND a < 9))",
    "CREATE INDEX ix_s ON t (lower(s), (CASE WHEN a = 1 THEN 'x' ELSE s END)) WHERE a IN (1, 2)",
    "CREATE TABLE app.t (a integer, CONSTRAINT ck_a CHECK (a NOT IN (1, 2)))",
    "CREATE VIEW v AS SELECT id, s FROM t WHERE a IN (1, 2) AND s LIKE 'x%'",
    "CREATE MATERIALIZED VIEW mv AS SELECT id, lower(s) AS low FROM t",
    "CREATE INDEX ix_mv ON mv (upper(low)) WHERE id IN (1, 2)",
    "CREATE FUNCTION double(x integer DEFAULT 1) RETURNS integer LANGUAGE sql AS 'select x * 2'",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'",
    "CREATE TRIGGER tr BEFORE UPDATE OF a ON t FOR EACH ROW WHEN (new.a IN (1, 2)) EXECUTE FUNCTION touch()",
    "CREATE TABLE parted (id integer, at date) PARTITION BY RANGE (at)",
    "CREATE TABLE part PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
    "CREATE VIEW held AS SELECT 1 AS x",
    "ALTER VIEW held ALTER COLUMN x SET DEFAULT 3",
    "ALTER TABLE parted ENABLE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON parted USING (id = 1)",
    "CREATE TYPE pair AS (a integer, b integer)",
    "CREATE AGGREGATE total (integer) (SFUNC = int4pl, STYPE = integer)",
    "CREATE TABLE numbered (id integer GENERATED ALWAYS AS IDENTITY (CYCLE MAXVALUE 9))",
    "CREATE STATISTICS st ON a, s FROM t",
];

fn made() -> (Database, Schema) {
    let mut database = Database::new();
    for sql in MADE {
        database.run(sql);
    }
    let found = database.connection.introspect(&scope()).expect("a schema");
    (database, found)
}

fn scope() -> Scope {
    Scope { namespaces: vec!["app".to_owned()], ..Scope::default() }
}

fn table(name: &str) -> Owner {
    Owner::Table(name.into())
}

fn object(class: ObjectClass, name: &str) -> Owner {
    Owner::Object(ObjectId::new(class, name))
}

fn trigger() -> Owner {
    Owner::Object(ObjectId::trigger(&"t".into(), "tr"))
}

/// A schema in which places have the words of an author.
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

fn same() -> Vec<(Owner, Part, &'static [&'static str])> {
    vec![
        (table("t"), Part::Default("s".to_owned()), &["LOWER( 'X' )"]),
        (table("t"), Part::Default("at".to_owned()), &["now() + '24 hours'::interval - interval '24 hours' + '1 day'"]),
        (table("t"), Part::Computed("twice".to_owned()), &["t.a*2"]),
        (table("t"), Part::Constraint("ck_a".to_owned()), &["t.a in (1,2)"]),
        (table("t"), Part::Constraint("ck_m".to_owned()), &["m = 'ok' or s like 'x%'"]),
        (
            table("t"),
            Part::Constraint("ex_r".to_owned()),
            &["int4range(lower(r), upper(r))", "a between 1 and 8 and a > 0"],
        ),
        (
            table("t"),
            Part::Index("ix_s".to_owned()),
            &["lower(s)", "case when a = 1 then 'x' else s end", "a in (1, 2)"],
        ),
        (table("app.t"), Part::Constraint("ck_a".to_owned()), &["a not in (1, 2)"]),
        (
            object(ObjectClass::View, "v"),
            Part::Definition,
            &["select t.id, t.s from t where a in (1,2) and s like 'x%'"],
        ),
        (object(ObjectClass::View, "mv"), Part::Definition, &["select id, lower(s) low from t"]),
        (object(ObjectClass::View, "mv"), Part::Index("ix_mv".to_owned()), &["upper(low)", "id in (1, 2)"]),
        (
            object(ObjectClass::Routine, "double"),
            Part::Definition,
            &["create function double(x int = 1) returns int as 'select x * 2' language sql volatile"],
        ),
        (
            trigger(),
            Part::Definition,
            &[
                "create trigger tr before update of a on public.t for each row when (new.a in (1, 2)) execute procedure touch()",
            ],
        ),
        (object(ObjectClass::Domain, "small"), Part::DomainDefault, &["1+1"]),
        (object(ObjectClass::Domain, "small"), Part::DomainCheck("small_check".to_owned()), &["value in (1,2,3)"]),
        (table("part"), Part::PartitionValues, &["from (date '2020-01-01') to ('20210101')"]),
    ]
}

#[test]
fn the_server_knows_its_own_words() {
    let (mut database, found) = made();
    let dialect = database.connection.dialect();
    // Two of them do not mean the same.
    let different = [Part::Default("at".to_owned()), Part::Constraint("ex_r".to_owned())];
    let words: Vec<_> = same().into_iter().filter(|(_, part, _)| !different.contains(part)).collect();
    let model = reworded(&found, &words);
    let normal = dialect.normalize(&found);
    assert_ne!(dialect.normalize(&model), normal);
    let reconciled = reconcile(&mut *database.connection, &model, &found).expect("answers");
    assert_eq!(reconciled.undecided, []);
    assert_eq!(format!("{:#?}", reconciled.model), format!("{normal:#?}"));

    let model = reworded(&found, &same());
    let reconciled = reconcile(&mut *database.connection, &model, &found).expect("answers");
    assert_eq!(reconciled.undecided, []);
    let expected =
        reworded(&found, &same().into_iter().filter(|(_, part, _)| different.contains(part)).collect::<Vec<_>>());
    assert_eq!(format!("{:#?}", reconciled.model), format!("{:#?}", dialect.normalize(&expected)));

    let left = database.connection.query("SELECT count(*) FROM pg_class WHERE relname LIKE 'aludel%'").expect("rows");
    assert_eq!(left, vec![vec![Some("0".to_owned())]]);
}

#[test]
fn what_does_not_run_is_told_and_hides_nothing_else() {
    let (mut database, found) = made();
    let dialect = database.connection.dialect();
    let words: [(Owner, Part, &[&str]); 4] = [
        (table("t"), Part::Constraint("ck_a".to_owned()), &["nothing(a) in (1, 2)"]),
        (table("t"), Part::Constraint("ck_m".to_owned()), &["m = 'ok' or s like 'x%'"]),
        (object(ObjectClass::View, "v"), Part::Definition, &["select nothing from t"]),
        (object(ObjectClass::View, "mv"), Part::Definition, &["select id, lower(s) low from t"]),
    ];
    let model = reworded(&found, &words);
    let reconciled = reconcile(&mut *database.connection, &model, &found).expect("answers");
    let told: Vec<String> = reconciled.undecided.iter().map(|one| format!("{}: {}", one.place, one.reason)).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("the constraint `ck_a` of the table `t`: it does not run as it is here: "), "{told:?}");
    assert!(told[1].starts_with("the view `v`: it does not run as it is here: "), "{told:?}");
    let expected = reworded(&found, &[words[0].clone(), words[2].clone()]);
    assert_eq!(reconciled.model, dialect.normalize(&expected));
}

#[test]
fn constraints_without_a_name_are_found_by_what_they_say() {
    let (mut database, found) = made();
    let dialect = database.connection.dialect();
    let mut model = found.clone();
    let mut own = aludel_engine::schema::Table::clone(found.table(&"t".into()).expect("a table"));
    let nameless = own.constraints.iter_mut().filter(|constraint| constraint.describe() == "check constraint");
    for constraint in
        nameless.filter(|constraint| constraint.name.as_deref().is_some_and(|name| name.starts_with("t_")))
    {
        constraint.name = None;
        for sql in constraint.expressions_mut() {
            *sql = if sql.contains('7') { "a != 7" } else { "a between 0 and 9" }.to_owned();
        }
    }
    own.constraints.reverse();
    model.put_table(own);
    let reconciled = reconcile(&mut *database.connection, &model, &found).expect("answers");
    assert_eq!(reconciled.undecided, []);
    assert_eq!(reconciled.model, dialect.normalize(&found));
}

#[test]
fn a_transaction_that_is_open_stays_open() {
    let (mut database, found) = made();
    let model = reworded(&found, &same()[3..4]);
    database.run("BEGIN");
    database.run("CREATE TABLE mine (x integer)");
    let reconciled = reconcile(&mut *database.connection, &model, &found).expect("answers");
    assert_eq!(reconciled.undecided, []);
    database.run("INSERT INTO mine VALUES (1)");
    database.run("ROLLBACK");
}

#[test]
fn without_the_right_to_temporary_tables_nothing_is_decided() {
    let (mut database, found) = made();
    let name = database.connection.server().database.clone();
    let user = format!("u{}", name.trim_start_matches("aludel_live_"));
    database.run(&format!("CREATE ROLE {user} LOGIN"));
    database.run(&format!("REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC"));
    let model = reworded(&found, &same()[3..4]);
    database.run(&format!("SET ROLE {user}"));
    let reconciled = reconcile(&mut *database.connection, &model, &found).expect("answers");
    database.run("RESET ROLE");
    database.run(&format!("DROP OWNED BY {user}"));
    database.run(&format!("DROP ROLE {user}"));
    let reason = &reconciled.undecided[0].reason;
    assert!(
        reason.starts_with("there is no right to try it: ") && reason.contains("GRANT TEMPORARY ON DATABASE"),
        "{reason}"
    );
}

#[test]
fn nobody_who_holds_a_lock_is_waited_for_long() {
    let (mut database, found) = made();
    let model = reworded(&found, &same()[8..9]);
    let mut other = DRIVER.connect(&database.url, &ConnectOptions::default()).expect("a connection");
    other.execute_all(&["BEGIN", "LOCK TABLE t IN ACCESS EXCLUSIVE MODE"]).expect("a lock");
    let reconciled = reconcile(&mut *database.connection, &model, &found).expect("answers");
    let reason = &reconciled.undecided[0].reason;
    assert!(reason.starts_with("somebody else held what it takes to try it: "), "{reason}");
    other.execute("ROLLBACK").expect("done");
}

#[test]
fn what_the_model_cannot_hold_is_told_by_name() {
    let (mut database, _) = made();
    let told: Vec<String> = database
        .connection
        .unheld(&scope())
        .expect("a list")
        .iter()
        .map(|one| one.to_string().split(':').next().unwrap_or_default().replace('`', ""))
        .collect();
    let expected = [
        "aggregate total",
        "column default held.x",
        "composite type pair",
        "extended statistics st on t",
        "numbering numbered.id",
        "policy mine on parted",
        "row level security parted",
    ];
    assert_eq!(told, expected);
}

#[test]
fn patterns_take_what_belongs_to_a_table_along() {
    let (mut database, _) = made();
    let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::new(text)).collect::<Vec<_>>();
    let mut seen = |including: &[&str], excluding: &[&str]| {
        let scope = Scope { including: patterns(including), excluding: patterns(excluding), ..scope() };
        let schema = database.connection.introspect(&scope).expect("a schema");
        let tables = schema.tables().map(|table| table.name.to_string());
        let views = schema.views().map(|view| view.name.to_string());
        let triggers = schema.triggers_of(&"t".into()).map(|trigger| trigger.name.clone()).collect::<Vec<_>>();
        tables.chain(views).chain(triggers).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(seen(&["part*", "app.*"], &[]), "part parted app.t");
    assert_eq!(seen(&[], &["?", "app.*", "h*"]), "numbered part parted mv");
    assert_eq!(seen(&["t"], &[]), "t tr");
}
