PRAGMA foreign_keys = OFF;
CREATE TABLE "order" ("select" INTEGER PRIMARY KEY, "group by" TEXT, "a""b" TEXT, [br ack] TEXT, `tick` TEXT, "日本" TEXT, "" TEXT);
CREATE TABLE "new
line" (a int, 'quoted' text);
CREATE TABLE parts (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- counted
  code TEXT NOT NULL COLLATE NOCASE CONSTRAINT code_key UNIQUE,
  price DECIMAL(10,2) DEFAULT 1.50 CHECK (price >= 0),
  made TEXT DEFAULT CURRENT_TIMESTAMP, note TEXT DEFAULT ('a' || 'b'), raw BLOB DEFAULT x'00ff', word TEXT DEFAULT 'it''s',
  CONSTRAINT sane CHECK (price < 1000 OR note = ')(')
);
INSERT INTO parts (code) VALUES ('a'), ('b');
DELETE FROM parts WHERE code = 'b';
CREATE TABLE pair (a INT, b TEXT COLLATE RTRIM, v REAL, PRIMARY KEY (b, a)) WITHOUT ROWID;
CREATE TABLE loose (k PRIMARY KEY ON CONFLICT REPLACE, v);
CREATE TABLE downwards (id INTEGER PRIMARY KEY DESC, v INT);
CREATE TABLE firm (id INTEGER PRIMARY KEY, i INT, r REAL, t TEXT, b BLOB, a ANY) STRICT;
CREATE TABLE made (w REAL, h REAL, area REAL GENERATED ALWAYS AS (w * h) STORED, label TEXT AS (upper(w || ',')) VIRTUAL);
CREATE TABLE boss (id INTEGER PRIMARY KEY, over INT REFERENCES boss (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE child (
  id INTEGER PRIMARY KEY, b TEXT, a INT, lost INT REFERENCES missing (id),
  CONSTRAINT to_pair FOREIGN KEY (b, a) REFERENCES pair (b, a) ON UPDATE CASCADE
);
CREATE TABLE one (id INTEGER PRIMARY KEY, two INT REFERENCES two (id));
CREATE TABLE two (id INTEGER PRIMARY KEY, one INT REFERENCES one (id));
CREATE INDEX price_down ON parts (price DESC, code COLLATE BINARY);
CREATE UNIQUE INDEX lower_code ON parts (lower(code)) WHERE price IS NOT NULL AND note <> 'where';
CREATE INDEX "odd ""index" ON "order" ("a""b", [br ack] desc);
CREATE VIEW cheap (id, price) AS SELECT id, price FROM parts WHERE price < 5;
CREATE VIEW of_view AS WITH c AS (SELECT * FROM cheap) SELECT count(*) AS n FROM c;
CREATE VIEW broken AS SELECT gone FROM parts;
CREATE TRIGGER noisy AFTER INSERT ON parts WHEN new.price > 1 BEGIN INSERT INTO loose VALUES (new.id, CASE WHEN 1 THEN 2 END); END;
CREATE TRIGGER through INSTEAD OF DELETE ON cheap BEGIN DELETE FROM parts WHERE id = old.id; END;
CREATE VIRTUAL TABLE fts USING fts5(title, body);
