-- What psql runs, Aludel runs: strings, comments, bodies. A comment; with a semicolon.
CREATE TABLE result (n integer PRIMARY KEY, t text);
INSERT INTO result VALUES (1, 'it''s; fine'), (2, E'back\'slash; \\'), (3, U&'d\0061t\+000061;');
INSERT INTO result VALUES (4, $$dollar; 'quotes'$$), (5, $tag$with $$ inside; $tag$), (6, $é$letters;$é$);
/* a comment; /* nested; */ still a comment; */ INSERT INTO result VALUES (7, '/* none; */ -- none');
INSERT INTO result VALUES (8, 'a\'); INSERT INTO result VALUES (9, 'trailing backslash above');
;;; -- empty statements
CREATE FUNCTION add_row(k integer, v text) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
  IF k > 0 THEN
    INSERT INTO result VALUES (k, v);
  END IF;
  PERFORM 1; -- $$
END;
$body$;
SELECT add_row(10, 'from a body; with semicolons');
CREATE FUNCTION twice(a integer) RETURNS integer BEGIN ATOMIC SELECT a; SELECT CASE WHEN a > 0 THEN a * 2 ELSE 0 END; END;
INSERT INTO result VALUES (11, twice(21)::text);
CREATE PROCEDURE fill() LANGUAGE SQL BEGIN ATOMIC
  INSERT INTO result VALUES (12, 'atomic');
  INSERT INTO result VALUES (13, 'bodies;');
END;
CALL fill();
CREATE RULE log AS ON DELETE TO result DO ALSO (UPDATE result SET t = 'x' WHERE n = -1; UPDATE result SET t = 'y' WHERE n = -2);
DO $$ BEGIN INSERT INTO result VALUES (14, 'a block;'); END $$;
CREATE TABLE "semi;colon" ("a;b" integer, "--c" integer, "/*d" integer);
INSERT INTO "semi;colon" VALUES (1, 2, 3);
INSERT INTO result SELECT 15, "a;b"::text FROM "semi;colon";
INSERT INTO result SELECT 17, (ARRAY[1, 2, 3])[2:3]::text;
INSERT INTO result VALUES (18, 'two
lines; -- and no comment
/* nor this */');
CREATE VIEW v AS SELECT n /* ; */ FROM result -- ;
  WHERE n > 0;
INSERT INTO result SELECT 19, count(*)::text FROM v WHERE 5--1
  > 4;
INSERT INTO result SELECT 20, (5 - -1)::text;
INSERT INTO result SELECT 21, 'no terminator'
