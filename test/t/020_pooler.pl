# Through pgbouncer in transaction mode: what doc/connections.md says of settings,
# of runs, and of two at a time.  Skipped where there is no pgbouncer.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use IPC::Run;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($program) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH}), '/usr/sbin', '/usr/local/sbin';

plan skip_all => 'pgbouncer is not installed' unless defined $program;

my $node = new_node('pooler');
my $directory = PostgreSQL::Test::Utils::tempdir_short();
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $user = $node->safe_psql('postgres', 'SELECT current_user');
my $pooler;

# Start it, in place of the one that runs.
sub start_pooler
{
	my (@settings) = @_;
	my $log = "$directory/log";

	stop_pooler();
	write_file("$directory/users", qq{"$user" ""\n});
	write_file("$directory/ini", join("\n",
		'[databases]', "* = host=" . $node->host . " port=" . $node->port, '[pgbouncer]',
		'listen_addr =', "listen_port = $port", "unix_socket_dir = $directory", 'auth_type = trust',
		"auth_file = $directory/users", 'pool_mode = transaction', 'default_pool_size = 2',
		@settings, ''));
	$pooler = IPC::Run::start([ $program, "$directory/ini" ], '<', \undef, '>', $log, '2>', $log);
	foreach (1 .. 10 * ($PostgreSQL::Test::Utils::timeout_default // 180))
	{
		last if (through('SELECT 1'))[0] == 0;
		select(undef, undef, undef, 0.1);
	}
	return;
}

sub stop_pooler
{
	return unless $pooler;
	$pooler->kill_kill;
	undef $pooler;
	return;
}

# Statements, a string each, by one psql through the pooler: status and all output.
sub through
{
	my ($sql, %environment) = @_;
	my $output = '';

	local %ENV = (%ENV, %environment);
	IPC::Run::run(
		[ 'psql', '-XAt', '-v', 'ON_ERROR_STOP=1', '-h', $directory, '-p', $port, '-U', $user, '-d', 'postgres',
			map { ('-c', $_) } ref $sql ? @$sql : $sql ],
		'<', \undef, '>&', \$output);
	return ($? >> 8, $output);
}

# It would go on without the test.
END { stop_pooler(); }

load_scripts($node, join("\n", map { "-- migr:revision r$_\n" . ($_ > 1 ? '-- migr:revises r' . ($_ - 1) . "\n" : '') .
	"-- migr:upgrade\nCREATE TABLE t$_ (i int);\n-- migr:downgrade\nDROP TABLE t$_;\n" } 1 .. 3));

start_pooler();
my ($status, $output) = through('SELECT migr_check()');
is($status, 1, 'a gate: status');
like($output, qr/database is not up to date: 3 revisions pending/, 'a gate: message');
($status, $output) = through(q{SELECT migr_upgrade('r1')});
is($status, 0, 'an upgrade');

my $options = { PGOPTIONS => '-c lock_timeout=123ms' };
($status, $output) = through('SHOW lock_timeout', %$options);
unlike($output, qr/123ms/, 'PGOPTIONS do not arrive');
start_pooler('ignore_startup_parameters = options, extra_float_digits');
($status, $output) = through('SHOW lock_timeout', %$options);
is("$status $output", "0 0\n", 'PGOPTIONS are passed over without a word, if that is set');

($status, $output) = through(q{SET LOCAL lock_timeout = '123ms'; SHOW lock_timeout});
like($output, qr/^123ms$/m, 'SET LOCAL in the same string');
unlike($output, qr/WARNING/, 'SET LOCAL in the same string: no warning');
is((through('SHOW lock_timeout'))[1], "0\n", 'and it is gone');

# A lock that is waited for: not for longer than was said.
my $holder = MigrTest::Session->new($node);
$holder->ask('BEGIN');
$holder->ask('LOCK TABLE t1');
load_scripts($node, "-- migr:revision r4\n-- migr:revises r3\n-- migr:upgrade\nALTER TABLE t1 ADD j int;\n-- migr:downgrade\nALTER TABLE t1 DROP j;\n");
($status, $output) = through(q{SET LOCAL lock_timeout = '100ms'; SELECT migr_upgrade()});
is($status, 1, 'a lock timeout: status');
like($output, qr/canceling statement due to lock timeout/, 'a lock timeout: message');
$holder->ask('ROLLBACK');
is($node->safe_psql('postgres', 'SELECT applied FROM migr_status()'), '1', 'nothing of it stays');

($status, $output) = through([ 'BEGIN', q{SET LOCAL lock_timeout = '2s'}, 'SELECT migr_upgrade()', 'COMMIT' ]);
is($status, 0, 'a transaction of several strings');
is($node->safe_psql('postgres', 'SELECT migr_check()'), 't', 'a transaction of several strings: it is applied');

$node->safe_psql('postgres', qq{ALTER ROLE "$user" SET lock_timeout = '321ms'});
start_pooler();
is((through('SHOW lock_timeout'))[1], "321ms\n", 'ALTER ROLE … SET, for connections that start later');

# Two at a time wait for each other.
$node->safe_psql('postgres', qq{ALTER ROLE "$user" RESET lock_timeout; SELECT migr_downgrade('base')});
start_pooler();
my @outputs = ('', '');
my @runs = map { IPC::Run::start(
	[ 'psql', '-XAtq', '-h', $directory, '-p', $port, '-U', $user, '-d', 'postgres', '-c', 'SELECT migr_upgrade()' ],
	'<', \undef, '>', \$outputs[$_], '2>', '/dev/null') } 0, 1;
$_->finish foreach @runs;
is(join('', sort @outputs), "r1\nr2\nr3\nr4\n", 'two at a time: one runs, the other finds nothing to do');
mutex_is_free($node, 'two at a time');

# A deploy is one statement, and keeps its connection.
load_scripts($node, "-- migr:revision r5\n-- migr:revises r4\n-- migr:transaction off\n-- migr:upgrade\nCREATE INDEX CONCURRENTLY t1_i ON t1 (i);\n" .
	"-- migr:downgrade\nDROP INDEX CONCURRENTLY t1_i;\n");
($status, $output) = through('CALL migr_deploy()');
is($status, 0, 'a deploy');
is($node->safe_psql('postgres', 'SELECT migr_check()'), 't', 'a deploy: it is applied');
($status, $output) = through([ 'BEGIN', 'CALL migr_deploy()' ]);
like($output, qr/must be a statement of its own/, 'a deploy in a transaction block');
mutex_is_free($node, 'a deploy');

# Tenants: what a deploy of many needs lasts as long as the statement, and no client finds any of it.
$node->safe_psql('postgres', q{ALTER DATABASE postgres SET migr.tenant_label = 'shop'});
load_scripts($node, "-- migr:revision s1\n-- migr:labels shop\n-- migr:upgrade\nCREATE TABLE item (id int);\n-- migr:downgrade\nDROP TABLE item;\n" .
	"-- migr:revision s2\n-- migr:revises s1\n-- migr:upgrade\nALTER TABLE item ADD COLUMN note text;\n" .
	"SELECT pg_sleep(1) WHERE current_schema() = 'c1';\n-- migr:downgrade\nALTER TABLE item DROP COLUMN note;\n");
start_pooler('ignore_startup_parameters = extra_float_digits');

# What a connection of the pooler is like: each setting of its session, and the locks of all.
sub left
{
	return join('', map { (through($_))[1] }
		q{SELECT string_agg(name || '=' || setting || ' ' || source, ', ' ORDER BY name) FROM pg_settings
			WHERE source = 'session' AND name <> 'application_name'
			   OR name IN ('search_path', 'lock_timeout', 'statement_timeout', 'default_transaction_isolation')},
		q{SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid() OR locktype IN ('advisory', 'object')},
		q{SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%migr%' OR application_name LIKE '%running%'});
}

# The same for both connections, as two clients at a time get them.
sub nothing_is_left
{
	my ($name, $wanted) = @_;
	my @connections = map { left() } 1 .. 4;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is(join('', @connections), $wanted x 4, "$name: nothing is left to the next client");
	return;
}

my $clean = left();
like($clean, qr/^0\n0$/m, 'tenants: before, there is nothing');
foreach my $tenant ('c1', 'Blue & Co', q{o'h})
{
	my $literal = $tenant =~ s/'/''/gr;

	($status, $output) = through(qq{SELECT migr_upgrade('s1', tenant => '$literal', new_tenant => true)});
	is($status, 0, "tenants: $tenant is made") or diag($output);
}
nothing_is_left('tenants: one each', $clean);
($status, $output) = through('CALL migr_deploy_tenants()');
is($status, 0, 'tenants: a deploy') or diag($output);
like($output, qr/3 tenants done/, 'tenants: a deploy, of all');
nothing_is_left('tenants: a deploy', $clean);
($status, $output) = through('SELECT tenant, heads, odd FROM migr_tenants()');
is($output, "Blue & Co|{s2}|f\nc1|{s2}|f\no'h|{s2}|f\n", 'tenants: all of them, alike');
($status, $output) = through([ 'BEGIN', 'CALL migr_deploy_tenants()' ]);
like($output, qr/must be a statement of its own/, 'tenants: a deploy in a transaction block');
nothing_is_left('tenants: a deploy in a transaction block', $clean);

($status, $output) = through(q{SELECT migr_downgrade('s1', tenant => tenant) FROM migr.tenant});
$node->safe_psql('postgres', q{ALTER TABLE "Blue & Co".item ADD COLUMN note int});
($status, $output) = through('CALL migr_deploy_tenants()');
like($output, qr/1 tenant failed, 2 done/, 'tenants: one fails');
nothing_is_left('tenants: one fails', $clean);
$node->safe_psql('postgres', q{ALTER TABLE "Blue & Co".item DROP COLUMN note});

# Cancelled, and with a client that is gone in the middle of it.
foreach my $how ('cancelled', 'gone')
{
	my $client;
	my $text = '';

	through(q{SELECT migr_downgrade('s1', tenant => tenant) FROM migr.tenant WHERE heads = '{s2}'});
	$client = IPC::Run::start(
		[ 'psql', '-XAtq', '-h', $directory, '-p', $port, '-U', $user, '-d', 'postgres', '-c', 'CALL migr_deploy_tenants()' ],
		'<', \undef, '>&', \$text);
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) or die 'nobody sleeps';
	is((through(q{SELECT count(*) FROM pg_locks WHERE classid = 'pg_extension'::regclass AND mode = 'RowShareLock'}))[1], "2\n",
		"tenants, $how: it holds the mutex from its first tenant on");
	$client->kill_kill if $how eq 'gone';
	$node->safe_psql('postgres', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'}) if $how eq 'cancelled';
	$client->finish if $how eq 'cancelled';
	$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE query ~ '^CALL' AND state = 'active'}) or die 'it goes on';
	nothing_is_left("tenants, $how", $clean);
	($status, $output) = through('CALL migr_deploy_tenants()');
	is($status, 0, "tenants, $how: the next call") or diag($output);
	is($node->safe_psql('postgres', q{SELECT count(*) FROM migr.tenant WHERE heads = '{s2}' AND state = 'ok'}), '3', "tenants, $how: goes on");
}

# Two at a time share the work.
through(q{SELECT migr_downgrade('s1', tenant => tenant) FROM migr.tenant});
@outputs = ('', '');
@runs = map { IPC::Run::start(
	[ 'psql', '-XAtq', '-h', $directory, '-p', $port, '-U', $user, '-d', 'postgres', '-c', 'CALL migr_deploy_tenants()' ],
	'<', \undef, '>&', \$outputs[$_]) } 0, 1;
$_->finish foreach @runs;
is($node->safe_psql('postgres', q{SELECT count(*) FROM migr.tenant WHERE heads = '{s2}' AND state = 'ok'}), '3', 'tenants, two at a time: all are done')
  or diag(@outputs);
nothing_is_left('tenants, two at a time', $clean);

stop_pooler();
$node->stop;
done_testing();
