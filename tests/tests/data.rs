//! Changes of rows on real databases: assertions that stop a run and a script, data files, and what becomes of a load
//! that is broken off.

use std::fmt::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use aludel_tests::{Database, Product, Project, aludel, binary, on_every_product};

use crate::scripts::through_client;

mod assertions {
    use super::*;

    on_every_product!(stop_runs);

    fn history() -> Project {
        let project = Project::new();
        project.revision(
            "first",
            None,
            "upgrade:
  - create_table: {table: t, columns: {id: {type: bigint, primary_key: true}}}
  - insert: {table: t, rows: [{id: 1}]}
",
        );
        project.revision(
            "second",
            Some("first"),
            "upgrade:
  - create_table: {table: u, columns: {id: {type: bigint, primary_key: true}}}
  - assert:
      sql: SELECT count(*) FROM t
      equals: 0
      message: the table t isn't empty
  - insert: {table: u, rows: [{id: 5}]}
",
        );
        project
    }

    fn stop_runs(product: Product) {
        let database = Database::new(product);
        let project = history();
        let said = project.run(&database, &["upgrade"]).expect(1).stderr;
        for part in
            ["E0653", "the table t isn't empty", "found 1, expected 0", "second.yaml:6", "SELECT count(*) FROM t"]
        {
            assert!(said.contains(part), "{part}:\n{said}");
        }
        assert_eq!(database.cell("SELECT revision FROM aludel_version").as_deref(), Some("first"));
        let transactional = matches!(product, Product::Sqlite | Product::Postgres);
        assert_eq!(database.catalog().contains("\"u\""), !transactional, "{said}");
        database.execute(&["DELETE FROM t"]);
        project.run(&database, &["upgrade"]).expect(0);
        assert_eq!(database.cell("SELECT id FROM u").as_deref(), Some("5"));
        project.run(&database, &["downgrade", "first", "--yes"]).expect(0);

        let scripted = Database::new(product);
        let root = project.root().to_str().expect("a readable path");
        let script = aludel(["-C", root, "upgrade", "--sql", "--dialect", product.dialect()]).expect(0).stdout;
        let output = through_client(&scripted, &script);
        let said = String::from_utf8_lossy(&output.stderr).replace("''", "'");
        assert!(!output.status.success(), "the script goes on: {said}");
        assert!(said.contains("assertion failed: found 1, expected 0: the table t isn't empty"), "{said}");
        if !transactional {
            assert_eq!(scripted.cell("SELECT count(*) FROM u").as_deref(), Some("0"), "{said}");
        }
        assert_eq!(scripted.cell("SELECT revision FROM aludel_version").as_deref(), Some("first"));
    }
}

mod files {
    use super::*;

    on_every_product!(load);

    const ROWS: usize = 1_300;

    fn content(mended: bool) -> String {
        let mut text = String::from("id,name,price,day,data\n");
        for number in 1..=ROWS {
            let price = if number == 701 && !mended { "cheap" } else { "1.25" };
            let name = ["plain", "\"it's, \"\"so\"\"\"", "C:\\new", "\"two\nlines\"", "\"\"", ""][number % 6];
            let _ = writeln!(text, "{number},{name},{price},2026-01-02,\"{{\"\"a\"\": \"\"\\u00fc\"\"}}\"");
        }
        text
    }

    fn history() -> Project {
        let project = Project::new();
        std::fs::create_dir_all(project.root().join("data")).expect("a folder can be made");
        project.write("data/t.csv", &content(false));
        project.revision(
            "first",
            None,
            "upgrade:
  - create_table:
      table: t
      columns: {id: {type: bigint, primary_key: true, identity: true}, name: varchar(40), price: \"decimal(8,2)\", day: date, data: json}
  - load: {table: t, file: data/t.csv}
  - assert: {sql: SELECT count(*) FROM t, equals: 1300}
",
        );
        project
    }

    /// What every row is, as the server prints it, in one text.
    fn rows(database: &Database) -> Vec<Vec<Option<String>>> {
        database.connect().query("SELECT id, name, price, day FROM t ORDER BY id").expect("the rows can be read")
    }

    fn load(product: Product) {
        let database = Database::new(product);
        let project = history();
        let said = project.run(&database, &["upgrade"]).expect(1).stderr;
        // A record in six takes two lines.
        for part in ["E0655", "data/t.csv, line 819, column `price`", "`cheap` is not a number", "first.yaml:"] {
            assert!(said.contains(part), "{part}:\n{said}");
        }
        if matches!(product, Product::Mysql | Product::Mariadb) {
            assert_eq!(database.cell("SELECT count(*) FROM t").as_deref(), Some("0"), "{said}");
        }
        let mut twice = content(true);
        twice.push_str("1300,again,1,2026-01-02,\n");
        project.write("data/t.csv", &twice);
        let said = project.run(&database, &["upgrade"]).expect(1).stderr;
        let exact = matches!(product, Product::Postgres | Product::Sqlite);
        let place = if exact { "line 1519" } else { "to 1519" };
        assert!(said.contains("data/t.csv, ") && said.contains(place), "{said}");

        project.write("data/t.csv", &content(true));
        project.run(&database, &["upgrade"]).expect(0);
        let live = rows(&database);
        assert_eq!(live.len(), ROWS);
        let names: Vec<Option<&str>> = live.iter().take(6).map(|row| row[1].as_deref()).collect();
        let expected = [Some("it's, \"so\""), Some("C:\\new"), Some("two\nlines"), Some(""), None, Some("plain")];
        assert_eq!(names, expected);
        database.execute(&["INSERT INTO t (name) VALUES ('next')"]);
        assert_eq!(database.cell("SELECT id FROM t WHERE name = 'next'").as_deref(), Some("1301"));

        let scripted = Database::new(product);
        let root = project.root().to_str().expect("a readable path");
        let script = |arguments: [&str; 3]| {
            aludel(["-C", root].iter().chain(&arguments).chain(&["--dialect", product.dialect()])).expect(0).stdout
        };
        let output = through_client(&scripted, &script(["upgrade", "--sql", "heads"]));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(rows(&scripted), live);
        project.run(&scripted, &["upgrade"]).expect(0);

        // A file that is not what was loaded takes nothing back.
        project.run(&database, &["downgrade", "base", "--yes"]).expect(0);
        let output = through_client(&scripted, &script(["downgrade", "--sql", "heads:base"]));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(scripted.catalog(), Database::new(product).catalog());
    }
}

mod interruption {
    use super::*;

    on_every_product!(load);

    const ROWS: usize = 60_000;

    fn load(product: Product) {
        let database = Database::new(product);
        let project = Project::new();
        let text = (1..=ROWS).fold(String::from("id,name\n"), |mut text, number| {
            let _ = writeln!(text, "{number},row {number}");
            text
        });
        project.write("t.csv", &text);
        project.revision(
            "first",
            None,
            "upgrade:\n  - create_table: {table: t, columns: {id: {type: bigint, primary_key: true}, name: varchar(40)}}\n",
        );
        project.revision(
            "second",
            Some("first"),
            "upgrade:
  - create_table: {table: before, columns: {id: {type: bigint, primary_key: true}}}
  - load: {table: t, file: t.csv}
  - create_table: {table: after, columns: {id: {type: bigint, primary_key: true}}}
",
        );
        project.run(&database, &["upgrade", "first"]).expect(0);
        for (signal, moment) in [("-KILL", 150), ("-INT", 250), ("-KILL", 500), ("-INT", 700)] {
            let mut child = Command::new(binary())
                .args(project.arguments(&database, &["upgrade"]))
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("the binary starts");
            std::thread::sleep(Duration::from_millis(moment));
            let _ = Command::new("kill").args([signal, &child.id().to_string()]).stderr(Stdio::null()).status();
            child.wait().expect("the process ends");
            // A session whose client is gone may still be on its way out.
            let count = database.cell("SELECT count(*) FROM t").unwrap_or_default();
            assert!(count == "0" || count == ROWS.to_string(), "{count} rows after {signal}");
        }
        project.run(&database, &["upgrade"]).expect(0);
        assert_eq!(database.cell("SELECT count(*) FROM t"), Some(ROWS.to_string()));
        assert_eq!(database.cell("SELECT max(id) FROM t"), Some(ROWS.to_string()));
        assert_eq!(database.cell("SELECT count(*) FROM after").as_deref(), Some("0"));
        assert_eq!(database.cell("SELECT revision FROM aludel_version").as_deref(), Some("second"));
    }
}
