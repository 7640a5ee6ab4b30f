# What the server's log has of a run: each revision, and the statements that
# log_statement asks for, which the server itself sees no more of than a function.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('server_log', "log_statement = 'none'");

load_scripts($node, <<'SCRIPTS');
-- migr:revision logged
-- migr:message with a bit of each
-- migr:upgrade
CREATE TABLE logged (i int, t text);
INSERT INTO logged VALUES (1, 'a
b');
COPY logged FROM stdin;
2	data of rows is not logged
\.
SELECT count(*) FROM logged;
-- migr:verify
SELECT EXISTS (SELECT FROM logged);
-- migr:downgrade
DROP TABLE logged;
SCRIPTS

# logged(SETTING, SQL): what the log gets of a statement.
sub logged
{
	my ($setting, $sql) = @_;
	my $seen = -s $node->logfile;

	notices_of($node, "SET log_statement = '$setting'; $sql");
	return substr(slurp_file($node->logfile), $seen);
}

my $up = q{SELECT migr_upgrade('logged')};
my $down = q{SELECT migr_downgrade('base')};
my $log = logged('none', $up);

like($log, qr/LOG:  running upgrade base -> logged, with a bit of each \(1 of 1\)/, 'the revision, always');
unlike($log, qr/LOG:  statement: /, 'none: no statement');
like(logged('none', $down), qr/LOG:  running downgrade logged -> base/, 'the way back, too');

$log = logged('ddl', $up);
like($log, qr/LOG:  statement: CREATE TABLE logged \(i int, t text\)\n.*DETAIL:  Line 4 of revision "logged", upgrade section\.\n/,
	'ddl: a statement, and where it stands');
unlike($log, qr/LOG:  statement: (INSERT|COPY|SELECT)/, 'ddl: no other statements');
like(logged('ddl', $down), qr/LOG:  statement: DROP TABLE logged\n.*DETAIL:  Line 14 of revision "logged", downgrade section/,
	'ddl: the downgrade');

$log = logged('mod', $up);
like($log, qr/LOG:  statement: INSERT INTO logged VALUES \(1, 'a\n\tb'\)\n/, 'mod: what changes rows');
like($log, qr/LOG:  statement: COPY logged FROM stdin\n/, 'mod: COPY');
unlike($log, qr/data of rows/, 'mod: not its rows');
unlike($log, qr/LOG:  statement: SELECT/, 'mod: no queries');
logged('none', $down);

$log = logged('all', $up);
like($log, qr/LOG:  statement: SELECT count\(\*\) FROM logged\n/, 'all: queries');
like($log, qr/LOG:  statement: SELECT EXISTS .*\n.*DETAIL:  Line 12 of revision "logged", verify section/,
	'all: those of the verify section, too');
is(() = $log =~ /LOG:  statement: CREATE TABLE/g, 1, 'all: once');
like(logged('all', q{SELECT * FROM migr_verify('{sections}')}), qr/LOG:  statement: SELECT EXISTS/,
	'all: migr_verify()');

$log = logged('ddl', q{SELECT migr_downgrade('base', dry_run => true)});
like($log, qr/LOG:  statement: DROP TABLE logged\n/, 'a dry run does the same');
unlike(logged('ddl', q{SELECT migr_fingerprint('logged')}), qr/LOG:  statement: /,
	'a scratch build changes nothing, and says nothing');

$node->stop;
done_testing();
