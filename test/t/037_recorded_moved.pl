# The recorded schema in another place than where it was recorded: restored from a
# dump, copied, on a standby, under a server that has other OIDs.  No address of
# there is taken for one of here, and what was known of who made what stays known.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('moved', undef, allows_streaming => 1);
my $directory = PostgreSQL::Test::Utils::tempdir();

my $scripts = <<'SCRIPTS';
-- migr:revision one
-- migr:message the first
-- migr:upgrade
CREATE SCHEMA app;
CREATE TABLE app.orders (id int PRIMARY KEY, total numeric);
CREATE TABLE app.other (id int PRIMARY KEY);
CREATE FUNCTION app.f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW app.v AS SELECT total FROM app.orders;

-- migr:revision two
-- migr:revises one
-- migr:message the second
-- migr:upgrade
ALTER TABLE app.orders ADD COLUMN discount int DEFAULT 3;
COMMENT ON TABLE app.other IS 'two';

-- migr:revision three
-- migr:revises two
-- migr:message the third
-- migr:upgrade
ALTER TABLE app.orders ALTER COLUMN discount TYPE bigint;
ALTER TABLE app.other RENAME TO another;
SCRIPTS

# Who made what, and what was done by hand.
my $blame = q{SELECT object, created_by, created_at, changed_by, changed_action, message, by_hand
		FROM migr_blame('app.*')};
my $drift = q{SELECT object, status, detail FROM migr_verify('{drift}')};
my $by_hand = q{SELECT string_agg(object || ': ' || by_hand, ', ' ORDER BY object)
		FROM migr_blame('app.*') WHERE by_hand IS NOT NULL};

sub rows
{
	my ($db, $query) = @_;

	return $node->safe_psql($db, $query);
}

# A copy knows what the original did, sees what is done by hand in it, and what
# a run does then.  Where its addresses are those of elsewhere, who made what the run
# renames is known no more; that nobody else is taken for him is all that can be had.
sub knows_as_much
{
	my ($from, $to, $maker) = @_;

	is(rows($to, $blame), rows($from, $blame), "$to: the same blame");
	like(rows($to, $blame), qr/^column app\.orders\.discount\|two\|.*\|the second\|$/m, "$to: which is some");
	is(rows($to, $drift), rows($from, $drift), "$to: no drift");

	rows($to, q{ALTER TABLE app.orders ADD COLUMN hotfix int; DROP VIEW app.v;
		ALTER TABLE app.orders ALTER COLUMN total SET NOT NULL});
	is(rows($to, $by_hand), 'column app.orders.hotfix: made, column app.orders.total: changed, view app.v: dropped',
		"$to: what was done by hand");
	rows($to, q{ALTER TABLE app.orders DROP COLUMN hotfix, ALTER COLUMN total DROP NOT NULL;
		CREATE VIEW app.v AS SELECT total FROM app.orders});

	rows($to, 'SELECT migr_upgrade()');
	is(rows($to, q{SELECT object, created_by, changed_by FROM migr_blame('app.*')
			WHERE object ~ 'discount|table|schema'}),
		"table app.another|$maker|three\ntable app.orders|one|\ncolumn app.orders.discount|two|three",
		"$to: a run goes on from there");
	like(rows($to, $drift), qr/^\|ok\|objects: \d+$/, "$to: and leaves no drift");
	is(rows($to, q{SELECT count(*) FROM migr.object o LEFT JOIN pg_class c ON c.oid = o.oid
			WHERE kind IN ('table', 'view') AND (c.relname <> o.name) IS NOT FALSE}),
		'0', "$to: its addresses are those of here");
}

$node->safe_psql('postgres', 'CREATE DATABASE origin');
$node->safe_psql('origin', 'CREATE EXTENSION migr');
load_scripts($node, $scripts, db => 'origin');
rows('origin', q{SELECT migr_upgrade('one')});
rows('origin', q{SELECT migr_upgrade('two')});

note 'restored from a dump, with other OIDs';
$node->command_ok([ 'pg_dump', '-f', "$directory/dump", 'origin' ], 'pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$directory/dump", '-d', 'restored' ], 'psql');
is(rows('restored', 'SELECT count(*) > 0 FROM migr.object'), 't', 'the record is in the dump');
is(rows('restored', 'SELECT looked_at FROM migr.looked'), '', 'who has looked is not');
is(rows('restored', 'SELECT drift_free, drift_checked_at FROM migr_status()'), 't|', 'but what runs have seen is');
knows_as_much('origin', 'restored', '');

note 'every address that of a stranger';
$node->safe_psql('postgres', 'CREATE DATABASE strange TEMPLATE origin');
rows('strange', q{
	UPDATE migr.recorded SET installation = 'elsewhere';
	UPDATE migr.object o SET oid = s.oid, root_oid = s.root_oid
	  FROM (SELECT id, lead(oid, 1, oid) OVER w AS oid, lead(root_oid, 1, root_oid) OVER w AS root_oid
	          FROM migr.object WHERE place = 0 AND oid = root_oid WINDOW w AS (ORDER BY oid DESC)) s
	 WHERE s.id = o.id});
like(rows('strange', $blame), qr/^table app\.orders\|one\|.*\|$/m, 'strange: it is who it was');
unlike(rows('strange', $by_hand), qr/./, 'strange: nothing is said to have been done by hand');

note 'a copy by CREATE DATABASE';
$node->safe_psql('postgres', 'CREATE DATABASE copied TEMPLATE origin');
knows_as_much('origin', 'copied', 'one');

note 'a server that knows other OIDs';
$node->safe_psql('postgres', 'CREATE DATABASE upgraded TEMPLATE origin');
rows('upgraded', q{UPDATE migr.recorded SET installation = 'elsewhere'});
knows_as_much('origin', 'upgraded', '');

note 'another version of the server';
$node->safe_psql('postgres', 'CREATE DATABASE older TEMPLATE origin');
rows('older', q{UPDATE migr.recorded SET installation = 'elsewhere', server_major = 9});
like(rows('older', $drift), qr/^\|skipped\|another version of the server/, 'older: drift can not be told');
like(notices_of($node, $blame, db => 'older'), qr/WARNING:  01000: what is recorded may not be what is there/,
	'older: and that is said');
like(rows('older', $blame), qr/^table app\.orders\|one\|/m, 'older: who made it can be');
rows('older', 'SELECT migr_upgrade()');
like(rows('older', $drift), qr/^\|ok\|/, 'older: after a run, all is known');
is(rows('older', q{SELECT created_by, changed_by FROM migr_blame('app.orders.discount')}), 'two|three',
	'older: with what was known before');

note 'dropped and made again by hand';
$node->safe_psql('postgres', 'CREATE DATABASE anew TEMPLATE origin');
rows('anew', q{DROP TABLE app.orders CASCADE; CREATE TABLE app.orders (id int PRIMARY KEY, total numeric, discount int DEFAULT 3)});
is(rows('anew', q{SELECT object, by_hand FROM migr_blame('app.orders') WHERE object ~ '^(table|column)'}),
	join("\n", map { "$_|made anew" } 'table app.orders', map { "column app.orders.$_" } qw(id total discount)),
	'anew: it is another table');

note 'so long ago that the server has forgotten the transaction';
$node->safe_psql('postgres', 'CREATE DATABASE aged TEMPLATE origin');
my $next = qq{SELECT * FROM migr_load(E'-- migr:revision next\n-- migr:revises three\n-- migr:upgrade\n-- migr:downgrade\n')};
rows('aged', "SELECT migr_upgrade(); $next");
rows('aged', 'ALTER TABLE app.orders ADD COLUMN by_hand int; CREATE TABLE spent (i int)');
rows('aged', q{DO $$
BEGIN
	FOR i IN 1 .. 1100000 LOOP
		BEGIN
			INSERT INTO spent VALUES (i);
		EXCEPTION WHEN division_by_zero THEN
		END;
	END LOOP;
END $$});
rows('aged', 'DROP TABLE spent');
$node->safe_psql('postgres', 'UPDATE pg_database SET datallowconn = true');
rows($_, 'VACUUM FREEZE') for split /\n/, rows('postgres', 'SELECT datname FROM pg_database');
$node->safe_psql('postgres', q{UPDATE pg_database SET datallowconn = false WHERE datname = 'template0'});
ok(!-e $node->data_dir . '/pg_xact/0000', 'aged: it has');
like(notices_of($node, 'SELECT migr_upgrade()', db => 'aged'),
	qr/1 object is not as the last run left it.*column app\.orders\.by_hand/s, 'aged: what was done by hand is found');

note 'on a standby';
$node->backup('b');
my $standby = PostgreSQL::Test::Cluster->new('moved_standby');
$standby->init_from_backup($node, 'b', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby, 'replay', $node->lsn('insert'));
is($standby->safe_psql('origin', $blame), rows('origin', $blame), 'standby: the same blame');
is($standby->safe_psql('origin', q{SELECT made FROM migr_show('two')}), '{"column app.orders.discount"}',
	'standby: what a revision made');
like($standby->safe_psql('origin', $drift), qr/^\|ok\|/, 'standby: no drift');
$standby->stop;

$node->stop;
done_testing();
