# COPY data in scripts: how much memory it takes a session to load a script and to
# run it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Cwd 'realpath';
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'this reads memory as Linux tells it' unless -r '/proc/self/status';

# What a session touches of shared memory counts as its own.
my $node = new_node('inline', "shared_buffers = '4MB'");
my $directory = realpath(PostgreSQL::Test::Utils::tempdir());
my $rows = join('', map { "$_\tname of row $_\t" . ($_ % 1000) . ".5\t2026-01-01 10:00:00\n" } 1 .. 600_000);
my $script = "-- migr:revision rows\n-- migr:upgrade\n"
  . "CREATE TABLE big (id int, name text, price numeric, at timestamp);\n"
  . "COPY big FROM stdin;\n$rows\\.\n-- migr:downgrade\nDROP TABLE big;\n";

write_file("$directory/rows.sql", $script);

my $session = <<"SQL";
SELECT pg_backend_pid() AS pid \\gset
\\setenv PID :pid
SELECT migr_history() \\g /dev/null
\\! awk '/VmHWM/ { print \$2 }' /proc/\$PID/status
SELECT migr_load_directory('$directory') \\g /dev/null
\\! awk '/VmHWM/ { print \$2 }' /proc/\$PID/status
SELECT migr_upgrade() \\g /dev/null
\\! awk '/VmHWM/ { print \$2 }' /proc/\$PID/status
SQL
my ($status, $stdout, $stderr) = $node->psql('postgres', $session);
my ($before, $loaded, $ran) = split /\n/, $stdout;
my $size = length($script) / 1024;

is($node->safe_psql('postgres', 'SELECT count(*), sum(id) FROM big'), '600000|180000300000', 'all rows are there')
  or diag($stderr);
is($node->safe_psql('postgres', q{SELECT md5(migr_script('rows')) = md5(pg_read_file('}
		  . "$directory/rows.sql" . q{'))}), 't', 'and the script, as it was');
# Where the server does not have LZ4, a script is compressed by PGLZ, from a copy.
my $times = $node->safe_psql('postgres', q{SELECT setting::int >= 140000 FROM pg_settings WHERE name = 'server_version_num'}) eq 't'
  ? 3 : 4;
cmp_ok($loaded - $before, '<=', $times * $size, "loading took no more than $times times the script's size");
cmp_ok($ran - $before, '<=', $times * $size, 'nor did running it');
note sprintf 'memory: %.2f and %.2f times', ($loaded - $before) / $size, ($ran - $before) / $size;

$node->stop;
done_testing();
