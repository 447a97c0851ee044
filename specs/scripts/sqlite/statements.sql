-- What the sqlite3 shell runs, Aludel runs. A comment; with a semicolon.
CREATE TABLE result (n integer PRIMARY KEY, t text);
INSERT INTO result VALUES (1, 'it''s; fine'), (2, 'backslash\'), (3, 'x;');
/* a comment; -- /* not nested */ INSERT INTO result VALUES (4, '/* none; */ -- none');
;;
CREATE TRIGGER on_insert AFTER INSERT ON result WHEN NEW.n = 10 BEGIN
  UPDATE result SET t = CASE NEW.t WHEN 'ten' THEN 'changed; twice' ELSE 'other' END WHERE n = 10;
  INSERT INTO result VALUES (11, 'by the trigger;');
END;
INSERT INTO result VALUES (10, 'ten');
CREATE TEMP TRIGGER IF NOT EXISTS other AFTER DELETE ON main.result BEGIN SELECT 1; END;
CREATE TABLE "semi;colon" ("a;b" integer, [--c] integer, `/*d` integer, 'e;f' integer);
INSERT INTO "semi;colon" VALUES (1, 2, 3, 4);
INSERT INTO result SELECT 12, "a;b" FROM "semi;colon";
INSERT INTO result VALUES (13, 'two
lines; -- and no comment');
INSERT INTO result VALUES (14, x'41'), (15, 5--1
+ 1);
CREATE VIEW v AS SELECT n AS "end" FROM result -- ;
  WHERE n > 0;
INSERT INTO result SELECT 16, count(*) FROM v;
CREATE TRIGGER [begin] INSTEAD OF DELETE ON v BEGIN DELETE FROM result WHERE n = OLD."end"; END;
DELETE FROM v WHERE "end" = 16;
INSERT INTO result SELECT 17, 'no terminator'
