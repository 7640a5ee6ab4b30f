# migr, the command: what is for a database at work, a plan, runs with a commit for each
# revision, and blame.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrCommand;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('busy', "migr.scratch_database = 'create'");
$directory = PostgreSQL::Test::Utils::tempdir();
%environment = (PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres');

sub revision
{
	my ($id, $parent, $transaction, $up, $down) = @_;

	write_file("$directory/versions/$id.sql", join "\n", "-- migr:revision $id",
		($parent ? "-- migr:revises $parent" : ()), ($transaction ? () : '-- migr:transaction off'),
		"-- migr:message it's $id", '-- migr:upgrade', $up, '-- migr:downgrade', $down, '');
	return;
}

migr_is(0, $nothing, qr/already exists/, 'init', 'init');
revision('one', undef, 1, 'CREATE TABLE "a b" (id int); INSERT INTO "a b" VALUES (1);', 'DROP TABLE "a b";');
revision('two', 'one', 0, 'CREATE INDEX CONCURRENTLY i ON "a b" (id);', 'DROP INDEX CONCURRENTLY i;');
revision('three', 'two', 1, 'ALTER TABLE "a b" ADD PRIMARY KEY (id);', 'ALTER TABLE "a b" DROP CONSTRAINT "a b_pkey";');

migr_is(1, $nothing, qr/migr_deploy/, 'upgrade of what no transaction holds', 'upgrade');
migr_is(0, $nothing, qr/base -> one.*one -> two.*2 applied/s, 'deploy', 'deploy', 'two', '--lock-timeout', '500ms', '--tag', 'build 1');
is($node->safe_psql('postgres', q{SELECT string_agg(DISTINCT tag, ',') FROM migr.log WHERE action = 'deploy'}), 'build 1', 'with its tag');

migr_is(0, qr/^warning add-primary-key  three\n        line 5: ALTER TABLE.*\n        public\."a b": AccessExclusiveLock, keeps waiting: reads\+writes.*\n        \S/m,
	qr/\A(NOTICE:  created a scratch database.*\n)?\z/, 'plan', 'plan');
migr_is(1, qr/^fail    add-primary-key/m, $nothing, 'plan --strict', 'plan', '--strict');
migr_is(0, qr/^\[\{"step".*"hazard":"add-primary-key"/, $nothing, 'plan --json', 'plan', '--json');
migr_is(0, qr/^::warning file=versions\/three\.sql,line=5,title=add-primary-key/m, $nothing, 'plan --github', 'plan', '--github');

# A lock that somebody holds is not waited for longer than was said.
my $other = MigrTest::Session->new($node);
$other->ask('BEGIN; LOCK TABLE "a b"');
migr_is(1, $nothing, qr/lock timeout/, 'deploy beside a lock', 'deploy', '--lock-timeout', '50ms', '--attempts', '2');
$other->ask('ROLLBACK');
$other->finish;
is($node->safe_psql('postgres', 'SELECT string_agg(revision, chr(32) ORDER BY ordinal) FROM migr.version'), 'one two', 'it is where it was');
migr_is(0, $nothing, qr/two -> three.*1 applied/s, 'deploy again', 'deploy');
migr_is(0, $nothing, qr/nothing to do/, 'deploy of nothing', 'deploy');

migr_is(0, qr/\Acolumn public\."a b"\.id\n    made by one, \S+ at \d{4}-.*\n    changed by three, .*\n    it's three\n\z/s, $nothing,
	'blame', 'blame', '"a b".id');
migr_is(0, qr/"created_by":"one"/, $nothing, 'blame --json', 'blame', '--json', '"a b".id');
migr_is(0, $nothing, qr/nothing that is recorded, or there, is called "nix"/, 'blame of nothing', 'blame', 'nix');
migr_is(2, $nothing, qr/blame needs one argument: PATTERN/, 'blame without a name', 'blame');

migr_is(0, $nothing, qr/three -> two.*two -> one.*2 undone/s, 'revert', 'revert', 'one');
migr_is(2, $nothing, qr/revert needs one argument: REVISION/, 'revert without a target', 'revert');
migr_is(0, $nothing, $nothing, 'quiet', 'deploy', '--quiet');
is($node->safe_psql('postgres', 'SELECT count(*) FROM migr.version'), '3', 'and done');

$node->stop;
done_testing();
