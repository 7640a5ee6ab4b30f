# The live schema as files, one for each object: written out, and read again by
# migr.schema_location, they build the schema that was there: the examples, objects
# whose names, needs and rights make it hard, and all schemas of pairs.sql.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Cwd 'realpath';
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my $node = new_node('files');
my $root = realpath(PostgreSQL::Test::Utils::tempdir());
my $major = int($node->safe_psql('postgres', 'SHOW server_version_num') / 10000);
my $databases = 0;

$node->safe_psql('postgres', "CREATE ROLE $_")
  foreach 'regress_diff_reader', 'regress_diff_writer';

# A new database with this in it.
sub database
{
	my ($sql) = @_;
	my $name = 'db' . ++$databases;

	$node->safe_psql('postgres', "CREATE DATABASE $name TEMPLATE template0");
	$node->safe_psql($name, 'CREATE EXTENSION migr');
	$node->safe_psql($name, $sql);
	return $name;
}

# Write the files of a database into a directory; returns that and what is in them.
sub write_out
{
	my ($db) = @_;
	my $directory = "$root/$db";
	my %files;

	foreach my $row (split /\n/, $node->safe_psql($db,
		q{SELECT path || ' ' || encode(convert_to(ddl, 'UTF8'), 'hex') FROM migr_schema_files()}))
	{
		my ($path, $hex) = split / /, $row;

		$files{$path} = pack('H*', $hex);
	}
	mkdir $directory or die "$directory: $!";
	write_file("$directory/$_", $files{$_}) foreach sort keys %files;
	return ($directory, \%files);
}

# What is written out builds what is there, by either way, in any order.
sub round_trip
{
	my ($name, $sql) = @_;
	my $db = database($sql);
	my ($directory, $files) = write_out($db);
	my $set = "SET migr.schema_location = '$directory';";
	my %folded = map { lc($_) => 1 } keys %$files;
	my $backwards = join('', map { $files->{$_} } reverse sort keys %$files);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	cmp_ok(scalar(keys %$files), '>', 0, "$name: there are files");
	is($node->safe_psql($db, "$set SELECT migr_diff()"), '', "$name: the files build the schema");
	is($node->safe_psql($db, "SELECT migr_diff(\$files\$$backwards\$files\$)"),
		'', "$name: so do they in one text, in another order");
	is(scalar(keys %folded), scalar(keys %$files), "$name: no two names differ by case only");
	is(scalar(grep { !/\A[a-z0-9_.%A-F-]{5,200}\z/ || /\A[.-]/ } keys %$files), 0, "$name: names are plain");
	is($node->safe_psql($db, "$set SELECT count(*) FROM migr_revision('x', autogenerate => true, revision_id => 'x') r WHERE r IS NOT NULL"),
		'0', "$name: there is no revision to write");

	# Built from the files alone, it has the same files and the same fingerprint.
	my $copy = database('');
	$node->safe_psql($copy, "$set SELECT migr_revision('all', autogenerate => true); SELECT migr_upgrade()");
	my ($directory_of_copy, $again) = write_out($copy);
	is_deeply($again, $files, "$name: the same files again");
	is( $node->safe_psql($copy, 'SELECT migr_fingerprint()'),
		$node->safe_psql($db, 'SELECT migr_fingerprint()'), "$name: the same fingerprint");
	$node->safe_psql('postgres', "DROP DATABASE $_") foreach $db, $copy;
	return $files;
}

# The same in short, for schemas of which there are many; nothing of them stays.
sub comes_back
{
	my ($db, $name, $sql) = @_;
	my $ddl = $node->safe_psql($db, "BEGIN;\n$sql;\n"
		. q{SELECT 'is ' || string_agg(ddl, '' ORDER BY md5(path)) FROM migr_schema_files()});

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	like($ddl, qr/^is -- migr:file /m, "$name: there are files");
	$ddl =~ s/\A.*?^is (?=-- migr:file )//ms;
	is($node->safe_psql($db, "SELECT migr_diff(\$files\$$ddl\n\$files\$, \$sql\$$sql\$sql\$)"),
		'', "$name: the files build the schema");
	return;
}

# Lines that are for other majors are left out.
sub for_server
{
	my ($sql) = @_;

	$sql =~ s/^.*-- (\d+)\+$/$major >= $1 ? $& : ''/gem;
	$sql =~ s/^.*-- (\d+)-$/$major <= $1 ? $& : ''/gem;
	return $sql;
}

note 'names';
my $long = 'X' x 63;
my $files = round_trip('names', qq{
	CREATE TABLE "Orders" (i int); CREATE TABLE orders (i int); CREATE TABLE "ORDERS" (i int);
	CREATE TABLE "a/b" (i int); CREATE TABLE "a.b" (i int); CREATE SCHEMA a; CREATE TABLE a.b (i int);
	CREATE TABLE "../../etc" (i int); CREATE TABLE ".x" (i int); CREATE TABLE "%41" (i int); CREATE TABLE "A" (i int);
	CREATE TABLE "\\ "" ' * ? | < > :" (i int); CREATE TABLE "line
break" (i int);
	CREATE TABLE "\N{U+00e9}" (i int); CREATE TABLE "e\N{U+0301}" (i int); CREATE TABLE "\N{U+00c9}" (i int);
	CREATE SCHEMA "$long"; CREATE TABLE "$long"."${long}" (i int); CREATE TABLE "$long"."@{['X' x 62]}Y" (i int);
	CREATE SCHEMA con; CREATE TABLE con.aux (i int);
	CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
	CREATE FUNCTION f(text, a.b) RETURNS int LANGUAGE sql AS 'SELECT 2';
	CREATE PROCEDURE "f g"() LANGUAGE sql AS 'SELECT 1';
	CREATE OPERATOR <-/-> (FUNCTION = f, RIGHTARG = int);
});
is_deeply([ grep { /rders/i } sort keys %$files ],
	[ 'table.public.%4Frders.sql', 'table.public.orders.sql' ],
	'upper case is written by number');
is((grep { /^function/ } keys %$files)[0], 'function.public.f.sql', 'functions of one name share a file');

note 'what needs each other';
$files = round_trip('needs', q{
	CREATE TABLE team (id serial PRIMARY KEY, "Name" text);
	CREATE TABLE member (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, team int REFERENCES team, boss int REFERENCES member);
	ALTER TABLE team ADD lead int REFERENCES member;
	CREATE FUNCTION title(team) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1."Name"';
	CREATE INDEX ON team (title(team));
	CREATE VIEW a_view AS SELECT title(team) FROM team;
	CREATE FUNCTION rows() RETURNS SETOF a_view LANGUAGE sql AS 'SELECT * FROM a_view';
	CREATE VIEW b_view AS SELECT * FROM rows();
	CREATE MATERIALIZED VIEW z AS SELECT count(*) FROM a_view;
	CREATE MATERIALIZED VIEW a AS SELECT * FROM z;
	ALTER TABLE team ENABLE ROW LEVEL SECURITY; ALTER TABLE member ENABLE ROW LEVEL SECURITY;
	CREATE POLICY p ON team USING (EXISTS (SELECT FROM member m WHERE m.team = team.id));
	CREATE POLICY p ON member USING (EXISTS (SELECT FROM team t WHERE t.id = member.team));
	CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
	CREATE TRIGGER note BEFORE INSERT ON member FOR EACH ROW EXECUTE FUNCTION note();
	COMMENT ON COLUMN team."Name" IS '-- migr:file no.sql';
	COMMENT ON TABLE team IS E'\n-- migr:after *\n';
	CREATE DOMAIN zip AS text; CREATE FUNCTION is_zip(text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true';
	ALTER DOMAIN zip ADD CHECK (is_zip(VALUE));
	CREATE TABLE address (zips zip[]);
	CREATE FUNCTION twice(n numeric) RETURNS numeric LANGUAGE sql AS 'SELECT 2 * n';
	CREATE VIEW aa AS SELECT twice(1) FROM team;
	CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';
	CREATE VIEW bb AS SELECT twice(1) FROM team;
	CREATE TABLE parent (a int, CHECK (a > 0) NOT VALID) ; CREATE TABLE child (b int) INHERITS (parent);
	ALTER TABLE child VALIDATE CONSTRAINT parent_a_check;
	CREATE TABLE part (id int, at date, n int) PARTITION BY RANGE (at);
	CREATE TABLE a_part (n int, at date, id int NOT NULL); CREATE UNIQUE INDEX a_own ON a_part (at, id);
	ALTER TABLE part ATTACH PARTITION a_part FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
	CREATE TABLE z_part PARTITION OF part FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
	ALTER TABLE part ADD PRIMARY KEY (at, id);
	CREATE INDEX part_n ON ONLY part (n); CREATE INDEX z_own ON z_part (n);
	GRANT SELECT ON team TO regress_diff_reader; GRANT UPDATE ("Name") ON team TO regress_diff_writer;
});
is(scalar(grep { /part|seq/ } keys %$files), 1, 'partitions and the sequences of columns are with their tables');
like($files->{'table.public.team.sql'},
	qr/\A-- migr:file table\.public\.team\.sql\n-- migr:after function\.public\.title\.sql\n-- migr:after table\.public\.member\.sql\n\n(?=.*OWNED BY)(?=.*team_lead_fkey)(?=.*CREATE INDEX)(?=.*CREATE POLICY)(?=.*GRANT UPDATE)/s,
	'a table has all that stands on it');

note 'what changes those that come later';
$files = round_trip('last', q{
	CREATE TABLE a (i int); CREATE FUNCTION c(a) RETURNS int LANGUAGE sql AS 'SELECT 1';
	CREATE TABLE b (i int DEFAULT c(NULL::a)); CREATE SEQUENCE s; CREATE TYPE t AS (i int);
	CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''not by me''; END';
	CREATE PUBLICATION p FOR TABLE a;
	ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO regress_diff_reader;
	ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;
});
is(scalar(grep { /-- migr:after \*\n/ } values %$files), 1, 'default privileges come last');

note 'the examples';
foreach my $path (sort glob("$top/examples/*/versions"))
{
	my $scripts = join("\n", map { slurp_file($_) } sort glob("$path/*.sql"));

	round_trip($path =~ m{([^/]+)/versions\z},
		"SELECT migr_load(\$scripts\$$scripts\$scripts\$); SELECT migr_upgrade('heads')");
}

note 'pairs.sql';
my $pairs = database('');
foreach my $text (split /^-- pair /m, for_server(slurp_file("$top/test/data/pairs.sql")))
{
	next unless $text =~ /\A(\S+)\n(.*?)^-- to\n(.*?)(^-- rows\n.*)?\z/ms;
	my ($name, @sides) = ($1, $2, $3);

	foreach my $sql (@sides)
	{
		$sql =~ s/^-- .*\n//mg;
		comes_back($pairs, $name, $sql) if $sql =~ /\S/;
	}
}

$node->stop;
done_testing();
