//! Every word that a server knows can be the name of a column and of a constraint, as the dialect quotes it.

use aludel_engine::dialect::comma_list;
use aludel_tests::{Database, Product};

#[test]
fn on_postgres() {
    every_keyword_is_a_name(Product::Postgres, "SELECT word FROM pg_get_keywords()");
}

#[test]
fn on_mysql() {
    every_keyword_is_a_name(Product::Mysql, "SELECT word FROM information_schema.keywords");
}

#[test]
fn on_mariadb() {
    every_keyword_is_a_name(Product::Mariadb, "SELECT word FROM information_schema.keywords");
}

fn every_keyword_is_a_name(product: Product, keywords: &str) {
    let database = Database::new(product);
    let mut connection = database.connect();
    let dialect = connection.dialect();
    let rows = connection.query(keywords).expect("the server lists its keywords");
    let words = rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).map(|word| word.to_lowercase());
    // MariaDB lists operators among its keywords.
    let mut words: Vec<String> = words.filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())).collect();
    words.sort();
    words.dedup();
    assert!(words.len() > 300, "{}", words.len());
    for (place, some) in words.chunks(200).enumerate() {
        let names: Vec<String> = some.iter().map(|word| dialect.quote(word)).collect();
        let columns = comma_list(names.iter().map(|name| format!("{name} integer")));
        let checks = comma_list(names.iter().map(|name| format!("CONSTRAINT {name} CHECK ({name} > 0)")));
        let mut run = |sql: String| connection.execute(&sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
        run(format!("CREATE TABLE t{place} ({columns}, {checks})"));
        run(format!("INSERT INTO t{place} ({}) SELECT {0} FROM t{place}", comma_list(&names)));
        run(format!("DROP TABLE t{place}"));
    }
}
