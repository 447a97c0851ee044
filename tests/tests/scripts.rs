//! Scripts for the databases' own clients: run unchanged, they leave what a live run leaves.

use std::process::{Command, Output, Stdio};

use aludel_tests::{Database, Product, aludel, on_every_product, repository};

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

/// Runs a script with the database's own client.
pub(crate) fn through_client(database: &Database, script: &str) -> Output {
    let client = |variable: &str, otherwise: &str| {
        Command::new(std::env::var(variable).unwrap_or_else(|_| otherwise.to_owned()))
    };
    let rest = database.url.expose_rest();
    let mut command = match database.product {
        Product::Sqlite => {
            let mut command = client("ALUDEL_TEST_SQLITE3", "sqlite3");
            command.arg(rest);
            command
        }
        Product::Postgres => {
            let mut command = client("ALUDEL_TEST_PSQL", "psql");
            command.args(["-X", "-q", "-d", database.argument()]);
            command
        }
        Product::Mysql => with_address(client("ALUDEL_TEST_MYSQL_CLIENT", "mysql"), rest),
        Product::Mariadb => with_address(client("ALUDEL_TEST_MARIADB_CLIENT", "mariadb"), rest),
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
