# The rows of live tables are looked at without waiting for anybody, and without
# leaving a lock; who cancels the statement cancels the look as well.

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

done_testing();
