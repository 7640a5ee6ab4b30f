# Random schemas (MigrRandom.pm), and small changes of them: what migr_test() and
# migr_repair() find by what a step touches is what whole snapshots tell, which
# migr_fingerprint() takes.
#
# MIGR_SEEDS=1-50 tries others than the few that are tried by default.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrDiff;
use MigrRandom;
use MigrTest;
use Test::More;

my $diff = MigrDiff->new('trial', roles => [ random_roles() ]);
my $node = $diff->node;

my $relations = q{pg_class c WHERE relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    AND relnamespace::regnamespace::text !~ '^(pg_|migr$)'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') AND relkind};
my $owned = q{relnamespace::regnamespace::text !~ '^(pg_|migr$|information_schema)'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')};

(my $of_functions = "pg_proc c WHERE $owned AND prokind") =~ s/relnamespace/pronamespace/;
(my $of_types = "pg_type c WHERE $owned AND typtype") =~ s/relnamespace/typnamespace/;

# What may be done to one of many objects, and by which query that one is found.
my %changes = (
	'comment on a table'     => [ 'COMMENT ON TABLE %s IS %L', "$relations = 'r'", q{c.oid::regclass, 'changed'} ],
	'comment on a column'    => [ 'COMMENT ON COLUMN %s.%I IS %L', "$relations = 'r'",
		q{c.oid::regclass, (SELECT min(attname) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped), 'changed'} ],
	'storage of a table'     => [ 'ALTER TABLE %s SET (fillfactor = 71)', "$relations = 'r'", 'c.oid::regclass' ],
	'a column more'          => [ 'ALTER TABLE %s ADD COLUMN one_more integer DEFAULT 7', "$relations = 'r'", 'c.oid::regclass' ],
	'a check'                => [ 'ALTER TABLE %s ADD CONSTRAINT one_more CHECK (1 > 0)', "$relations = 'r'", 'c.oid::regclass' ],
	'row security'           => [ 'ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', "$relations = 'r'", 'c.oid::regclass' ],
	'a policy'               => [ 'CREATE POLICY one_more ON %s USING (false)', "$relations = 'r'", 'c.oid::regclass' ],
	'a table renamed'        => [ 'ALTER TABLE %s RENAME TO renamed_one', "$relations = 'r'", 'c.oid::regclass' ],
	'a column renamed'       => [ 'ALTER TABLE %s RENAME COLUMN %I TO renamed_one', "$relations = 'r'",
		q{c.oid::regclass, (SELECT max(attname) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)} ],
	'a column dropped'       => [ 'ALTER TABLE %s DROP COLUMN %I CASCADE', "$relations = 'r'",
		q{c.oid::regclass, (SELECT max(attname) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)} ],
	'a table dropped'        => [ 'DROP TABLE %s CASCADE', "$relations = 'r'", 'c.oid::regclass' ],
	'an index'               => [ 'CREATE INDEX one_more ON %s ((1))', "$relations = 'r'", 'c.oid::regclass' ],
	'rights on a table'      => [ 'GRANT TRUNCATE ON %s TO regress_bob', "$relations = 'r'", 'c.oid::regclass' ],
	'owner of a table'       => [ 'ALTER TABLE %s OWNER TO regress_carol', "$relations = 'r'", 'c.oid::regclass' ],
	'triggers off'           => [ 'ALTER TABLE %s DISABLE TRIGGER USER', "$relations = 'r'", 'c.oid::regclass' ],
	'a new table'            => [ 'CREATE TABLE one_more (LIKE %s INCLUDING ALL)', "$relations = 'r'", 'c.oid::regclass' ],
	'an index renamed'       => [ 'ALTER INDEX %s RENAME TO renamed_one', "$relations = 'i'", 'c.oid::regclass' ],
	'comment on an index'    => [ 'COMMENT ON INDEX %s IS %L', "$relations = 'i'", q{c.oid::regclass, 'changed'} ],
	'a view renamed'         => [ 'ALTER VIEW %s RENAME TO renamed_one', "$relations = 'v'", 'c.oid::regclass' ],
	'rights on a view'       => [ 'GRANT SELECT ON %s TO PUBLIC', "$relations = 'v'", 'c.oid::regclass' ],
	'a view of a view'       => [ 'CREATE VIEW one_more AS SELECT * FROM %s', "$relations = 'v'", 'c.oid::regclass' ],
	'a view dropped'         => [ 'DROP VIEW %s CASCADE', "$relations = 'v'", 'c.oid::regclass' ],
	'a sequence'             => [ 'ALTER SEQUENCE %s INCREMENT 3', "$relations = 'S'", 'c.oid::regclass' ],
	'cost of a function'     => [ 'ALTER ROUTINE %s COST 77', "$of_functions = 'f'", 'c.oid::regprocedure' ],
	'setting of a function'  => [ 'ALTER ROUTINE %s SET work_mem = 77', "$of_functions = 'f'", 'c.oid::regprocedure' ],
	'rights on a function'   => [ 'REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', "$of_functions = 'f'", 'c.oid::regprocedure' ],
	'a function renamed'     => [ 'ALTER ROUTINE %s RENAME TO renamed_one', "$of_functions = 'f'", 'c.oid::regprocedure' ],
	'a label'                => [ 'ALTER TYPE %s ADD VALUE %L', "$of_types = 'e'", q{c.oid::regtype, 'one more'} ],
	'a type renamed'         => [ 'ALTER TYPE %s RENAME TO renamed_one', "$of_types = 'e'", 'c.oid::regtype' ],
	'a domain'               => [ 'ALTER DOMAIN %s SET NOT NULL', "$of_types = 'd'", 'c.oid::regtype' ],
	'a schema'               => [ 'CREATE SCHEMA one_more', 'pg_namespace c WHERE true', 'c.oid' ],
	'schema public'          => [ 'COMMENT ON SCHEMA public IS %L', 'pg_namespace c WHERE true', q{'changed'} ],
	'nothing'                => [ 'SELECT 1', 'pg_namespace c WHERE true', 'c.oid' ],
	'nothing in the end'     => [ 'COMMENT ON TABLE %1$s IS %2$L; ALTER TABLE %1$s ADD COLUMN one_more int; ALTER TABLE %1$s DROP COLUMN one_more; '
		  . 'SELECT obj_description(%1$L::regclass)', "$relations = 'r' AND obj_description(c.oid, 'pg_class') IS NULL", q{c.oid::regclass, NULL} ]);

# SQL of a change of some object, the seed says which; '' if there is none.
sub sql_of
{
	my ($change, $seed) = @_;
	my ($format, $from, $arguments) = @{ $changes{$change} };

	$format =~ s/'/''/g;
	return $node->safe_psql('live',
		"SELECT format('$format', $arguments) FROM $from ORDER BY md5(c.oid::text || '$seed') LIMIT 1");
}

# Does a change make another schema?  Undefined if it fails.
sub makes_another
{
	my ($sql) = @_;
	my ($status, $stdout, $stderr) = $node->psql('live', qq{
		SET client_min_messages = error;
		BEGIN;
		SELECT migr_fingerprint() AS before \\gset
		$sql \\g /dev/null
		SELECT migr_fingerprint() <> :'before';
		ROLLBACK;});

	return $status == 0 ? $stdout eq 't' : undef;
}

sub script
{
	my ($id, $below, $up, $down) = @_;

	return "-- migr:revision $id\n-- migr:revises $below\n-- migr:upgrade\n$up\n"
	  . (defined $down ? "-- migr:downgrade\n$down\n" : '');
}

foreach my $seed (seeds('1'))
{
	my ($from, $to) = random_pair($seed, $diff->major);
	my (%sql, %differs, $scripts, $below);

	$diff->create('live', $from);
	my ($there) = $diff->diff('live', $to);
	$node->safe_psql('live', $there);
	my ($back) = $diff->diff('live', $from);

	foreach my $change (sort keys %changes)
	{
		my $sql = sql_of($change, $seed);
		my $differs = $sql eq '' ? undef : makes_another("$sql;");

		next if !defined $differs;
		($sql{$change}, $differs{$change}) = ($sql, $differs);
	}

	# Each change is what a downgrade does that should do nothing; what it does is taken back.
	$diff->create('live');
	$scripts = script('there', 'none', $from) . script('then', 'there', $there, $back);
	$below = 'then';
	foreach my $change (sort keys %sql)
	{
		(my $id = "d_$change") =~ s/\W/_/g;
		$scripts .= script($id, $below, '', "$sql{$change};");
		$below = $id;
	}
	load_scripts($node, $scripts, db => 'live');
	my %is = map { split /=/ } split /\n/, $node->safe_psql('live', q{
		SET client_min_messages = error;
		SELECT revision || '=' || status FROM migr_test()});
	is($is{then}, 'ok', "seed $seed: there and back");
	foreach my $change (sort keys %sql)
	{
		(my $id = "d_$change") =~ s/\W/_/g;
		is($is{$id}, $differs{$change} ? 'fail' : 'ok', "seed $seed: $change: $sql{$change}");
	}

	# Each change is a revision that stands on the schema: the one that has run is found.
	$diff->create('live');
	$scripts = script('there', 'none', $from) . script('then', 'there', $there);
	foreach my $change (sort keys %sql)
	{
		(my $id = "u_$change") =~ s/\W/_/g;
		$scripts .= script($id, 'then', "$sql{$change};");
	}
	load_scripts($node, $scripts, db => 'live');
	foreach my $change (grep { $differs{$_} } (sort keys %sql)[ $seed % 5, $seed % 5 + 9, $seed % 5 + 18 ])
	{
		(my $id = "u_$change") =~ s/\W/_/g;
		is($node->safe_psql('live', qq{
			SET client_min_messages = error;
			BEGIN;
			SELECT count(*) FROM migr_upgrade('$id') \\g /dev/null
			DELETE FROM migr.version;
			SELECT detail FROM migr_repair(check_only => true) WHERE finding = 'no_version';
			ROLLBACK;}), "the schema is that of revision $id", "seed $seed: $change is found");
	}
}

done_testing();
