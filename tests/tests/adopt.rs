//! A database that somebody else made: it is taken into care, nothing is said to differ that does not, what was changed by hand
//! is named, and what `inspect` writes makes the same database again.

use std::path::PathBuf;

use aludel_tests::{Database, Output, Product, aludel, on_every_product, repository};
use serde_json::Value;

/// How often what should differ in nothing is compared.
const TIMES: usize = 20;

on_every_product!(adopted);

mod rich {
    use super::*;

    #[test]
    fn on_sqlite() {
        rich(Product::Sqlite, RICH_SQLITE, &["adopt"]);
    }

    #[test]
    fn on_postgres() {
        rich(Product::Postgres, RICH_POSTGRES, &["adopt", "--schemas", "auth"]);
    }

    #[test]
    fn on_mysql() {
        rich(Product::Mysql, RICH_MYSQL, &["adopt"]);
    }

    #[test]
    fn on_mariadb() {
        rich(Product::Mariadb, &[RICH_MYSQL, RICH_MARIADB].concat(), &["adopt"]);
    }
}

mod drift {
    use super::*;

    on_every_product!(drifted);
}

mod against {
    use super::*;

    on_every_product!(unique_names);
}

mod verify {
    use super::*;

    on_every_product!(verified);
}

/// A folder that goes when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("aludel-adopt-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(&root).expect("a temporary folder can be made");
        Folder(root)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("temporary folders have readable names").to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        aludel([&["-C", &self.path("")], arguments].concat())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn document(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{}", output.stdout))
}

/// The Chinook database as it is after nine revisions, without a trace of who made it.
fn chinook(product: Product) -> Database {
    let database = Database::new(product);
    let project = repository().join("specs/examples/chinook");
    aludel(["-C", project.to_str().expect("a readable path"), "-d", database.argument(), "upgrade"]).expect(0);
    database.execute(&["aludel_step", "aludel_run", "aludel_history", "aludel_version"].map(|name| {
        let sql: &str = Box::leak(format!("DROP TABLE {name}").into_boxed_str());
        sql
    }));
    database
}

fn adopted(product: Product) {
    let database = chinook(product);
    let folder = Folder::new(product.dialect());
    let url = database.argument();

    let dry = folder.run(&["adopt", "--dry-run", "-d", url]).expect(0);
    assert!(dry.stdout.contains("create_table:"), "{}", dry.stdout);
    assert_eq!(std::fs::read_dir(&folder.0).expect("the folder is there").count(), 0, "a dry run writes nothing");

    let before = database.catalog();
    folder.run(&["adopt", "-d", url]).expect(0);
    assert_eq!(before, database.catalog(), "nothing in the database changes");
    folder.run(&["adopt", "-d", url]).expect(1);
    for _ in 0..TIMES {
        let checked = folder.run(&["check", "-d", url]).expect(0);
        assert!(checked.stdout.contains("as the history says at"), "{}", checked.stdout);
    }
    assert_eq!(
        document(&folder.run(&["--json", "check", "-d", url]).expect(0))["database"]["behind"],
        Value::Array(vec![])
    );
    folder.run(&["diff", "@head", url]).expect(0);
    folder.run(&["diff", url, &folder.path("schema")]).expect(0);

    // What `inspect` writes makes the same database again.
    let copy = folder.path("copy.yaml");
    folder.run(&["inspect", "-d", url, "-o", &copy]).expect(0);
    let second = Database::new(product);
    // A file that is not there is no empty database.
    second.execute(&["CREATE TABLE gone (id INTEGER)", "DROP TABLE gone"]);
    let made = document(&folder.run(&["--json", "diff", second.argument(), &copy, "--format", "sql"]).expect(3));
    let statements: Vec<&str> =
        made["statements"].as_array().expect("statements").iter().filter_map(Value::as_str).collect();
    second.execute(&statements);
    let same = folder.run(&["diff", url, second.argument()]).expect(0);
    assert_eq!(same.stdout, "");
    folder.run(&["diff", second.argument(), &copy]).expect(0);

    // So does the revision.
    let third = Database::new(product);
    folder.run(&["upgrade", "-d", third.argument()]).expect(0);
    folder.run(&["diff", url, third.argument()]).expect(0);
    assert_eq!(document(&folder.run(&["--json", "diff", third.argument(), &copy]).expect(0))["same"], true);
}

const REVISION: &str = "revision: one
down_revision: null
message: one
upgrade:
  - create_table:
      table: orders
      columns:
        id: {type: integer, primary_key: true}
        state: {type: varchar(20), nullable: false, default: new}
        total: {type: \"decimal(12,2)\", nullable: false, default: 0, check: total >= 0}
      indexes: [{name: ix_state, columns: [state]}]
  - create_view: {view: open_orders, sql: \"SELECT id, state FROM orders WHERE state IN ('new', 'paid')\"}
";

fn drifted(product: Product) {
    let folder = Folder::new(&format!("drift-{}", product.dialect()));
    std::fs::create_dir_all(folder.0.join("migrations")).expect("a folder can be made");
    let settings = format!("dialects: [{}]\n", product.dialect());
    std::fs::write(folder.0.join("aludel.yaml"), settings).expect("a file can be written");
    std::fs::write(folder.0.join("migrations/one.yaml"), REVISION).expect("a file can be written");
    let database = Database::new(product);
    let url = database.argument();
    folder.run(&["upgrade", "-d", url]).expect(0);
    for _ in 0..TIMES {
        folder.run(&["check", "-d", url]).expect(0);
    }

    let by_hand: &[&str] = match product {
        Product::Sqlite => &[
            "DROP VIEW open_orders",
            "DROP TABLE orders",
            "CREATE TABLE orders (id INTEGER CONSTRAINT pk_orders PRIMARY KEY, state VARCHAR(20) NOT NULL DEFAULT 'draft', \
             total DECIMAL(12,2) NOT NULL DEFAULT 0, by_hand INTEGER, CONSTRAINT ck_orders_total CHECK (total > 0))",
            "CREATE VIEW open_orders AS SELECT id, state FROM orders WHERE state IN ('new', 'sent')",
        ],
        Product::Postgres => &[
            "ALTER TABLE orders ADD COLUMN by_hand integer",
            "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'draft'",
            "DROP INDEX ix_state",
            "ALTER TABLE orders DROP CONSTRAINT ck_orders_total",
            "ALTER TABLE orders ADD CONSTRAINT ck_orders_total CHECK (total > 0)",
            "CREATE OR REPLACE VIEW open_orders AS SELECT id, state FROM orders WHERE state IN ('new', 'sent')",
        ],
        Product::Mysql | Product::Mariadb => &[
            "ALTER TABLE orders ADD COLUMN by_hand integer",
            "ALTER TABLE orders ALTER COLUMN state SET DEFAULT 'draft'",
            "DROP INDEX ix_state ON orders",
            "ALTER TABLE orders DROP CONSTRAINT ck_orders_total",
            "ALTER TABLE orders ADD CONSTRAINT ck_orders_total CHECK (total > 0)",
            "CREATE OR REPLACE VIEW open_orders AS SELECT id, state FROM orders WHERE state IN ('new', 'sent')",
        ],
    };
    database.execute(by_hand);
    let checked = folder.run(&["check", "-d", url]).expect(3);
    for line in [
        "  + column orders.by_hand integer",
        "  - index ix_state (state) of orders",
        "  ~ column orders.state: default 'draft'",
        "was 'new'\n",
        "  - check constraint ck_orders_total (total >= 0) of orders",
        "  + check constraint ck_orders_total (",
        "  ~ view open_orders has another definition",
    ] {
        assert!(checked.stdout.contains(line), "{line}\n{}", checked.stdout);
    }
    assert!(checked.stdout.contains("6 differences"), "{}", checked.stdout);
    // The steps from the history to the database are a revision that takes the changes in.
    let steps = folder.run(&["diff", "@head", url]).expect(3).stdout;
    assert!(steps.contains("- add_column: {table: orders, column: by_hand"), "{steps}");
    // And the way back puts the database right.
    let back = document(&folder.run(&["--json", "diff", url, "@head", "--format", "sql"]).expect(3));
    let statements: Vec<&str> =
        back["statements"].as_array().expect("statements").iter().filter_map(Value::as_str).collect();
    database.execute(&statements);
    folder.run(&["check", "-d", url]).expect(0);
}

/// What is unique goes under the kind that the history knows, whatever the database calls it.
fn unique_names(product: Product) {
    const HISTORY: &str = "revision: one
down_revision: null
message: one
upgrade:
  - create_table: {table: t, columns: {a: integer, b: integer, c: integer}}
  - create_index: {table: t, columns: [a], name: i1, unique: true}
  - create_index: {table: t, columns: [c], name: i2, unique: true}
  - create_unique_constraint: {table: t, columns: [b], name: u1}
";
    const DESIRED: &str = "tables:
  t:
    columns: {a: integer, b: integer, c: integer}
    indexes: [{columns: [c, a], name: i2, unique: true}]
";
    let folder = Folder::new(&format!("against-{}", product.dialect()));
    std::fs::create_dir_all(folder.0.join("migrations")).expect("a folder can be made");
    let settings = format!("dialects: [{}]\nschema: schema.yaml\n", product.dialect());
    std::fs::write(folder.0.join("aludel.yaml"), settings).expect("a file can be written");
    std::fs::write(folder.0.join("migrations/one.yaml"), HISTORY).expect("a file can be written");
    std::fs::write(folder.0.join("schema.yaml"), DESIRED).expect("a file can be written");
    let database = Database::new(product);
    let url = database.argument();
    folder.run(&["upgrade", "-d", url]).expect(0);
    let written = folder.run(&["--json", "revision", "--autogenerate", "-d", url, "--against"]).expect(0);
    let written = document(&written);
    let steps = written["steps"].as_array().expect("steps");
    for (step, key, name) in
        [("drop_index", "index", "i1"), ("drop_index", "index", "i2"), ("drop_constraint", "constraint", "u1")]
    {
        assert!(steps.iter().any(|found| found[step][key] == name), "{step} of {name}: {written}");
    }
    folder.run(&["upgrade", "-d", url]).expect(0);
    folder.run(&["check", "-d", url]).expect(0);
}

fn verified(product: Product) {
    let beside = Database::new(product);
    let project = repository().join("specs/examples/chinook");
    let project = project.to_str().expect("a readable path");
    let arguments = ["-C", project, "--json", "verify", "--dialect", product.dialect(), "-d", beside.argument()];
    let proven = document(&aludel(arguments).expect(0));
    let stages = proven["dialects"][0]["stages"].as_array().expect("stages");
    let names: Vec<&str> = stages.iter().filter_map(|stage| stage["name"].as_str()).collect();
    assert_eq!(names, ["up", "down", "up again"]);
    assert_eq!(stages[0]["revisions"], stages[2]["revisions"]);
}

/// A database with something of everything is taken in, differs in nothing from what was written of it, and is made again.
fn rich(product: Product, statements: &[&str], adopt: &[&str]) {
    let database = Database::new(product);
    database.execute(statements);
    let folder = Folder::new(&format!("rich-{}", product.dialect()));
    let url = database.argument();
    folder.run(&[adopt, &["-d", url]].concat()).expect(0);
    for _ in 0..TIMES {
        folder.run(&["check", "-d", url]).expect(0);
    }
    folder.run(&["diff", url, &folder.path("schema")]).expect(0);
    folder.run(&["verify", "-d", url]).expect(0);
    let second = Database::new(product);
    folder.run(&["upgrade", "-d", second.argument()]).expect(0);
    let schemas: &[&str] = if product == Product::Postgres { &["--schemas", "auth"] } else { &[] };
    folder.run(&[&["diff", url, second.argument()], schemas].concat()).expect(0);
}

/// A user who may not see or not make what it takes is told so, and nothing is left behind.
#[test]
fn without_rights_on_postgres() {
    let database = Database::new(Product::Postgres);
    let role = format!("aludel_e2e_r{}", std::process::id());
    database.execute(&[
        "CREATE TABLE t (id integer)",
        "CREATE SCHEMA beside",
        "CREATE TABLE beside.t (id integer)",
        "CREATE AGGREGATE total (integer) (SFUNC = int4pl, STYPE = integer)",
        "CREATE TYPE pair AS (a integer, b integer)",
        "CREATE TABLE pairs (p pair)",
        "CREATE VIEW totals AS SELECT total(id) AS n FROM t",
        "REVOKE ALL ON SCHEMA public FROM public",
        &*format!("CREATE ROLE {role} LOGIN").leak(),
    ]);
    let folder = Folder::new("rights");
    let own = database.argument();
    let theirs = own.replacen("//postgres@", &format!("//{role}@"), 1);
    assert_ne!(own, theirs);
    let refused = folder.run(&["adopt", "-d", &theirs]).expect(1);
    assert!(refused.stderr.contains("GRANT USAGE ON SCHEMA"), "{}", refused.stderr);
    database.execute(&[format!("GRANT USAGE ON SCHEMA public TO {role}").leak()]);
    folder.run(&["adopt", "-d", &theirs]).expect(1);
    assert_eq!(std::fs::read_dir(&folder.0).expect("the folder is there").count(), 0, "nothing is left");
    let adopted = folder.run(&["adopt", "-d", own]).expect(0).stderr;
    for line in [
        "schemas that were not asked for: beside",
        "view `totals` needs the aggregate `total`",
        "table `pairs` (its column `p`) needs the composite type `pair`",
    ] {
        assert!(adopted.contains(line), "{line}\n{adopted}");
    }
    assert!(folder.run(&["inspect", "-d", own, "--schemas", "nope"]).expect(1).stderr.contains("no schema `nope`"));
    let nothing = folder.run(&["inspect", "-d", own, "--include", "zzz"]).expect(0).stderr;
    assert!(nothing.contains("no table or view is called `zzz`"), "{nothing}");
    database.execute(&[format!("REVOKE ALL ON SCHEMA public FROM {role}").leak(), format!("DROP ROLE {role}").leak()]);
}

const RICH_SQLITE: &[&str] = &[
    "CREATE TABLE countries (code TEXT PRIMARY KEY, name TEXT DEFAULT NULL, since DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00')",
    "CREATE TABLE shops (
       id INT PRIMARY KEY, country TEXT REFERENCES countries ON DELETE SET NULL, short VARCHAR(2) DEFAULT 'long',
       price DECIMAL(10,2) NOT NULL DEFAULT 9.99, opened DATE DEFAULT CURRENT_DATE, data BLOB NOT NULL DEFAULT '',
       \"two words\" \"my type\", untyped, n INTEGER UNSIGNED DEFAULT -1 CONSTRAINT positive CHECK (n <> 0),
       low TEXT GENERATED ALWAYS AS (lower(country)) VIRTUAL, UNIQUE (country, n) ON CONFLICT REPLACE)",
    "CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, shop INT NOT NULL REFERENCES shops (id) DEFERRABLE INITIALLY DEFERRED)",
    "CREATE TABLE numbers (id INTEGER PRIMARY KEY DEFAULT 5, down INTEGER)",
    "CREATE TABLE downwards (id INTEGER PRIMARY KEY DESC)",
    "CREATE TABLE pairs (a TEXT, b TEXT, n INT, PRIMARY KEY (a, b))",
    "CREATE TABLE words (w TEXT COLLATE NOCASE, n INT, PRIMARY KEY (w, n)) WITHOUT ROWID",
    "CREATE TABLE firm (id INT PRIMARY KEY, t TEXT, a ANY) STRICT",
    "CREATE INDEX shops_low ON shops (lower(country) DESC, price COLLATE RTRIM) WHERE price > 0",
    "CREATE UNIQUE INDEX words_n ON words (n)",
    "CREATE VIEW cheap (shop, cost) AS SELECT id, price FROM shops WHERE price < 5",
    "CREATE TRIGGER stamp AFTER INSERT ON people BEGIN UPDATE shops SET opened = date('now') WHERE id = new.shop; END",
];

const RICH_POSTGRES: &[&str] = &[
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    "CREATE SCHEMA auth",
    "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
    "CREATE DOMAIN email AS text CHECK (VALUE ~ '@')",
    "CREATE TABLE auth.accounts (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL UNIQUE)",
    "CREATE SEQUENCE ticket START 100 INCREMENT 5",
    "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated = now(); RETURN NEW; END $$",
    "CREATE FUNCTION norm(t text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower(trim(t))'",
    "CREATE TABLE people (
       id bigint GENERATED ALWAYS AS IDENTITY (START WITH 10) PRIMARY KEY,
       account uuid REFERENCES auth.accounts ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
       mail email NOT NULL, feeling mood DEFAULT 'ok', tags text[] DEFAULT '{}', ticket int DEFAULT nextval('ticket'),
       price numeric(12,2) NOT NULL DEFAULT 0, vat numeric GENERATED ALWAYS AS (price * 0.19) STORED,
       during tstzrange, updated timestamptz DEFAULT now(), data jsonb NOT NULL DEFAULT '{\"a\": 1}'::jsonb,
       s serial, c varchar(20) COLLATE \"C\",
       CONSTRAINT pos CHECK (price >= 0 AND feeling IN ('ok', 'happy')),
       EXCLUDE USING gist (account WITH =, during WITH &&))",
    "CREATE UNIQUE INDEX people_norm ON people (norm(mail)) WHERE price > 0",
    "CREATE INDEX people_tags ON people USING gin (tags)",
    "CREATE INDEX people_inc ON people (price DESC NULLS LAST) INCLUDE (mail)",
    "COMMENT ON TABLE people IS 'who''s who'",
    "COMMENT ON COLUMN people.price IS 'in EUR'",
    "CREATE VIEW happy AS SELECT id, mail FROM people WHERE feeling = ANY (ARRAY['happy'::mood]) ORDER BY id",
    "CREATE MATERIALIZED VIEW totals AS SELECT account, sum(price) AS total FROM people GROUP BY account",
    "CREATE UNIQUE INDEX totals_account ON totals (account)",
    "CREATE FUNCTION weight(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * x'",
    "CREATE FUNCTION heavy() RETURNS SETOF bigint LANGUAGE sql AS 'SELECT id FROM people WHERE weight(s) > 10'",
    "CREATE VIEW heavy_ones AS SELECT heavy() AS id",
    "CREATE FUNCTION all_heavy() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM heavy_ones'",
    "CREATE TYPE span AS RANGE (subtype = float8)",
    "CREATE TRIGGER people_stamp BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION stamp()",
    "CREATE TABLE events (at timestamptz NOT NULL, what text) PARTITION BY RANGE (at)",
    "CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    "CREATE TABLE auth.log (id int PRIMARY KEY, person bigint REFERENCES people (id))",
];

const RICH_MYSQL: &[&str] = &[
    "CREATE TABLE accounts (
       id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100) COLLATE utf8mb4_bin NOT NULL,
       kind ENUM('a', 'b') NOT NULL DEFAULT 'a', flags SET('x', 'y'),
       UNIQUE KEY by_name (name(20)), KEY d (kind DESC, name)) AUTO_INCREMENT = 100 COMMENT = 'who''s who'",
    "CREATE TABLE people (
       id BIGINT NOT NULL AUTO_INCREMENT, account INT UNSIGNED, price DECIMAL(12,2) NOT NULL DEFAULT '0.00' COMMENT 'in EUR',
       vat DECIMAL(12,2) GENERATED ALWAYS AS (price * 0.19) STORED,
       low VARCHAR(50) GENERATED ALWAYS AS (lower(bio)) VIRTUAL, bio VARCHAR(50), doc JSON, born DATE,
       made DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), seen TIMESTAMP NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP,
       tiny TINYINT(1) NOT NULL DEFAULT 1, bits BIT(3), yr YEAR, f DOUBLE, t LONGTEXT, b VARBINARY(16),
       PRIMARY KEY (id), KEY acc (account), FULLTEXT KEY ft (bio),
       CONSTRAINT fk_acc FOREIGN KEY (account) REFERENCES accounts (id) ON DELETE SET NULL ON UPDATE CASCADE,
       CONSTRAINT pos CHECK (price >= 0 AND tiny IN (0, 1))) ROW_FORMAT = DYNAMIC",
    "CREATE TABLE pages (path TEXT NOT NULL, lang VARCHAR(40) NOT NULL, token BINARY(8) NOT NULL DEFAULT '',
       kind VARBINARY(20) DEFAULT 'unknown', at BINARY(4) NOT NULL DEFAULT '1970', PRIMARY KEY (path(191), lang(5)))",
    "CREATE TABLE events (id INT NOT NULL, at DATE NOT NULL, PRIMARY KEY (id, at))
       PARTITION BY RANGE (YEAR(at)) (PARTITION p0 VALUES LESS THAN (2020), PARTITION p1 VALUES LESS THAN MAXVALUE)",
    "CREATE VIEW happy AS SELECT id, bio FROM people WHERE tiny = 1 AND price BETWEEN 1 AND 10",
    "CREATE VIEW named (who, `the bio`) AS SELECT id, bio FROM people UNION SELECT id, name FROM accounts",
    "CREATE TRIGGER up BEFORE UPDATE ON people FOR EACH ROW SET NEW.seen = NOW()",
    "CREATE FUNCTION twice(x INT) RETURNS INT DETERMINISTIC RETURN x * 2",
    "CREATE FUNCTION greet(who VARCHAR(30)) RETURNS VARCHAR(60) DETERMINISTIC NO SQL COMMENT 'says; hello'
       BEGIN DECLARE said VARCHAR(60); SET said = concat('hello; ', who); RETURN said; END",
    "CREATE PROCEDURE clean() DELETE FROM events",
    "CREATE PROCEDURE tell(IN day DATE, OUT n INT) READS SQL DATA SQL SECURITY INVOKER
       BEGIN SELECT count(*) INTO n FROM events WHERE at = day; END",
    "CREATE TRIGGER into_people BEFORE INSERT ON people FOR EACH ROW BEGIN SET NEW.bio = greet(NEW.bio); END",
];

const RICH_MARIADB: &[&str] = &[
    "CREATE SEQUENCE sq START WITH 5",
    "CREATE TABLE numbered (id INT PRIMARY KEY DEFAULT nextval(sq), packed TEXT COMPRESSED)",
    "CREATE TABLE booked (a INT, s DATE, e DATE, PERIOD FOR pp (s, e), UNIQUE u (a, pp WITHOUT OVERLAPS))",
    "CREATE TABLE versions (a INT PRIMARY KEY, s TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
       e TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING",
];
