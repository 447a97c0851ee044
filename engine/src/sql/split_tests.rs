use proptest::prelude::*;

use super::super::samples::{ALL, MYSQL, POSTGRES, SQLITE};
use super::*;

#[track_caller]
fn check(lexicon: &Lexicon, script: &str, expected: &[&str]) {
    let pieces = split(script, lexicon).unwrap_or_else(|e| panic!("{script}: {e} at {}", e.offset));
    let texts: Vec<_> = pieces.iter().map(|piece| piece.text(script)).collect();
    assert_eq!(texts, expected, "{script}");
}

#[track_caller]
fn whole(lexicon: &Lexicon, statement: &str) {
    check(lexicon, &format!("{statement};\nSELECT 1;"), &[statement, "SELECT 1"]);
    check(lexicon, statement, &[statement]);
}

#[track_caller]
fn refused(lexicon: &Lexicon, script: &str, offset: usize, reason: &str) {
    let error = split(script, lexicon).expect_err(script);
    assert_eq!(error.offset, offset, "{script}: {error}");
    assert!(error.reason.contains(reason), "{script}: {error}");
}

#[test]
fn every_lexicon() {
    for lexicon in &ALL {
        check(lexicon, "", &[]);
        check(lexicon, " ;; -- a\n; /* b; */ ;", &[]);
        check(lexicon, "a; b", &["a", "b"]);
        check(lexicon, "-- c\na /* x */ ; -- d", &["a"]);
        check(lexicon, "SELECT ';', 'it''s;' ;b;", &["SELECT ';', 'it''s;'", "b"]);
        check(lexicon, "SELECT \";\"; b", &["SELECT \";\"", "b"]);
        check(lexicon, "a /* ; */ b -- ;\n c; d", &["a /* ; */ b -- ;\n c", "d"]);
        check(
            lexicon,
            "BEGIN; SELECT CASE a WHEN 1 THEN 2 END; END;",
            &["BEGIN", "SELECT CASE a WHEN 1 THEN 2 END", "END"],
        );
        check(lexicon, "START TRANSACTION; COMMIT", &["START TRANSACTION", "COMMIT"]);
        check(lexicon, "CREATE TABLE \"begin\" (a int); b", &["CREATE TABLE \"begin\" (a int)", "b"]);
        check(lexicon, "CREATE VIEW v AS SELECT IF FROM case; b", &["CREATE VIEW v AS SELECT IF FROM case", "b"]);
        refused(lexicon, "a; 'b", 3, "string is never closed");
        refused(lexicon, "a; /* b", 3, "comment is never closed");
    }
}

#[test]
fn postgres() {
    let l = &POSTGRES;
    check(l, "DO $$ BEGIN a; END $$; b", &["DO $$ BEGIN a; END $$", "b"]);
    whole(l, "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END; $f$");
    whole(l, "CREATE FUNCTION f(a int) RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE a WHEN 1 THEN 2 END; END");
    whole(l, "CREATE OR REPLACE PROCEDURE p() LANGUAGE SQL BEGIN ATOMIC\n INSERT INTO t VALUES (1);\nEND");
    whole(l, "CREATE FUNCTION f() RETURNS trigger LANGUAGE C AS 'x', 'y;'");
    whole(l, "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW WHEN (CASE WHEN NEW.a THEN b END) EXECUTE FUNCTION f()");
    whole(l, "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); DELETE FROM b)");
    whole(l, "COPY t FROM '/x'");
    check(l, "SELECT E'\\';'; b", &["SELECT E'\\';'", "b"]);
    check(l, "SELECT '\\'; b", &["SELECT '\\'", "b"]);
    check(l, "\\restrict abc\nSELECT 1;\n\\unrestrict abc\n", &["SELECT 1"]);
    refused(l, "SELECT 1;\n\\connect x\n", 10, "`\\connect` is a command of psql");
    refused(l, "SELECT 1 \\gset\n", 9, "`\\gset`");
    refused(l, "COPY public.t (a, b) FROM stdin;\n1\t2\n\\.\n", 26, "takes its data from the client");
    refused(l, "SELECT (1; SELECT 2", 7, "parenthesis");
    refused(l, "a; $$ b", 3, "string");
    refused(l, "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1;", 32, "block");
}

#[test]
fn mysql_delimiter() {
    let l = &MYSQL;
    check(l, "a;\nDELIMITER //\nb; c//\nd //\ndelimiter ;\ne; f", &["a", "b; c", "d", "e", "f"]);
    check(l, "DELIMITER $$\nBEGIN a; END$$\nDELIMITER ;\nb;", &["BEGIN a; END", "b"]);
    check(l, "DELIMITER ;;\na; b;;\nc '//;;'  ;;\nDELIMITER ;", &["a; b", "c '//;;'"]);
    check(l, "DELIMITER |\nCREATE PROCEDURE p() BEGIN SELECT 1; END|", &["CREATE PROCEDURE p() BEGIN SELECT 1; END"]);
    check(l, "DELIMITER go\na; b\ngo", &["a; b"]);
    refused(l, "DELIMITER\na", 0, "DELIMITER needs");
    check(l, "SELECT delimiter FROM t; b", &["SELECT delimiter FROM t", "b"]);
    check(
        l,
        "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN\nSET a = 1;\nEND */;;\nDELIMITER ;\nb",
        &[
            "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN\nSET a = 1;\nEND */",
            "b",
        ],
    );
}

#[test]
fn mysql_bodies() {
    let l = &MYSQL;
    for statement in [
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = 1",
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET NEW.a = 1; SET NEW.b = 2; END",
        "CREATE DEFINER=`a`@`b` TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN IF NEW.a > 1 THEN SET NEW.a = 1; END IF; END",
        "CREATE DEFINER=root@localhost PROCEDURE p() BEGIN a; END",
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW IF NEW.a THEN SET NEW.a = 1; ELSE SET NEW.a = 2; END IF",
        "CREATE PROCEDURE IF NOT EXISTS p() SELECT 1",
        "CREATE PROCEDURE IF NOT EXISTS p() BEGIN SELECT 1; END",
        "CREATE PROCEDURE p(IN a INT) BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END; b; END",
        "CREATE PROCEDURE p() l: BEGIN a; LEAVE l; END l",
        "CREATE PROCEDURE p() BEGIN l: LOOP a; IF b THEN LEAVE l; END IF; END LOOP l; c; END",
        "CREATE PROCEDURE p() BEGIN REPEAT a; UNTIL b > 1 END REPEAT; c; END",
        "CREATE PROCEDURE p() BEGIN WHILE a DO b; END WHILE; SELECT REPEAT('x', 3); END",
        "CREATE PROCEDURE p() BEGIN CASE a WHEN 1 THEN b; ELSE BEGIN END; END CASE; c; END",
        "CREATE PROCEDURE p() BEGIN SELECT CASE WHEN a THEN IF(b, 1, 2) ELSE IF(c, 1, 2) END; d; END",
        "CREATE PROCEDURE p() BEGIN IF (a) THEN b; ELSEIF c THEN d; ELSE IF e THEN f; END IF; END IF; g; END",
        "CREATE PROCEDURE p() BEGIN DROP TABLE IF EXISTS t; IF EXISTS (SELECT 1) THEN a; END IF; b; END",
        "CREATE PROCEDURE p() BEGIN SELECT t.begin, t.end, t.case FROM t; SELECT `end`, 'BEGIN'; END",
        "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN IF(a, 1, 2)",
        "CREATE FUNCTION f(a INT) RETURNS INT DETERMINISTIC BEGIN RETURN a; END",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN a; b; END",
        "ALTER EVENT e DO BEGIN a; b; END",
        "BEGIN NOT ATOMIC a; b; END",
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN FOR i IN 1..3 DO a; END FOR; SELECT 1 FOR UPDATE; END",
        "CREATE FUNCTION f RETURNS INT SONAME 'x.so'",
        "CREATE DEFINER=a@b SQL SECURITY DEFINER VIEW v AS SELECT begin",
        "/*!50003 CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN a; END */",
        "/*!40101 SET NAMES utf8 */",
    ] {
        whole(l, statement);
    }
    check(l, "/*!999999\\- enable the sandbox mode */\nSELECT 1;", &["SELECT 1"]);
    check(l, "/*!40101 */; a", &["a"]);
    check(l, "SELECT 'a\\'; b'; # c;\nd -- e;\n;f--1", &["SELECT 'a\\'; b'", "d", "f--1"]);
    refused(l, "CREATE PROCEDURE p() BEGIN a; b;", 21, "block");
    refused(l, "a; /*!40101 b", 3, "never closed");
}

#[test]
fn sqlite() {
    let l = &SQLITE;
    for statement in [
        "CREATE TRIGGER t AFTER UPDATE ON x BEGIN UPDATE y SET a = 1; DELETE FROM z; END",
        "CREATE TEMP TRIGGER IF NOT EXISTS t AFTER UPDATE OF a ON x FOR EACH ROW WHEN CASE WHEN NEW.a THEN 1 ELSE 0 END BEGIN SELECT CASE WHEN 1 THEN RAISE(ABORT, 'no;') END; END",
        "CREATE TRIGGER [begin] INSTEAD OF DELETE ON v BEGIN SELECT 1; END",
    ] {
        whole(l, statement);
    }
    check(l, "BEGIN IMMEDIATE; COMMIT; END TRANSACTION", &["BEGIN IMMEDIATE", "COMMIT", "END TRANSACTION"]);
    check(l, "a [;] `;`; b", &["a [;] `;`", "b"]);
    refused(l, "SELECT 1;\n.mode csv\nSELECT 2;", 10, "`.mode` is a command of the sqlite3 shell");
}

proptest! {
    #[test]
    fn pieces_are_in_order_and_inside(text in crate::sql::samples::sql_like()) {
        for lexicon in &ALL {
            match split(&text, lexicon) {
                Ok(pieces) => {
                    let mut at = 0;
                    for piece in pieces {
                        prop_assert!(at <= piece.start && piece.start < piece.end && piece.end <= text.len());
                        prop_assert!(!piece.text(&text).trim_ascii().is_empty());
                        at = piece.end;
                    }
                }
                Err(error) => prop_assert!(error.offset <= text.len()),
            }
        }
    }
}
