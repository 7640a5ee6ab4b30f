# Rows for any schema, and what a script has to keep of them.
#
# Tables are filled without knowing what they are: values are made from types,
# and what a table's constraints refuse is left out.  A digest of each column
# tells whether its values are the same later on.

package MigrRows;

use strict;
use warnings;

use Exporter 'import';

our @EXPORT = qw(fill_tables digests lost_values is_about_rows);

# Foreign keys and triggers are not asked: rows of all tables are to be there.
my $fill = <<'SQL';
SET session_replication_role = replica;
CREATE FUNCTION pg_temp.value_of(kind oid, n int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	t pg_type;
	label text;
BEGIN
	SELECT * INTO t FROM pg_type WHERE oid = kind;
	IF t.typtype = 'd' THEN
		RETURN pg_temp.value_of(t.typbasetype, n);
	ELSIF t.typtype = 'e' THEN
		SELECT enumlabel INTO label FROM pg_enum WHERE enumtypid = kind
		 ORDER BY enumsortorder OFFSET n % (SELECT count(*) FROM pg_enum WHERE enumtypid = kind) LIMIT 1;
		RETURN label;
	ELSIF t.typtype = 'r' THEN
		RETURN 'empty';
	ELSIF t.typtype = 'c' THEN
		RETURN (SELECT '(' || string_agg(coalesce(pg_temp.value_of(atttypid, n), ''), ',' ORDER BY attnum) || ')'
		          FROM pg_attribute WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped);
	ELSIF t.typelem <> 0 AND t.typlen = -1 THEN
		RETURN array_fill(pg_temp.value_of(t.typelem, n), ARRAY[2])::text;
	END IF;
	RETURN CASE t.typcategory
		WHEN 'N' THEN (n + 3)::text
		WHEN 'B' THEN (n % 2 = 0)::text
		WHEN 'D' THEN CASE t.typname WHEN 'time' THEN '10:00' WHEN 'timetz' THEN '10:00+00'
			ELSE (2020 + n % 3) || '-02-0' || n END
		WHEN 'T' THEN n || ' days'
		WHEN 'S' THEN n::text
		WHEN 'I' THEN '10.0.0.' || n
		ELSE CASE t.typname WHEN 'uuid' THEN lpad(n::text, 32, '0')
			WHEN 'json' THEN '{}' WHEN 'jsonb' THEN '{}' WHEN 'bytea' THEN '\x0' || n END
	END;
END $$;
DO $$
DECLARE
	r record;
	columns text;
	vals text;
BEGIN
	FOR r IN SELECT c.oid, c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	          WHERE c.relkind = 'r' AND n.nspname !~ '^pg_|^information_schema$|^migr$' ORDER BY c.oid
	LOOP
		FOR n IN 1 .. 6 LOOP
			BEGIN
				SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
				       string_agg(format('%L', pg_temp.value_of(atttypid, n)), ', ' ORDER BY attnum)
				  INTO columns, vals
				  FROM pg_attribute
				 WHERE attrelid = r.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
				EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)', r.name, columns, vals);
			EXCEPTION WHEN OTHERS THEN
				NULL;
			END;
		END LOOP;
	END LOOP;
END $$;
SQL

# One line a column, and one a table; without what is computed, and what is not
# here but in a child.
my $digests = <<'SQL';
SET search_path = pg_catalog;
SET timezone = 'UTC';
CREATE FUNCTION pg_temp.shape_of(kind oid, typmod int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	t pg_type;
BEGIN
	SELECT * INTO t FROM pg_type WHERE oid = kind;
	RETURN format_type(kind, typmod) || CASE
		WHEN t.typtype = 'd' THEN ' ' || pg_temp.shape_of(t.typbasetype, t.typtypmod)
		WHEN t.typtype = 'r' THEN (SELECT ' of ' || rngsubtype::regtype FROM pg_range WHERE rngtypid = kind)
		WHEN t.typtype = 'c' THEN (SELECT format(' (%s)', string_agg(pg_temp.shape_of(atttypid, atttypmod), ',' ORDER BY attnum))
		                             FROM pg_attribute WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped)
		WHEN t.typelem <> 0 AND t.typlen = -1 THEN ' ' || pg_temp.shape_of(t.typelem, -1)
		ELSE '' END;
END $$;
CREATE FUNCTION pg_temp.digests() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	r record;
	digest text;
BEGIN
	FOR r IN SELECT c.oid::regclass AS name, NULL::name AS attname, '' AS type, 'count(*)::text' AS what
	           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	          WHERE c.relkind = 'r' AND n.nspname !~ '^pg_|^information_schema$|^migr$'
	         UNION ALL
	         SELECT c.oid::regclass, a.attname, pg_temp.shape_of(a.atttypid, a.atttypmod),
	                format('md5(string_agg(%1$I::text, '','' ORDER BY %1$I::text COLLATE "C"))', a.attname)
	           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
	          WHERE c.relkind = 'r' AND n.nspname !~ '^pg_|^information_schema$|^migr$'
	            AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
	          ORDER BY 1, 2
	LOOP
		EXECUTE format('SELECT %s FROM ONLY %s', r.what, r.name) INTO digest;
		RETURN NEXT concat_ws(E'\t', r.name, coalesce(quote_ident(r.attname), '*'), r.type, coalesce(digest, ''));
	END LOOP;
END $$;
SELECT * FROM pg_temp.digests();
SQL

sub fill_tables
{
	my ($node, $db) = @_;

	$node->safe_psql($db, $fill);
	return;
}

# By table and column, with the type and what that is made of: what is in them.
sub digests
{
	my ($node, $db) = @_;
	my %digest;

	foreach my $line (split /\n/, $node->safe_psql($db, $digests))
	{
		my ($table, $column, $type, $value) = split /\t/, $line, -1;

		$digest{$table}{$column} = { type => $type, value => $value // '' };
	}
	return \%digest;
}

# Does a script announce that what has been in a table, or a column, goes?
sub is_announced
{
	my ($table, $column, @scripts) = @_;
	my $rest = $column eq '*' ? '' : "(?:\\.\Q$column\E)?";

	foreach my $script (@scripts)
	{
		return 1 if $script =~ /^-- migr: loses data: .*\Q$table\E$rest(?![\w.])/m;
	}
	return 0;
}

# What one look has and the next does not, though both have the table, and the
# column with the same type, and no script says that it goes.
sub lost_values
{
	my ($was, $is, @scripts) = @_;
	my @lost;

	foreach my $table (sort keys %$was)
	{
		my ($old, $new) = ($was->{$table}, $is->{$table});

		next unless $new;
		foreach my $column (sort keys %$old)
		{
			next unless $new->{$column} && $new->{$column}{type} eq $old->{$column}{type};
			next if $new->{$column}{value} eq $old->{$column}{value};
			push @lost, $column eq '*' ? "$table has $new->{$column}{value} rows, of $old->{$column}{value}"
			  : "$table.$column has other values"
			  unless is_announced($table, $column, @scripts);
		}
	}
	return join('; ', @lost);
}

# Did a statement fail because of what is in the tables, which no script can help:
# a value that has no place, or violates what is new?
sub is_about_rows
{
	my ($stderr) = @_;

	return $stderr =~ /ERROR:  (?:22\w{3}|23\w{3}):/;
}

1;
