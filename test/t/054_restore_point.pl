# Where the write-ahead log was before a run: what the log says of it is enough to recover to
# just before a revision, from an archive.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use IPC::Run;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('primary', undef, has_archiving => 1, allows_streaming => 1);

$node->safe_psql('postgres', q{CREATE ROLE app LOGIN; CREATE DATABASE shop});
$node->safe_psql('shop', q{CREATE EXTENSION migr; CREATE SCHEMA app AUTHORIZATION app;
	GRANT EXECUTE ON FUNCTION migr_upgrade(text, boolean, text, text, boolean) TO app});
$node->backup('before');
load_scripts($node, <<'SCRIPTS', db => 'shop');
-- migr:revision one
-- migr:upgrade
CREATE TABLE public.item (id int, name text);
INSERT INTO public.item VALUES (1, 'kept');
-- migr:downgrade
DROP TABLE public.item;
-- migr:revision two_with_a_name_that_is_rather_lon
-- migr:revises one
-- migr:upgrade
UPDATE public.item SET name = 'lost';
-- migr:downgrade
-- migr:revision three
-- migr:revises two_with_a_name_that_is_rather_lon
-- migr:transaction off
-- migr:upgrade
CREATE INDEX CONCURRENTLY item_name ON public.item (name);
-- migr:downgrade
DROP INDEX CONCURRENTLY public.item_name;
SCRIPTS

# What the row of a revision says.
sub point_of
{
	my ($revision, $action) = @_;

	return split /\|/, $node->safe_psql('shop', qq{SELECT lsn, timeline, restore_point FROM migr.log
		WHERE '$revision' = ANY (revisions) AND action = '$action' ORDER BY id DESC LIMIT 1});
}

# --- what is written -----------------------------------------------------------------------------

my $before = $node->safe_psql('shop', 'SELECT pg_current_wal_insert_lsn()');
is(notices_of($node, q{SELECT migr_upgrade('one')}, db => 'shop') =~ /restore/ ? 1 : 0, 0, 'nothing is said of it');
my ($lsn, $timeline, $name) = point_of('one', 'upgrade');
is($timeline, 1, 'the timeline');
is($name // '', '', 'no name, as it comes');
is($node->safe_psql('shop', qq{SELECT '$lsn'::pg_lsn >= '$before' AND '$lsn'::pg_lsn < pg_current_wal_insert_lsn()}), 't',
	'the place lies before the run');
is($node->safe_psql('shop', q{SELECT count(*) FROM migr.log WHERE lsn IS NULL OR timeline IS NULL}), '0', 'every row has one');
is($node->safe_psql('shop', q{SELECT status FROM migr_verify('{log}')}), 'ok', 'and the chain holds');

$node->safe_psql('shop', 'SET migr.restore_point = on; SELECT migr_upgrade(dry_run => true, target => $$+1$$)');
is($node->safe_psql('shop', 'SELECT count(*) FROM migr.log WHERE restore_point IS NOT NULL'), '0', 'a dry run leaves none');
$node->safe_psql('shop', q{SET migr.restore_point = on; SELECT migr_upgrade('+1')});
my @two = point_of('two_with_a_name_that_is_rather_lon', 'upgrade');
is($two[2], "migr before two_with_a_name_that_is_rather at $two[0]", 'it is called after the revision');
$node->safe_psql('shop', 'SELECT pg_switch_wal()');
like(slurp_file($node->logfile), qr/restore point "\Q$two[2]\E" created/, 'the server has it');

$node->psql('shop', 'SET migr.restore_point = on; CALL migr_deploy()');
is($node->safe_psql('shop', q{SELECT revision FROM migr_current()}), 'three', 'deploy');
like((point_of('three', 'deploy'))[2], qr{^migr before three at }, 'of each revision of a deploy');
$node->safe_psql('shop', 'SELECT migr_stamp($$current$$)');

# A role that may not, as it comes; and one that may.
load_scripts($node, <<'SCRIPTS', db => 'shop');
-- migr:revision four
-- migr:revises three
-- migr:upgrade
CREATE TABLE app.four (i int);
-- migr:revision five
-- migr:revises four
-- migr:upgrade
CREATE TABLE app.five (i int);
SCRIPTS
like(notices_of($node, q{SET ROLE app; SET migr.restore_point = on; SELECT migr_upgrade('four')}, db => 'shop'),
	qr/no restore point is created\nDETAIL:  The role may not call pg_create_restore_point/, 'a role that may not');
is((point_of('four', 'upgrade'))[2] // '', '', 'it has none, and runs');
$node->safe_psql('shop', 'GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO app');
$node->safe_psql('shop', q{SET ROLE app; SET migr.restore_point = on; SELECT migr_upgrade('five')});
like((point_of('five', 'upgrade'))[2], qr{^migr before five at }, 'one that may');
$node->safe_psql('postgres', 'SELECT pg_switch_wal()');

# --- and what it is for ------------------------------------------------------------------------------

# Recover to what a line says: what revision the database is at, and what a row is called.
sub recovered
{
	my ($name, @target) = @_;
	my $to = PostgreSQL::Test::Cluster->new($name);

	$to->init_from_backup($node, 'before', has_restoring => 1, standby => 0);
	$to->append_conf('postgresql.conf', "$_\n") foreach @target, "recovery_target_action = 'promote'";
	$to->start;
	$to->poll_query_until('shop', 'SELECT NOT pg_is_in_recovery()') or die 'it does not end its recovery';
	my $is = $to->safe_psql('shop', q{SELECT string_agg(revision, ' ') || ' ' || (SELECT name FROM item) FROM migr_current()});
	is($to->safe_psql('shop', q{SELECT status FROM migr_verify('{log}')}), 'ok', "$name: the log is whole");
	$to->safe_psql('shop', q{SELECT migr_upgrade('+1')});
	is($to->safe_psql('shop', q{SELECT timeline > 1 FROM migr.log ORDER BY id DESC LIMIT 1}), 't', "$name: another timeline");
	$to->stop;
	return $is;
}

my $line = $node->safe_psql('shop', q{SELECT format('recovery_target_name = %L', restore_point) FROM migr.log
	WHERE 'two_with_a_name_that_is_rather_lon' = ANY (revisions) AND action = 'upgrade'});
is(recovered('by_name', $line), 'one kept', 'to just before a revision, by the name');

# The commands of the document, one after the other.  Nobody else has the socket's directory.
sub documented
{
	my $document = slurp_file("$FindBin::RealBin/../../doc/howto-recover.md");
	my $commands = join('', $document =~ /^```sh no-run\n(.*?)^```$/msg);
	my $to = PostgreSQL::Test::Utils::tempdir();
	my ($out, $err);

	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'shop', NEW => "$to/new", NEW_PORT => 65000,
		REVISION => 'two_with_a_name_that_is_rather_lon', BACKUP => $node->backup_dir . '/before', ARCHIVE => $node->archive_dir);
	my $done = IPC::Run::run([ 'sh', '-e', '-c', $commands ], '<', \'', '>', \$out, '2>', \$err);
	ok($done, 'the commands of the document') or diag("$out\n$err");
	like($out, qr/^recovery_target_lsn = '[0-9A-F\/]+'$/m, 'the line');
	like($out, qr/^\{one\}$/m, 'to just before a revision, by the place alone');
	system('pg_ctl', '-D', "$to/new", '-m', 'fast', '-w', '-s', 'stop') == 0 or die 'it does not stop';
	return;
}

documented();
$node->stop;
done_testing();
