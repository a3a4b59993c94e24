-- A bit of everything that MariaDB's CREATE TABLE can say; expects sql_mode without ANSI_QUOTES.
SET NAMES utf8mb4; SET foreign_key_checks = 0;

CREATE SEQUENCE numbers START WITH 100 INCREMENT BY 5 MINVALUE 10 MAXVALUE 10000 NOCACHE CYCLE;
CREATE SEQUENCE falling START WITH -1 INCREMENT BY -1 MINVALUE -500 MAXVALUE -1 CACHE 20;

CREATE TABLE `we``ird "na.me" %s` (
  `sel ect` int NOT NULL, `ключ` varchar(40) NOT NULL, `a``b` int, `%d` text, `name` char(3) CHARACTER SET ascii COLLATE ascii_bin,
  PRIMARY KEY (`sel ect`, `ключ`), UNIQUE KEY `uni``que` (`a``b`, `%d`(7)), KEY `no rm al` (`ключ`(5) DESC, `sel ect`)
) COMMENT='it''s a \\ "comment" with ümlauts %s';

CREATE TABLE kinds (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  tiny tinyint(1) DEFAULT 0, zero int(7) unsigned zerofill NOT NULL DEFAULT 12, flag bit(1) DEFAULT b'1', bits bit(12) DEFAULT b'101',
  amount decimal(20,4) unsigned DEFAULT 1.5000, ratio float(9,3), exact double DEFAULT -1.5e10, born year DEFAULT 1999,
  day date DEFAULT '2001-02-03', at_time time(3) DEFAULT '-12:34:56.789', stamp timestamp NULL DEFAULT NULL,
  changed timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),
  made datetime(2) DEFAULT current_timestamp(2) COMMENT 'when it''s \\ made',
  latin varchar(30) CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT 'gr''ün\\', wide varchar(20) CHARACTER SET ucs2,
  plain text DEFAULT 'a ''quoted'' text', long_one mediumtext CHARACTER SET utf8mb3, raw varbinary(16) DEFAULT 'ab', big longblob,
  mood enum('fine','it''s','a,b','back\\slash','') NOT NULL DEFAULT 'it''s', several set('r','w','x y') DEFAULT 'r,x y',
  document json DEFAULT '{"a": 1}', code uuid DEFAULT uuid(), address inet6 DEFAULT '::1', place point, shape geometry,
  computed int DEFAULT (1 + 2 * 3), drawn bigint DEFAULT nextval(numbers), unset int NOT NULL,
  squeezed varchar(200) COMPRESSED, hidden int INVISIBLE DEFAULT 7,
  KEY (tiny)
) AUTO_INCREMENT=1000 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;

CREATE TABLE computed (
  id int PRIMARY KEY, a decimal(8,3), b decimal(8,3), area decimal(20,6) AS (a * b) STORED,
  shout varchar(50) AS (upper(concat(id, '-', 'it''s'))) VIRTUAL, secret int AS (id + 1) VIRTUAL INVISIBLE,
  positive int CHECK (positive > 0), pair int, CONSTRAINT `both ways` CHECK (pair <> positive OR pair IS NULL),
  CHECK (id < 1000000), KEY (area)
);

CREATE TABLE searched (
  id int PRIMARY KEY, title varchar(100), body text, key_text text, spot point NOT NULL,
  FULLTEXT KEY words (title, body) COMMENT 'search it', SPATIAL KEY spots (spot), KEY ignored_one (title) IGNORED,
  UNIQUE KEY whole (key_text), KEY downwards (id DESC, title(10) DESC)
);
CREATE TABLE remembered (id int, b bit(4), KEY (id) USING BTREE, UNIQUE (b)) ENGINE=MEMORY;
CREATE TABLE plain_old (a int, b varchar(10)) ENGINE=MyISAM DEFAULT CHARSET=latin1 ROW_FORMAT=FIXED MAX_ROWS=1000;
CREATE TABLE airy (a int) ENGINE=Aria TRANSACTIONAL=1;
CREATE TABLE squeezed (id int PRIMARY KEY) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8 STATS_PERSISTENT=1;

CREATE TABLE parents (a int, b varchar(20), PRIMARY KEY (a, b));
CREATE TABLE children (
  id int PRIMARY KEY, a int, b varchar(20), boss int, lost int,
  CONSTRAINT to_parent FOREIGN KEY (a, b) REFERENCES parents (a, b) ON DELETE CASCADE ON UPDATE SET NULL,
  CONSTRAINT to_boss FOREIGN KEY (boss) REFERENCES children (id) ON DELETE SET NULL,
  CONSTRAINT to_nothing FOREIGN KEY (lost) REFERENCES missing (id)
);

CREATE TABLE by_range (id int, day date NOT NULL, PRIMARY KEY (id, day))
  ENGINE=InnoDB PARTITION BY RANGE COLUMNS (day) (
    PARTITION `old ones` VALUES LESS THAN ('2000-01-01') COMMENT = 'before', PARTITION rest VALUES LESS THAN (MAXVALUE));
CREATE TABLE by_list (id int, kind int) PARTITION BY LIST (kind) (PARTITION one VALUES IN (1, NULL), PARTITION two VALUES IN (2, 3));
CREATE TABLE by_hash (id int PRIMARY KEY) PARTITION BY KEY (id) PARTITIONS 3;
CREATE TABLE by_both (id int, day date) PARTITION BY RANGE (year(day)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2
  (PARTITION a VALUES LESS THAN (2000), PARTITION b VALUES LESS THAN MAXVALUE);

CREATE TABLE versioned (id int PRIMARY KEY, v int, quiet int WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING;
CREATE TABLE spanning (
  v int, began timestamp(6) GENERATED ALWAYS AS ROW START, ended timestamp(6) GENERATED ALWAYS AS ROW END,
  PERIOD FOR SYSTEM_TIME (began, ended)
) WITH SYSTEM VERSIONING;
CREATE TABLE booked (room int, from_day date NOT NULL, to_day date NOT NULL, PERIOD FOR stay (from_day, to_day),
  UNIQUE KEY once (room, stay WITHOUT OVERLAPS));

CREATE VIEW simple AS SELECT id, area FROM computed;
CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW `checked one` AS
  SELECT c.id, s.area, 'parents.a' AS label FROM children c JOIN simple s ON s.id = c.id WHERE c.id > 5 WITH LOCAL CHECK OPTION;
CREATE TABLE gone (id int); CREATE VIEW broken AS SELECT id FROM gone; DROP TABLE gone;

DELIMITER //
SET sql_mode = 'PIPES_AS_CONCAT'//
CREATE TRIGGER first_one BEFORE INSERT ON computed FOR EACH ROW SET NEW.a = 'x' || 1//
SET sql_mode = 'STRICT_ALL_TABLES'//
CREATE TRIGGER second_one BEFORE INSERT ON computed FOR EACH ROW BEGIN SET NEW.b = 1; IF NEW.b > 1 THEN SET NEW.b = 2; END IF; END//
CREATE TRIGGER afterwards AFTER DELETE ON parents FOR EACH ROW DELETE FROM children WHERE a = OLD.a//
SET sql_mode = 'ANSI_QUOTES'//
CREATE FUNCTION plus_one(n int, "od d" varchar(10) CHARSET latin1) RETURNS int DETERMINISTIC COMMENT 'it''s' RETURN n + 1//
SET sql_mode = ''//
CREATE PROCEDURE fill(IN a int, OUT b int, INOUT c text) MODIFIES SQL DATA SQL SECURITY INVOKER BEGIN SELECT count(*) INTO b FROM parents; END//
CREATE AGGREGATE FUNCTION total(x int) RETURNS int BEGIN DECLARE s int DEFAULT 0; DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN s;
  LOOP FETCH GROUP NEXT ROW; SET s = s + x; END LOOP; END//
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 03:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'at night' DO DELETE FROM children//
DELIMITER ;
CREATE TABLE old_parts (id int, kind int) ENGINE=Aria PARTITION BY LIST (kind) (PARTITION one VALUES IN (1), PARTITION two VALUES IN (2));
