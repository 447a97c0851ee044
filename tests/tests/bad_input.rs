//! What can be wrong with a connection: the message says what was tried and what to check, and shows no secret.

use aludel_tests::{Database, Product, Project, aludel};

const SECRET: &str = "hunter2-secret";

fn attempt(url: &str) -> String {
    let project = Project::new();
    project.revision("a", None, "upgrade:\n  - create_table: {table: t, columns: {id: bigint}}\n");
    let root = project.root().to_str().expect("a readable path").to_owned();
    let output = aludel(["-C", &root, "-d", url, "upgrade"]).expect(1);
    assert!(!output.stderr.contains(SECRET) && !output.stdout.contains(SECRET), "{}", output.stderr);
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    output.stderr
}

#[track_caller]
fn says(message: &str, parts: &[&str]) {
    let lower = message.to_lowercase();
    for part in parts {
        assert!(lower.contains(&part.to_lowercase()), "`{part}` is not said in:\n{message}");
    }
}

/// The server's URL with other parts: user and password, port, database.
fn changed(product: Product, login: Option<&str>, port: Option<u16>, name: Option<&str>) -> String {
    let database = Database::new(product);
    let rest = database.url.expose_rest().trim_start_matches("//").to_owned();
    let (user, place) = rest.split_once('@').expect("a user");
    let (address, own) = place.split_once('/').expect("a database");
    let (host, own_port) = address.split_once(':').expect("a port");
    let own = own.split('?').next().unwrap_or_default();
    let port = port.map_or_else(|| own_port.to_owned(), |port| port.to_string());
    format!("{}://{}@{host}:{port}/{}", product.dialect(), login.unwrap_or(user), name.unwrap_or(own))
}

#[test]
fn nobody_answers() {
    for product in [Product::Postgres, Product::Mysql, Product::Mariadb] {
        let url = changed(product, Some(&format!("root:{SECRET}")), Some(1), None);
        says(&attempt(&url), &["127.0.0.1", "E0609"]);
    }
}

#[test]
fn wrong_password() {
    for product in [Product::Postgres, Product::Mysql, Product::Mariadb] {
        let url = changed(product, Some(&format!("aludel_password:{SECRET}")), None, None);
        says(&attempt(&url), &["aludel_password", "password"]);
    }
}

#[test]
fn missing_database() {
    for product in [Product::Postgres, Product::Mysql, Product::Mariadb] {
        let url = changed(product, None, None, Some("no_such_database"));
        says(&attempt(&url), &["no_such_database"]);
    }
}

#[test]
fn an_unknown_scheme() {
    says(&attempt(&format!("oracle://scott:{SECRET}@host/db")), &["oracle"]);
    says(&attempt(&format!("postgers://scott:{SECRET}@host/db")), &["postgers", "postgres"]);
}

#[test]
fn no_database_is_named() {
    for product in [Product::Mysql, Product::Mariadb] {
        says(&attempt(&changed(product, None, None, Some(""))), &["names no database", "behind the host"]);
    }
}

#[test]
fn a_url_without_its_slashes() {
    for scheme in ["postgres", "mysql", "mariadb"] {
        says(&attempt(&format!("{scheme}:u:{SECRET}@host/db")), &["u:***@host"]);
        says(&attempt(&format!("{scheme}:/u:{SECRET}@host/db")), &["u:***@host"]);
        says(&attempt(&format!("{scheme}://host/db?pwd={SECRET}")), &["pwd=***"]);
    }
}
