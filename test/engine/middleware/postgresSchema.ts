/** A schema that uses what people use, and some rows of each; runs on Postgres 13 and newer. */
export const SCHEMA = `
CREATE ROLE reader NOLOGIN;
CREATE ROLE app LOGIN PASSWORD 'sésame' IN ROLE reader;
CREATE DATABASE second OWNER app;
ALTER DATABASE second SET work_mem = '5MB';
CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE SCHEMA sales AUTHORIZATION app;
CREATE TYPE sales.mood AS ENUM ('calm', 'stormy', 'a''b');
CREATE DOMAIN sales.positive AS int CHECK (VALUE > 0);
CREATE TABLE sales.customer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, mood sales.mood DEFAULT 'calm', tags text[] DEFAULT '{}',
  profile jsonb, born date, net numeric(12, 3), photo bytea, lower_name text GENERATED ALWAYS AS (lower(name)) STORED, seen timestamptz DEFAULT '2026-01-01 00:00:00+02'
);
CREATE TABLE sales.ordered (id bigserial, customer bigint REFERENCES sales.customer ON DELETE CASCADE, day date NOT NULL, quantity sales.positive, price float8, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE sales.ordered_2025 PARTITION OF sales.ordered FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sales.ordered_rest PARTITION OF sales.ordered DEFAULT;
CREATE INDEX ordered_customer ON sales.ordered (customer) INCLUDE (price);
CREATE UNIQUE INDEX customer_name ON sales.customer (lower(name)) WHERE name <> '';
INSERT INTO sales.customer (name, mood, tags, profile, born, net, photo)
  SELECT 'Ñame ' || i || E'\\t\\\\.\\n', (ARRAY['calm', 'stormy', 'a''b'])[1 + i % 3]::sales.mood, ARRAY['x', NULL, 'y"z'], jsonb_build_object('i', i, 'n', NULL, 'deep', jsonb_build_array(1, 'zwei')),
  date '1970-01-01' + i, i / 7.0, decode(md5(i::text), 'hex') FROM generate_series(1, 2000) i;
INSERT INTO sales.ordered (customer, day, quantity, price) SELECT 1 + i % 2000, date '2025-11-01' + i % 90, 1 + i % 9, i * 0.1 FROM generate_series(1, 5000) i;
CREATE FUNCTION sales.total(c bigint) RETURNS numeric LANGUAGE sql STABLE AS $f$ SELECT sum(quantity * price)::numeric FROM sales.ordered WHERE customer = c $f$;
CREATE FUNCTION sales.stamp() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
SET transaction_timeout = 0;
  NEW.seen := now(); RETURN NEW;
END $f$;
CREATE TRIGGER stamp BEFORE UPDATE ON sales.customer FOR EACH ROW EXECUTE FUNCTION sales.stamp();
CREATE VIEW sales.busy AS SELECT c.name, count(*) AS orders FROM sales.customer c JOIN sales.ordered o ON o.customer = c.id GROUP BY c.name HAVING count(*) > 2;
CREATE MATERIALIZED VIEW sales.daily AS SELECT day, sum(price) AS income FROM sales.ordered GROUP BY day;
CREATE SEQUENCE sales.ticket START 100 INCREMENT 7 CYCLE MAXVALUE 900;
SELECT nextval('sales.ticket'), nextval('sales.ticket');
GRANT USAGE ON SCHEMA sales TO reader;
GRANT SELECT ON ALL TABLES IN SCHEMA sales TO reader;
REVOKE ALL ON sales.daily FROM reader;
ALTER TABLE sales.customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sales.customer FOR SELECT TO reader USING (mood = 'calm');
COMMENT ON TABLE sales.customer IS 'people; "quoted"';
SELECT lo_from_bytea(0, decode(repeat('c0ffee', 10000), 'hex'));
CREATE TABLE public.named (t text, n int); INSERT INTO named SELECT repeat('x', 200), i FROM generate_series(1, 50000) i; CREATE INDEX ON named (n);
CREATE TABLE public.elder (a int, b text); CREATE TABLE public.heir (c int) INHERITS (elder); INSERT INTO heir VALUES (1, 'x', 2); ALTER TABLE elder ADD COLUMN d int DEFAULT 4;
CREATE TABLE public.days (day date, n int, PRIMARY KEY (day, n)) PARTITION BY RANGE (day);
CREATE TABLE public.days_2020 PARTITION OF days FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO days VALUES ('2020-02-29', 1); CREATE TABLE public.of_day (day date, n int, FOREIGN KEY (day, n) REFERENCES days);
INSERT INTO of_day VALUES ('2020-02-29', 1);
CREATE FUNCTION public.same() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER each_day BEFORE INSERT ON days FOR EACH ROW EXECUTE FUNCTION public.same();
CREATE TABLE public.plain (a int, b text); INSERT INTO plain VALUES (1, 'eins'), (NULL, NULL);
\\connect second
CREATE TABLE other (id int PRIMARY KEY, note text); INSERT INTO other SELECT i, repeat('ü', i) FROM generate_series(1, 300) i;
`;

/** What the test compares, on its own terms: not the product's fingerprint. */
export const INDEPENDENT = `
SELECT 'customers', count(*), sum(id), md5(string_agg(name || coalesce(profile::text, '') || encode(photo, 'hex') || lower_name || net::text || mood::text || tags::text, '|' ORDER BY id)) FROM sales.customer;
SELECT 'orders', count(*), sum(quantity), md5(string_agg(id::text || day::text || price::text, '|' ORDER BY id)) FROM sales.ordered;
SELECT 'partition', count(*) FROM ONLY sales.ordered_2025;
SELECT 'ticket', nextval('sales.ticket') > 0, last_value - 7 FROM sales.ticket;
SELECT 'busy', count(*), sum(orders) FROM sales.busy;
SELECT 'daily', count(*), round(sum(income)::numeric, 4) FROM sales.daily;
SELECT 'total', sales.total(7);
SELECT 'blob', count(*), md5(string_agg(encode(lo_get(oid), 'hex'), '')) FROM pg_largeobject_metadata;
SELECT 'role', rolname, rolcanlogin, pg_has_role(rolname, 'reader', 'member') FROM pg_roles WHERE rolname IN ('app', 'reader') ORDER BY 2;
SELECT 'grant', has_table_privilege('reader', 'sales.customer', 'select'), has_table_privilege('reader', 'sales.daily', 'select');
SELECT 'comment', obj_description('sales.customer'::regclass);
SELECT 'named', count(*), md5(string_agg(n || '/' || t, ',' ORDER BY n)) FROM named;
SELECT 'heir', a, b, c, d FROM heir;
SELECT 'days', d.day, o.n FROM days d JOIN of_day o USING (day, n);
SELECT 'plain', count(*), count(b) FROM plain;
\\connect second
SELECT 'other', count(*), sum(length(note)) FROM other;
SHOW work_mem;
`;
