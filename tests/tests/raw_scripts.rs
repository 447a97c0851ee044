//! Scripts that people wrote: run by Aludel, they leave what the database's own client leaves. The scripts are data, in
//! `specs/scripts`.

use aludel_tests::{Database, Product, Project, on_every_product, repository};

use super::scripts::feed;

on_every_product!(same_as_the_client);

fn same_as_the_client(product: Product) {
    let folder = match product {
        Product::Mariadb => "mysql",
        product => product.dialect(),
    };
    let path = repository().join("specs/scripts").join(folder).join("statements.sql");
    let script = std::fs::read_to_string(path).expect("the script is there");
    let by_client = Database::new(product);
    feed(&by_client, &script);
    let expected = by_client.rows_beside("aludel_version");
    assert!(expected.lines().count() > 10, "{expected}");

    let windows = format!("\u{feff}{}", script.replace('\n', "\r\n"));
    for text in [script.as_str(), &windows] {
        let project = Project::new();
        project.write("aludel.yaml", &format!("migrations: migrations\ndialects: [{}]\n", product.dialect()));
        project.write("statements.sql", text);
        project.revision("a1", None, "upgrade:\n  - execute: {sql: {file: statements.sql}}\n");
        let live = Database::new(product);
        project.run(&live, &["upgrade"]).expect(0);
        // The clients of MySQL and SQLite drop a carriage return before the end of a line.
        assert_eq!(live.rows_beside("aludel_version").replace("\\r\\n", "\\n"), expected);
        assert_eq!(live.catalog(), by_client.catalog());

        let scripted = Database::new(product);
        feed(&scripted, &project.run(&scripted, &["upgrade", "--sql", "heads"]).expect(0).stdout);
        assert_eq!(scripted.rows_beside("aludel_version").replace("\\r\\n", "\\n"), expected);
    }
}
