# A session that runs out of memory, wherever that happens, is told so and goes
# on: no subtransaction stays open, and no run is thought to be going on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'this needs prlimit, of Linux'
  if $^O ne 'linux' || system('prlimit --pid $$ >/dev/null 2>&1') != 0;

my $node = new_node('memory');
my $scripts = '';

foreach my $i (1 .. 40)
{
	my $parent = $i > 1 ? '-- migr:revises r' . ($i - 1) . "\n" : '';

	$scripts .= <<"SCRIPT";
-- migr:revision r$i
$parent-- migr:upgrade
CREATE TABLE t$i (id int PRIMARY KEY, v text);
CREATE INDEX t${i}_v ON t$i (v);
-- migr:downgrade
DROP TABLE t$i;
-- migr:verify
SELECT count(*) = 0 FROM t$i;
SCRIPT
}
load_scripts($node, $scripts);
notices_of($node, 'SELECT migr_upgrade()');

# What ends in a rollback, whatever comes of it.
my @calls = (
	q{SELECT migr_schema('heads')},
	q{SELECT * FROM migr_verify()},
	q{SELECT migr_diff(migr_schema())},
	q{SELECT * FROM migr_test('r9')},
	q{SELECT migr_downgrade('base', dry_run => true)},
	q{DO $$ BEGIN PERFORM migr_schema('heads'); EXCEPTION WHEN out_of_memory THEN RAISE; END $$});

# limited(SQL, KB): run it in a session that may take so much more memory than
# it has by then, and look what the session can do afterwards.
sub limited
{
	my ($sql, $kilobytes) = @_;
	my ($status, $stdout, $stderr) = $node->psql(
		'postgres', qq{
		SET client_min_messages = error;
		SELECT count(*) FROM migr_heads();
		SELECT pg_backend_pid() AS pid \\gset
		\\setenv BACKEND :pid
		\\! prlimit --pid \$BACKEND --as=\$(awk '/VmSize/ { print (\$2 + $kilobytes) * 1024 }' /proc/\$BACKEND/status):unlimited
		$sql \\g /dev/null
		\\! prlimit --pid \$BACKEND --as=unlimited:unlimited
		SELECT count(*) FROM migr_load('-- migr:revision other');
		SELECT migr_unload('other');
		SELECT 'goes on';},
		on_error_stop => 0,
		extra_params => [ '-v', 'VERBOSITY=verbose' ]);

	return ($stdout =~ /goes on/, sqlstate($stderr), $stderr);
}

# The server itself has other words for it, too.
my $short_too = qr/regular expression failed: out of memory|invalid value for parameter "TimeZone"/;

my $failures = 0;

foreach my $call (@calls)
{
	my @wrong;

	foreach my $kilobytes (map { 1024 + 352 * $_ } 0 .. 14)
	{
		my ($goes_on, $state, $stderr) = limited($call, $kilobytes);
		my $errors = () = $stderr =~ /(?:ERROR|FATAL|PANIC):/g;
		my $short = $state eq '53200' || $stderr =~ $short_too;

		$failures++ if $short;
		push @wrong, "$kilobytes kB: $stderr"
		  if !$goes_on || $errors > 1 || ($state ne '' && !$short);
	}
	is(join("\n", @wrong), '', "$call: the session goes on");
}
cmp_ok($failures, '>', 10, 'memory was short');
# A session that has no memory ends its worker.
unlike(slurp_file($node->logfile) =~ s/FATAL:  terminating background worker "migr//gr,
	qr/PANIC|FATAL|while in ABORT state/, 'the server is well');

$node->stop;
done_testing();
