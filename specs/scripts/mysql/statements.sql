-- What the mysql and mariadb clients run, Aludel runs. A comment; with a semicolon.
# another; kind
CREATE TABLE result (n integer PRIMARY KEY, t text);
INSERT INTO result VALUES (1, 'it''s; fine'), (2, 'back\'slash; \\'), (3, "double; \"quotes\" ''"), (4, "it""s;");
/* a comment; -- */ INSERT INTO result VALUES (5, '/* none; */ -- none # none');
INSERT INTO result VALUES (6, 5--1);
INSERT INTO result VALUES (7, 'x') -- a comment; here
;
--
;;
/*!40101 SET @saved = @@sql_mode */;
/*!50000 INSERT INTO result VALUES (8, 'versions; run') */;
/*!99999 INSERT INTO result VALUES (9, 'from a far version') */;
DELIMITER //
CREATE TRIGGER on_insert BEFORE INSERT ON result FOR EACH ROW
BEGIN
  IF NEW.n = 10 THEN
    SET NEW.t = concat(NEW.t, '; changed');
  ELSEIF NEW.n = 11 THEN
    SET NEW.t = CASE NEW.n WHEN 11 THEN 'eleven' ELSE 'other' END;
  END IF;
END//
CREATE PROCEDURE fill(IN k integer)
BEGIN
  DECLARE i integer DEFAULT 0;
  WHILE i < 2 DO
    SET i = i + 1;
    INSERT INTO result VALUES (k + i, concat('loop ', i));
  END WHILE;
  again: LOOP
    SET i = i + 1;
    IF i > 3 THEN LEAVE again; END IF;
  END LOOP again;
  REPEAT SET i = i - 1; UNTIL i < 0 END REPEAT;
END //
DELIMITER ;
INSERT INTO result VALUES (10, 'ten'), (11, 'x');
CALL fill(20);
delimiter $$
CREATE FUNCTION twice(a integer) RETURNS integer DETERMINISTIC NO SQL BEGIN RETURN a * 2; END$$
DELIMITER ;
INSERT INTO result SELECT 30, twice(21);
CREATE TABLE `semi;colon` (`a;b` integer, `--c` integer, `/*d` integer, `#e` integer);
INSERT INTO `semi;colon` VALUES (1, 2, 3, 4);
INSERT INTO result SELECT 31, `a;b` FROM `semi;colon`;
INSERT INTO result VALUES (32, 'two
lines; -- and no comment
# nor this');
INSERT INTO result VALUES (33, _utf8mb4'introduced;'), (34, N'national;'), (35, x'41'), (36, 0x42);
DELIMITER ;;
INSERT INTO result VALUES (37, 'double; terminator');;
DELIMITER ;
INSERT INTO result SELECT 38, 'no terminator'
