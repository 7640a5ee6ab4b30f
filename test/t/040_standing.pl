# What is known of where a database stands, and what a session keeps of what it has read:
# on a standby, which is promoted; in copies and dumps of the database, restored in every
# way; and where logical replication writes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('standing', "migr.record_fingerprints = off", allows_streaming => 'logical');
my $directory = PostgreSQL::Test::Utils::tempdir();

my $scripts = join("\n", map {
	my ($id, $parent) = @$_;
	"-- migr:revision $id\n" . ($parent ? "-- migr:revises $parent\n" : '')
	  . "-- migr:upgrade\nCREATE TABLE standing_$id (i int);\n-- migr:downgrade\nDROP TABLE standing_$id;\n"
} ([ 'one' ], [ 'two', 'one' ], [ 'three', 'two' ]));

# What is answered: by one who asks for nothing else, and by one who reads all of it.
my $answer = q{SELECT current_heads, applied, pending, up_to_date, unknown,
	(SELECT string_agg(revision, ' ') FROM migr_current()) FROM migr_status()};
my $read = q{SELECT string_agg(revision, ' ') FILTER (WHERE is_applied) FROM migr_history()};

# Is it known?  Then nobody reads the scripts for it.
my $known = q{SELECT coalesce(pg_stat_get_xact_tuples_returned('migr.revision'::regclass), 0) +
	coalesce(pg_stat_get_xact_tuples_fetched('migr.revision'::regclass), 0) = 0};

sub known
{
	my ($on, $db) = @_;

	my @lines = split /\n/, $on->safe_psql($db, "BEGIN; SELECT count(*) FROM migr_current(); $known;");
	return $lines[-1];
}

sub stands
{
	my ($on, $db, $applied, $expected, $name) = @_;
	my @ids = (qw(one two three))[ 0 .. $applied - 1 ];
	my $head = $applied ? $ids[-1] : '';
	my $pending = 3 - $applied;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($on->safe_psql($db, $answer),
		"{$head}|$applied|$pending|" . ($pending ? 'f' : 't') . "|{}|$head", "$name: answers");
	is($on->safe_psql($db, $read), join(' ', reverse @ids), "$name: reads");
	is(known($on, $db), $expected, "$name: " . ($expected eq 't' ? 'known' : 'found out'));
	return;
}

load_scripts($node, $scripts);
$node->safe_psql('postgres', q{SELECT migr_upgrade('two')});
stands($node, 'postgres', 2, 't', 'after a run');

# --- a session that keeps what it has read ----------------------------------------

# By name, as 13 has no environment for what psql starts.
my $place = join ' ', '-h', $node->host, '-p', $node->port;
my $other = qq{\\! psql $place -XAtq -c "DELETE FROM migr.version WHERE revision = 'two'" postgres};

is( $node->safe_psql(
		'postgres', "$read;\n$other\n$read;\nBEGIN ISOLATION LEVEL REPEATABLE READ;\n$read;\n"
		  . qq{\\! psql $place -XAtq -o /dev/null -c "SELECT migr_stamp('two')" postgres} . "\n$read;\nCOMMIT;\n$read;\n"),
	"two one\none\none\none\ntwo one",
	'what is kept is that of the snapshot');

# --- a standby ------------------------------------------------------------------------

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standing_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
stands($standby, 'postgres', 2, 't', 'standby');
$node->safe_psql('postgres', 'DELETE FROM migr.version WHERE ordinal = 2');
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
stands($standby, 'postgres', 1, 'f', 'standby, behind a write by hand');
$node->safe_psql('postgres', q{SELECT migr_stamp('two')});
$node->safe_psql('postgres', 'SELECT migr_upgrade()');
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
stands($standby, 'postgres', 3, 't', 'standby, behind a run');
$standby->promote;
$standby->safe_psql('postgres', q{SELECT migr_downgrade('-1')});
stands($standby, 'postgres', 2, 't', 'promoted');
$standby->stop;

# --- copies and dumps -------------------------------------------------------------------

$node->safe_psql('postgres', q{SELECT migr_downgrade('-1')});
$node->safe_psql('template1', 'CREATE DATABASE copied TEMPLATE postgres');
stands($node, 'copied', 2, 'f', 'a copy');
$node->safe_psql('copied', 'SELECT migr_upgrade()');
stands($node, 'copied', 3, 't', 'a copy, behind a run');
stands($node, 'postgres', 2, 't', 'and the original');

command_ok([ 'pg_dump', '-f', "$directory/plain", '-d', $node->connstr('postgres') ], 'pg_dump');
unlike(slurp_file("$directory/plain"), qr/migr\.(?:standing|generation)/, 'what is known is not dumped');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', "$directory/plain" ],
	'psql -f');
stands($node, 'restored', 2, 'f', 'restored');
$node->safe_psql('restored', q{SELECT migr_upgrade('two')});
stands($node, 'restored', 2, 't', 'restored, behind a run with nothing to do');

# Rows put in while no trigger sees it, over what a session and migr.standing know.
command_ok([ 'pg_dump', '-Fc', '-f', "$directory/custom", '-d', $node->connstr('postgres') ], 'pg_dump -Fc');
$node->safe_psql('postgres', 'CREATE DATABASE unseen');
$node->safe_psql('unseen', 'CREATE EXTENSION migr');
$node->safe_psql('unseen', 'SELECT migr_upgrade()');
is($node->safe_psql('unseen', "$read;\n\\! pg_restore $place -a --disable-triggers -d unseen $directory/custom\n$read;"),
	"\ntwo one", 'pg_restore --disable-triggers: read anew in a session that has read before');
stands($node, 'unseen', 2, 'f', 'pg_restore --disable-triggers');
is( $node->safe_psql('unseen', q{SELECT string_agg(tgenabled::text, '' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = 'migr.version'::regclass}),
	'OOO', 'which switches triggers on in another way than they were');
$node->safe_psql('unseen', 'SELECT migr_upgrade()');
stands($node, 'unseen', 3, 'f', 'and so nothing is known');
for my $table (qw(revision version repeatable))
{
	$node->safe_psql('unseen',
		"ALTER TABLE migr.$table ENABLE ALWAYS TRIGGER guard, ENABLE ALWAYS TRIGGER written");
}
$node->safe_psql('unseen', 'SELECT migr_upgrade()');
stands($node, 'unseen', 3, 't', 'until they are as they were');

# --- logical replication ------------------------------------------------------------------

my $subscriber = new_node('standing_subscriber', "migr.record_fingerprints = off");

load_scripts($subscriber, $scripts);
$subscriber->safe_psql('postgres', "CREATE TABLE standing_$_ (i int)") for qw(one two);
$node->safe_psql('postgres', 'CREATE PUBLICATION everything FOR ALL TABLES');
$subscriber->safe_psql('postgres',
	'CREATE SUBSCRIPTION everything CONNECTION $$' . $node->connstr('postgres') . '$$ PUBLICATION everything');
ok( $subscriber->poll_query_until(
		'postgres', q{SELECT count(*) = count(*) FILTER (WHERE srsubstate = 'r') FROM pg_subscription_rel}),
	'all tables are there, those of what is known too');
stands($subscriber, 'postgres', 0, 't', 'subscriber, as the rows are left out: what is known is still');
$subscriber->safe_psql('postgres', 'DROP TABLE standing_one, standing_two');
$subscriber->safe_psql('postgres', q{SELECT migr_upgrade('two')});
stands($subscriber, 'postgres', 2, 't', 'subscriber, behind a run of its own');
$node->safe_psql('postgres', 'SELECT migr_upgrade()');
$node->wait_for_catchup('everything');
stands($node, 'postgres', 3, 't', 'publisher, behind a run');
stands($subscriber, 'postgres', 2, 't', 'subscriber, when that has come');

# Where a superuser lets the rows in, they are noticed as any others are.
$subscriber->safe_psql('postgres', 'ALTER TABLE migr.version DISABLE TRIGGER apply');
$node->safe_psql('postgres', 'DELETE FROM migr.version WHERE ordinal >= 2');
$node->wait_for_catchup('everything');
stands($subscriber, 'postgres', 1, 'f', 'subscriber, behind rows that were let in');

done_testing();
