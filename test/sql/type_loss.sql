-- What a column's type change is said to lose, against what sample values do lose.
SET client_min_messages = error;
CREATE EXTENSION migr;
DO 'BEGIN PERFORM migr_scratch_create(); END'; -- before 15, none is made by itself
\pset format unaligned
\pset tuples_only on
SET timezone = 'Europe/Paris';
SET lc_monetary = 'C';

-- values of each type that are hard to keep
CREATE TEMP TABLE sample (type text, value text);
INSERT INTO sample SELECT type, unnest(values) FROM (VALUES
    ('bigint', ARRAY['0', '-1', '7', '32768', '3000000000', '9007199254740993', '9223372036854775807']),
    ('integer', ARRAY['0', '-1', '5', '16777217', '2147483647']),
    ('smallint', ARRAY['0', '-1', '32767']),
    ('numeric', ARRAY['0', '0.5', '-1.25', '1e20', '123456789.123456789123456789', 'NaN']),
    ('numeric(10,2)', ARRAY['1.25', '-0.01']),
    ('numeric(10,0)', ARRAY['12345', '-1']),
    ('numeric(12,4)', ARRAY['1.2345', '7']),
    ('real', ARRAY['0.1', '1e10', '3.4028235e38', '-2.5', '0.33333334']),
    ('double precision', ARRAY['0.1', '0.30000000000000004', '1e300', '2.5', '-3']),
    ('money', ARRAY['1', '0.01', '-12345.67']),
    ('boolean', ARRAY['t', 'f']),
    ('oid', ARRAY['0', '4294967295']),
    ('text', ARRAY['', 'a', 'abc', ' x  ', '007', '1.50', '1e2', ' 12', 'yes', repeat('n', 70), '{"a": 1}', '{"b":1,"a":2,"a":3}', '2020-01-01', 'Jan 5 2020 10:00', '10:00', '10:00+03', '1 day', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '10.1.2.3', '10.1.2.0/24', '08:00:2b:01:02:03', '101', '(1,2)', '\x61', '[1,3]', '{1, 2}', '<a/>', 'the cat sat']),
    ('character varying', ARRAY['', 'abc', 'abc    ', '007', repeat('n', 70), '{"b":1, "a":2}', '2020-01-05 10:00:00', 'YES']),
    ('character varying(10)', ARRAY['abc    ', 'abcdefghij']),
    ('character(6)', ARRAY['a', 'abc', '007', 'true']),
    ('name', ARRAY['a', 'abc', 'x  ']),
    ('"char"', ARRAY['a', '', ' ', '1']),
    ('date', ARRAY['2020-01-05', '0001-01-01', '2020-10-25', 'infinity']),
    ('timestamp without time zone', ARRAY['2020-01-05 10:11:12.345678', '2020-10-25 02:30:00', '2020-03-29 02:30:00', '2020-01-05 00:00:00', '1900-01-01 00:00:00', 'infinity']),
    ('timestamp with time zone', ARRAY['2020-01-05 10:11:12.345678+00', '2020-10-25 00:30:00+00', '2020-10-25 01:30:00+00', '2020-01-04 23:00:00+00']),
    ('timestamp(0) without time zone', ARRAY['2020-01-05 10:11:12']),
    ('timestamp(3) with time zone', ARRAY['2020-01-05 10:11:12.345+00']),
    ('time without time zone', ARRAY['00:00:00', '10:11:12.345678', '24:00:00']),
    ('time(0) without time zone', ARRAY['10:11:12']),
    ('time with time zone', ARRAY['10:11:12.345678+00', '23:00:00-08', '01:02:03+05:30']),
    ('interval', ARRAY['1 day', '1 mon', '25:00:00', '00:00:00.123456', '1 year 2 mons 3 days 04:05:06.7']),
    ('interval(0)', ARRAY['1 mon 00:00:05']),
    ('interval year to month', ARRAY['1 year 2 mons']),
    ('inet', ARRAY['10.1.2.3', '10.1.2.3/24', '::1', '10.0.0.0/8']),
    ('cidr', ARRAY['10.0.0.0/8', '10.1.2.3/32', '::1/128']),
    ('macaddr', ARRAY['08:00:2b:01:02:03']),
    ('macaddr8', ARRAY['08:00:2b:01:02:03:04:05', '08:00:2b:ff:fe:02:03:04']),
    ('uuid', ARRAY['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']),
    ('json', ARRAY['{"b":1,  "a":2, "a":3}', '1', 'null ', '"x"', 'true', '1.50', '[1, 2]']),
    ('jsonb', ARRAY['{"b":1, "a":2}', '1', '1.5', '"x"', 'true', '1e20', '[1, 2]']),
    ('xml', ARRAY['<a/>', 'x  ']),
    ('bit(3)', ARRAY['101', '000']),
    ('bit(40)', ARRAY[repeat('10', 20)]),
    ('bit varying', ARRAY['101', '1', '']),
    ('bit varying(5)', ARRAY['10101']),
    ('bytea', ARRAY['\x', '\x01', '\x616263', '\x00000001']),
    ('point', ARRAY['(1,2)', '(0.1,-3)']),
    ('box', ARRAY['(3,4),(1,2)', '(1,1),(1,1)']),
    ('lseg', ARRAY['[(0,0),(4,2)]']),
    ('path', ARRAY['((0,0),(1,1),(2,0))', '[(0,0),(1,1)]']),
    ('polygon', ARRAY['((0,0),(1,1),(2,0))', '((0,0),(0,1),(1,1),(1,0))']),
    ('circle', ARRAY['<(1,2),3>']),
    ('int4range', ARRAY['[1,5)', 'empty', '(,3)']),
    ('int8range', ARRAY['[1,5)', '[1,3000000000)']),
    ('numrange', ARRAY['[1,5)', '(1,5]', '[1.5,2]']),
    ('daterange', ARRAY['[2020-01-01,2020-02-01)']),
    ('tsrange', ARRAY['["2020-01-01 10:00:00","2020-02-01 00:00:00")']),
    ('tstzrange', ARRAY['["2020-10-25 00:30:00+00","2020-10-25 01:30:00+00")']),
    ('integer[]', ARRAY['{1,2}', '{}', '{70000,NULL}']),
    ('bigint[]', ARRAY['{3000000000}', '{1}']),
    ('numeric[]', ARRAY['{1.5,2}']),
    ('text[]', ARRAY['{a,"b  "}', '{01}', '{}']),
    ('character varying(5)[]', ARRAY['{"a   "}']),
    ('timestamp without time zone[]', ARRAY['{"2020-03-29 02:30:00"}']),
    ('timestamp with time zone[]', ARRAY['{"2020-10-25 00:30:00+00","2020-10-25 01:30:00+00"}']),
    ('timestamp(2) without time zone[]', ARRAY['{"2020-01-01 10:00:00.25"}']),
    ('tsvector', ARRAY['''cat'':2 ''sat'':3']),
    ('tsquery', ARRAY['''cat'' & ''sat''']),
    ('pg_lsn', ARRAY['16/B374D848']),
    ('txid_snapshot', ARRAY['10:20:10,14'])) s (type, values);

-- all that pg_cast knows, all to and from text, and what is common to each other
CREATE TEMP TABLE type AS SELECT row_number() OVER (ORDER BY type) AS n, type, type::regtype AS id,
       coalesce((SELECT nullif(typelem, 0)::regtype FROM pg_type t WHERE t.oid = type::regtype AND t.typlen = -1), type::regtype) AS element,
       type IN ('bigint', 'numeric', 'double precision', 'boolean', 'character varying', 'date', 'uuid', 'jsonb', 'inet',
                'timestamp without time zone', 'timestamp with time zone', 'interval', 'bytea', 'numrange', 'daterange') AS is_common
  FROM (SELECT DISTINCT type FROM sample) s;
CREATE TEMP TABLE pair AS
    SELECT row_number() OVER (ORDER BY a.n, b.n) AS n, a.n AS old_n, b.n AS new_n, a.type AS old, b.type AS new
      FROM type a, type b
     WHERE a.type <> b.type AND ((a.is_common AND b.is_common) OR 'text' IN (a.type, b.type) OR a.element = b.element OR
           EXISTS (SELECT FROM pg_cast WHERE (castsource = a.element AND casttarget = b.element) OR
                                             (castsource = b.element AND casttarget = a.element)));
SELECT count(*) > 600 AS many FROM pair;

-- one table a type, with a column for each other one; and the way there
CREATE FUNCTION tables(is_old boolean) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(ddl, E'\n') FROM (
        SELECT format(E'CREATE TABLE %I (%s);', old,
                      string_agg(format('c%s %s', n, CASE WHEN is_old THEN old ELSE new END), ', ')) AS ddl
          FROM pair GROUP BY old) t
$$;
CREATE TEMP TABLE script AS
    SELECT line FROM regexp_split_to_table(migr_diff(tables(false), tables(true)), E'\n') line;
CREATE TEMP TABLE conversion AS
    SELECT p.*, coalesce(substring(s.line from ' USING (.*)[,;]$'), 'c' || p.n) AS way,
           EXISTS (SELECT FROM script c WHERE c.line LIKE '-- migr: loses data: %.c' || p.n || ' becomes %') AS is_marked
      FROM script s JOIN pair p ON p.n = substring(s.line from ' ALTER COLUMN c([0-9]+) TYPE ')::int;
SELECT count(*) = (SELECT count(*) FROM pair) AS all_are_changed FROM conversion;

-- which values come back as another one, by the ways of both scripts
SELECT format('CREATE TEMP TABLE value (%s)', string_agg(format('t%s %s', n, type), ', ')) FROM type \gexec
CREATE FUNCTION comes_back(value text, there conversion, back conversion) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    source text;
    result text;
BEGIN
    EXECUTE format('INSERT INTO value (t%s) VALUES (%L) RETURNING t%1$s::text', there.old_n, value) INTO source;
    EXECUTE format('INSERT INTO value (t%s) SELECT %s FROM (SELECT t%s AS c%s FROM value) v',
                   there.new_n, there.way, there.old_n, there.n);
    EXECUTE format('INSERT INTO value (t%s) SELECT %s FROM (SELECT t%s AS c%s FROM value OFFSET 1) v RETURNING t%1$s::text',
                   back.new_n, back.way, back.old_n, back.n) INTO result;
    RAISE EXCEPTION 'same: %', result IS NOT DISTINCT FROM source;
EXCEPTION WHEN OTHERS THEN
    -- what fails loses nothing
    RETURN substring(SQLERRM from '^same: (.)')::boolean;
END $$;
CREATE TEMP TABLE truth AS
    SELECT t.old, t.new, t.is_marked, s.value, comes_back(s.value, t, b) AS comes_back
      FROM conversion t JOIN conversion b ON b.old = t.new AND b.new = t.old
      JOIN sample s ON s.type = t.old;
SELECT count(*) FILTER (WHERE comes_back) > 300 AS many_come_back,
       count(*) FILTER (WHERE NOT comes_back) > 150 AS many_do_not FROM truth;

-- nothing is lost without a mark
SELECT old, new, min(value) FROM truth WHERE NOT comes_back AND NOT is_marked GROUP BY old, new ORDER BY old, new;

-- and these, where nothing can be lost, are not marked
SELECT old, new FROM truth t
 WHERE is_marked AND (old, new) IN (
    ('smallint', 'integer'), ('integer', 'bigint'), ('bigint', 'integer'), ('bigint', 'numeric'), ('integer', 'double precision'),
    ('numeric(10,0)', 'bigint'), ('numeric(10,2)', 'numeric(12,4)'), ('numeric(10,2)', 'numeric'), ('real', 'double precision'),
    ('integer', 'oid'), ('oid', 'bigint'), ('boolean', 'integer'), ('integer', 'money'), ('money', 'numeric'), ('integer[]', 'bigint[]'),
    ('character varying(10)', 'text'), ('character varying(10)', 'character varying'), ('character(6)', 'text'), ('name', 'text'),
    ('text', 'character varying'), ('text', 'json'), ('integer', 'text'), ('timestamp with time zone', 'text'), ('uuid', 'text'),
    ('jsonb', 'text'), ('xml', 'text'), ('interval', 'text'), ('bytea', 'text'), ('text[]', 'text'), ('int4range', 'text'),
    ('integer', 'character varying(10)'), ('jsonb', 'json'), ('cidr', 'inet'), ('macaddr', 'macaddr8'), ('bit(3)', 'bit varying'),
    ('date', 'timestamp without time zone'), ('date', 'timestamp with time zone'), ('time without time zone', 'time with time zone'),
    ('timestamp without time zone', 'timestamp with time zone'), ('timestamp with time zone', 'timestamp without time zone'),
    ('timestamp(0) without time zone', 'timestamp without time zone'), ('timestamp(3) with time zone', 'timestamp with time zone'),
    ('interval(0)', 'interval'), ('interval year to month', 'interval'), ('time(0) without time zone', 'time without time zone'));

DO 'BEGIN PERFORM migr_scratch_drop(); END';
DROP FUNCTION tables, comes_back(text, conversion, conversion);
