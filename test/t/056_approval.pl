# Approvals: an attack for each promise of migr.require_approval, on what commits on its way too.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('primary');

$node->safe_psql('postgres', q{CREATE ROLE writer LOGIN CREATEDB; CREATE ROLE reviewer LOGIN; CREATE DATABASE shop});
$node->safe_psql('shop', q{CREATE EXTENSION migr;
	GRANT CREATE, USAGE ON SCHEMA public TO writer, reviewer;
	GRANT EXECUTE ON FUNCTION migr_load(text, boolean, boolean, boolean), migr_upgrade, migr_stamp, migr_merge(text[], text, text[], text), migr_plan(text) TO writer;
	GRANT EXECUTE ON PROCEDURE migr_deploy(text, interval, integer, text, text), migr_revert(text, interval, integer, text) TO writer;
	GRANT EXECUTE ON FUNCTION migr_approve(text, text, text, text, boolean) TO reviewer, writer;
	ALTER DATABASE shop SET migr.require_approval = 'destructive'});

# What a role gets: the exit code, what it reads, what it is told.
sub as
{
	my ($role, $sql, $db) = @_;
	my ($out, $err) = ('', '');
	my $code = $node->psql($db // 'shop', $sql, stdout => \$out, stderr => \$err,
		extra_params => [ '-U', $role, '-v', 'VERBOSITY=verbose', '-v', 'SHOW_CONTEXT=never' ], on_error_stop => 1);

	return ($code, $out, $err);
}

sub done_as
{
	my ($role, $sql, $name) = @_;
	my ($code, $out, $err) = as($role, $sql);

	is($code, 0, $name) or diag($err);
	return $out;
}

sub refused_as
{
	my ($role, $sql, $why, $name) = @_;
	my ($code, $out, $err) = as($role, $sql);

	isnt($code, 0, "$name: refused");
	like($err, $why, "$name: why");
	return;
}

sub load
{
	my ($scripts) = @_;

	return done_as('writer', "SELECT count(*) FROM migr_load(\$migr\$$scripts\$migr\$, replace => true)", 'loaded');
}

sub approve
{
	my ($revision, $more) = @_;

	return done_as('reviewer', "SELECT migr_approve('$revision', 'it has been read'" . ($more // '') . ')', "$revision is approved");
}

# --- deploys -------------------------------------------------------------------------------------

load(<<'SCRIPTS');
-- migr:revision base1
-- migr:upgrade
CREATE TABLE goods (id int PRIMARY KEY, a int, b int, c int);
CREATE FUNCTION helper() RETURNS int LANGUAGE sql AS 'SELECT 1';
INSERT INTO goods SELECT g, g, g, g FROM generate_series(1, 10) g;
-- migr:revision chain1
-- migr:revises base1
-- migr:upgrade
ALTER TABLE goods DROP COLUMN a;
-- migr:downgrade
ALTER TABLE goods ADD COLUMN a int;
-- migr:revision chain2
-- migr:revises chain1
-- migr:upgrade
ALTER TABLE goods ADD COLUMN d int;
CREATE TABLE passing (id int);
CREATE FUNCTION made_before() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- migr:revision chain3
-- migr:revises chain2
-- migr:upgrade
ALTER TABLE goods DROP COLUMN b;
DROP TABLE passing;
SELECT made_before();
SCRIPTS
done_as('writer', q{CALL migr_deploy('base1')}, 'what loses nothing is deployed');
refused_as('writer', q{CALL migr_deploy()}, qr/MG015: revision "chain1" is not approved/, 'a deploy');
approve('chain1');
refused_as('writer', q{CALL migr_deploy()}, qr/MG015: revision "chain3" is not approved/, 'one of three that is not approved');
is($node->safe_psql('shop', q{SELECT string_agg(revision, ',') FROM migr.version}), 'base1', 'and none of them has run');
approve('chain3');
done_as('writer', q{CALL migr_deploy()}, 'what revisions before it change of the same table, in transactions of their own');
is($node->safe_psql('shop', q{SELECT string_agg(revision, ',' ORDER BY ordinal) FROM migr.version}), 'base1,chain1,chain2,chain3',
	'all have run');
is($node->safe_psql('shop', q{SELECT count(*) FROM migr.approval}), '0', 'and all is used up');
is( $node->safe_psql('shop', q{SELECT string_agg(detail, ',' ORDER BY id) FROM migr.log WHERE action = 'deploy' AND outcome = 'done'}),
	'upgrade of "chain1" was approved by "reviewer": it has been read,upgrade of "chain3" was approved by "reviewer": it has been read',
	'as the log says of each');

refused_as('writer', q{SELECT migr_stamp('base1')
\;
SELECT migr_upgrade('chain1')}, qr/MG015: revision "chain1"/, 'stamped back, and once more');

# --- in between ------------------------------------------------------------------------------------

# The same in one transaction.
load(<<'SCRIPTS');
-- migr:revision same1
-- migr:upgrade
CREATE TABLE same (a int, b int);
CREATE FUNCTION same() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- migr:revision same2
-- migr:revises same1
-- migr:upgrade
ALTER TABLE same DROP COLUMN a;
-- migr:revision same3
-- migr:revises same2
-- migr:upgrade
DROP TABLE same;
SELECT same();
-- migr:downgrade
CREATE TABLE same (b int);
SCRIPTS
approve('same2');
approve('same3');
is(done_as('writer', q{BEGIN READ ONLY; SELECT string_agg(approval, ',') FROM migr_pending('same3')}, 'asked by who only reads'),
	'approved by "reviewer",approved by "reviewer"', 'all that have to be are approved');
done_as('writer', q{SELECT count(*) FROM migr_upgrade('same3')}, 'all of them in one transaction');

load(<<'SCRIPTS');
-- migr:revision mid1
-- migr:revises chain3
-- migr:upgrade
ALTER TABLE goods ADD COLUMN e int;
-- migr:revision mid2
-- migr:revises mid1
-- migr:upgrade
ALTER TABLE goods DROP COLUMN c;
-- migr:revision beside
-- migr:upgrade
ALTER TABLE goods ADD COLUMN precious int;
SCRIPTS
approve('mid2');
done_as('writer', q{CALL migr_deploy('mid1')}, 'the one before, in a deploy of its own');
is(done_as('writer', q{SELECT approval FROM migr_pending('mid2')}, 'asked'), 'approved by "reviewer"', 'the next is still approved');
done_as('writer', q{ALTER TABLE goods ADD COLUMN by_hand int}, 'somebody changes the table by hand');
refused_as('writer', q{CALL migr_deploy('mid2')}, qr/MG015.*"reviewer" approved it, and relation goods is not as it was then/s,
	'a table that somebody has changed meanwhile');
approve('mid2');
refused_as('writer', q{SELECT migr_upgrade('heads')}, qr/MG015.*relation goods is not as it was then/s,
	'another revision of the same run that changes it');
is($node->safe_psql('shop', q{SELECT count(*) FROM migr.version WHERE revision = 'beside'}), '0', 'of which nothing stays');
done_as('writer', q{CALL migr_deploy('beside')}, 'it runs by itself');
refused_as('writer', q{CALL migr_deploy('mid2')}, qr/MG015.*relation goods is not as it was then/s, 'and in a deploy of its own');
approve('mid2');
done_as('writer', q{CALL migr_deploy('mid2')}, 'looked at again, it runs');

# --- one statement by itself -----------------------------------------------------------------------

load(<<'SCRIPTS');
-- migr:revision apart1
-- migr:revises mid2
-- migr:transaction off
-- migr:upgrade
CREATE TABLE first_statement (id int);
DELETE FROM goods;
CREATE INDEX CONCURRENTLY goods_e ON goods (e);
SELECT 1 / (SELECT count(*) FROM pg_class WHERE relname = 'way_is_free' OR current_setting('migr.in_scratch') = 'on');
SCRIPTS
refused_as('writer', q{CALL migr_deploy('apart1')}, qr/MG015: revision "apart1" is not approved/, 'statement by statement');
is($node->safe_psql('shop', q{SELECT to_regclass('first_statement') IS NULL}), 't', 'before the first of them');
approve('apart1');
refused_as('writer', q{CALL migr_deploy('apart1')}, qr/22012/, 'it fails half way');
is($node->safe_psql('shop', q{SELECT count(*) FROM goods}), '0', 'what was approved has run');
done_as('writer', q{CREATE TABLE way_is_free ()}, 'what it wants');
done_as('writer', q{CALL migr_deploy('apart1')}, 'it goes on with the same approval');
is($node->safe_psql('shop', q{SELECT count(*) FROM migr.approval}), '0', 'which is used up');

load(<<'SCRIPTS');
-- migr:revision apart2
-- migr:revises apart1
-- migr:transaction off
-- migr:upgrade
CREATE TABLE second_statement (id int);
DO $$BEGIN TRUNCATE goods; END$$;
SCRIPTS
$node->safe_psql('shop', q{INSERT INTO goods (id) VALUES (1)});
refused_as('writer', q{CALL migr_deploy('apart2')}, qr/MG015: revision "apart2" is not approved.*TRUNCATE goods/s,
	'what its text does not tell, statement by statement');
is($node->safe_psql('shop', q{SELECT count(*) FROM goods}), '1', 'nothing is lost');
load(<<'SCRIPTS');
-- migr:revision apart2
-- migr:revises apart1
-- migr:transaction off
-- migr:upgrade
CREATE TABLE trap (id int);
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM goods; RETURN NULL; END$$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON trap DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
DO $$BEGIN INSERT INTO trap VALUES (1); END$$;
SCRIPTS
refused_as('writer', q{CALL migr_deploy('apart2')}, qr/statement 1 of revision "apart2" has run, and is another one now/,
	'another script in place of one that has begun');
load(<<'SCRIPTS');
-- migr:revision apart2
-- migr:revises apart1
-- migr:transaction off
-- migr:upgrade
CREATE TABLE second_statement (id int);
CREATE TABLE trap (id int);
CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM goods; RETURN NULL; END$$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON trap DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late();
DO $$BEGIN INSERT INTO trap VALUES (1); END$$;
SCRIPTS
refused_as('writer', q{CALL migr_deploy('apart2')}, qr/MG015.*it deletes all rows of public\.goods/s,
	'what it leaves to the end of a transaction');
is($node->safe_psql('shop', q{SELECT count(*) FROM goods}), '1', 'nothing is lost then');
done_as('writer', q{SELECT migr_stamp('apart2')}, 'passed over');

# --- names --------------------------------------------------------------------------------------------

$node->safe_psql('shop', q{CREATE SCHEMA reviewer AUTHORIZATION reviewer; CREATE TABLE reviewer.goods (id int)});
load(<<'SCRIPTS');
-- migr:revision name1
-- migr:revises apart2
-- migr:upgrade
DROP TABLE goods;
SELECT helper();
SCRIPTS
approve('name1');
refused_as('writer', q{SELECT migr_upgrade('name1')}, qr/MG015.*relation goods is not as it was then/s,
	'a name that meant something else to who approved it');
done_as('reviewer', q{SET search_path = public; SELECT migr_approve('name1', 'the right one')}, 'approved with the path of the run');
done_as('writer', q{CREATE OR REPLACE FUNCTION helper() RETURNS int LANGUAGE sql AS 'SELECT 2'}, 'a function that it calls');
refused_as('writer', q{SELECT migr_upgrade('name1')}, qr/MG015.*function helper is not as it was then/s, 'is another one');
done_as('reviewer', q{SET search_path = public; SELECT migr_approve('name1', 'the right one')}, 'approved again');
done_as('writer', q{SELECT migr_upgrade('name1')}, 'it runs');

# A table of the same name and form, made by hand in place of the one that was looked at.
load(<<'SCRIPTS');
-- migr:revision name2
-- migr:revises name1
-- migr:upgrade
DROP TABLE first_statement;
SCRIPTS
approve('name2');
done_as('writer', q{DROP TABLE first_statement; CREATE TABLE first_statement (id int)}, 'another table of the same form');
refused_as('writer', q{SELECT migr_upgrade('name2')}, qr/MG015.*relation first_statement is not as it was then/s, 'it');
done_as('writer', q{SELECT migr_stamp('name2')}, 'passed over');

# --- who ------------------------------------------------------------------------------------------------

load(<<'SCRIPTS');
-- migr:revision who1
-- migr:revises name2
-- migr:upgrade
DROP TABLE way_is_free;
SCRIPTS
$node->safe_psql('postgres', q{ALTER ROLE writer RENAME TO author});
refused_as('author', q{SELECT migr_approve('who1', 'under another name')}, qr/42501: permission denied to approve/,
	'one who has another name since');
$node->safe_psql('postgres', q{ALTER ROLE author RENAME TO writer});
$node->safe_psql('shop', q{GRANT writer TO reviewer});
refused_as('writer', q{SET ROLE writer; SELECT migr_approve('who1', 'as himself')}, qr/42501/, 'SET ROLE');
refused_as('writer', q{PREPARE yes AS SELECT migr_approve('who1', 'prepared'); EXECUTE yes}, qr/42501/, 'a prepared statement');
is( (as('reviewer', q{SELECT migr_approve('who1', 'a member of the other role')}))[0], 0,
	'a member of the role is somebody else');
done_as('reviewer', q{SELECT migr_approve('who1', 'on second thought', withdraw => true)}, 'taken back');

# Whoever loads the same once more has not brought it.
$node->safe_psql('shop', q{SELECT count(*) FROM migr_load(migr_script('who1'), replace => true)});
is($node->safe_psql('shop', q{SELECT loaded_session_name FROM migr.revision WHERE revision = 'who1'}), 'writer',
	'the same text once more');
refused_as('writer', q{SELECT migr_approve('who1', 'somebody else has loaded it')}, qr/42501/, 'who brought it first');

# What is forgotten is approved no more, when it comes again.
approve('who1');
$node->safe_psql('shop', q{SELECT migr_unload('who1');
	GRANT EXECUTE ON FUNCTION migr_load(text, boolean, boolean, boolean) TO reviewer});
done_as('reviewer', q{SELECT count(*) FROM migr_load(E'-- migr:revision who1\n-- migr:revises name2\n-- migr:upgrade\nDROP TABLE way_is_free;\n')},
	'loaded by who has approved it');
refused_as('writer', q{SELECT migr_upgrade('who1')}, qr/MG015.*It loses data.*other than "reviewer"/s, 'that');
$node->safe_psql('shop', q{SELECT migr_unload('who1')});
load(<<'SCRIPTS');
-- migr:revision who1
-- migr:revises name2
-- migr:upgrade
DROP TABLE way_is_free;
SCRIPTS

# --- the setting -----------------------------------------------------------------------------------------

refused_as('writer', q{ALTER DATABASE shop SET migr.require_approval = 'none'}, qr/42501/, 'another setting of the database');
as('writer', q{ALTER ROLE writer SET migr.require_approval = 'none'});
refused_as('writer', q{SELECT migr_upgrade('who1')}, qr/MG015/, 'a setting of his own role');
$node->safe_psql('postgres', q{ALTER ROLE writer RESET ALL});
{
	local $ENV{PGOPTIONS} = '-c migr.require_approval=none';
	refused_as('writer', q{SELECT migr_upgrade('who1')}, qr/MG015/, 'a setting that the client brings along');
}
foreach my $sql (
	q{INSERT INTO migr.approval SELECT * FROM migr.approval},
	q{UPDATE migr.revision SET loaded_session_name = 'x'},
	q{DELETE FROM migr.log})
{
	refused_as('writer', $sql, qr/42501/, $sql);
}

# --- a dump ----------------------------------------------------------------------------------------------

done_as('reviewer', q{SET search_path = public; SELECT migr_approve('who1', 'here')}, 'approved here');
$node->safe_psql('postgres', q{CREATE DATABASE copy TEMPLATE template0});
my $dump = $node->basedir . '/dump.sql';
command_ok([ 'pg_dump', '-d', $node->connstr('shop'), '-f', $dump ], 'dumped');
command_ok([ 'psql', '-X', '-q', '-d', $node->connstr('copy'), '-f', $dump ], 'restored');
is($node->safe_psql('copy', q{SELECT count(*) FROM migr.approval}), '0', 'no approval comes along');
is($node->safe_psql('copy', q{SELECT loaded_session_name FROM migr.revision WHERE revision = 'who1'}), 'writer', 'who brought it does');
$node->safe_psql('postgres', q{CREATE DATABASE twin TEMPLATE shop});
$node->safe_psql('postgres', q{ALTER DATABASE twin SET migr.require_approval = 'destructive'});
is($node->safe_psql('twin', q{SELECT count(*) FROM migr.approval WHERE revision = 'who1'}), '1', 'a copy of the files has it');
like($node->safe_psql('twin', q{SELECT approval FROM migr_pending('who1')}), qr/"reviewer" approved it in another database/,
	'and it counts for nothing there');

# --- all, plans and merges ---------------------------------------------------------------------------------

$node->safe_psql('postgres', q{ALTER DATABASE shop SET migr.require_approval = 'all'});
refused_as('writer', q{SELECT migr_merge('{heads}', 'both', revision_id => 'both'); SELECT migr_upgrade('both')},
	qr/MG015: revision "both" is not approved/, 'a merge');
like(done_as('writer', q{SELECT string_agg(revision || ': ' || hazard || ': ' || advice, ',') FROM migr_plan('who1') WHERE hazard = 'approval'},
		'planned'), qr/^$/, 'what is approved is no hazard of a plan');
done_as('reviewer', q{SELECT migr_approve('who1', 'not now', withdraw => true)}, 'taken back again');
like(done_as('writer', q{SELECT string_agg(revision || ': ' || hazard || ': ' || advice, ',') FROM migr_plan('who1') WHERE hazard = 'approval'},
		'planned again'), qr/^who1: approval: waits for somebody other than "writer"\. It loses data: DROP TABLE way_is_free\.$/,
	'what waits is');

is($node->safe_psql('shop', q{SELECT status FROM migr_verify('{log}')}), 'ok', 'the log is whole');

done_testing();
