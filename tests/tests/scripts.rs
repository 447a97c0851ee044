//! Scripts for the databases' own clients: run unchanged, they leave what a live run leaves.

use std::process::{Command, Output, Stdio};

use aludel_tests::{Database, Product, Project, aludel, on_every_product, repository};

on_every_product!(same_as_live);

fn same_as_live(product: Product) {
    leaves_what_a_live_run_leaves(product, "chinook", "aludel_version");
}

mod strange {
    use super::*;

    on_every_product!(same_as_live);

    /// Names and texts with everything in them that a client could take for something else.
    fn same_as_live(product: Product) {
        leaves_what_a_live_run_leaves(product, "strange", "my \"versions\"; it's `this` \\ 100%");
    }
}

fn leaves_what_a_live_run_leaves(product: Product, example: &str, version_table: &str) {
    let project = repository().join("specs/examples").join(example);
    let project = project.to_str().expect("the repository has a readable path");
    let script = |arguments: [&str; 3]| {
        aludel(["-C", project].iter().chain(&arguments).chain(&["--dialect", product.dialect()])).expect(0).stdout
    };
    let live = Database::new(product);
    aludel(["-C", project, "-d", live.argument(), "upgrade"]).expect(0);

    let scripted = Database::new(product);
    feed(&scripted, &script(["upgrade", "--sql", "heads"]));
    assert_eq!(live.catalog_beside(version_table), scripted.catalog_beside(version_table));
    assert_eq!(live.rows_beside(version_table), scripted.rows_beside(version_table));
    let quoted = |name: &str| live.connect().dialect().quote(name);
    let heads = format!("SELECT revision FROM {}", quoted(version_table));
    assert_eq!(live.cell(&heads), scripted.cell(&heads));
    let base = version_table.strip_suffix("_version").unwrap_or(version_table);
    let history = quoted(&format!("{base}_history"));
    let message = format!("SELECT max(message) FROM {history}");
    assert_eq!(live.cell(&message), scripted.cell(&message));
    let history = format!("SELECT count(*) FROM {history} WHERE finished_at IS NOT NULL");
    assert_eq!(live.cell(&history), scripted.cell(&history));
    aludel(["-C", project, "-d", scripted.argument(), "upgrade"]).expect(0);
    assert_eq!(live.cell(&history), scripted.cell(&history), "a live run after the script has nothing to do");

    let empty = Database::new(product);
    feed(&scripted, &script(["downgrade", "--sql", "heads:base"]));
    assert_eq!(empty.catalog_beside(version_table), scripted.catalog_beside(version_table));
    assert_eq!(scripted.cell(&heads), None);
}

/// Runs a script with the database's own client, which must like it.
pub(crate) fn feed(database: &Database, script: &str) {
    let output = through_client(database, script);
    assert!(output.status.success(), "{}\n{}", String::from_utf8_lossy(&output.stderr), script);
}

mod branches {
    use super::several_heads_and_a_merge;
    use aludel_tests::on_every_product;

    on_every_product!(several_heads_and_a_merge);
}

/// Two branches, one of them named and of two, a history of its own that one of them depends on, and a merge of the two.
fn branched() -> Project {
    let project = Project::new();
    let table = |id: &str, parents: &str, more: &str| {
        let columns = "id: {type: integer, primary_key: true}, name: varchar(20)";
        let text = format!(
            "revision: {id}\ndown_revision: {parents}\nmessage: it's {id}; -- '\n{more}upgrade:\n  - create_table: {{table: t_{id}, columns: {{{columns}}}}}\n  - insert: {{table: t_{id}, key: id, rows: [{{id: 1, name: {id}}}]}}\n"
        );
        project.write(&format!("migrations/{id}.yaml"), &text);
    };
    table("aaaa", "null", "");
    table("left1", "aaaa", "branch_labels: left\n");
    table("left2", "left1", "");
    table("right1", "aaaa", "depends_on: other1\n");
    table("other1", "null", "branch_labels: other\n");
    table("other2", "other1", "");
    project
}

fn several_heads_and_a_merge(product: Product) {
    let project = branched();
    let script = |arguments: &[&str]| {
        let root = project.root().to_str().expect("temporary folders have readable names");
        aludel(["-C", root].iter().chain(arguments).chain(&["--dialect", product.dialect()])).expect(0).stdout
    };
    let rows = |database: &Database| {
        let mut connection = database.connect();
        let found =
            connection.query("SELECT revision FROM aludel_version ORDER BY revision").expect("there is a table");
        found.into_iter().flatten().flatten().collect::<Vec<_>>().join(" ")
    };
    let unfinished = "SELECT count(*) FROM aludel_history WHERE finished_at IS NULL";

    // Part by part, each from where the one before ends.
    let scripted = Database::new(product);
    feed(&scripted, &script(&["upgrade", "--sql", "left@head"]));
    assert_eq!(rows(&scripted), "left2");
    feed(&scripted, &script(&["upgrade", "--sql", "left2:heads"]));
    assert_eq!(rows(&scripted), "left2 other2 right1");
    let live = Database::new(product);
    project.run(&live, &["upgrade", "left@head"]).expect(0);
    project.run(&live, &["upgrade"]).expect(0);
    assert_eq!(live.catalog(), scripted.catalog());
    assert_eq!(rows(&live), rows(&scripted));

    // A script from elsewhere stops before it has done anything, and says why.
    let before = scripted.catalog();
    for (range, says) in [
        (["upgrade", "--sql", "base:heads"], "begins with the first revision"),
        (["upgrade", "--sql", "left1,other2,right1:heads"], "not at left1 and other2 and right1"),
        (["upgrade", "--sql", "right1:heads"], "not at right1"),
        (["downgrade", "--sql", "left2,right1:base"], "not at left2 and right1"),
    ] {
        let said = refused(&scripted, &script(&range));
        assert!(said.contains(says), "{said}");
        assert_eq!(
            (rows(&scripted).as_str(), scripted.catalog() == before),
            ("left2 other2 right1", true),
            "{range:?}"
        );
        assert_eq!(scripted.cell(unfinished), Some("0".to_owned()));
    }

    // A merge, and down across it.
    project.write(
        "migrations/merged.yaml",
        "revision: merged\ndown_revision: [left2, right1]\nmessage: merged\nupgrade: []\n",
    );
    feed(&scripted, &script(&["upgrade", "--sql", "left2,right1,other2:merged"]));
    assert_eq!(rows(&scripted), "merged other2");
    feed(&scripted, &script(&["downgrade", "--sql", "heads:left1"]));
    assert_eq!(rows(&scripted), "left1 other2 right1");
    feed(&scripted, &script(&["downgrade", "--sql", "left1,other2,right1:left@base"]));
    assert_eq!(rows(&scripted), "other2");
    feed(&scripted, &script(&["stamp", "--sql", "other2:heads"]));
    assert_eq!(rows(&scripted), "merged other2");
    let said = refused(&scripted, &script(&["stamp", "--sql", "other2:heads"]));
    assert!(said.contains("not at other2"), "{said}");

    // What stopped in the middle stops the next script too, until a stamp settles it.
    scripted
        .execute(&["UPDATE aludel_history SET finished_at = NULL WHERE revision = 'merged' AND direction = 'stamp'"]);
    let said = refused(&scripted, &script(&["downgrade", "--sql", "merged,other2:left@-1"]));
    assert!(said.contains("half run"), "{said}");
    feed(&scripted, &script(&["stamp", "--sql", "merged,other2:other2"]));
    assert_eq!(scripted.cell(unfinished), Some("0".to_owned()));

    // A purge asks for nothing: whatever is there is forgotten, known here or not, and the record says so.
    scripted.execute(&["INSERT INTO aludel_version (revision) VALUES ('elsewhere')"]);
    feed(&scripted, &script(&["stamp", "--sql", "--purge", "left1,other2"]));
    assert_eq!(rows(&scripted), "left1 other2");
    let forgotten = "SELECT count(*) FROM aludel_history WHERE revision = 'elsewhere' AND direction = 'stamp'";
    assert_eq!(scripted.cell(forgotten), Some("1".to_owned()));
    let said = refused(&scripted, &script(&["stamp", "--sql", "--purge", "left2,other2:heads"]));
    assert!(said.contains("not at left2 and other2"), "{said}");
    feed(&scripted, &script(&["stamp", "--sql", "--purge", "left1,other2:heads"]));
    assert_eq!(rows(&scripted), "merged other2");
    feed(&scripted, &script(&["stamp", "--sql", "--purge", "base"]));
    assert_eq!(rows(&scripted), "");
    let fresh = Database::new(product);
    feed(&fresh, &script(&["stamp", "--sql", "--purge", "heads"]));
    assert_eq!(rows(&fresh), "merged other2");
    project.run(&fresh, &["upgrade"]).expect(0);
}

mod ends {
    use super::several_ends;
    use aludel_tests::on_every_product;

    on_every_product!(several_ends);
}

/// A script may end on several branches, as it may start on several.
fn several_ends(product: Product) {
    let project = branched();
    let script = |arguments: &[&str]| {
        let root = project.root().to_str().expect("temporary folders have readable names");
        aludel(["-C", root].iter().chain(arguments).chain(&["--dialect", product.dialect()])).expect(0).stdout
    };
    let rows = |database: &Database| {
        let mut connection = database.connect();
        let found =
            connection.query("SELECT revision FROM aludel_version ORDER BY revision").expect("there is a table");
        found.into_iter().flatten().flatten().collect::<Vec<_>>().join(" ")
    };
    let (scripted, live) = (Database::new(product), Database::new(product));
    feed(&scripted, &script(&["upgrade", "--sql", "left1,right1"]));
    project.run(&live, &["upgrade", "left1,right1"]).expect(0);
    for database in [&scripted, &live] {
        assert_eq!(rows(database), "left1 right1");
    }
    assert_eq!(scripted.catalog(), live.catalog());
    feed(&scripted, &script(&["upgrade", "--sql", "left1,right1:left2,other2"]));
    project.run(&live, &["upgrade", "left2,other2"]).expect(0);
    for database in [&scripted, &live] {
        assert_eq!(rows(database), "left2 other2 right1");
    }
    assert_eq!(scripted.catalog(), live.catalog());
    feed(&scripted, &script(&["downgrade", "--sql", "heads:left1,other1"]));
    project.run(&live, &["downgrade", "left1,other1", "--yes"]).expect(0);
    for database in [&scripted, &live] {
        // What depends on the target stays with it.
        assert_eq!(rows(database), "left1 right1");
    }
    assert_eq!(scripted.catalog(), live.catalog());
    feed(&scripted, &script(&["downgrade", "--sql", "left1,right1:base"]));
    assert_eq!(scripted.cell("SELECT count(*) FROM aludel_version"), Some("0".to_owned()));
}

/// Runs a script with the database's own client.
/// Runs a script that stops, and gives what the client says.
fn refused(database: &Database, script: &str) -> String {
    let output = through_client(database, script);
    assert!(!output.status.success(), "{script}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs a script with the database's own client.
pub(crate) fn through_client(database: &Database, script: &str) -> Output {
    let program = |variable: &str, otherwise: &str| {
        Command::new(std::env::var(variable).unwrap_or_else(|_| otherwise.to_owned()))
    };
    let rest = database.url.expose_rest();
    let mut command = match database.product {
        Product::Sqlite => {
            let mut command = program("ALUDEL_TEST_SQLITE3", "sqlite3");
            command.arg(rest);
            command
        }
        Product::Postgres => {
            let mut command = program("ALUDEL_TEST_PSQL", "psql");
            command.args(["-X", "-q", "-d", database.argument()]);
            command
        }
        Product::Mysql => with_address(program("ALUDEL_TEST_MYSQL_CLIENT", "mysql"), rest),
        Product::Mariadb => with_address(program("ALUDEL_TEST_MARIADB_CLIENT", "mariadb"), rest),
    };
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the client starts; run the tests with `tests/run`");
    let mut input = child.stdin.take().expect("the client reads its input");
    let text = script.to_owned();
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut input, text.as_bytes()));
    let output = child.wait_with_output().expect("the client ends");
    let _ = writer.join();
    output
}

/// `//user@host:port/database` as the options of the MySQL clients.
fn with_address(mut command: Command, rest: &str) -> Command {
    let rest = rest.trim_start_matches("//").split('?').next().unwrap_or_default();
    let (login, place) = rest.split_once('@').expect("the test server's URL names a user");
    let (address, database) = place.split_once('/').expect("the test server's URL names a database");
    let (host, port) = address.split_once(':').unwrap_or((address, "3306"));
    command.args([
        "--no-defaults",
        "-h",
        host,
        "-P",
        port,
        "-u",
        login,
        "--protocol=tcp",
        "--default-character-set=utf8mb4",
        database,
    ]);
    command
}
