-- What is wrong with an input, and how it is said: SQLSTATE, line, way out.
-- Nothing is loaded by an input with a fault in it.
DROP EXTENSION migr;
CREATE EXTENSION migr;

-- Lines count from 1; a text that starts behind "$migr$" has an empty line 1.

--
-- Directives
--

-- A directive that there is not (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:description what is it
$migr$);
\echo :LAST_ERROR_SQLSTATE

-- ... not even in another case, or with nothing behind the colon (error)
SELECT * FROM migr_load('-- migr:Revision a');
SELECT * FROM migr_load('-- migr:');
SELECT * FROM migr_load('-- migr:revision=a');

-- A directive that stands there twice (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:message one
-- migr:upgrade
SELECT 1;
-- migr:message two
$migr$);
\echo :LAST_ERROR_SQLSTATE
-- ... and a section (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
-- migr:downgrade
-- migr:upgrade
$migr$);

-- A directive before any revision (error)
SELECT * FROM migr_load($migr$
-- migr:message too early
-- migr:revision a
$migr$);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load('-- migr:upgrade');

-- A section directive takes no value (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade now
$migr$);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:verify;');

--
-- Values
--

-- No id, an id with other characters, two ids (error)
SELECT * FROM migr_load('-- migr:revision');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load('-- migr:revision a-b');
SELECT * FROM migr_load('-- migr:revision a b');
SELECT * FROM migr_load('-- migr:revision "a"');
SELECT * FROM migr_load('-- migr:revision ../a');
SELECT * FROM migr_load('-- migr:revision a:b');

-- An id of 101 characters (error)
SELECT * FROM migr_load('-- migr:revision ' || repeat('x', 101));
\echo :LAST_ERROR_SQLSTATE

-- An id that is a reserved word (error)
SELECT * FROM migr_load('-- migr:revision head');
SELECT * FROM migr_load('-- migr:revision heads');
SELECT * FROM migr_load('-- migr:revision base');
SELECT * FROM migr_load('-- migr:revision current');
SELECT * FROM migr_load('-- migr:revision none');
\echo :LAST_ERROR_SQLSTATE

-- A parent, a dependency, a label that can be none (error)
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:revises b, c@head');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:revises head');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:depends b;c');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:labels base');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:labels a-label');
\echo :LAST_ERROR_SQLSTATE
-- "none" is no parent beside others (error)
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:revises none, b');

-- A point in time that is none (error)
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:created yesterday evening');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:created 2026-02-30 12:00:00+00');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:created');

-- Something else than on or off (error)
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:transaction maybe');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:transaction');

--
-- SQL outside a section
--

-- Before any revision (error)
SELECT * FROM migr_load($migr$
SELECT 1;
-- migr:revision a
$migr$);
\echo :LAST_ERROR_SQLSTATE

-- Between header directives, before the first section (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:message m
SELECT 1;
-- migr:upgrade
$migr$);
\echo :LAST_ERROR_SQLSTATE

-- Behind a header directive that ends a section (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT 1;
-- migr:message m
SELECT 2;
$migr$);

-- A plain SQL file; a lone semicolon (error)
SELECT * FROM migr_load('CREATE TABLE t (a int);');
SELECT * FROM migr_load(E'-- migr:revision a\n;');

--
-- What no section may hold
--

-- Transaction control, in whatever words (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT 1;
  /* a comment */ BEGIN;
$migr$);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nSELECT 1;\nCOMMIT');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nEND;');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nROLLBACK;');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nabort;');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nStart Transaction;');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nSAVEPOINT s;');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nRELEASE SAVEPOINT s;');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nROLLBACK TO s;');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nPREPARE TRANSACTION $$x$$;');
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nCOMMIT PREPARED $$x$$;');
\echo :LAST_ERROR_SQLSTATE
-- ... in any section; the first one of several is named (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT 1;
-- migr:downgrade
SELECT 2;

ROLLBACK;
COMMIT;
$migr$);
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:verify
BEGIN;
SELECT 3;
$migr$);
-- ... behind COPY data, whose lines count (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
COPY t FROM stdin;
begin;
two
\.
COMMIT;
$migr$);

-- A psql command (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT 1;
\d t
$migr$);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nSELECT 1 \\g');
SELECT * FROM migr_load(E'\\connect abc\n-- migr:revision a');
-- The end of COPY data without COPY (error)
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nSELECT 1;\n\\.\n');

-- COPY without data: no semicolon, so no data can follow (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT 1;
COPY t
    FROM stdin
-- migr:downgrade
$migr$);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nCOPY t FROM stdin');
-- ... no end of the data (error)
SELECT * FROM migr_load(replace($migr$
-- migr:revision a
-- migr:upgrade
SELECT 1;
COPY t FROM stdin;
1
 \.
\.<BLANK>
$migr$, '<BLANK>', ' '));
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load(E'-- migr:revision a\n-- migr:upgrade\nCOPY t FROM stdin;');
-- ... a directive comes first (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
COPY t FROM stdin;
1
-- migr:downgrade
$migr$);
\echo :LAST_ERROR_SQLSTATE
-- ... a statement in the same line, which psql would take for SQL (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
COPY t FROM stdin; SELECT 1;
1
\.
$migr$);
\echo :LAST_ERROR_SQLSTATE

-- A quote or a comment that never ends is named by the line of its start (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT 'one', 'two
-- migr:downgrade
$migr$);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT 1;
DO $x$
BEGIN
$y$;
-- migr:downgrade
$migr$);
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT E'\';
$migr$);
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT "name;
$migr$);
SELECT * FROM migr_load($migr$
-- migr:revision a
/* comment
/* nested */
-- migr:upgrade
$migr$);
SELECT * FROM migr_load('/*');
-- ... also when a string was continued in another line (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT E'one'
   'two;
$migr$);

--
-- Several scripts in one input
--

-- Lines count from the start of the input (error)
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT 1;

-- the second
-- migr:revision b
-- migr:upgrade
SELECT 1;

COMMIT;
$migr$);
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
COPY t FROM stdin;
1
2
\.
-- migr:revision b
-- migr:upgrade
SELECT 'x;
$migr$);
SELECT * FROM migr_load($migr$
-- migr:revision a
-- migr:upgrade
SELECT 'a string
of two lines';

-- migr:revision b
-- migr:revises a
-- migr:mesage typo
$migr$);
-- ... with CRLF, too (error)
SELECT * FROM migr_load(E'-- migr:revision a\r\n-- migr:upgrade\r\n\r\n-- migr:revision b\r\n-- migr:nonsense\r\n');

-- Of all of these nothing is loaded.
SELECT count(*) FROM migr.revision;
SELECT count(*) FROM migr.log;

--
-- Names of revisions that are none
--

SELECT * FROM migr_load($migr$
-- migr:revision abcd1111
-- migr:upgrade
-- migr:downgrade
-- migr:revision abcd2222
-- migr:revises abcd1111
-- migr:upgrade
-- migr:downgrade
-- migr:revision abc
-- migr:revises abcd2222
-- migr:upgrade
-- migr:downgrade
$migr$);

-- An id that there is not (error)
SELECT migr_upgrade('nonsense');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_downgrade('nonsense');
SELECT migr_stamp('nonsense');
SELECT * FROM migr_pending('nonsense');
SELECT * FROM migr_show('nonsense');
SELECT migr_script('nonsense');
SELECT migr_unload('nonsense');

-- A prefix that fits several (error)
SELECT migr_upgrade('abcd');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_script('abcd');

-- A prefix that fits one is enough, a name in full even where it is a prefix
-- of others.
SELECT revision FROM migr_show('abcd1');
SELECT revision FROM migr_show('abc');

-- Words that name more or less than one revision (error)
SELECT migr_script('base');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_unload('base');
\echo :LAST_ERROR_SQLSTATE

-- A name that can be none (error)
SELECT migr_upgrade('');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('; DROP TABLE x');
SELECT migr_upgrade('abcd1111; --');
SELECT migr_upgrade('a:b');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('+');
SELECT migr_upgrade('+x');
SELECT migr_upgrade('@head');
SELECT migr_upgrade('HEAD');
\echo :LAST_ERROR_SQLSTATE

-- Steps of none or into the wrong direction (error)
SELECT migr_upgrade('-1');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('+0');
SELECT migr_downgrade('+1');
SELECT migr_downgrade('-0');
\echo :LAST_ERROR_SQLSTATE

-- Steps that are too long (error)
SELECT migr_upgrade('+99');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_downgrade('-99');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade('abcd1111+99');
SELECT migr_stamp('abcd1111+99');
\set VERBOSITY terse
SELECT migr_downgrade('abcd1111-99');
\echo :LAST_ERROR_SQLSTATE
-- ... and with numbers that overflow (error)
SELECT migr_upgrade('+99999999999999999999');
SELECT migr_downgrade('-99999999999999999999');
SELECT migr_stamp('abcd1111+99999999999999999999');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default

-- NULL where there must be a value (error)
SELECT migr_load(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT migr_load('', NULL);
SELECT migr_script(NULL);
SELECT migr_unload(NULL);
SELECT migr_upgrade(NULL);
SELECT migr_upgrade('head', NULL);
SELECT migr_downgrade(NULL);
SELECT migr_downgrade('base', NULL);
SELECT migr_stamp(NULL);
SELECT migr_stamp('head', NULL);
SELECT migr_show(NULL);
SELECT migr_pending(NULL);
SELECT migr_load_directory(NULL);
\echo :LAST_ERROR_SQLSTATE

-- Two heads where one is meant (error)
SELECT * FROM migr_load(E'-- migr:revision side\n-- migr:revises abcd2222');
SELECT migr_upgrade('head');
\echo :LAST_ERROR_SQLSTATE
SELECT migr_upgrade();
SELECT migr_stamp('head');
SELECT * FROM migr_pending();
SELECT * FROM migr_show('head');
SELECT migr_script('head');
-- From one revision there are two ways up (error)
SELECT migr_upgrade('abcd2222+1');
\echo :LAST_ERROR_SQLSTATE

-- Of all of these nothing was applied.
SELECT count(*) FROM migr.version;

DROP EXTENSION migr;
CREATE EXTENSION migr;
