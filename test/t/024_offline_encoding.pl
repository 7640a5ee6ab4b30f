# A script of migr_sql() stores what migr_upgrade() stores, whatever encoding its
# revisions set, the session that wrote it had, and the one that runs it has.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('offline_encoding');
my $file = PostgreSQL::Test::Utils::tempdir() . '/out.sql';

# All of this is in LATIN1, too; the bytes here are UTF-8.
my $scripts = <<'SCRIPTS';
-- migr:revision plain
-- migr:message größer
-- migr:upgrade
CREATE TABLE town (i serial, name text);
INSERT INTO town (name) VALUES ('plain Zürich');
COPY town (name) FROM stdin;
copied Zürich
\.
-- migr:downgrade
DROP TABLE town;

-- migr:revision sets
-- migr:revises plain
-- migr:message größer
-- migr:upgrade
SET client_encoding = 'LATIN1';
INSERT INTO town (name) VALUES ('set Zürich');
SET NAMES 'SQL_ASCII';
COPY town (name) FROM stdin;
names Zürich
\.
SELECT 1, set_config('client_encoding', 'UTF8', false);
INSERT INTO town (name) VALUES ('set_config Zürich');
DO $$ BEGIN SET client_encoding = 'LATIN1'; END $$;
INSERT INTO town (name) VALUES ('DO Zürich');
RESET client_encoding;
INSERT INTO town (name) VALUES ('RESET Zürich');
SET LOCAL client_encoding TO 'LATIN1';
INSERT INTO town (name) VALUES ('LOCAL Zürich');
RESET ALL;
INSERT INTO town (name) VALUES ('ALL Zürich');
CREATE FUNCTION quietly() RETURNS void LANGUAGE sql AS $$ SELECT set_config('client_encoding', 'LATIN1', false) $$;
SELECT quietly();
INSERT INTO town (name) VALUES ('function Zürich');
-- migr:downgrade
SET client_encoding = 'LATIN1';
DELETE FROM town WHERE name <> 'plain Zürich';
DROP FUNCTION quietly;

-- migr:revision options
-- migr:revises sets
-- migr:upgrade
SET client_encoding = 'LATIN1';
COPY town (name) FROM stdin WITH (FORMAT text, ENCODING 'LATIN1', NULL 'ü');
option Zürich
\.
COPY town (name) FROM stdin WITH (encoding /* of whom? */ latin1);
word Zürich
\.
COPY town (name) FROM stdin (ENCODING U&'LATIN\0031');
escaped Zürich
\.
COPY town (name) FROM stdin ENCODING 'SQL_ASCII';
old Zürich
\.
INSERT INTO town (name) VALUES ('last Zürich');
-- migr:downgrade
DELETE FROM town WHERE name ~ '^(option|word|escaped|old|last)';
SCRIPTS

my $rows = q{SELECT i, encode(convert_to(name, getdatabaseencoding()), 'escape') FROM town ORDER BY i};

# psql in an encoding of its own.
sub psql_in
{
	my ($encoding, @arguments) = @_;
	my ($out, $err);

	local $ENV{PGCLIENTENCODING} = $encoding;
	my $done = IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d',
			@arguments ], '>', \$out, '2>', \$err);
	diag($err) if !$done;
	return $done ? $out : "failed: $err";
}

foreach my $encoding (qw(UTF8 LATIN1 SQL_ASCII))
{
	my $db = lc $encoding;

	$node->safe_psql('postgres',
		"CREATE DATABASE $db TEMPLATE template0 ENCODING '$encoding' LOCALE 'C'");
	$node->safe_psql($db, 'CREATE EXTENSION migr');
	my $connection = $node->connstr($db);
	my $load = "SET client_encoding = 'UTF8'; SELECT * FROM migr_load(\$migr\$$scripts\$migr\$)";
	is(() = psql_in('UTF8', $connection, '-c', $load) =~ /added/g, 3, "$encoding: loaded");

	psql_in('UTF8', $connection, '-c', 'SELECT migr_upgrade()');
	my $want = $node->safe_psql($db, $rows);
	my $name = $encoding eq 'LATIN1' ? 'Z\\374rich' : 'Z\\303\\274rich';
	is(() = $want =~ /\w \Q$name\E$/mg, 15,
		"$encoding: migr_upgrade() stores") or diag($want);
	psql_in('UTF8', $connection, '-c', q{SELECT migr_downgrade('base')});

	# Without a conversion, what is written is what is there.
	my %writers = (
		UTF8      => [qw(UTF8 LATIN1 WIN1252 SQL_ASCII)],
		LATIN1    => [qw(UTF8 LATIN1 SQL_ASCII)],
		SQL_ASCII => [qw(UTF8 SQL_ASCII)]);
	foreach my $writer (@{ $writers{$encoding} })
	{
		foreach my $reader (qw(UTF8 LATIN1 SQL_ASCII))
		{
			my $name = "$encoding: written in $writer, run in $reader";

			write_file($file, psql_in($writer, $connection, '-c', q{SELECT migr_sql(':head')}));
			psql_in($reader, $connection, '-1', '-f', $file);
			is($node->safe_psql($db, $rows), $want, $name);
			write_file($file, psql_in($writer, $connection, '-c', q{SELECT migr_sql('head:base', 'downgrade')}));
			psql_in($reader, $connection, '-1', '-f', $file);
			is($node->safe_psql($db, q{SELECT to_regclass('town') IS NULL}), 't', "$name: and back");
		}
	}
}

# The session has its own encoding again when it is through.
write_file($file, "BEGIN;\n" . psql_in('UTF8', $node->connstr('utf8'), '-c', q{SELECT migr_sql(':plain')})
	  . "COMMIT;\nSHOW client_encoding;\n");
is(psql_in('LATIN1', $node->connstr('utf8'), '-f', $file), "LATIN1\n", 'the session goes on as before');
unlike(psql_in('UTF8', $node->connstr('utf8'), '-c', q{SELECT migr_sql('plain:sets')}),
	qr/(client_encoding = 'UTF8';\n)SET LOCAL \1/, 'the encoding is set where it matters');

$node->stop;
done_testing();
