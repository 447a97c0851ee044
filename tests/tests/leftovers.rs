//! Scratch databases that a killed `verify` left behind: the next run drops those that nobody uses.

use aludel_engine::driver::ConnectionUrl;
use aludel_tests::{Database, Product, Project};

/// A name that says it was made in 2025, with a number of its own.
fn name(product: Product, number: u32) -> String {
    format!(
        "aludel_verify_68000000_{:012x}",
        u64::from(std::process::id()) << 8 | (product as u64) << 4 | u64::from(number)
    )
}

fn dropped_unless_used(product: Product) {
    let beside = Database::new(product);
    let make = |number| product.driver().create_scratch(&beside.url, &name(product, number)).expect("a database");
    let (left, used): (ConnectionUrl, ConnectionUrl) = (make(1), make(2));
    let used = Database { product, url: used };
    let mut session = used.connect();
    session.try_lock("verify").expect("a lock");
    let project = Project::new();
    project.revision("one", None, "upgrade:\n  - create_table: {table: t, columns: {id: integer}}");
    let verify = || project.run(&beside, &["verify", "--dialect", product.dialect()]).expect(0);
    verify();
    let there = product.driver().scratches(&beside.url, "aludel_verify_68000000_").expect("a list");
    let is_there = |number| there.iter().any(|(found, _)| *found == name(product, number));
    assert!(!is_there(1), "{} is left", left.redacted());
    assert!(is_there(2), "it is in use");
    drop(session);
    verify();
    let there = product.driver().scratches(&beside.url, &name(product, 2)).expect("a list");
    assert!(there.is_empty(), "nobody uses it any more");
}

#[test]
fn on_postgres() {
    dropped_unless_used(Product::Postgres);
}

#[test]
fn on_mysql() {
    dropped_unless_used(Product::Mysql);
}

#[test]
fn on_mariadb() {
    dropped_unless_used(Product::Mariadb);
}
