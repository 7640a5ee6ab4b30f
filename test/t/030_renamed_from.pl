# What got another name, said in the files of migr.schema_location: with the object,
# in whichever file that is; what is wrong is told by file and line.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Cwd 'realpath';
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('renamed');
my $root = realpath(PostgreSQL::Test::Utils::tempdir());
my $set = "SET migr.schema_location = '$root';";

# Write the files; those that are not named are as they were.
sub files
{
	my (%files) = @_;

	write_file("$root/$_", $files{$_}) foreach sort keys %files;
	return;
}

sub generate
{
	my ($revision) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres',
		"$set SELECT migr_revision('r', autogenerate => true, revision_id => '$revision')");

	return ($stdout, $stderr);
}

load_scripts($node, q{
-- migr:revision a0
-- migr:upgrade
CREATE SCHEMA shop;
CREATE TABLE shop.item (id serial PRIMARY KEY, name text);
CREATE TABLE line (item int REFERENCES shop.item, n int);
CREATE TYPE state AS ENUM ('new', 'old');
CREATE TYPE kind AS ENUM ('a');
INSERT INTO shop.item (name) VALUES ('x');
INSERT INTO line VALUES (1, 2);
});
$node->safe_psql('postgres', 'SELECT migr_upgrade()');
files(
	'1_line.sql' => "\xEF\xBB\xBF-- migr:renamed_from line\r\nCREATE TABLE lines (\r\n"
	  . "\t-- migr:renamed_from item\r\n\tarticle int REFERENCES shop.article, n int);\r\n",
	'2_item.sql' => "SET search_path = shop;\n-- migr:renamed_from item\nCREATE TABLE article (id serial PRIMARY KEY,\n"
	  . "    -- migr:renamed_from name\n    title text);\n",
	'3_shop.sql' => "CREATE SCHEMA shop;\n",
	'4_several.sql' => "-- migr:file one.sql\nCREATE TYPE kind AS ENUM ('a');\n-- migr:file two.sql\n"
	  . "-- migr:renamed_from state\nCREATE TYPE age AS ENUM ('new',\n    -- migr:renamed_from old\n    'used');\n");

my ($script, $notices) = generate('a1');
like($script, qr/^ALTER TABLE public\.line RENAME COLUMN item TO article;$/m, 'a column in its file, CRLF and all');
like($script, qr/^ALTER TYPE public\.state RENAME VALUE 'old' TO 'used';$/m, 'a label, in one of several files of a text');
like($script, qr/^ALTER TABLE shop\.item RENAME TO article;\n(?:ALTER TYPE .*\n)?ALTER SEQUENCE shop\.item_id_seq RENAME TO article_id_seq;$/m,
	'in the schema of the file; the sequence follows');
unlike($script, qr/DROP TABLE|DROP TYPE|loses data/, 'nothing is lost');
is($node->safe_psql('postgres', "SELECT migr_upgrade(); TABLE lines; TABLE shop.article;"), "a1\n1|2\n1|x", 'the rows are there');
($script, $notices) = generate('a2');
is($script, '', 'once it is done, nothing is left to do');
like($notices, qr/DETAIL:  line of lines: nothing has the old name\./, 'and the lines are passed over');
is($node->safe_psql('postgres', "$set SELECT migr_check()"), 't', 'a check takes them for comments')
  or diag($notices);
is($node->safe_psql('postgres', "SELECT migr_downgrade('a0'); TABLE line; TABLE shop.item;"), "a1\n1|2\n1|x", 'and back');

note 'what is wrong';
files('3_shop.sql' => "CREATE SCHEMA shop;\n\n--migr:renamed_from x\nCREATE TABLE y ();\n");
fails_ok($node, "$set SELECT migr_diff()", 'MG006', qr/malformed schema file ".*3_shop\.sql" at line 3/, 'a misspelt line');
files('3_shop.sql' => "CREATE SCHEMA shop;\n\n-- migr:renamed_from x\nGRANT USAGE ON SCHEMA shop TO PUBLIC;\n");
fails_ok($node, "$set SELECT migr_diff()", 'MG006',
	qr/malformed schema file ".*3_shop\.sql" at line 3: "renamed_from" stands before nothing that has a name/, 'a line that is about nothing');

done_testing();
