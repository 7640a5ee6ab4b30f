# The rows of live tables are looked at without waiting for anybody, and without
# leaving a lock; who cancels the statement cancels the look as well.  Functions
# of others that this calls never run with the rights of who asks.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('hazard');
my $diff = q{SELECT migr_diff('CREATE TABLE t (i int NOT NULL)')};
my $locks = q{SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass};

$node->safe_psql('postgres', 'CREATE TABLE t (i int); INSERT INTO t VALUES (NULL)');

my $holder = MigrTest::Session->new($node);
my $session = MigrTest::Session->new($node);

note 'a table that somebody has locked';
$holder->ask('BEGIN; LOCK TABLE t');
like($session->ask($diff),
	qr/^-- Note: public\.t was not checked against NOT NULL of column i: canceling statement due to lock timeout$/m,
	'is not waited for');
like($session->errors(qr/lock timeout/),
	qr/NOTICE:  00000: the script may fail on rows that were not checked/,
	'a notice says so');
$holder->ask('ROLLBACK');

note 'a table that nobody has locked';
like($session->ask("BEGIN; $diff"),
	qr/^-- Note: 1 row of public\.t violates NOT NULL of column i$/m,
	'its rows are looked at');
is($session->ask($locks), '0', 'no lock is left on it');
is($session->ask('SHOW transaction_read_only; SHOW row_security; SHOW lock_timeout'),
	"off\non\n0", 'settings are what they were');
$session->ask('ROLLBACK');
$session->errors(qr/WARNING/);

note 'a look that takes long';
is(sqlstate_of($session), '57014', 'can be cancelled');
is($session->ask('SELECT count(*) FROM t'), '1', 'the session goes on');

note 'hostile functions, and a superuser';
prepare_mallory();
my %seen;
my $warnings = notices_of($node, q{SET search_path = public;
	SELECT migr_diff($$} . desired_of_mallory() . q{$$);
	DO $$ BEGIN RAISE WARNING 'behind: % % % %', current_user, current_setting('search_path'),
		current_setting('transaction_read_only'), current_setting('is_superuser'); END $$});
$seen{$1}{$2} = 1 while $warnings =~ /(\w+) runs as (\w+)/g;
is_deeply(\%seen, { map { $_ => { mallory => 1 } } qw(check key predicate domain folded) },
	'run as the owner of the table, whatever the question') or diag($warnings);
unlike($warnings, qr/: done: /, 'and get nothing done');
my @attempts = attempts();
my %refused;
$refused{$1}{$2} = 1 while $warnings =~ /refused: (.*?): (.*)/g;
is_deeply([ sort keys %refused ], [ sort @attempts ], 'all that they try is refused');
note explain \%refused;
like($warnings, qr/behind: postgres public off on/, 'nothing of it is left');
is($node->safe_psql('postgres', q{SELECT (SELECT count(*) FROM mallory.written),
		(SELECT count(*) FROM pg_class WHERE relname = 'planted'),
		(SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory')}), '0|0|f', 'nor in the database');

$_->send('\q') foreach $holder, $session;
$_->finish foreach $holder, $session;

# What a statement_timeout makes of it.
sub sqlstate_of
{
	my ($session) = @_;

	$session->ask(q{SET statement_timeout = '1s';
		SELECT migr_diff('CREATE TABLE t (i int, CHECK (pg_sleep(100) IS NOT NULL))');
		RESET statement_timeout});
	return $session->errors(qr/ERROR/) =~ /ERROR:  (\w{5})/ ? $1 : '';
}

# What a hostile function tries, to get rights or to leave something behind.
sub attempts
{
	return (
		q{SELECT set_config('role', 'postgres', false)}, q{SET LOCAL ROLE postgres}, q{RESET ROLE},
		q{SET SESSION AUTHORIZATION postgres}, q{RESET SESSION AUTHORIZATION},
		q{SELECT set_config('session_authorization', 'postgres', true)},
		q{SET transaction_read_only = off}, q{INSERT INTO mallory.written VALUES (1)},
		q{CREATE TEMP TABLE planted (i int)}, q{CREATE TABLE mallory.planted (i int)},
		q{ALTER ROLE mallory SUPERUSER}, q{COPY (SELECT 1) TO PROGRAM 'true'},
		q{SELECT pg_read_file('postgresql.conf')}, q{SELECT rolpassword FROM pg_authid},
		q{DECLARE planted CURSOR WITH HOLD FOR SELECT 1}, q{PREPARE planted AS SELECT 1},
		q{LISTEN planted});
}

# Tables of mallory's, who has put code into what the desired schema calls.
sub prepare_mallory
{
	my $attempts = join(', ', map { "\$a\$$_\$a\$" } attempts());

	$node->safe_psql('postgres', q{CREATE ROLE mallory LOGIN; CREATE SCHEMA mallory AUTHORIZATION mallory});
	$node->safe_psql('postgres', qq{SET search_path = mallory;
		CREATE TABLE written (i int);
		CREATE FUNCTION evil(i int, what text) RETURNS boolean LANGUAGE plpgsql AS \$f\$
		DECLARE attempt text;
		BEGIN
			FOREACH attempt IN ARRAY ARRAY[$attempts] LOOP
				BEGIN
					EXECUTE attempt;
					RAISE WARNING '%: done: %', what, attempt;
				EXCEPTION WHEN OTHERS THEN
					RAISE WARNING '%: refused: %: %', what, attempt, SQLERRM;
				END;
				RAISE WARNING '% runs as %', what, current_user;
			END LOOP;
			PERFORM set_config('search_path', 'mallory', false);
			RETURN true;
		END \$f\$;
		CREATE FUNCTION folded(what text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS
			\$f\$ BEGIN RAISE WARNING '% runs as %', what, current_user; RETURN true; END \$f\$;
		CREATE DOMAIN d AS int;
		CREATE TABLE t (i int, d d);
		INSERT INTO t VALUES (1, 1)}, extra_params => [ '-U', 'mallory' ]);
}

# In it, the same functions are harmless.
sub desired_of_mallory
{
	return q{
		CREATE TABLE public.t (i int);
		CREATE SCHEMA mallory;
		SET search_path = mallory;
		CREATE FUNCTION evil(i int, what text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';
		CREATE FUNCTION folded(what text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';
		CREATE TABLE written (i int);
		CREATE DOMAIN d AS int CHECK (mallory.evil(VALUE, 'domain'));
		CREATE TABLE t (i int, d d, CHECK (mallory.evil(i, 'check')), CHECK (i > 0 AND mallory.folded('folded')));
		CREATE UNIQUE INDEX ON t (mallory.evil(i, 'key')) WHERE mallory.evil(i, 'predicate');};
}

done_testing();
