# A database in use, full of other people's things, comes under revision control
# as doc/existing-database.md says, goes on, goes back, is verified and repaired:
# nothing of what is not the scripts' own is touched.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('adoption', "wal_level = logical\nfsync = off");
my %as_owner = (db => 'shop', role => 'keeper');
my $major = int($node->safe_psql('postgres', 'SHOW server_version_num') / 10000);

$node->safe_psql('postgres', $_)
  foreach 'CREATE ROLE keeper LOGIN CREATEDB', 'CREATE ROLE clerk', 'CREATE ROLE auditor',
  'CREATE ROLE "Odd ""role"""';

# --- what is there ----------------------------------------------------------

# The owner's schema, which has been in use for a while.
my $own = <<'SQL';
CREATE TYPE state AS ENUM ('open', 'paid');
CREATE TABLE customers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id serial PRIMARY KEY, customer int NOT NULL REFERENCES customers, state state DEFAULT 'open', total numeric(10,2) DEFAULT 0);
CREATE INDEX orders_customer ON orders (customer);
CREATE FUNCTION total_of(customer int) RETURNS numeric LANGUAGE sql STABLE AS $$SELECT sum(total) FROM orders o WHERE o.customer = $1$$;
CREATE VIEW buyers AS SELECT c.name, total_of(c.id) AS total FROM customers c;
COMMENT ON TABLE orders IS 'what was bought';
GRANT SELECT ON customers TO clerk;
SQL

my $rows = <<'SQL';
INSERT INTO customers (name) VALUES ('Ada'), ('Ben');
INSERT INTO orders (customer, total) VALUES (1, 10), (1, 20), (2, 5);
SQL

# What was there before it, by administrators and installers.
my $before = <<'SQL';
DROP SCHEMA public;
CREATE SCHEMA public;
GRANT ALL ON SCHEMA public TO PUBLIC;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION pg_stat_statements;
CREATE EXTENSION postgres_fdw;
CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere');
CREATE SCHEMA monitor;
CREATE SCHEMA "Odd schema" AUTHORIZATION auditor;
CREATE TABLE "Odd schema"."T" (a int);
CREATE TABLE monitor.host (id int PRIMARY KEY, name text);
INSERT INTO monitor.host VALUES (1, 'one');
CREATE FUNCTION monitor.seen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE FUNCTION monitor.noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER noticed ON ddl_command_end EXECUTE FUNCTION monitor.noticed();
CREATE PUBLICATION everything FOR ALL TABLES;
ALTER DEFAULT PRIVILEGES FOR ROLE keeper GRANT SELECT ON TABLES TO auditor;
ALTER DEFAULT PRIVILEGES FOR ROLE keeper REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
SQL

# What they have put around and on it since.
my $since = <<'SQL';
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
ALTER TABLE alembic_version OWNER TO keeper;
INSERT INTO alembic_version VALUES ('0a1b2c3d4e5f');
CREATE TABLE customers_backup AS TABLE customers;
CREATE VIEW monitor.names AS SELECT name FROM public.customers;
CREATE VIEW shortcut AS SELECT id, total FROM orders;
CREATE TABLE monitor.mark (customer int REFERENCES public.customers, note text);
INSERT INTO monitor.mark VALUES (1, 'good');
CREATE TRIGGER seen AFTER INSERT OR UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION monitor.seen();
CREATE TRIGGER unseen AFTER DELETE ON customers FOR EACH ROW EXECUTE FUNCTION monitor.seen();
ALTER TABLE customers DISABLE TRIGGER unseen;
CREATE POLICY own ON orders FOR SELECT TO clerk USING (total < 100);
CREATE POLICY whole ON orders TO auditor USING (true);
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE orders REPLICA IDENTITY FULL;
ALTER TABLE customers ALTER COLUMN name SET STATISTICS 400;
CREATE INDEX customers_search ON customers USING gin (name gin_trgm_ops);
GRANT INSERT, UPDATE ON orders TO clerk WITH GRANT OPTION;
GRANT SELECT (name) ON customers TO "Odd ""role""";
GRANT EXECUTE ON FUNCTION total_of(int) TO clerk;
GRANT USAGE ON SCHEMA public TO auditor;
COMMENT ON COLUMN customers.name IS 'first, last';
COMMENT ON VIEW buyers IS 'by the auditor';
CREATE PUBLICATION part FOR TABLE orders;
ALTER FUNCTION monitor.seen() OWNER TO auditor;
SQL

# Before 15, schema public is a superuser's in each database, and nobody else's to
# comment and grant, so that it has to stay as it came.
if ($major < 15)
{
	$before =~ s/^.* SCHEMA public\b.*\n//mg;
	$since =~ s/^.* SCHEMA public\b.*\n//mg;
}

sub make_shop
{
	my ($extra) = @_;

	$node->safe_psql('postgres', $_)
	  foreach 'DROP DATABASE IF EXISTS shop', 'CREATE DATABASE shop OWNER keeper TEMPLATE template0';
	$node->safe_psql('shop', $before);
	as_owner($_) foreach $own, $rows;
	$node->safe_psql('shop', $since);
	return;
}

# Run as the owner; what it prints.
sub as_owner
{
	my ($sql) = @_;
	my ($status, $stdout, $stderr) = MigrTest::run_sql($node, $sql, %as_owner);

	die "failed: $sql\n$stderr" if $status != 0;
	return $stdout;
}

# Write the scripts of a session to the store.
sub load
{
	my ($scripts) = @_;

	as_owner("SELECT * FROM migr_load(\$scripts\$$scripts\$scripts\$)");
	return;
}

# What is in the database, with owners, rights and rows, but for migr: entries of
# a dump, by what they say they are.
sub look
{
	my ($dump) = run_command([ 'pg_dump', '--exclude-schema=migr', '-d', $node->connstr('shop') ]);
	my %entry;

	$dump =~ s/^\\(?:un)?restrict .*\n//mg;
	foreach my $text (split /^--\n(?=-- (?:Data for )?Name: )/m, $dump)
	{
		my ($title) = $text =~ /^-- ((?:Data for )?Name: .*)/;

		next unless $title;
		next if $title =~ /Name: (?:EXTENSION )?"?migr"?;|; Schema: migr(?:;|$)|Name: (?:FUNCTION|PROCEDURE) migr_/;
		$text =~ s/^--.*\n//mg;
		$text =~ s/\n{2,}/\n/g;
		$entry{$title} .= $text;
	}
	return \%entry;
}

# The titles of entries that only one of two looks has, or the other has
# differently, as "- title" and "+ title".
sub changes
{
	my ($was, $is) = @_;
	my @changes;

	foreach my $title (sort keys %$was)
	{
		push @changes, "- $title" if ($is->{$title} // '') ne $was->{$title};
	}
	foreach my $title (sort keys %$is)
	{
		push @changes, "+ $title" if ($was->{$title} // '') ne $is->{$title};
	}
	return join("\n", map { s/; Owner: .*//r } @changes);
}

sub untouched_ok
{
	my ($was, $what) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is(changes($was, look()), '', "$what: nothing is touched");
	return;
}

# The findings of a call of migr_repair(), without their details.
sub repair
{
	my ($check_only) = @_;

	return as_owner('SELECT finding, action FROM migr_repair(' . ($check_only ? 'true' : 'false') . ')');
}

sub failures
{
	return as_owner(q{SELECT string_agg(object, ', ' ORDER BY object) FROM migr_verify('{chain,scripts,versions,log,sections,drift}') WHERE status <> 'ok'});
}

# One further revision, on what others stand on.
my $next = <<'SQL';
-- migr:revision next
-- migr:revises PARENT
-- migr:upgrade
ALTER TABLE orders ADD COLUMN day date DEFAULT '2026-01-01';
ALTER TABLE customers ADD COLUMN email text;
CREATE TABLE deliveries (id int PRIMARY KEY, orders int REFERENCES orders);
CREATE OR REPLACE VIEW buyers AS SELECT c.name, total_of(c.id) AS total, c.email FROM customers c;
-- migr:downgrade
DROP VIEW buyers;
CREATE VIEW buyers AS SELECT c.name, total_of(c.id) AS total FROM customers c;
COMMENT ON VIEW buyers IS 'by the auditor';
DROP TABLE deliveries;
ALTER TABLE customers DROP COLUMN email;
ALTER TABLE orders DROP COLUMN day;
-- migr:verify
SELECT count(*) = 3 FROM orders WHERE day IS NOT NULL;
SQL

# --- adoption, in the ways that there are -----------------------------------

# Upgrade, repair, downgrade, repair: the revisions' own change, and nothing else.
sub lives_ok
{
	my ($was, $parent, $what) = @_;
	my $upgraded;

	load($next =~ s/PARENT/$parent/r);
	is(as_owner('SELECT migr_upgrade()'), 'next', "$what: upgrade");
	$upgraded = look();
	is( changes($was, $upgraded), <<'EOT' =~ s/\n\z//r, "$what: the upgrade changes what its script names");
- Data for Name: customers; Type: TABLE DATA; Schema: public
- Data for Name: orders; Type: TABLE DATA; Schema: public
- Name: buyers; Type: VIEW; Schema: public
- Name: customers; Type: TABLE; Schema: public
- Name: orders; Type: TABLE; Schema: public
+ Data for Name: customers; Type: TABLE DATA; Schema: public
+ Data for Name: deliveries; Type: TABLE DATA; Schema: public
+ Data for Name: orders; Type: TABLE DATA; Schema: public
+ Name: TABLE deliveries; Type: ACL; Schema: public
+ Name: buyers; Type: VIEW; Schema: public
+ Name: customers; Type: TABLE; Schema: public
+ Name: deliveries deliveries_orders_fkey; Type: FK CONSTRAINT; Schema: public
+ Name: deliveries deliveries_pkey; Type: CONSTRAINT; Schema: public
+ Name: deliveries; Type: TABLE; Schema: public
+ Name: orders; Type: TABLE; Schema: public
EOT
	is(repair(), 'ok|none', "$what: repair has nothing to do");
	as_owner('DELETE FROM migr.version');
	is(repair(1), 'no_version|stamp', "$what: repair would find it");
	is(repair(), 'no_version|stamped', "$what: repair finds it");
	is( as_owner('SELECT current_heads, pending FROM migr_status()'),
		'{next}|0', "$what: it is the right one");
	untouched_ok($upgraded, "$what, repair");
	is(as_owner("SELECT migr_downgrade('-1')"), 'next', "$what: downgrade");
	is(repair(), 'ok|none', "$what: repair has nothing to do below");
	untouched_ok($was, "$what, there and back");
	return;
}

note 'without a history: the live schema is the first revision';
make_shop();
my $was = look();
cmp_ok(scalar(keys %$was), '>', 60, 'there is a lot');
as_owner(q{CREATE EXTENSION migr;
	ALTER DATABASE shop SET migr.exclude = 'monitor, Odd?schema, public.alembic_version, public.*_backup, public.shortcut'});
as_owner(q{SELECT migr_revision('as it was', migr_schema(), NULL, revision_id => 'baseline')});
unlike(as_owner(q{SELECT migr_script('baseline')}), qr/alembic|backup|monitor\.host/, 'what is excluded is in no script');
is(repair(1), 'no_version|stamp', 'the baseline is what is there');
is(repair(), 'no_version|stamped', 'it is stamped');
is(failures(), '', 'all is well');
untouched_ok($was, 'adoption');
lives_ok($was, 'baseline', 'baseline');
is(failures(), '', 'all is still well');

note 'by scripts that know nothing of others, and no setting';
make_shop();
$was = look();
as_owner('CREATE EXTENSION migr');
load("-- migr:revision r1\n-- migr:upgrade\nCREATE TABLE never (a int);\n-- migr:revision 0a1b2c3d4e5f\n-- migr:revises r1\n"
	  . "-- migr:upgrade\nDROP TABLE never;\n$own-- migr:downgrade\n");
is(repair(), 'no_version|stamped', 'the revision is found among all that');
is( as_owner('SELECT current_heads FROM migr_status()'),
	'{' . as_owner('SELECT version_num FROM alembic_version') . '}', 'it is that of the version table');
untouched_ok($was, 'adoption by scripts');
lives_ok($was, '0a1b2c3d4e5f', 'scripts');
like(as_owner('SELECT detail FROM migr_repair()'),
	qr/as the version says; not made by any revision: .*table public.alembic_version.*, \d+ grants, \d+ comments/,
	'what is besides is named');
is(failures(), '', 'it is as it was recorded then');
like(as_owner(q{SELECT string_agg(object, ', ') FROM migr_verify('{built}') WHERE status <> 'ok'}),
	qr/table public\.alembic_version/, 'and told as what no script builds');
unlike(failures(), qr/schema (?:public|monitor)|extension/, 'but for what others own');

note 'a change of what the scripts made, among all that';
as_owner('DROP INDEX orders_customer');
as_owner('ALTER TABLE customers ALTER COLUMN name DROP NOT NULL');
as_owner('REVOKE SELECT ON customers FROM clerk');
my $sql = as_owner(q{SELECT substring(detail, 'it would take:\n(.*)') FROM migr_repair(true)});
unlike($sql, qr/\bDROP\b|\bREVOKE\b|\bDISABLE\b|COMMENT ON .* NULL/, 'its SQL takes nothing away');
like(as_owner('SELECT detail FROM migr_repair(true)'),
	qr/missing: index public\.orders_customer; different: table public\.customers, column public\.customers\.name/,
	'what is missing and different is named');
as_owner($sql);
is(repair(), 'ok|none', 'its SQL mends it');
untouched_ok($was, 'mending');

$node->stop;
done_testing();
