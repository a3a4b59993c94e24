CREATE TYPE mood AS ENUM ('happy', 'it''s', 'sad');
CREATE TYPE point AS STRUCT(x DOUBLE, y DOUBLE);
CREATE TYPE code AS VARCHAR;
CREATE SEQUENCE numbers START WITH 10 INCREMENT BY 5 MINVALUE 1 MAXVALUE 1000 CYCLE;
CREATE SEQUENCE "odd sequence";
CREATE SEQUENCE lonely INCREMENT BY -1;
CREATE TABLE parts (
  id BIGINT PRIMARY KEY DEFAULT nextval('numbers'), code VARCHAR COLLATE NOCASE NOT NULL UNIQUE, price DECIMAL(10,2) DEFAULT 1.50 CHECK (price >= 0),
  made TIMESTAMP DEFAULT current_timestamp, feels mood DEFAULT 'happy', inline ENUM('x', 'y'), place point, tags VARCHAR[], grid INTEGER[3], facts MAP(VARCHAR, INTEGER),
  either UNION(n INTEGER, s VARCHAR), doubled DECIMAL(11,2) GENERATED ALWAYS AS (price * 2), word VARCHAR DEFAULT 'a' || 'b', CHECK (price < 1000 OR code = ')(')
);
CREATE TABLE pair (a INTEGER, b VARCHAR, v DOUBLE, PRIMARY KEY (b, a), UNIQUE (v, a));
CREATE TABLE child (id INTEGER DEFAULT nextval('"odd sequence"'), b VARCHAR, a INTEGER, part BIGINT REFERENCES parts (id), FOREIGN KEY (b, a) REFERENCES pair (b, a));
CREATE TABLE "odd ""table" ("select" INTEGER, "with space" VARCHAR, "日本" BLOB);
CREATE TABLE log (part BIGINT, said VARCHAR);
CREATE INDEX by_price ON parts (price);
CREATE UNIQUE INDEX lower_word ON parts ((lower(word)), made);
CREATE INDEX "odd index" ON "odd ""table" ("with space");
CREATE VIEW cheap (number, price) AS SELECT id, price FROM parts WHERE price < 5;
CREATE VIEW of_view AS WITH c AS (SELECT * FROM cheap) SELECT count(*) AS n FROM c;
CREATE MACRO add_up(a, b) AS a + b, (a, b, c) AS a + b + c;
CREATE MACRO typed(a INTEGER) AS a + 1;
CREATE MACRO several(n) AS TABLE SELECT * FROM range(n);
CREATE MACRO defaulted(a, b := 2) AS a + b;
CREATE TRIGGER noisy AFTER INSERT ON pair REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT INSERT INTO log SELECT a, b FROM fresh;
COMMENT ON TABLE parts IS 'All parts';
COMMENT ON COLUMN parts.price IS 'It''s net';
COMMENT ON VIEW cheap IS 'Below five';
COMMENT ON INDEX by_price IS 'For the list';
COMMENT ON SEQUENCE lonely IS 'Downwards';
COMMENT ON TYPE mood IS 'How one feels';
COMMENT ON MACRO typed IS 'One more';
CREATE TABLE lost (a INTEGER);
CREATE VIEW broken AS SELECT a FROM lost;
DROP TABLE lost;
SELECT nextval('numbers');
