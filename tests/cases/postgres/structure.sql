-- Every kind of object that PostgreSQL 15 has and a dump of a schema shows, with odd names among them.
CREATE EXTENSION hstore;
CREATE EXTENSION btree_gist;
CREATE EXTENSION citext;
COMMENT ON EXTENSION citext IS 'text without "case"';
CREATE SCHEMA "Odd Schema";
COMMENT ON SCHEMA "Odd Schema" IS 'it''s odd';
CREATE COLLATION "Odd Schema"."numeric order" (provider = icu, locale = 'en-u-kn-true', deterministic = false);
CREATE COLLATION plain (lc_collate = 'C', lc_ctype = 'C');
COMMENT ON COLLATION plain IS 'bytes';

-- Types
CREATE TYPE mood AS ENUM ('sad', 'so-so', 'it''s, ok', '', 'ÜBER');
ALTER TYPE mood ADD VALUE 'first' BEFORE 'sad';
COMMENT ON TYPE mood IS 'how it feels';
CREATE TYPE "Odd Schema"."address type" AS (street text COLLATE "C", "Zip Code" varchar(10), mood public.mood, parts numeric(4,1)[]);
COMMENT ON TYPE "Odd Schema"."address type" IS 'where';
COMMENT ON COLUMN "Odd Schema"."address type"."Zip Code" IS 'of the post';
CREATE FUNCTION is_even(value integer) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$ select value % 2 = 0 $$;
CREATE DOMAIN even AS integer DEFAULT 2 NOT NULL CONSTRAINT "is even!" CHECK (public.is_even(VALUE)) CONSTRAINT small CHECK (VALUE < 1000);
COMMENT ON DOMAIN even IS 'no odd ones';
COMMENT ON CONSTRAINT small ON DOMAIN even IS 'below a thousand';
CREATE DOMAIN email AS citext CHECK (VALUE ~ '^[^@]+@[^@]+$');
CREATE DOMAIN late AS text COLLATE "C";
ALTER DOMAIN late ADD CONSTRAINT not_empty CHECK (VALUE <> '') NOT VALID;
CREATE DOMAIN evens AS even[];
CREATE FUNCTION float_minus(a double precision, b double precision) RETURNS double precision LANGUAGE sql IMMUTABLE AS 'select a - b';
CREATE TYPE float_range AS RANGE (subtype = double precision, subtype_diff = float_minus, multirange_type_name = many_floats);
CREATE TYPE text_range AS RANGE (subtype = text, collation = "C");

-- Sequences
CREATE SEQUENCE own_seq INCREMENT -5 START 100 MINVALUE -1000 MAXVALUE 100 CYCLE CACHE 20;
COMMENT ON SEQUENCE own_seq IS 'downwards';
CREATE SEQUENCE "Odd Schema"."small ""one""" AS smallint START 42;

-- Routines
CREATE FUNCTION next_code() RETURNS text LANGUAGE plpgsql AS $f$ begin return 'C' || nextval('public.own_seq'); end $f$;
COMMENT ON FUNCTION next_code() IS 'a code';
CREATE FUNCTION "Odd Schema"."Add It"(a integer, b integer DEFAULT 1, VARIADIC more integer[] DEFAULT '{}') RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 7 AS $$ select a + b $$;
CREATE FUNCTION "Odd Schema"."Add It"(a text) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET work_mem = '8MB' AS $$ select a $$;
SET check_function_bodies = off;
CREATE FUNCTION later_body() RETURNS bigint LANGUAGE sql AS $$ select count(*) from public.made_later $$;
RESET check_function_bodies;
CREATE PROCEDURE tidy(INOUT n integer) LANGUAGE plpgsql AS $$ begin n := n + 1; end $$;
COMMENT ON PROCEDURE tidy(integer) IS 'tidies';
CREATE FUNCTION atomic(n integer) RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT n + 1; END;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ begin new.touched := now(); return new; end $$;
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ begin return null; end $$;
CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', COMBINEFUNC = int4pl, PARALLEL = SAFE);
COMMENT ON AGGREGATE total(integer) IS 'adds up';
CREATE AGGREGATE moving(double precision) (SFUNC = float8pl, STYPE = double precision, INITCOND = '0', MSFUNC = float8pl, MINVFUNC = float8mi, MSTYPE = double precision, MINITCOND = '0', FINALFUNC = float8abs, FINALFUNC_MODIFY = SHAREABLE);
CREATE AGGREGATE ordered_share(double precision ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA);
CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = OPERATOR(public.===), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
COMMENT ON OPERATOR === (integer, integer) IS 'same';
CREATE FUNCTION mood_number(mood) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ select 1 $$;
CREATE CAST (mood AS integer) WITH FUNCTION mood_number(mood) AS ASSIGNMENT;
COMMENT ON CAST (mood AS integer) IS 'a number of it';
CREATE TEXT SEARCH DICTIONARY simple_words (TEMPLATE = simple, accept = false);
CREATE TEXT SEARCH CONFIGURATION words (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION words ADD MAPPING FOR asciiword, word WITH simple_words, english_stem;
COMMENT ON TEXT SEARCH CONFIGURATION words IS 'words';

-- Tables
CREATE TABLE "Odd Schema"."Order" (
  "select" integer PRIMARY KEY, "Group By" text, "a""b" text, "naïve" text, "日本" text, "x.y" text, "%s" text, ":p" text,
  " lead" text, "trail " text, "1st" text, "UPPER" text, "back\slash" text DEFAULT E'\\', "new
line" text
);
CREATE TABLE "Item" (id integer PRIMARY KEY, v text);
CREATE TABLE item (id serial PRIMARY KEY, "Val" text, val text, "VAL" text);
ALTER SEQUENCE item_id_seq RENAME TO "another name";
CREATE TABLE abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghi (
  abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_column_x1 integer PRIMARY KEY,
  abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_column_x2 integer UNIQUE);
CREATE TABLE zero_columns ();
CREATE TABLE columns (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000 INCREMENT BY 10 CACHE 3) PRIMARY KEY,
  number smallint GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME public."numbers of it" MAXVALUE 99 CYCLE),
  small smallserial, large bigserial,
  code text DEFAULT next_code() NOT NULL, other integer DEFAULT nextval('own_seq'), quoted text DEFAULT 'it''s',
  at timestamptz(3) DEFAULT now(), day date DEFAULT CURRENT_DATE, nothing text DEFAULT NULL, list text[] DEFAULT '{}',
  long interval DEFAULT '1 day', w numeric(8,3), h numeric(8,3), area numeric GENERATED ALWAYS AS (w * h) STORED,
  feels mood DEFAULT 'sad', feelings mood[], home "Odd Schema"."address type", homes "Odd Schema"."address type"[],
  two even, twos evens, mail email, wide float_range, wides many_floats, pairs hstore DEFAULT '"a"=>"1"',
  c1 text COLLATE "C", c2 text COLLATE "Odd Schema"."numeric order", c3 varchar(7) COLLATE public.plain, bits bit(3), varbits bit varying(5),
  big text, sampled integer, document tsvector GENERATED ALWAYS AS (to_tsvector('public.words', coalesce(quoted, ''))) STORED
);
ALTER TABLE columns ALTER big SET STORAGE EXTERNAL, ALTER big SET COMPRESSION pglz, ALTER sampled SET STATISTICS 500, ALTER sampled SET (n_distinct = -0.5);
COMMENT ON TABLE columns IS E'it''s a "comment"\nof two lines \\';
COMMENT ON COLUMN columns.big IS 'large';
CREATE TABLE dropped (a integer, b integer, c text, d integer);
ALTER TABLE dropped DROP b;
ALTER TABLE dropped ADD e text DEFAULT 'late';
CREATE UNLOGGED TABLE fast (id integer PRIMARY KEY) WITH (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false);
CREATE TABLE typed OF "Odd Schema"."address type";
CREATE TABLE rows_of_columns (a columns, b integer);
CREATE FUNCTION takes_rows(columns) RETURNS SETOF item LANGUAGE sql AS $$ select * from public.item $$;

-- Keys and constraints
CREATE TABLE keyed (
  b integer, a text, c date, d integer, e integer, f integer, period daterange,
  CONSTRAINT "the key" PRIMARY KEY (c, a, b) INCLUDE (d),
  CONSTRAINT one_null UNIQUE NULLS NOT DISTINCT (d), CONSTRAINT later UNIQUE (e) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT "odd name!" CHECK (length(a) < 1000 AND (a <> ')' OR b > 0)), CHECK (b >= 0) NO INHERIT,
  CONSTRAINT apart EXCLUDE USING gist (f WITH =, period WITH &&) WHERE (f > 0) DEFERRABLE
);
CREATE UNIQUE INDEX keyed_f ON keyed (f) WITH (fillfactor = 60);
ALTER TABLE keyed ADD CONSTRAINT by_index UNIQUE USING INDEX keyed_f;
ALTER TABLE keyed ADD CONSTRAINT not_checked CHECK (d > 0) NOT VALID;
ALTER TABLE keyed CLUSTER ON "the key";
COMMENT ON CONSTRAINT "the key" ON keyed IS 'its key';
COMMENT ON CONSTRAINT "odd name!" ON keyed IS 'not too long';
COMMENT ON CONSTRAINT apart ON keyed IS 'apart';
CREATE TABLE child (
  id integer PRIMARY KEY, parent integer CONSTRAINT self REFERENCES child ON DELETE CASCADE, b integer, a text, c date, e integer, f integer,
  CONSTRAINT whole FOREIGN KEY (c, a, b) REFERENCES keyed MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL (b),
  CONSTRAINT lazy FOREIGN KEY (f) REFERENCES keyed (f) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE child ADD CONSTRAINT unproved FOREIGN KEY (e) REFERENCES keyed (d) NOT VALID;
COMMENT ON CONSTRAINT self ON child IS 'itself';
CREATE TABLE cycle_a (id integer PRIMARY KEY, b integer);
CREATE TABLE cycle_b (id integer PRIMARY KEY, a integer REFERENCES cycle_a);
ALTER TABLE cycle_a ADD FOREIGN KEY (b) REFERENCES cycle_b;

-- Indexes
CREATE TABLE indexed (id integer PRIMARY KEY, a text, b integer NOT NULL, d daterange, j jsonb, t tsvector, p point);
CREATE UNIQUE INDEX ON indexed (lower(a)) WHERE b > 0;
CREATE INDEX ON indexed USING gin (j jsonb_path_ops);
CREATE INDEX ON indexed USING gin (t) WITH (fastupdate = off);
CREATE INDEX ON indexed USING brin (b) WITH (pages_per_range = 16);
CREATE INDEX ON indexed USING hash (a);
CREATE INDEX ON indexed USING spgist (p);
CREATE INDEX "included!" ON indexed (b DESC NULLS LAST) INCLUDE (a);
CREATE INDEX ON indexed (a COLLATE "C" text_pattern_ops, b DESC, (b + 1) NULLS FIRST);
CREATE INDEX expressed ON indexed ((b % 7), (a || ')'));
ALTER INDEX expressed ALTER COLUMN 1 SET STATISTICS 50;
CREATE UNIQUE INDEX identifies ON indexed (b) NULLS NOT DISTINCT;
ALTER TABLE indexed REPLICA IDENTITY USING INDEX identifies;
CREATE INDEX clustering ON indexed (b, id);
ALTER TABLE indexed CLUSTER ON clustering;
COMMENT ON INDEX expressed IS 'with expressions';
CREATE STATISTICS related (dependencies, ndistinct) ON a, b FROM indexed;
CREATE STATISTICS expressed_too ON (b % 3), a FROM indexed;
ALTER STATISTICS related SET STATISTICS 77;
COMMENT ON STATISTICS related IS 'a and b';
ALTER TABLE "Item" REPLICA IDENTITY FULL;

-- Partitions and inheritance
CREATE TABLE part (id integer, at date NOT NULL, v text NOT NULL DEFAULT 'a', n integer, PRIMARY KEY (id, at, v)) PARTITION BY RANGE (at);
CREATE TABLE part_2023 PARTITION OF part FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE part_2024 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (v);
CREATE TABLE part_2024_a PARTITION OF part_2024 (n DEFAULT 7, CHECK (n > 0)) FOR VALUES IN ('a', NULL);
CREATE TABLE part_2024_rest PARTITION OF part_2024 DEFAULT;
CREATE TABLE apart_table (v text NOT NULL, gone integer, n integer, at date NOT NULL, id integer NOT NULL);
ALTER TABLE apart_table DROP gone;
ALTER TABLE part ATTACH PARTITION apart_table DEFAULT;
CREATE TABLE hashed (id integer, v text) PARTITION BY HASH (id, lower(v));
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE "Odd Schema".hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX own_name ON part_2023 (n);
CREATE INDEX of_parts ON part (n);
CREATE INDEX only_here ON part_2023 (v);
ALTER INDEX part_2024_n_idx RENAME TO "renamed part";
CREATE INDEX of_hashed ON hashed (id, v) WHERE v IS NOT NULL;
ALTER TABLE part ADD CONSTRAINT part_to_keyed FOREIGN KEY (n) REFERENCES keyed (f);
CREATE TABLE to_part (id integer, at date, v text, FOREIGN KEY (id, at, v) REFERENCES part);
CREATE TABLE inherited (id integer PRIMARY KEY, v text DEFAULT 'p', CONSTRAINT positive CHECK (id > 0));
CREATE TABLE "Odd Schema".second (extra integer NOT NULL);
CREATE TABLE heir (own text, v text, CHECK (own <> '')) INHERITS (inherited, "Odd Schema".second);
ALTER TABLE heir ALTER v SET DEFAULT 'h';
CREATE TABLE plain_heir () INHERITS (inherited);
ALTER TABLE plain_heir ALTER v DROP DEFAULT, ALTER v SET NOT NULL;

-- Triggers, rules, policies
CREATE TABLE watched (id integer PRIMARY KEY, v text, touched timestamptz);
CREATE TRIGGER "first!" BEFORE INSERT OR UPDATE OF v ON watched FOR EACH ROW WHEN (NEW.v IS NOT NULL) EXECUTE FUNCTION touch();
CREATE TRIGGER off AFTER DELETE OR TRUNCATE ON watched EXECUTE FUNCTION nothing('an argument');
ALTER TABLE watched DISABLE TRIGGER off;
CREATE TRIGGER always AFTER UPDATE ON watched REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION nothing();
ALTER TABLE watched ENABLE ALWAYS TRIGGER always;
CREATE CONSTRAINT TRIGGER checked AFTER INSERT ON watched DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nothing();
COMMENT ON TRIGGER off ON watched IS 'switched off';
CREATE TRIGGER on_parts AFTER INSERT ON part FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE RULE ignored AS ON INSERT TO watched WHERE (NEW.id < 0) DO INSTEAD NOTHING;
CREATE RULE notified AS ON UPDATE TO watched DO ALSO NOTIFY changed;
ALTER TABLE watched DISABLE RULE notified;
COMMENT ON RULE ignored ON watched IS 'none below zero';
ALTER TABLE watched ENABLE ROW LEVEL SECURITY;
ALTER TABLE watched FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON watched USING (true) WITH CHECK (id > 0);
CREATE POLICY "none!" ON watched AS RESTRICTIVE FOR SELECT TO PUBLIC, CURRENT_USER USING (v <> 'x');
COMMENT ON POLICY everyone ON watched IS 'all of them';

-- Views
CREATE TABLE made_later (id integer PRIMARY KEY, v text);
CREATE VIEW over_items AS SELECT id, v FROM watched WHERE id > 0 WITH LOCAL CHECK OPTION;
ALTER VIEW over_items ALTER v SET DEFAULT 'from the view';
CREATE VIEW "Odd Schema"."a view" ("a b", c) WITH (security_barrier) AS SELECT count(*), max("select") FROM "Odd Schema"."Order", public.over_items;
COMMENT ON VIEW "Odd Schema"."a view" IS 'a view';
COMMENT ON COLUMN "Odd Schema"."a view"."a b" IS 'how many';
CREATE RECURSIVE VIEW counted (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counted WHERE n < 3;
CREATE VIEW aa_first WITH (security_invoker) AS SELECT * FROM "Odd Schema"."a view", takes_rows(null);
CREATE FUNCTION instead() RETURNS trigger LANGUAGE plpgsql AS $$ begin return null; end $$;
CREATE TRIGGER instead INSTEAD OF DELETE ON counted FOR EACH ROW EXECUTE FUNCTION instead();
CREATE RULE into_view AS ON INSERT TO aa_first DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW kept WITH (fillfactor = 80) AS SELECT v, count(*) AS n FROM watched GROUP BY v;
CREATE UNIQUE INDEX kept_v ON kept (v);
COMMENT ON MATERIALIZED VIEW kept IS 'kept';
CREATE MATERIALIZED VIEW not_filled AS SELECT n, v FROM kept WITH NO DATA;

-- Outside of the schemas
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far TYPE 'none' FOREIGN DATA WRAPPER nowhere OPTIONS (host 'it''s far');
CREATE FOREIGN TABLE far_away (id integer NOT NULL, v text) SERVER far OPTIONS (name 'x');
COMMENT ON FOREIGN TABLE far_away IS 'elsewhere';
CREATE PUBLICATION parts FOR TABLE watched (id, v) WHERE (id > 0), item WITH (publish = 'insert, update');
CREATE PUBLICATION every FOR ALL TABLES WITH (publish_via_partition_root);
COMMENT ON PUBLICATION every IS 'all';
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ begin end $$;
CREATE EVENT TRIGGER noticed ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION on_ddl();
ALTER EVENT TRIGGER noticed DISABLE;
COMMENT ON EVENT TRIGGER noticed IS 'noticed';

create unlogged table "Odd Schema".unlogged_serial (id serial primary key, a int, b int);
create statistics "Odd Schema".of_another_schema (dependencies) on a, b from "Odd Schema".unlogged_serial;
