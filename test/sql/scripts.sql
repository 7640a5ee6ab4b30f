-- The script format: what is a directive and what only looks like one, what
-- the checksum covers, what a section may hold.
DROP EXTENSION migr;
CREATE EXTENSION migr;

-- Load a script, tell its checksum, forget it.
CREATE FUNCTION pg_temp.checksum_of(script text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id text;
    result text;
BEGIN
    SELECT revision INTO STRICT id FROM migr_load(script);
    SELECT checksum INTO STRICT result FROM migr.revision WHERE revision = id;
    PERFORM migr_unload(id);
    RETURN result;
END;
$$;

--
-- Directives
--

-- Every directive, in any order; values are separated by commas or blanks;
-- what stands before the first directive and between them is a comment.
SELECT * FROM migr_load($migr$
-- The licence of this file.
/* And more
-- migr:revision not_this_one
*/

-- migr:revision first
-- migr:upgrade

-- migr:revision second
-- migr:verify
-- migr:downgrade
-- migr:upgrade

-- migr:revision third
-- migr:transaction off
-- migr:created 2026-11-20 13:36:00+00
-- migr:labels billing,  invoices.v2 ,_x
-- migr:message a message: with "quotes", 'quotes' -- and dashes
-- migr:depends second
-- a comment between directives

-- migr:revises first
-- migr:upgrade
-- migr:verify
$migr$);
SELECT revision, down_revision, depends_on, branch_labels, message,
       created_at AT TIME ZONE 'UTC' = '2026-11-20 13:36:00' AS created,
       reversible, transactional
  FROM migr.revision ORDER BY revision;

-- Several parents: by commas, by blanks, by both and by tabs.
SELECT * FROM migr_load(replace($migr$
-- migr:revision m1
-- migr:revises first,second
-- migr:revision m2
-- migr:revises first second
-- migr:revision m3
-- migr:revises   first ,  second<TAB>
-- migr:revision m4
-- migr:revises<TAB>first<TAB>second
-- migr:depends third m1
$migr$, '<TAB>', E'\t'));
SELECT revision, down_revision, depends_on FROM migr.revision
 WHERE revision ~ '^m' ORDER BY revision;

-- "revises" left out, empty or "none" all mean a base; so do empty lists.
SELECT * FROM migr_load($migr$
-- migr:revision b1
-- migr:revision b2
-- migr:revises
-- migr:depends
-- migr:labels
-- migr:message
-- migr:revision b3
-- migr:revises none
-- migr:transaction on
$migr$);
SELECT revision, down_revision, depends_on, branch_labels, message = '' AS no_message,
       created_at, transactional
  FROM migr.revision WHERE revision ~ '^b' ORDER BY revision;

-- An id may have 100 characters: letters of both cases, digits, "_" and ".".
SELECT length(revision), action
  FROM migr_load('-- migr:revision ' || rpad('Az_0.9', 100, 'Zz_.'));

-- Ids that differ in case are different ids.
SELECT * FROM migr_load($migr$
-- migr:revision CASE_
-- migr:revision case_
-- migr:revises CASE_
$migr$);

-- A section that is left out is not the same as an empty one.
SELECT * FROM migr_load($migr$
-- migr:revision r1
-- migr:upgrade
SELECT 1;
-- migr:revision r2
-- migr:upgrade
SELECT 1;
-- migr:downgrade
-- migr:revision r3
-- migr:upgrade
SELECT 1;
-- migr:downgrade
-- nothing to undo
$migr$);
SELECT revision, reversible FROM migr.revision WHERE revision ~ '^r' ORDER BY revision;

-- The last line needs no newline, and a directive line may end with blanks.
SELECT * FROM migr_load('-- migr:revision e1   ' || E'\n-- migr:upgrade \t\nSELECT 1');
SELECT * FROM migr_load(E'-- migr:revision e2\n-- migr:upgrade');
SELECT * FROM migr_load('-- migr:revision e3');

DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- Lines that look like a directive
--

CREATE SCHEMA fmt;

-- In column one, but inside quotes of every kind or in a block comment: none of
-- these ends the section.  A second downgrade section would be an error, so the
-- one in the end shows that nothing else was taken for one.  What looks like one
-- elsewhere is an error (see test lookalikes).
SELECT * FROM migr_load($migr$
-- migr:revision looks
-- migr:upgrade
CREATE TABLE fmt.looks (
    id int, "a name
-- migr:downgrade
" text);
/* a comment
-- migr:downgrade
/* nested
-- migr:downgrade
*/
-- migr:downgrade
*/
INSERT INTO fmt.looks VALUES (1, 'a string
-- migr:downgrade
''doubled''
-- migr:verify
');
INSERT INTO fmt.looks VALUES (2, E'an escape string \'
-- migr:downgrade
\\');
INSERT INTO fmt.looks VALUES (3, 'continued '
    -- with a comment in between

'string
-- migr:downgrade
');
INSERT INTO fmt.looks VALUES (4, E'continued '
'escape string \'
-- migr:downgrade
');
INSERT INTO fmt.looks VALUES (5, $$dollar $ quote
-- migr:downgrade
'$$), (6, $tag$dollar quote $$
-- migr:downgrade
$ta$ $TAG$ $tag$), (7, U&'\0041
-- migr:downgrade
'), (8, upper(N'n
-- migr:downgrade
')), (9, 'e'|| /* 'not a string */ 'x
-- migr:downgrade
');
-- migr nonsense
INSERT INTO fmt.looks VALUES (10, 'at the end') -- and a comment
-- migr:downgrade
DROP TABLE fmt.looks;
$migr$);

SELECT * FROM migr_upgrade();
SELECT * FROM fmt.looks ORDER BY id;
SELECT * FROM migr_downgrade('base');
SELECT migr_unload('looks');

-- Blanks may stand behind the colon of a directive.
SELECT * FROM migr_load($migr$
-- migr: revision blanks
-- migr:	upgrade
$migr$);
SELECT migr_unload('blanks');

--
-- The checksum
--

-- The bytes of a byte order mark, whatever the database's encoding.
SELECT convert_from('\xefbbbf', getdatabaseencoding()) AS bom \gset

-- It is the SHA-256 of the text from the revision line to the end of the last
-- statement, without white space at the ends of lines.
\set script '-- migr:revision sum\n-- migr:upgrade\nCREATE TABLE fmt.t (a text);\n\nINSERT INTO fmt.t VALUES ($$one\ntwo$$);\n'
SELECT pg_temp.checksum_of(:'script') =
       encode(sha256(convert_to(rtrim(:'script', E'\n'), 'UTF8')), 'hex') AS as_documented;
SELECT pg_temp.checksum_of(:'script') AS checksum \gset

-- It does not depend on line ends, a byte order mark, blanks at the ends of
-- lines and of the text, and comments before the first directive.
SELECT what, pg_temp.checksum_of(script) = :'checksum' AS same
  FROM (VALUES (1, 'line ends CRLF', replace(:'script', E'\n', E'\r\n')),
               (2, 'byte order mark', :'bom' || :'script'),
               (3, 'both', :'bom' || replace(:'script', E'\n', E'\r\n')),
               (4, 'trailing blanks', replace(:'script', E'\n', E' \t\n')),
               (5, 'blank lines at the end', :'script' || E'\n \n\t\n\n'),
               (6, 'no newline at the end', rtrim(:'script', E'\n')),
               (7, 'comment before', E'-- a licence\n/* and\nmore */\n\n' || :'script'))
       v (n, what, script)
 ORDER BY n;

-- It does depend on everything else.
SELECT what, pg_temp.checksum_of(script) = :'checksum' AS same
  FROM (VALUES (1, 'another character', replace(:'script', 'two', 'twx')),
               (2, 'another case', replace(:'script', 'TABLE', 'table')),
               (3, 'a blank more', replace(:'script', 'CREATE ', 'CREATE  ')),
               (4, 'indented', replace(:'script', 'two', ' two')),
               (5, 'a blank line more', replace(:'script', E'\n\n', E'\n\n\n')),
               (6, 'a directive more', :'script' || E'-- migr:downgrade\n'),
               (7, 'a comment inside', replace(:'script', 'INSERT', E'-- comment\nINSERT')))
       v (n, what, script)
 ORDER BY n;

-- Several scripts in one input, with comments and blank lines in between: the
-- checksum of each is the same as when it is loaded alone.
\set one '-- migr:revision one\n-- migr:upgrade\nSELECT 1;\n-- migr:downgrade\n'
\set two '-- migr:revision two\n-- migr:revises one\n-- migr:upgrade\nSELECT 2\n'
\set three '-- migr:revision three\n-- migr:upgrade\nSELECT $$3\n-- migr:downgrade\n$$;\n-- migr:verify\nSELECT true;'
SELECT pg_temp.checksum_of(:'one') AS one_sum, pg_temp.checksum_of(:'three') AS three_sum \gset
SELECT * FROM migr_load(E'-- first file\n' || :'one' || E'\n\n-- second file\n/* about\ntwo */\n' ||
                        :'two' || E'\n-- third file\n' || :'bom' || :'three' || E'\n\n');
SELECT revision,
       checksum = CASE revision WHEN 'one' THEN :'one_sum' WHEN 'three' THEN :'three_sum'
                  ELSE encode(sha256(convert_to(rtrim(:'two', E'\n'), 'UTF8')), 'hex') END AS same
  FROM migr.revision ORDER BY revision;
-- Each alone is what is stored already.
SELECT * FROM migr_load(:'one');
SELECT * FROM migr_load(:'two');
SELECT * FROM migr_load(:'three');

-- migr_script() returns what was loaded, comments before it included, and
-- loads again as the same.
SELECT migr_script('two');
SELECT migr_script('three') = E'-- third file\n' || :'three' || E'\n' AS as_loaded;
SELECT * FROM migr_load(migr_script('three'));
-- Line ends come back as LF, but for those within quotes, without a byte order mark.
SELECT migr_unload('three');
SELECT * FROM migr_load(:'bom' || replace(:'three', E'\n', E'\r\n'));
SELECT migr_script('three') = replace(:'three', E'3\n-- migr:downgrade\n', E'3\r\n-- migr:downgrade\r\n') || E'\n' AS normalised;

DROP EXTENSION migr;
CREATE EXTENSION migr;

--
-- COPY ... FROM stdin
--

-- Data may hold whatever would be syntax elsewhere.
SELECT * FROM migr_load(replace($migr$
-- migr:revision copy_text
-- migr:upgrade
CREATE TABLE fmt.copied (id int, a text);
COPY fmt.copied FROM stdin;
1<TAB>it's; "quoted" -- no comment /* nor this
2<TAB>$$ $tag$ BEGIN; COMMIT;
3<TAB>a\\b\tc\nd \\. \;
4<TAB>\N
5<TAB> -- migr:downgrade
6<TAB>
7<TAB>'
\.
INSERT INTO fmt.copied VALUES (8, 'behind the data');
-- migr:downgrade
DROP TABLE fmt.copied;
-- migr:verify
SELECT count(*) = 8 FROM fmt.copied;
$migr$, '<TAB>', E'\t'));
SELECT * FROM migr_upgrade();
SELECT id, replace(a, E'\t', '<TAB>') AS a, a IS NULL AS is_null FROM fmt.copied ORDER BY id;
SELECT * FROM migr_downgrade('base');

-- Options, column lists; several COPYs; a comment behind the semicolon;
-- no data lines at all; the statement over several lines.
SELECT * FROM migr_load($migr$
-- migr:revision copy_options
-- migr:revises copy_text
-- migr:upgrade
CREATE TABLE fmt.many (id int DEFAULT 0, a text DEFAULT 'default', b text);
COPY fmt.many (id, a) FROM STDIN WITH (FORMAT csv, HEADER true, NULL 'null', QUOTE '"'); -- a comment
id,a
1,"a ""quoted"", line
and another; --"
2,null
3,
\.
copy fmt.many (b, id) from stdin (delimiter '|', null '-');
four|4
-|5
\.
COPY fmt.many
    -- with a comment; and a semicolon in it
    FROM STDIN
    CSV DELIMITER ';'
;
6;six;sechs
\.
COPY fmt.many (id) FROM stdin;
8
10
\.
COPY fmt.many FROM stdin;
\.
/* COPY fmt.many FROM stdin; */
INSERT INTO fmt.many VALUES (11, 'COPY fmt.many FROM stdin;', 'in quotes');
-- migr:downgrade
DROP TABLE fmt.many;
$migr$);
SELECT * FROM migr_upgrade();
SELECT * FROM fmt.many ORDER BY id;
SELECT * FROM migr_downgrade('base');

-- Data with CRLF line ends, and up to a last line without a newline.
SELECT * FROM migr_load(replace($migr$
-- migr:revision copy_crlf
-- migr:revises copy_options
-- migr:upgrade
CREATE TABLE fmt.crlf (a text);
COPY fmt.crlf FROM stdin;
one
two
\.$migr$, E'\n', E'\r\n'));
SELECT * FROM migr_upgrade('copy_crlf');
SELECT a, length(a) FROM fmt.crlf ORDER BY a;
DROP TABLE fmt.crlf, fmt.many, fmt.copied;

-- COPY from a file or a program is no business of the format.
DROP EXTENSION migr;
CREATE EXTENSION migr;
SELECT * FROM migr_load($migr$
-- migr:revision copy_elsewhere
-- migr:upgrade
COPY fmt.nothing FROM '/nowhere';
COPY fmt.nothing FROM PROGRAM 'stdin';
$migr$);

--
-- Words and bodies
--

-- BEGIN and END in function bodies, CASE ... END, PREPARE of a statement: none
-- of these controls the transaction.  ("BEGIN ATOMIC" is there from 14 on.)
SELECT current_setting('server_version_num')::int >= 140000 AS has_atomic \gset
\if :has_atomic
\set body 'BEGIN ATOMIC SELECT 1; SELECT CASE WHEN $1 THEN 2 ELSE 3 END; END'
\else
\set body 'AS $x$ SELECT CASE WHEN $1 THEN 2 ELSE 3 END $x$'
\endif
SELECT * FROM migr_load(replace($migr$
-- migr:revision bodies
-- migr:upgrade
CREATE FUNCTION fmt.atomic(boolean) RETURNS int LANGUAGE sql <BODY>;
CREATE FUNCTION fmt.block() RETURNS text LANGUAGE plpgsql AS $fn$
BEGIN
    BEGIN
        RETURN 'from a block; COMMIT;';
    END;
END
$fn$;
CREATE FUNCTION fmt.quoted() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 4; END';
CREATE TABLE fmt.words AS
    SELECT fmt.atomic(true) AS atomic, fmt.block() AS block, fmt.quoted() AS quoted,
           CASE WHEN true THEN 'case'
           END AS "end";
PREPARE migr_words AS SELECT 'prepared';
EXECUTE migr_words;
DEALLOCATE migr_words;
DO $$ BEGIN NULL; END $$;
;;
-- migr:downgrade
DROP TABLE fmt.words;
DROP FUNCTION fmt.atomic(boolean), fmt.block(), fmt.quoted();
-- migr:verify
$migr$, '<BODY>', :'body'));
SELECT * FROM migr_upgrade('bodies');
SELECT * FROM fmt.words;
SELECT * FROM migr_downgrade('base');

-- Sections that hold nothing, comments alone or semicolons alone run.
SELECT * FROM migr_load($migr$
-- migr:revision nothing
-- migr:revises bodies
-- migr:upgrade
;;;
-- a comment
/* and another */
-- migr:downgrade
-- migr:verify
;
$migr$);
SELECT * FROM migr_upgrade('nothing');
SELECT * FROM migr_downgrade('base');

DROP SCHEMA fmt;
DROP EXTENSION migr;
CREATE EXTENSION migr;
