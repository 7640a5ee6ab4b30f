-- Repeatable scripts on their way into the store: what may stand in one, what each
-- load makes of it, what it may be called and depend on, who forgets it.
DROP EXTENSION migr;
CREATE EXTENSION migr;
CREATE VIEW public.stored AS
    SELECT name, depends_on, message, left(checksum, 6) AS checksum, script, loaded_by,
           applied_checksum = checksum AS applied
      FROM migr.repeatable;

--
-- What may stand in one
--
SELECT * FROM migr_load($$-- migr:revision a1
-- migr:labels base_tables
-- migr:message tables
-- migr:upgrade
CREATE TABLE t (id int);
-- migr:downgrade
DROP TABLE t;

-- migr:repeatable views.totals
-- migr:message what is sold
-- migr:created 2026-11-20 13:36:00+00
-- migr:depends base_tables, helpers
-- migr:upgrade
CREATE OR REPLACE VIEW totals AS SELECT count(*) FROM t;
-- migr:verify
SELECT * FROM totals;

-- migr:revision b1
-- migr:revises a1
-- migr:upgrade

-- migr:repeatable helpers
-- migr:depends a1
-- migr:upgrade
CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
$$);
SELECT * FROM public.stored;
SELECT revision FROM migr.revision ORDER BY 1;
SELECT action, revisions FROM migr.log;
SELECT migr_script('views.totals');

-- And what may not (errors)
CREATE FUNCTION public.load(script text, OUT state text, OUT message text, OUT detail text, OUT hint text)
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM migr_load(script);
    message := 'loaded';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
                            detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END;
$$;
SELECT line, state, message, detail, hint
  FROM unnest(ARRAY['-- migr:revises a1', '-- migr:labels x', '-- migr:transaction off',
                    '-- migr:downgrade', '-- migr:verfy', '-- migr:message twice', 'SELECT 1;']) line,
       public.load(E'-- migr:repeatable r\n-- migr:message m\n' || line || E'\n-- migr:upgrade\n');
SELECT script, state, message, hint
  FROM unnest(ARRAY[E'-- migr:repeatable r\n', '-- migr:repeatable', '-- migr:repeatable head',
                    '-- migr:repeatable two words', '-- migr:repeatble r', '--migr:repeatable r',
                    '-- migr repeatable r',
                    E'-- migr:repeatable r\n-- migr:verify\nSELECT 1;',
                    E'-- migr:repeatable r\n-- migr:upgrade\nCOMMIT;',
                    E'-- migr:repeatable r\n-- migr:upgrade\n-- migr:upgrade',
                    E'-- migr:revision z\n-- migr:upgrade\n-- migr:repeatable r']) script,
       public.load(script);
-- Comments that speak of them
SELECT * FROM migr_load(E'-- migr:repeatable prose\n-- What migr repeatable scripts are for: views\n-- migr:upgrade\n');
SELECT migr_unload('prose');

--
-- Names and what they depend on (errors)
--
SELECT script, state, message, detail, hint
  FROM unnest(ARRAY[E'-- migr:repeatable a1\n-- migr:upgrade\n',
                    E'-- migr:repeatable base_tables\n-- migr:upgrade\n',
                    E'-- migr:revision helpers\n-- migr:revises b1\n',
                    E'-- migr:revision c1\n-- migr:revises b1\n-- migr:labels helpers\n',
                    E'-- migr:repeatable r\n-- migr:upgrade\n\n-- migr:repeatable r\n-- migr:upgrade\n',
                    E'-- migr:repeatable helpers\n-- migr:upgrade\n\n-- migr:repeatable helpers\n-- migr:upgrade\nSELECT 1;\n',
                    E'-- migr:repeatable r\n-- migr:depends nothing\n-- migr:upgrade\n',
                    E'-- migr:repeatable r\n-- migr:depends a\n-- migr:upgrade\n',
                    E'-- migr:repeatable r\n-- migr:depends r\n-- migr:upgrade\n',
                    E'-- migr:repeatable helpers\n-- migr:depends views.totals\n-- migr:upgrade\n',
                    E'-- migr:revision c1\n-- migr:revises b1\n-- migr:depends helpers\n',
                    E'-- migr:revision c1\n-- migr:revises helpers\n']) script,
       public.load(script);
SELECT name, checksum FROM public.stored;

--
-- Again, edited, forgotten
--
CREATE FUNCTION public.sources() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(s, E'\n' ORDER BY n)
      FROM (SELECT 1, migr_script('a1') UNION ALL SELECT 2, migr_script('b1')) x (n, s)
$$;
SELECT * FROM migr_load(migr_script('helpers') || migr_script('views.totals'));
SELECT count(*) FROM migr.log;
-- A comment in front is no change.
SELECT * FROM migr_load(E'-- a comment\n' || migr_script('helpers'));
-- Let one look as if it had run.
UPDATE migr.repeatable SET applied_checksum = checksum, applied_script = script WHERE name = 'helpers';
SELECT * FROM migr_load(replace(migr_script('helpers'), 'SELECT 1', 'SELECT 2'));
SELECT name, applied FROM public.stored;
SELECT action, revisions FROM migr.log ORDER BY id DESC LIMIT 1;
-- The whole project, without them
SELECT * FROM migr_load(public.sources() || E'-- migr:repeatable other\n-- migr:upgrade\n', prune => true);
SELECT name FROM public.stored;
SELECT action, target, revisions FROM migr.log ORDER BY id DESC LIMIT 2;
-- One that another depends on can't go, nor can its revision (errors).
SELECT state, message, hint FROM public.load(E'-- migr:repeatable users\n-- migr:depends other, b1\n-- migr:upgrade\n');
SELECT * FROM migr_load(public.sources() || migr_script('users'), prune => true);
SELECT * FROM migr_load(migr_script('a1') || migr_script('other') || migr_script('users'), prune => true);
SELECT migr_unload('other');
SELECT migr_unload('b1');
SELECT migr_unload('nobody');
-- This way round they can; what ran leaves its objects.
SELECT migr_unload('users');
SELECT migr_unload('other');
SELECT migr_unload('helpers');
SELECT migr_unload('b1');
SELECT name FROM public.stored;
SELECT action, target, revisions FROM migr.log ORDER BY id DESC LIMIT 4;
SELECT * FROM migr_load('', prune => true);
-- A project of nothing else
SELECT * FROM migr_load(E'-- migr:repeatable alone\n-- migr:upgrade\n', prune => true);

--
-- Who vouches
--
CREATE ROLE regress_repeatable_author;
GRANT EXECUTE ON FUNCTION migr_load(text, boolean, boolean, boolean) TO regress_repeatable_author;
SET ROLE regress_repeatable_author;
SELECT * FROM migr_load(migr_script('alone'));
SELECT * FROM migr_load(E'-- migr:repeatable mine\n-- migr:upgrade\n');
RESET ROLE;
SELECT name, loaded_by = current_user AS by_me, loader IS NOT NULL AS known, loaded_in IS NOT NULL AS here
  FROM migr.repeatable;
-- A superuser takes over, the bytes unchanged.
SELECT * FROM migr_load(migr_script('mine'));
SELECT name, loaded_by = current_user AS by_me FROM migr.repeatable;
SET ROLE regress_repeatable_author;
SELECT migr_unload('mine');
SELECT * FROM migr_load(E'-- migr:repeatable other\n-- migr:upgrade\n', prune => true);
RESET ROLE;
-- Nor may he write the table by hand, whatever is granted (errors).
GRANT ALL ON migr.repeatable TO regress_repeatable_author;
SET ROLE regress_repeatable_author;
UPDATE migr.repeatable SET script = 'ALTER ROLE regress_repeatable_author SUPERUSER';
INSERT INTO migr.repeatable SELECT * FROM migr.repeatable;
RESET ROLE;
-- Who owns it could, so superusers do not believe what is in the store (error).
BEGIN;
ALTER TABLE migr.repeatable OWNER TO regress_repeatable_author;
SELECT count(*) FROM migr_load(E'-- migr:revision owned\n-- migr:upgrade\n');
SELECT migr_upgrade('owned');
ROLLBACK;
DROP OWNED BY regress_repeatable_author;
DROP ROLE regress_repeatable_author;

--
-- What validate finds
--
SELECT * FROM migr_load($$-- migr:repeatable bad_syntax
-- migr:depends alone, a2
-- migr:upgrade
CREATE VEIW v AS SELECT 1;

-- migr:repeatable outside
-- migr:upgrade
VACUUM;

-- migr:revision a2
$$);
DELETE FROM migr.repeatable WHERE name = 'alone';
UPDATE migr.repeatable SET message = 'other', checksum = 'x' WHERE name = 'mine';
DELETE FROM migr.revision WHERE revision = 'a2';
SELECT * FROM migr_validate();
-- And a load can't come in that way (error).
SELECT * FROM migr_load(E'-- migr:repeatable more\n-- migr:upgrade\n');
DROP FUNCTION public.load, public.sources;
DROP VIEW public.stored;
