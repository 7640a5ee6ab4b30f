# Which tenants differ: of hundreds, read in several passes, each odd one is found and mended by
# the SQL that is told; on a standby too; and nobody is waited for.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use IPC::Run;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = new_node('primary', "max_locks_per_transaction = 1024\n", allows_streaming => 1);

$primary->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'base', has_streaming => 1);
$standby->start;

load_scripts($primary, <<'SCRIPTS');
-- migr:revision shared
-- migr:upgrade
CREATE TABLE public.country (id int PRIMARY KEY);
-- migr:revision first
-- migr:labels shop
-- migr:depends shared
-- migr:upgrade
CREATE TYPE state AS ENUM ('new', 'done');
CREATE TABLE item (id serial PRIMARY KEY, name text DEFAULT 'x', state state DEFAULT 'new',
    country int REFERENCES public.country, amount int CONSTRAINT positive CHECK (amount > 0));
CREATE INDEX item_name ON item (name);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER touch BEFORE UPDATE ON item FOR EACH ROW EXECUTE FUNCTION touch();
CREATE VIEW done AS SELECT id FROM item WHERE state = 'done';
CREATE TABLE a (i int PRIMARY KEY); CREATE TABLE b (i int PRIMARY KEY); CREATE TABLE c (i int PRIMARY KEY);
-- migr:revision second
-- migr:revises first
-- migr:upgrade
CREATE TABLE orders (id int PRIMARY KEY, item int REFERENCES item);
SCRIPTS
$primary->safe_psql('postgres', 'ALTER DATABASE postgres SET migr.tenant_label = shop');

# --- hundreds ---------------------------------------------------------------------

# More objects than are read at once.
my $tenants = 320;

$primary->safe_psql('postgres', q{
	CREATE PROCEDURE public.make(first int, last int) LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN first..last LOOP
			PERFORM migr_upgrade('first', tenant => 't' || to_char(i, 'FM0000'), new_tenant => true);
			COMMIT;
		END LOOP;
	END $$});
$primary->safe_psql('postgres', "SET client_min_messages = warning; CALL public.make(1, $tenants)");

sub row { return $primary->safe_psql('postgres', $_[0]); }

is(row('SELECT count(*), count(DISTINCT fingerprint), min(form), max(form), min(alike), bool_or(odd) FROM migr_tenants()'),
	"$tenants|1|1|1|$tenants|f", 'those that have run the same scripts are alike');
is(row(q{SELECT object, status, detail FROM migr_verify('tenants')}),
	"|ok|at first: $tenants (t0001, t0002, t0003, t0004, t0005, …), $tenants alike", 'which is told in one row');

is(row('SELECT bool_or(changed) FROM migr_tenants()'), 'f', 'and as their runs left them');

# --- odd ones ---------------------------------------------------------------------

my %odd = (
	t0003 => ['ALTER TABLE t0003.item ALTER name TYPE varchar(10)', 'column t0003.item.name'],
	t0099 => ['DROP INDEX t0099.item_name', 'index t0099.item_name'],
	t0100 => ['ALTER TABLE t0100.item ADD extra int', 'column t0100.item.extra'],
	t0200 => [q{ALTER TABLE t0200.item ALTER name SET DEFAULT 'y'}, 'column t0200.item.name'],
	t0250 => ['ALTER TABLE t0250.item RENAME CONSTRAINT positive TO more', 'constraint more ON t0250.item'],
	t0300 => ['ALTER TABLE t0300.item DISABLE TRIGGER touch', 'trigger touch of table t0300.item'],
	t0310 => [q{COMMENT ON TABLE t0310.a IS 'all'}, 'table t0310.a'],
	t0311 => ['GRANT SELECT ON t0311.b TO PUBLIC', 'table t0311.b'],
	t0312 => ['ALTER TABLE t0312.c OWNER TO other', 'table t0312.c'],
	t0313 => [q{CREATE OR REPLACE VIEW t0313.done AS SELECT id FROM t0313.item WHERE state = 'new'}, 'view t0313.done'],
	t0314 => [q{CREATE OR REPLACE FUNCTION t0314.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'},
		'function t0314.touch()'],
	t0315 => [q{ALTER TYPE t0315.state ADD VALUE 'gone'}, 'type t0315.state'],
	t0320 => ['DROP TABLE t0320.item CASCADE', 'table t0320.item']);
my $names = join("\n", sort keys %odd);

$primary->safe_psql('postgres', join(';', 'CREATE ROLE other', map { $odd{$_}[0] } sort keys %odd));
$primary->safe_psql('postgres', 'ALTER DATABASE postgres SET migr.compare_owners = on');
is(row('SELECT tenant FROM migr_tenants() WHERE odd ORDER BY 1'), $names, 'each odd one is found');
is(row('SET migr.compare_owners = off; SELECT count(*) FROM migr_tenants() WHERE changed'),
	keys(%odd) - 1, 'and not as its run left it, as far as its owner does not count');
my $found = row(q{SELECT object FROM migr_verify('tenants') WHERE status = 'fail'});
for my $tenant (sort keys %odd)
{
	like($found, qr/^tenant $tenant$/m, "$tenant is told");
	like($found, qr/^\Q$odd{$tenant}[1]\E$/m, "with the object that differs");
}

$primary->wait_for_catchup($standby);
is($standby->safe_psql('postgres', 'SELECT tenant FROM migr_tenants() WHERE odd ORDER BY 1'),
	$names, 'a standby finds the same');
is($standby->safe_psql('postgres', q{SELECT object FROM migr_verify('tenants') WHERE status = 'fail'}),
	$found, 'and tells the same of them');

# What is told is run as it is, by psql.
for my $tenant (sort keys %odd)
{
	my $sql = row("SELECT detail FROM migr_verify('tenants') WHERE object = 'tenant $tenant'");

	$sql =~ s/\A.*\n//;
	my ($status, undef, $stderr) = $primary->psql('postgres', $sql, on_error_die => 0, on_error_stop => 1);
	is($status, 0, "what is told of $tenant runs") or diag("$sql\n$stderr");
}
is(row('SELECT count(*) FROM migr_tenants() WHERE alike = ' . $tenants), $tenants, 'and makes it as the others');
is(row(q{SELECT status FROM migr_verify('tenants')}), 'ok', 'nothing is left to tell');

# --- other revisions, and runs that go on -------------------------------------------

$primary->safe_psql('postgres', q{SELECT migr_upgrade(tenant => 't0001'); SELECT migr_upgrade(tenant => 't0002');
	ALTER TABLE t0002.orders ADD note text});
is(row(q{SELECT tenant, heads, form, alike FROM migr_tenants() WHERE heads = '{second}' OR odd}),
	"t0001|{second}|1|1\nt0002|{second}|2|1", 'those at other revisions are compared with one another');
is(row(q{SELECT object FROM migr_verify('tenants') WHERE status = 'fail'}),
	"tenant t0002\ncolumn t0002.orders.note", 'and told so');
$primary->safe_psql('postgres', 'ALTER TABLE t0002.orders DROP note');

my ($in, $out, $err) = ('', '', '');
my $busy = IPC::Run::start([ 'psql', '-XAtq', '-d', $primary->connstr('postgres') ], '<', \$in, '>', \$out, '2>', \$err);

$in .= "BEGIN; SELECT migr_upgrade(tenant => 't0004'); SELECT 'run';\n";
IPC::Run::pump($busy) until $out =~ /^run$/m;
is(row(q{SET lock_timeout = '1s'; SELECT tenant, heads, form FROM migr_tenants() WHERE tenant = 't0004'}),
	't0004|{first}|1', 'a run that has not ended is not waited for, nor seen');
$in .= "COMMIT;\n\\q\n";
IPC::Run::finish($busy);
is(row(q{SELECT tenant, heads, form FROM migr_tenants() WHERE tenant = 't0004'}), 't0004|{second}|1', 'behind it, it is');

$primary->safe_psql('postgres', 'DROP SCHEMA t0005 CASCADE');
is(row(q{SELECT tenant, state, form FROM migr_tenants() WHERE state <> 'ok'}), 't0005|missing|', 'a schema that is gone is told');
is(row(q{SELECT object, detail FROM migr_verify('tenants') WHERE status = 'fail'}),
	'tenant t0005|it is a tenant, and there is no such schema', 'and is a failure');
is(row(q{SELECT count(*) FROM migr_verify() WHERE check_name = 'tenants'}), '3', 'of migr_verify() with no names, too');

done_testing();
