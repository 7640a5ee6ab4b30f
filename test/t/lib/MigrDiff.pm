# Does the difference of two schemas, applied, lead from one to the other and
# back?  As the fingerprint sees it, and a dump.

package MigrDiff;

use strict;
use warnings;

use MigrRows;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# new(NAME, roles => [...]): a server of its own.
sub new
{
	my ($class, $name, %param) = @_;
	my $node = new_node($name, "fsync = off\nmax_locks_per_transaction = 256\n"
		. "migr.compare_privileges = always");

	$node->safe_psql('postgres', "CREATE ROLE $_") foreach @{ $param{roles} };
	$node->safe_psql('postgres', 'CREATE DATABASE empty');
	$node->safe_psql('empty', 'CREATE EXTENSION migr');
	return bless { node => $node, keep => $ENV{MIGR_KEEP} // PostgreSQL::Test::Utils::tempdir() },
	  $class;
}

sub node { return $_[0]->{node}; }

# The server's major version.
sub major
{
	my ($self) = @_;

	return $self->{major} //=
	  int($self->node->safe_psql('postgres', 'SHOW server_version_num') / 10000);
}

# SQL without the lines that are for other majors: "-- 15+" at their end means
# those since 15, "-- 14-" those up to 14.
sub for_server
{
	my ($self, $sql) = @_;
	my $major = $self->major;

	$sql =~ s{^(.*?) *-- (\d\d)([+-])\n}
	  {($3 eq '+' ? $major >= $2 : $major <= $2) ? "$1\n" : ''}gme;
	return $sql;
}

# The lines of a table in an order of their own, without what separates them:
# a column that is added comes last, which is no difference.
sub unordered
{
	my ($statement) = @_;
	my @lines = split /\n/, $statement;

	s/,$// foreach @lines;
	return join("\n", sort @lines);
}

# A schema whose tables have columns and options in an order that tells nothing.
sub without_order
{
	my ($schema) = @_;

	$schema =~ s/^(WITH \()(.*)(\);?)$/$1 . join(', ', sort split m{, }, $2) . $3/gme;
	$schema =~ s/^(CREATE (?:UNLOGGED |FOREIGN )?TABLE .*?;)$/unordered($1)/gmse;
	return $schema;
}

# A dump as a sorted list of its entries; the order of tables' columns and
# options, and of grants, is no difference.
sub entries
{
	my ($self, $db) = @_;
	my ($dump) = run_command([ 'pg_dump', '-s', '-d', $self->node->connstr($db) ]);
	my @entries;

	$dump =~ s/^\\(?:un)?restrict .*\n//mg;
	# Before 15, it tells the privileges of schema public from those that initdb
	# gave, which go with the schema when it is dropped.
	$dump =~ s/^-- Name: SCHEMA public; Type: ACL;.*\n--\n(?:\n|(?:GRANT|REVOKE) .*\n)*//m if $self->major < 15;
	# The names that 18 gives to columns' NOT NULL are no part of the schema.
	$dump =~ s/^(    .*) CONSTRAINT (?:"(?:[^"]|"")*"|\w+) (?=NOT NULL\b)/$1 /gm;
	$dump =~ s/\bWITH \(([^()]*)\)/'WITH (' . join(', ', sort split(m{, }, $1)) . ')'/ge;
	foreach my $entry (split /^--\n(?=-- Name: )/m, $dump)
	{
		my $text = join("\n", grep { $_ ne '' && $_ ne '--' } split /\n/, $entry);

		push @entries, $text =~ /^-- Name: .*; Type: (?:ACL|DEFAULT ACL);/
		  ? unordered($text) : without_order($text);
	}
	return join("\n\n", sort @entries) . "\n";
}

# The lines that only one of two texts has.
sub difference
{
	my @texts = map { [ split /\n/ ] } @_;
	my %count;

	$count{$_}++ foreach @{ $texts[0] };
	$count{$_}-- foreach @{ $texts[1] };
	return join("\n", '', map { ($count{$_} > 0 ? '+' : '-') . $_ } grep { $count{$_} } sort keys %count);
}

sub schema
{
	my ($self, $db) = @_;

	return $self->node->safe_psql($db, 'SELECT migr_schema()');
}

# The SQL of a difference, and the error if there was one.  The third argument:
# what is renamed.
sub diff
{
	my ($self, $db, $desired, @more) = @_;
	my @args = ($desired =~ /\S/ ? $desired : "-- migr:empty\n", @more);
	my ($status, $stdout, $stderr) = $self->node->psql($db,
		'SELECT migr_diff(' . join(', ', map { defined $_ ? "\$schema\$$_\$schema\$" : 'NULL' } @args) . ')');

	return $status == 0 ? ($stdout, '') : ('', $stderr);
}

# Extensions that SQL creates are those of a script: others are not dropped.
sub load_extensions
{
	my ($self, $db, @sql) = @_;
	my %made = map { $_ => 1 } map { /CREATE EXTENSION (\w+)/g } @sql;
	my $script = join('', map { "CREATE EXTENSION $_;\n" } sort keys %made);

	$self->node->safe_psql($db, qq{SELECT migr_load(\$script\$
-- migr:revision extensions
-- migr:upgrade
$script\$script\$)}) if %made;
	return;
}

# Make a database anew.
sub create
{
	my ($self, $db, @sql) = @_;
	my $oid = $db eq 'live' && $self->{live} ? "OID = $self->{live}" : '';

	$self->node->safe_psql('postgres', "DROP DATABASE IF EXISTS $db");
	$self->node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE empty $oid");
	$self->node->safe_psql($db, $_) foreach @sql;
	$self->load_extensions($db, @sql);
	return;
}

# To make a scratch database takes long.  The one of "live" stays: from 15 on, a
# database can have the OID of the one before it, and the note is copied.
sub keep_scratch
{
	my ($self) = @_;
	my $note;

	if ($self->major < 15)
	{
		$self->node->safe_psql('postgres',
			q{DO 'BEGIN PERFORM migr_scratch_drop(); END'});
		return;
	}
	return if $self->{live};
	$self->{live} = $self->node->safe_psql('live',
		'SELECT oid FROM pg_database WHERE datname = current_database()');
	$self->node->safe_psql('live', q{DO 'BEGIN PERFORM migr_scratch_create(); END'});
	$note = $self->node->safe_psql('live', 'SELECT row_to_json(s) FROM migr.scratch s');
	$self->node->safe_psql('empty', qq{
		INSERT INTO migr.scratch SELECT * FROM json_populate_record(NULL::migr.scratch, '$note')});
	return;
}

# Make the database "live", unless it has come back to what it was.
sub create_live
{
	my ($self, @sql) = @_;

	return if defined $self->{from} && $self->{from} eq join("\n", @sql);
	$self->create('live', @sql);
	$self->keep_scratch();
	$self->{from} = join("\n", @sql);
	delete $self->{origin};
	return;
}

# All that is known of a database: its schema and its dump.
sub look
{
	my ($self, $db) = @_;

	return { schema => $self->schema($db), dump => $self->entries($db) };
}

# What is wrong with the script that leads to what has been looked at, or ''.
sub try_script
{
	my ($self, $name, $script, $target) = @_;
	my ($status, $stdout, $stderr) = $self->node->psql('live', $script,
		extra_params => [ '-1', '-v', 'ON_ERROR_STOP=1' ]);
	my $live;

	return "$name fails: $stderr" if $status != 0;
	$live = $self->look('live');
	return "$name leads elsewhere: " . difference($live->{schema}, $target->{schema})
	  if without_order($live->{schema}) ne without_order($target->{schema});
	return "$name: the dumps differ: " . difference($live->{dump}, $target->{dump})
	  if $live->{dump} ne $target->{dump};
	return '';
}

# What is wrong if a query does not say what it said, or ''.
sub try_kept
{
	my ($self, $name, $query, $was) = @_;
	my $is = $query ? $self->node->safe_psql('live', $query) : '';

	return $is eq $was ? '' : "$name does not keep what it could: $was, now $is";
}

# What is wrong with the way from the schema of the database "live" to another,
# which the database "target" has, and back, or ''.  Sets what the scripts are.
sub try_pair
{
	my ($self, $to, $up, $down, $keeps, $up_keeps, $renames, $back) = @_;
	my $origin = $self->{origin} //= $self->look('live');
	my ($was, $up_was) = map { $_ ? $self->node->safe_psql('live', $_) : '' } $keeps, $up_keeps;
	my ($left, $error);

	($$up, $error) = $self->diff('live', $to, undef, $renames);
	return "no difference: $error" if $error ne '';
	($$down, $error) = $self->diff('live', $origin->{schema}, $to, $back);
	return "no difference back: $error" if $error ne '';
	$error = $self->try_script('the upgrade', $$up, $self->look('target'));
	$error ||= $self->try_kept('the upgrade', $keeps, $was);
	$error ||= $self->try_kept('the upgrade', $up_keeps, $up_was);
	return $error if $error ne '';
	($left, $error) = $self->diff('live', $to);
	return "a difference is left: $left$error" if "$left$error" ne '';
	return $self->try_script('the downgrade', $$down, $origin)
	  || $self->try_kept('the downgrade', $keeps, $was);
}

# Run a script over rows: what is wrong, or ''; *refused says that a value has no
# place where it leads, which is no fault of the script.
sub try_over_rows
{
	my ($self, $name, $script, $refused) = @_;
	my ($status, $stdout, $stderr) = $self->node->psql('live', $script,
		extra_params => [ '-1', '-v', 'ON_ERROR_STOP=1', '-v', 'VERBOSITY=verbose' ]);

	$$refused = $status != 0 && is_about_rows($stderr);
	return $status == 0 || $$refused ? '' : "$name fails over rows: $stderr";
}

# What is wrong with scripts that lead there and back, with rows in all tables.
sub try_rows
{
	my ($self, $up, $down) = @_;
	my ($was, $is, $refused, $problem);

	fill_tables($self->node, 'live');
	$was = digests($self->node, 'live');
	$problem = $self->try_over_rows('the upgrade', $up, \$refused);
	$self->{refused}++ if $refused;
	return $problem if $problem ne '' || $refused;
	$is = digests($self->node, 'live');
	$problem = lost_values($was, $is, $up);
	return "the upgrade loses, and does not say so: $problem" if $problem ne '';
	$problem = $self->try_over_rows('the downgrade', $down, \$refused);
	$self->{refused}++ if $refused;
	return $problem if $problem ne '' || $refused;
	$problem = lost_values($is, digests($self->node, 'live'), $down);
	return $problem eq '' ? '' : "the downgrade loses, and does not say so: $problem";
}

# How many times was a script refused because of what was in the tables?
sub refused { return $_[0]->{refused} // 0; }

# pair_ok(NAME, FILE, FROM, TO, canonical => 1, in_place => 'up', ...): a test.
# FROM and TO are lists of SQL; what is wanted is TO as it is, or as
# migr_schema() prints it.  What fails is kept in files of that name.  keeps =>
# QUERY has one result all the way; up_keeps, before the upgrade and after.  renames
# and back_renames: what gets another name.  rows: once more, with rows in all tables.
sub pair_ok
{
	my ($self, $name, $file, $from, $to, %param) = @_;
	my ($up, $down) = ('', '');
	my ($target, $problem);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$self->create_live(@$from);
	$self->create('target', @$to);
	$target = $param{canonical} ? $self->schema('target') : join("\n", @$to);
	$problem = $self->try_pair($target, \$up, \$down, @param{qw(keeps up_keeps renames back_renames)});
	$problem = 'nothing differs' if $problem eq '' && $param{canonical} && $up eq '';
	$problem = 'not in place'
	  if $problem eq '' && $param{in_place} && made_anew($up, $param{in_place} eq 'up' ? '' : $down);
	$problem = $self->try_rows($up, $down) if $problem eq '' && $param{rows};
	delete $self->{from} if $problem ne '' || $param{rows};
	return if ok($problem eq '', $name);
	write_file("$self->{keep}/$file.from.sql", join(";\n", @$from));
	write_file("$self->{keep}/$file.to.sql", join(";\n", @$to));
	write_file("$self->{keep}/$file.up.sql", $up);
	write_file("$self->{keep}/$file.down.sql", $down);
	write_file("$self->{keep}/$file.problem.txt", "$name\n$problem\n");
	diag("$problem\nsee $self->{keep}/$file.*.sql");
	return;
}

# Do scripts drop or create objects?
sub made_anew
{
	return grep { /^(?:DROP|CREATE(?! OR REPLACE)) /m } @_;
}

1;
