# A dump restored into the database that it was taken from, which has been used
# since; and two databases that replicate the log into each other.  No id of the
# log is given out twice, and nothing that was written is lost.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('restore', undef, allows_streaming => 'logical');
my $directory = PostgreSQL::Test::Utils::tempdir();

my $scripts = join("\n", map {
	my ($id, $parent) = @$_;
	"-- migr:revision $id\n" . ($parent ? "-- migr:revises $parent\n" : '')
	  . "-- migr:upgrade\nCREATE TABLE restored_$id (i int PRIMARY KEY);\nINSERT INTO restored_$id VALUES (1);\n"
	  . "-- migr:downgrade\nDROP TABLE restored_$id;\n"
} ([ 'one' ], [ 'two', 'one' ], [ 'three', 'two' ]));

my $insert = q{INSERT INTO migr.log (action, from_heads, to_heads, revisions, started_at, duration, performed_by, run_as)
	VALUES ('stamp', '{}', '{}', '{}', now(), '0', 'me', 'me')};

sub rows
{
	my ($db, $query) = @_;

	return $node->safe_psql($db, $query);
}

# A database at revision two.
sub prepare
{
	my ($db) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, 'CREATE EXTENSION migr');
	load_scripts($node, $scripts, db => $db);
	$node->safe_psql($db, q{SELECT migr_upgrade('two')});
	return;
}

sub dump_of
{
	my ($db, @options) = @_;

	$node->command_ok([ 'pg_dump', @options, '-f', "$directory/$db", $db ], "$db: pg_dump @options");
	return;
}

# psql < dump, as one does it; returns what went wrong.
sub restore
{
	my ($db, $file) = @_;
	my ($out, $err);

	IPC::Run::run([ 'psql', '-XAtq', '-d', $node->connstr($db) ],
		'<', "$directory/" . ($file // $db), '>', \$out, '2>', \$err);
	return $err;
}

# What is written from now on has ids that nothing had, and the chain is whole.
sub goes_on
{
	my ($db, $name) = @_;
	my $last = rows($db, 'SELECT max(id) FROM migr.log');
	my $count = rows($db, 'SELECT count(*) FROM migr.log');

	rows($db, $insert) foreach 1 .. 3;
	is(rows($db, "SELECT count(*), count(DISTINCT id) FROM migr.log WHERE id > $last"), '3|3',
		"$name: new rows come behind those that there are");
	is(rows($db, 'SELECT count(*) FROM migr.log'), $count + 3, "$name: which are there");
	like(rows($db, q{SELECT * FROM migr_verify('{log}')}), qr/^log\|\|ok\|/, "$name: the chain is whole");
	return;
}

note 'dump, work, psql < dump';
foreach my $format ('', '--inserts')
{
	my $db = $format ? 'inserts' : 'copied';
	my $name = $format || 'COPY';

	prepare($db);
	dump_of($db, $format ? ($format) : ());
	rows($db, q{SELECT migr_downgrade('-1')});
	rows($db, q{SELECT migr_upgrade('two')});
	my $log = rows($db, 'SELECT * FROM migr.log ORDER BY id');
	my $err = restore($db);

	unlike($err, qr/log_pkey|log_end/, "$name: the log is no error");
	is(rows($db, 'SELECT * FROM migr.log ORDER BY id'), $log, "$name: nothing of it is lost, nor twice");
	is(rows($db, 'SELECT count(*) FROM migr.log_end'), '1', "$name: nor has it another end");
	is(rows($db, 'SELECT last_value < (SELECT max(id) FROM migr.log) FROM migr.log_id_seq'), 't',
		"$name: though the sequence was set back");
	is(rows($db, q{SELECT migr_upgrade()}), 'three', "$name: migr_upgrade() works");
	goes_on($db, $name);
}

note 'after an upgrade in between';
prepare('upgraded');
dump_of('upgraded');
rows('upgraded', q{SELECT migr_upgrade()});
restore('upgraded');
is(rows('upgraded', q{SELECT current_heads, up_to_date FROM migr_status()}), '{three}|t',
	'the database is where it was, and says so');
is(rows('upgraded', q{SELECT object, status FROM migr_verify('{drift}')}), '|ok', 'as it was recorded');
is(rows('upgraded', q{SELECT migr_downgrade('base')}), "three\ntwo\none", 'and goes back');
is(rows('upgraded', q{SELECT migr_upgrade()}), "one\ntwo\nthree", 'and forth');
goes_on('upgraded', 'upgraded');

note 'after an upgrade in between, by --clean';
prepare('cleaned');
dump_of('cleaned', '--clean', '--if-exists');
rows('cleaned', q{SELECT migr_upgrade()});
is(restore('cleaned'), '', 'no error');
is(rows('cleaned', q{SELECT current_heads, up_to_date FROM migr_status()}), '{two}|f', 'it is at the dump');
rows('cleaned', 'DROP TABLE restored_three');
is(rows('cleaned', q{SELECT migr_upgrade()}), 'three', 'and goes on');
goes_on('cleaned', 'cleaned');

note 'after an upgrade in between, when the extension and the schema were dropped';
prepare('dropped');
dump_of('dropped');
rows('dropped', q{SELECT migr_upgrade()});
rows('dropped', 'DROP EXTENSION migr; DROP SCHEMA public CASCADE; CREATE SCHEMA public');
is(restore('dropped'), '', 'no error');
is(rows('dropped', q{SELECT current_heads, up_to_date FROM migr_status()}), '{two}|f', 'it is at the dump');
is(rows('dropped', q{SELECT migr_upgrade()}), 'three', 'and goes on');
goes_on('dropped', 'dropped');

note 'after an upgrade in between, when only the tables were dropped';
prepare('emptied');
dump_of('emptied');
rows('emptied', q{SELECT migr_upgrade()});
rows('emptied', 'DROP TABLE restored_one, restored_two, restored_three');
restore('emptied');
is(rows('emptied', q{SELECT current_heads FROM migr_status()}), '{three}', 'the version is ahead');
is(rows('emptied', q{SELECT object, status FROM migr_verify('{drift}')}), 'table public.restored_three|fail', 'and it shows');
like(rows('emptied', q{SELECT * FROM migr_repair()}), qr/^wrong_version\|stamped\|/, 'migr_repair() finds where the schema is');
is(rows('emptied', q{SELECT migr_upgrade()}), 'three', 'and it goes on');
goes_on('emptied', 'emptied');

note 'whatever the sequence says';
prepare('sequence');
my $ids = sub { rows('sequence', 'SELECT count(*), count(DISTINCT id) FROM migr.log') };
foreach my $value ('1, false', '1, true', '2, true', '1000, true', '3, false', '500, true')
{
	rows('sequence', "SELECT setval('migr.log_id_seq', $value)");
	goes_on('sequence', "setval($value)");
}
is(rows('sequence', q{SELECT migr_upgrade()}), 'three', 'a run does as well');
is(rows('sequence', q{SELECT array_agg(id ORDER BY id) = array_agg(id ORDER BY started_at, id) FROM migr.log}), 't',
	'ids go by time');

note 'sessions at once';
rows('sequence', q{SELECT setval('migr.log_id_seq', 1, false)});
my @sessions = map { MigrTest::Session->new($node, db => 'sequence') } 1 .. 4;
$_->ask("SET statement_timeout = '20s'; BEGIN; $insert") foreach @sessions;
$_->ask($insert) foreach reverse @sessions;
$_->ask('COMMIT') foreach @sessions;
is(join('', map { $_->errors() } @sessions), '', 'wait for nobody, and nothing collides');
goes_on('sequence', 'sessions');
$_->send('\\q') foreach @sessions;
$_->finish foreach @sessions;

note 'over a log that has begun anew';
prepare('anew');
dump_of('anew');
rows('anew', 'DROP EXTENSION migr; CREATE EXTENSION migr');
rows('anew', $insert) foreach 1 .. 2;
my $kept = rows('anew', 'SELECT * FROM migr.log ORDER BY id');
like(restore('anew'), qr/row 1 of migr\.log is another one here/, 'a sentence says so');
is(rows('anew', 'SELECT * FROM migr.log ORDER BY id'), $kept, 'and the log is as it was');
rows('anew', $insert) foreach 1 .. 3;
is(rows('anew', 'SELECT count(*) FROM migr.log'), '5', 'it goes on');

note 'two databases that replicate into each other, where superusers let the rows of the log in';
my $other = new_node('restored_other', undef, allows_streaming => 'logical');
prepare('here');
dump_of('here');
$other->safe_psql('postgres', 'CREATE DATABASE here');
$other->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/here", '-d', 'here' ],
	'the one is a copy of the other');
foreach my $pair ([ $node, $other ], [ $other, $node ])
{
	$pair->[0]->safe_psql('here', 'ALTER TABLE migr.log DISABLE TRIGGER apply');
	$pair->[0]->safe_psql('here', 'CREATE PUBLICATION log FOR TABLE migr.log');
}
foreach my $pair ([ $node, $other, 'a' ], [ $other, $node, 'b' ])
{
	$pair->[1]->safe_psql('here', 'CREATE SUBSCRIPTION from_' . $pair->[2] . ' CONNECTION $$'
		  . $pair->[0]->connstr('here') . '$$ PUBLICATION log WITH (copy_data = false)');
}
foreach my $round (1 .. 3)
{
	# At once: neither has what the other writes.
	$node->safe_psql('here', 'ALTER SUBSCRIPTION from_b DISABLE');
	$other->safe_psql('here', 'ALTER SUBSCRIPTION from_a DISABLE');
	$_->safe_psql('here', "$insert; $insert") foreach $node, $other;
	$_->safe_psql('here', $round == 2 ? q{SELECT migr_downgrade('-1')} : q{SELECT migr_upgrade()})
	  foreach $node, $other;
	$node->safe_psql('here', 'ALTER SUBSCRIPTION from_b ENABLE');
	$other->safe_psql('here', 'ALTER SUBSCRIPTION from_a ENABLE');
}
my $all = 2 + 3 * 2 * 3;
foreach my $place ($node, $other)
{
	ok($place->poll_query_until('here', "SELECT count(*) = $all FROM migr.log"), $place->name . ' has the rows of both')
	  or diag($place->safe_psql('here', 'SELECT id, action, performed_by FROM migr.log ORDER BY id'));
	like($place->safe_psql('here', q{SELECT * FROM migr_verify('{log}')}), qr/^log\|\|ok\|/, $place->name . ': the chain is whole');
	unlike(slurp_file($place->logfile), qr/log_pkey|another one here.*apply/, $place->name . ': nothing collided');
}
is($node->safe_psql('here', 'SELECT id, hash FROM migr.log ORDER BY id'),
	$other->safe_psql('here', 'SELECT id, hash FROM migr.log ORDER BY id'), 'the same rows in both');
$_->safe_psql('here', $insert) foreach $node, $other;
ok($_->poll_query_until('here', 'SELECT count(*) = ' . ($all + 2) . ' FROM migr.log'), $_->name . ' goes on')
  foreach $node, $other;
like($_->safe_psql('here', q{SELECT * FROM migr_verify('{log}')}), qr/^log\|\|ok\|/, $_->name . ': and so does the chain')
  foreach $node, $other;

$node->safe_psql('here', 'DROP SUBSCRIPTION from_b');
$other->safe_psql('here', 'DROP SUBSCRIPTION from_a');
$other->stop;
$node->stop;
done_testing();
