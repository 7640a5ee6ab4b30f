# What can go wrong between migr --remote and its remote: a cut pipe, a connection that is
# lost in mid-run, at the commit or for long, Ctrl-C, somebody else who runs at the same
# time, a statement outside of transactions that fails; and that nobody sees the password.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use IPC::Run;
use MigrCommand qw(!script);
use MigrRemote;
use MigrTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes 'usleep';

plan skip_all => 'it stops the server' if $elsewhere;

$node = new_node('remote_broken');

my $programs = qx(pg_config --bindir);
chomp $programs;

# A psql that does something else where the run goes to the remote.
sub psql_does
{
	my ($shell) = @_;

	mkdir "$directory/bin";
	write_file("$directory/bin/psql", <<"SH");
#!/bin/sh
case " \$* " in
*' -f - '*)
    echo \$\$ >"$environment{TMPDIR}/psql.pid"
    $shell ;;
esac
exec $programs/psql "\$@"
SH
	chmod 0755, "$directory/bin/psql";
	$environment{PATH} = "$directory/bin:$ENV{PATH}";
	return;
}

sub project
{
	new_remote();
	migr('init');
	script('a1', '', 'CREATE SCHEMA shop;', 'DROP SCHEMA shop CASCADE;');
	script('b1', 'a1', 'CREATE TABLE shop.b (i int);', 'DROP TABLE shop.b;');
	return;
}

# started(ARGUMENT...): migr in a process group of its own, and where its output goes.
sub started
{
	my @arguments = @_;
	my ($out, $err) = ('', '');

	local %ENV = environment();
	my $run = IPC::Run::start([ command(@arguments) ],
		'<', \'', '>', \$out, '2>', \$err,
		init => sub { setpgrp; chdir $directory or die });
	return ($run, \$err);
}

# The backend that sleeps for a script, once it does.
sub sleeper
{
	my $sleeping = q{FROM pg_stat_activity WHERE wait_event = 'PgSleep'};

	$node->poll_query_until('postgres', "SELECT count(*) = 1 $sleeping") or die 'nobody sleeps';
	return $node->safe_psql('postgres', "SELECT pid $sleeping");
}

sub finished
{
	my ($run, $err, $code, $like, $name) = @_;

	$run->finish;
	note($$err);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($run->result(0), $code, "$name: exit code");
	like($$err, $like, "$name: message");
	return;
}

# SQL that goes through a pipe which breaks anywhere changes nothing.
sub pipes
{
	project();
	my ($code, $sql) = migr('sql');
	my @lines = split /^/, $sql;

	(my $last) = grep { $lines[$_] =~ /^COMMIT;/ } reverse 0 .. $#lines;
	foreach my $length (1, int($last / 2), $last - 3, $last)
	{
		my $cut = join '', @lines[ 0 .. $length - 1 ];
		my ($out, $err);

		IPC::Run::run([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $environment{MIGR_REMOTE} ],
			'<', \$cut, '>', \$out, '2>', \$err);
		is(on_remote(q{SELECT count(*) FROM pg_namespace WHERE nspname ~ 'shop|migr'}), '0', "cut behind line $length of " . @lines);
	}
	my ($out, $err);
	ok(IPC::Run::run([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $environment{MIGR_REMOTE} ],
			'<', \$sql, '>', \$out, '2>', \$err), 'the whole of it') or diag($err);
	is(versions(), 'a1 b1', 'is applied');
	ok(!IPC::Run::run([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $environment{MIGR_REMOTE} ],
			'<', \$sql, '>', \$out, '2>', \$err), 'but not twice');
	like($err, qr/is not where this script starts from/, 'it says so');
	return;
}

# Whoever loses what runs is told where the remote is.
sub losses
{
	project();
	script('c1', 'b1', 'SELECT pg_sleep(600);', 'SELECT pg_sleep(600);');
	my ($run, $err) = started('upgrade');
	$node->safe_psql('postgres', 'SELECT pg_terminate_backend(' . sleeper() . ')');
	finished($run, $err, 1, qr/terminating connection.*^migr: that is in versions\/c1\.sql.*^migr: the remote is at <base>, as before$/ms,
		'a backend that is terminated');

	migr('upgrade', 'a1');
	($run, $err) = started('upgrade');
	sleeper();
	$run->pump_nb;
	kill('INT', -$run->{KIDS}[0]{PID});
	finished($run, $err, 130, qr/canceling statement due to user request.*^migr: the remote is at a1, as before$/ms, 'Ctrl-C');

	psql_does('');
	($run, $err) = started('upgrade');
	sleeper();
	(my $psql) = slurp_file("$environment{TMPDIR}/psql.pid") =~ /(\d+)/;
	# The server notices late that nobody listens any more: until then it is at work.
	kill('KILL', $psql);
	usleep(300_000);
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
	finished($run, $err, 1, qr/^migr: the remote is at a1, as before$/m, 'psql is killed');

	# For as long as the remote can't be asked.
	($run, $err) = started('upgrade');
	sleeper();
	$node->stop('immediate');
	finished($run, $err, 1, qr/can't be asked where it is:.*^migr: it is at a1 as before, or as far as the run has come: migr current tells$/ms,
		'the server is gone');
	$node->start;
	migr_is(0, qr/\Aa1/, $nothing, 'it is there again', 'current');

	# The answer to the last COMMIT is lost.
	unlink "$directory/versions/c1.sql";
	psql_does("$programs/psql \"\$@\"; echo 'psql: error: connection to server was lost' >&2; exit 2");
	migr_is(0, $nothing, qr/was lost.*^migr: it has come to its end all the same: the remote is at b1$/ms, 'committed, and not told', 'upgrade');
	psql_does("echo 'psql: error: connection to server was lost' >&2; exit 2");
	migr_is(1, $nothing, qr/was lost.*^migr: the remote is at b1, as before$/ms, 'not committed, and not told', 'downgrade', '-1');
	delete $environment{PATH};

	# An error, and the file it is in; what is in front of it is undone as well.
	migr('downgrade', 'a1');
	script('c1', 'b1', "SELECT 1;\nSELECT 1 / (SELECT 0);", '');
	migr_is(1, $nothing, qr/ERROR:  division by zero\n.*^migr: that is in versions\/c1\.sql, line 7\nmigr: the remote is at a1, as before\n\z/ms,
		'an error', 'upgrade');
	migr_is(1, $nothing, qr/canceling statement due to statement timeout.*as before/s, 'a setting for the remote', 'upgrade',
		'-x', 'statement_timeout=1ms', '-x', 'migr.lock_timeout=3s');
	migr_is(1, $nothing, qr/nowhere/, 'a revision that is not there', 'upgrade', 'nowhere');
	local $environment{MIGR_REMOTE} = 'postgresql://app@/nowhere?host=' . ($node->host =~ s{/}{%2F}gr) . '&port=' . $node->port;
	migr_is(1, $nothing, qr/"nowhere" does not exist/, 'no database', 'status');
	return;
}

# Two at a time: the second does what is left.
sub others
{
	project();
	script('c1', 'b1', 'SELECT pg_sleep(2);', '');
	my @runs = map { [ started('upgrade') ] } 1 .. 2;
	finished(@$_, 0, qr/now at c1|nothing to do/, 'two at a time') foreach @runs;
	is(versions(), 'a1 b1 c1', 'each is applied once');
	is(on_remote('SELECT count(*) FROM migr_standalone.log'), '1', 'by one of them');

	# Somebody who goes elsewhere between asking and sending.
	script('d1', 'c1', 'CREATE TABLE shop.d (i int);', 'DROP TABLE shop.d;');
	my $once = "$environment{TMPDIR}/once";
	(my $remote = $environment{MIGR_REMOTE}) =~ s/'/%27/g;
	write_file($once, 'DELETE FROM migr_standalone.version WHERE ordinal = (SELECT max(ordinal) FROM migr_standalone.version);');
	psql_does("[ ! -e $once ] || { $programs/psql -X -q -d '$remote' -f $once && rm $once; }");
	migr_is(0, $nothing, qr/is not where this script starts from.*2 applied, now at d1/s, 'it is planned anew', 'upgrade');
	is(versions(), 'a1 b1 c1 d1', 'from where the remote is');
	unlink $once;
	delete $environment{PATH};
	return;
}

# Statements that refuse transactions leave what is told.
sub outside
{
	project();
	script('c1', 'b1', "CREATE INDEX CONCURRENTLY b_i ON shop.b (i);\nCREATE UNIQUE INDEX CONCURRENTLY b_u ON shop.b (i);",
		"DROP INDEX shop.b_u;\nDROP INDEX shop.b_i;", "-- migr:transaction off\n");
	script('d1', 'c1', 'CREATE TABLE shop.d (i int);', 'DROP TABLE shop.d;');
	migr('upgrade', 'b1');
	on_remote('INSERT INTO shop.b VALUES (1), (1)');
	my ($code, $out, $err) = migr('upgrade');
	is($code, 1, 'the second fails');
	like($err, qr/could not create unique index.*^migr: that is in versions\/c1\.sql, line 8$/ms, 'for a reason');
	like($err, qr/^migr: revision "c1" has begun, and has not come to its end: statement 2 of 2, CREATE UNIQUE INDEX/m, 'it says how far it is');
	like($err, qr/^migr: mend .*^migr: the remote is at b1/ms, 'and what to do');
	migr_is(0, qr/^Current   b1$/m, qr/revision "c1" has begun/, 'status knows', 'status');
	migr_is(1, $nothing, qr/revision "c1" has begun and has not come to its end/, 'no further', 'upgrade');
	on_remote('DELETE FROM shop.b WHERE ctid = (SELECT min(ctid) FROM shop.b)');
	on_remote('DROP INDEX shop.b_u');
	on_remote('CREATE UNIQUE INDEX b_u ON shop.b (i)');
	migr_is(0, $nothing, qr/now at c1/, 'mended and told', 'stamp', 'c1');
	migr_is(0, $nothing, qr/1 applied, now at d1/, 'and on', 'upgrade');
	migr_is(0, qr/\Aok      built/, $nothing, 'all is there', 'drift');
	migr_is(0, $nothing, qr/2 undone, now at b1/, 'and back', 'downgrade', 'b1');
	return;
}

# The password is in no argument and in no message.
sub passwords
{
	project();
	$node->safe_psql('postgres', q{CREATE ROLE teller LOGIN PASSWORD 'se@c/ret'});
	mkdir "$directory/bin";
	foreach my $program ('psql', 'pg_dump')
	{
		write_file("$directory/bin/$program",
			"#!/bin/sh\nprintf '%s\\n' \"\$\@\" >>'$environment{TMPDIR}/args'\n"
			  . "case \"\$*\" in *//app@*) [ \"\$PGPASSWORD\" = 'se\@c/ret' ] || echo 'no password' >>'$environment{TMPDIR}/args' ;;\n"
			  . "*) [ -z \"\${PGPASSWORD:-}\" ] || echo 'a password too many' >>'$environment{TMPDIR}/args' ;;\nesac\n"
			  . "exec $programs/$program \"\$\@\"\n");
		chmod 0755, "$directory/bin/$program";
	}
	local $environment{PATH} = "$directory/bin:$ENV{PATH}";
	local $environment{MIGR_REMOTE} = $environment{MIGR_REMOTE} =~ s/app@/app:se%40c%2Fret@/r;
	foreach my $verb ('status', 'upgrade', 'sql', 'drift')
	{
		my ($code, $out, $err) = migr($verb);
		is($code, 0, "$verb with a password");
		unlike("$out$err", qr/se(@|%40)c/, 'it is in no message');
	}
	{
		# That of another database is not shown to the remote, nor to the workbench.
		local $environment{DATABASE_URL} = 'postgresql://x:other@localhost/y';
		my ($code) = migr('status');
		is($code, 0, 'DATABASE_URL has a password, too');
		local $environment{MIGR_REMOTE} = $environment{MIGR_REMOTE} =~ s/app:.*@/teller@/r;
		migr('status');
	}
	unlike(slurp_file("$environment{TMPDIR}/args"), qr/se(@|%40)c|no password|a password too many/,
		'nor an argument, and in the environment of those for the remote only');
	migr_is(2, $nothing, qr/others can see/, 'as an argument', 'status', '--remote', 'postgresql://app:x@/y');
	migr_is(2, $nothing, qr/MIGR_REMOTE is not of PostgreSQL/, 'another database', 'status', '--remote', 'mysql://app@/y');
	unlink "$environment{TMPDIR}/args";
	return;
}

sub usage
{
	project();
	migr_is(2, $nothing, qr/^migr: /, "wrong: @$_", @$_)
	  foreach ['load'], ['redo'], ['deploy'], [ 'revert', '-1' ], ['adopt'], [ 'blame', 'x' ], [ 'upgrade', '--dry-run' ], [ 'upgrade', '--tag', 'x' ], [ 'status', '--no-load' ], ['workbench'],
	  [ 'workbench', 'x' ], [ 'workbench', 'run' ], [ 'workbench', 'start', 'x' ];
	migr_is(7, qr/\Aworkbench\n\z/, $nothing, 'workbench run', 'workbench', 'run', 'sh', '-c',
		'psql -XAtc "SELECT current_user" && exit 7');
	migr_is(1, $nothing, qr/no workbench in/, 'a workbench that is not there', 'status', '--workbench', '/nowhere');
	delete local $environment{MIGR_REMOTE};
	migr_is(2, $nothing, qr/--workbench is for --remote/, 'for no remote', 'status', '--workbench', 'x');
	return;
}

# Without a workbench, a call starts one for itself, and leaves nothing behind.
sub own_workbench
{
	project();
	migr_is(1, $nothing, qr/no workbench is running/, 'none is running', 'workbench', $_) foreach 'status', 'stop';
	migr_is(0, $nothing, qr/2 applied/, 'upgrade', 'upgrade');
	migr_is(0, qr/\Aok      built/, $nothing, 'drift', 'drift');
	migr_is(0, qr/\Apostgresql.*\nCurrent   b1$|^Current   b1$/m, $nothing, 'migr in a workbench', 'workbench', 'run', command('status'));
	my ($run, $err) = started('workbench', 'run', 'sleep', '600');
	$run->pump_nb;
	usleep(100_000) until glob("$environment{TMPDIR}/migr-bench.*/data/postmaster.pid");
	kill('INT', -$run->{KIDS}[0]{PID});
	$run->finish;
	is($run->result(0), 130, 'Ctrl-C in a workbench');
	is(join(' ', glob("$environment{TMPDIR}/*")), '', 'nothing is left');
	return;
}

start_workbench();
pipes();
losses();
others();
outside();
passwords();
usage();
unlink glob("$environment{TMPDIR}/psql.pid");
stop_workbench();
own_workbench();

$node->stop;
done_testing();
