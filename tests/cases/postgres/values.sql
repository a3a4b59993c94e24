-- Values of types that a schema defines, or whose binary form is not the same in every database.
CREATE EXTENSION hstore;
CREATE EXTENSION citext;
CREATE SCHEMA "Odd Schema";
CREATE TYPE mood AS ENUM ('sad', '', 'it''s, ok', 'ÜBER');
CREATE DOMAIN even AS integer CHECK (VALUE % 2 = 0);
CREATE DOMAIN email AS citext CHECK (VALUE ~ '@');
CREATE TYPE "Odd Schema".address AS (street text, "Zip Code" text, place point, feels mood);
CREATE TYPE float_range AS RANGE (subtype = double precision);
CREATE TABLE typed (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood, ms mood[], e even, es even[], mail email, a "Odd Schema".address,
  many "Odd Schema".address[], f float_range, fs float_multirange, h hstore, c citext, of regclass, twice integer GENERATED ALWAYS AS (e * 2) STORED,
  b bit(3), v varbit, i inet, n cidr, x xml, j jsonb, t tsvector, q tsquery, p polygon, r int4range, grid integer[][], txt text[], money money, mac macaddr
);
INSERT INTO typed (m, ms, e, es, mail, a, many, f, fs, h, c, of, b, v, i, n, x, j, t, q, p, r, grid, txt, money, mac) VALUES
  ('', '{sad,"",NULL}', 2, '{2,4}', 'A@b', ROW('5 "Main", St\', '01234', point(1, 2), 'sad'), ARRAY[ROW('x', NULL, NULL, NULL)::"Odd Schema".address, NULL],
   '[1.5,infinity)', '{[1,2),[3,4]}', 'a=>NULL, "b c"=>"d\"e"', 'CaSe', 'pg_catalog.pg_class', '101', '1', '10.0.0.1/8', '10.0.0.0/8', '<a>é</a>', '{"k": [1.50, null]}',
   'a:1 b:2A', 'a & !b', '((0,0),(1,1),(2,0))', 'empty', '[0:1][2:3]={{1,2},{3,NULL}}', E'{"a\tb","",NULL,"NULL","\\"q\\""}', '-12.34', '08:00:2b:01:02:03'),
  (NULL, NULL, NULL, '{}', NULL, ROW(NULL, NULL, NULL, NULL), '{}', 'empty', '{}', '', '', 'typed', NULL, '', '::1', '::/0', '', 'null', '', '', NULL, '(,)', '{}', '{}', '0', NULL),
  ('ÜBER', '{}', -4, NULL, 'x@Y', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '000', NULL, NULL, NULL, NULL, '"a\nb"', NULL, NULL, NULL, NULL, NULL, E'{"\\\\"}', NULL, NULL);
CREATE TABLE plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m mood, e even, b bytea, ts timestamptz, n numeric, j json, r int4range, a integer[], t text[]);
INSERT INTO plain (m, e, b, ts, n, j, r, a, t) VALUES ('it''s, ok', 4, '\x00ff', '0044-03-15 12:00 BC', 'NaN', '{"a" :1}', '[1,5)', '{1,NULL}', '{"",NULL}'), (NULL, NULL, NULL, 'infinity', 1e-100, 'null', NULL, NULL, NULL);
CREATE TABLE parted (id integer, v text, PRIMARY KEY (id, v)) PARTITION BY LIST (v);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES IN ('a');
CREATE TABLE parted_rest PARTITION OF parted DEFAULT PARTITION BY RANGE (id);
CREATE TABLE parted_small PARTITION OF parted_rest FOR VALUES FROM (MINVALUE) TO (10);
CREATE TABLE parted_large PARTITION OF parted_rest DEFAULT;
INSERT INTO parted SELECT i, (ARRAY['a', 'b'])[1 + i % 2] FROM generate_series(1, 30) i;
