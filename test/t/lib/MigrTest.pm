# What the TAP tests share: a server with the extension, statements that must
# fail with a given SQLSTATE, and psql sessions that go on in the background.
#
# Built on IPC::Run rather than on background_psql(), which not every
# supported major has.

package MigrTest;

use strict;
use warnings;

use Carp;
use Exporter 'import';
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes 'usleep';

# What make sets for the tests whose output is compared.
delete $ENV{PGOPTIONS};

our @EXPORT = qw(new_node sqlstate fails_ok notices_of load_scripts
  mutex_is_free wait_for_sleep kill_and_recover write_file seeds);

# new_node(NAME, [CONF]): a running server whose database postgres has migr, in
# UTF-8 whatever the environment says.  Scratch databases are made when they are
# needed, on majors too that leave that to somebody's asking for it.
sub new_node
{
	my ($name, $conf, %init) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(extra => [ '--encoding=UTF8', '--locale=C' ], %init);
	$node->append_conf('postgresql.conf', "migr.scratch_database = 'create'");
	$node->append_conf('postgresql.conf', $conf) if defined $conf;
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION migr');
	return $node;
}

# run_sql(NODE, SQL, db => ..., role => ...): (status, stdout, stderr) of psql,
# with SQLSTATEs in the messages.
sub run_sql
{
	my ($node, $sql, %param) = @_;
	my @extra = ('-v', 'VERBOSITY=verbose');

	push @extra, '-U', $param{role} if defined $param{role};
	return $node->psql($param{db} // 'postgres', $sql, extra_params => \@extra);
}

# seeds(DEFAULT): of random tests, as "1-16" or "7,12"; MIGR_SEEDS has others.
sub seeds
{
	my ($default) = @_;

	return map { /^(\d+)-(\d+)$/ ? $1 .. $2 : $_ } split /,/, $ENV{MIGR_SEEDS} // $default;
}

# The SQLSTATE of the first error in what psql wrote, or ''.
sub sqlstate
{
	my ($stderr) = @_;

	return $stderr =~ /(?:ERROR|FATAL):  ([0-9A-Z]{5}): / ? $1 : '';
}

# fails_ok(NODE, SQL, SQLSTATE, PATTERN, NAME, db =>, role =>): the statement
# fails with that code, and all that psql says of it matches the pattern.
sub fails_ok
{
	my ($node, $sql, $state, $pattern, $name, %param) = @_;
	my ($status, $stdout, $stderr) = run_sql($node, $sql, %param);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is(sqlstate($stderr), $state, "$name: $state") or diag($stdout, $stderr);
	like($stderr, $pattern, "$name: message");
	return $stderr;
}

# The notices and warnings of a statement that succeeds.
sub notices_of
{
	my ($node, $sql, %param) = @_;
	my ($status, $stdout, $stderr) = run_sql($node, $sql, %param);

	croak("failed: $sql\n$stderr") if $status != 0;
	return $stderr;
}

# Load scripts from the client; returns what migr_load() does.
sub load_scripts
{
	my ($node, $scripts, %param) = @_;
	my ($status, $stdout, $stderr) =
	  run_sql($node, "SELECT * FROM migr_load(\$scripts\$$scripts\$scripts\$)",
		%param);

	croak("failed to load: $stderr") if $status != 0;
	return $stdout;
}

# Nobody holds the mutex, nor waits for it.
sub mutex_is_free
{
	my ($node, $name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is( $node->safe_psql(
			'postgres', q{
			SELECT count(*) FROM pg_locks
			 WHERE classid = 'pg_extension'::regclass}),
		'0',
		"$name: the mutex is free");
}

# wait_for_sleep(NODE, REVISION): wait until a run is at pg_sleep() in the
# script of a revision; returns the pid of its backend.
sub wait_for_sleep
{
	my ($node, $revision) = @_;
	my $running = qq{
		FROM pg_stat_activity
		WHERE application_name ~ '^running .*\\m$revision\\M'
		  AND wait_event = 'PgSleep'};

	$node->poll_query_until('postgres', "SELECT count(*) = 1 $running")
	  or croak("no session came to sleep in $revision");
	return $node->safe_psql('postgres', "SELECT pid $running");
}

# kill_and_recover(NODE, PID): kill -9 a backend, and wait until the server,
# which starts again for that reason, has recovered.
sub kill_and_recover
{
	my ($node, $pid) = @_;
	my $seen = -s $node->logfile;
	my $tries = 10 * ($PostgreSQL::Test::Utils::timeout_default // 180);

	kill('KILL', $pid) or croak("could not kill $pid: $!");
	while (substr(slurp_file($node->logfile), $seen) !~
		/all server processes terminated; reinitializing/)
	{
		croak('the server did not notice') if $tries-- <= 0;
		usleep(100_000);
	}

	# A query would be written to a psql that has given up already.
	$node->poll_query_until('postgres', undef, '')
	  or croak('the server did not recover');
	return;
}

sub write_file
{
	my ($path, $bytes) = @_;

	open(my $file, '>:raw', $path) or croak("$path: $!");
	print {$file} $bytes;
	close($file) or croak("$path: $!");
}

# A psql session in the background.
package MigrTest::Session;

use Carp;
use PostgreSQL::Test::Utils;

# new(NODE, db => ..., role => ..., settings => ...)
sub new
{
	my ($class, $node, %param) = @_;
	my $self = bless { in => '', out => '', err => '', mark => 0 }, $class;
	my @command = (
		'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-f', '-',
		'-d', $node->connstr($param{db} // 'postgres'));

	push @command, '-U', $param{role} if defined $param{role};
	$self->{timer} =
	  IPC::Run::timeout($PostgreSQL::Test::Utils::timeout_default // 180);
	$self->{run} =
	  IPC::Run::start(\@command, '<', \$self->{in}, '>', \$self->{out}, '2>',
		\$self->{err}, $self->{timer});
	$self->{pid} = $self->ask('SELECT pg_backend_pid()');
	return $self;
}

# The pid of the backend.
sub pid { return $_[0]->{pid}; }

# Send a statement and do not wait for it.
sub send
{
	my ($self, $sql) = @_;

	$self->{in} .= "$sql;\n";
	$self->{run}->pump_nb;
	return;
}

# Wait until all that was sent is done; returns what it wrote to stdout.
sub drain
{
	my ($self) = @_;
	my $mark = 'done ' . ++$self->{mark};
	my $out;

	$self->{in} .= "\\echo $mark\n";
	$self->{run}->pump while $self->{out} !~ /^\Q$mark\E$/m;
	$self->{out} =~ s/^\Q$mark\E\n//m;
	$out = $self->{out};
	$self->{out} = '';
	chomp $out;
	return $out;
}

# Send a statement, wait for it, and return its rows.
sub ask
{
	my ($self, $sql) = @_;

	$self->send($sql);
	return $self->drain;
}

# What it wrote to stderr since the last call.  stderr is another pipe than
# that of drain(), so it may come a little later: wait for the pattern.
sub errors
{
	my ($self, $pattern) = @_;
	my $err;

	while (defined $pattern && $self->{err} !~ $pattern)
	{
		$self->{run}->pump;
	}
	$err = $self->{err};
	$self->{err} = '';
	return $err;
}

# Wait for its end, after its connection or its input has; what it wrote to
# stdout and to stderr.
sub finish
{
	my ($self) = @_;

	# psql may be gone already, and does not read on then.
	local $SIG{PIPE} = 'IGNORE';
	eval { $self->{run}->finish; };
	croak($@) if $@ && $@ =~ /timeout/i;
	return ($self->{out}, $self->{err});
}

# End the client at once, as if its machine had died.
sub kill_client
{
	my ($self) = @_;

	$self->{run}->kill_kill(grace => 0);
	return;
}

1;
