# Random schemas that resemble each other: a description of a rich schema with
# many choices in it, each of which a seed decides by its name.  Two schemas of
# a pair differ in some of the choices, and in what follows from them.
#
#	my ($a, $b, @changes) = random_pair($seed, $major);
#
# $a and $b are SQL for an empty database of that major; @changes says what
# differs.  The same seed gives the same pair, on every machine.

package MigrRandom;

use strict;
use warnings;

use Digest::MD5 'md5';
use Exporter 'import';

our @EXPORT = qw(random_pair random_roles);

# What scripts grant to and revoke from; they must be there.
my @roles = qw(regress_alice regress_bob regress_carol);

sub random_roles { return @roles; }

# --- choices ----------------------------------------------------------------

# new(SEED, MAJOR): everything is as the seed says; salted names are as another
# does.
sub new
{
	my ($class, $seed, $major) = @_;

	return bless { seed => $seed, major => $major, salt => {}, seen => {}, sql => [] }, $class;
}

# A number below n.  It is multiplied out, since % would waste the high bits.
sub number
{
	my ($self, $name, $n) = @_;
	my $salt = $self->{salt}{$name} // '';

	$self->{seen}{$name} = 1;
	return int($n * unpack('N', md5("$self->{seed}/$name/$salt")) / 2**32);
}

# One of several.
sub one
{
	my ($self, $name, @values) = @_;

	return $values[ $self->number($name, scalar @values) ];
}

# Does it hold, as it does in so many of ten?
sub maybe
{
	my ($self, $name, $tenths) = @_;

	return $self->number($name, 10) < ($tenths // 5);
}

# The text, or nothing.
sub opt
{
	my ($self, $name, $text, $tenths) = @_;

	return $self->maybe($name, $tenths) ? $text : '';
}

sub say
{
	my ($self, @statements) = @_;

	push @{ $self->{sql} }, grep { $_ ne '' } @statements;
	return;
}

# COMMENT ON, or nothing; texts that need quoting among them.
sub comment
{
	my ($self, $what) = @_;
	my $text = $self->one("comment $what", undef, undef, 'one', 'it\'s "two"', 'back\\slash');

	$self->say("COMMENT ON $what IS '" . $text =~ s/'/''/gr . "'") if defined $text;
	return;
}

# GRANTs to several roles, and what one of them passes on.
sub grant
{
	my ($self, $what, @rights) = @_;
	my $passed;

	foreach my $role (@roles)
	{
		my $right = $self->one("grant $what to $role", undef, undef, @rights);
		next unless defined $right;
		my $option = $self->opt("option $what to $role", ' WITH GRANT OPTION', 3);

		$self->say("GRANT $right ON $what TO $role$option");
		$passed //= [ $role, $right ] if $option;
	}
	if ($passed && $self->maybe("pass $what on", 5))
	{
		my ($other) = grep { $_ ne $passed->[0] } @roles;

		$self->say("SET ROLE $passed->[0]",
			"GRANT $passed->[1] ON $what TO $other", 'RESET ROLE');
	}
	$self->say("GRANT $rights[0] ON $what TO PUBLIC") if $self->maybe("public $what", 2);
	$self->say("REVOKE $rights[0] ON $what FROM CURRENT_USER") if $self->maybe("owner $what", 1);
	return;
}

# --- types ------------------------------------------------------------------

sub types
{
	my ($self) = @_;
	my $labels = $self->one('status labels',
		"'new', 'open', 'closed'", "'new', 'open', 'held', 'closed'",
		"'draft', 'new', 'open', 'closed'", "'new', 'closed'", "'closed', 'open', 'new'",
		"'new', 'open', 'closed', 'archived', 'it''s'");

	$self->say("CREATE TYPE app.status AS ENUM ($labels)");
	$self->comment('TYPE app.status');
	$self->grant('TYPE app.status', 'USAGE');
	$self->say('REVOKE USAGE ON TYPE app.status FROM PUBLIC')
	  if $self->maybe('status not public', 2);

	$self->say('CREATE DOMAIN app.amount AS '
		  . $self->one('amount base', 'numeric(12,2)', 'numeric(12,2)', 'numeric(10,3)', 'integer')
		  . $self->one('amount default', '', ' DEFAULT 0', ' DEFAULT 1')
		  . $self->opt('amount not null', ' NOT NULL', 2)
		  . $self->one('amount check', '', ' CONSTRAINT positive CHECK (VALUE >= 0)',
			' CONSTRAINT positive CHECK (VALUE > 0)')
		  . $self->opt('amount limit', ' CONSTRAINT amount_limit CHECK (VALUE < 1000000)'));
	$self->comment('DOMAIN app.amount');
	$self->comment('CONSTRAINT amount_limit ON DOMAIN app.amount')
	  if $self->maybe('amount limit');

	$self->say('CREATE TYPE app.address AS ('
		  . $self->one('address', 'street text, city text', 'street text, city text',
			'street text, city text, zip text', 'street varchar(80), city text',
			'street text, "Zip code" integer') . ')');
	$self->comment('TYPE app.address');
	$self->comment('COLUMN app.address.street');
	if ($self->maybe('span'))
	{
		$self->say('CREATE TYPE app.span AS RANGE (SUBTYPE = '
			  . $self->one('span subtype', 'numeric', 'float8', 'float8, SUBTYPE_DIFF = float8mi') . ')');
		$self->comment('TYPE app.span');
	}
	$self->say('CREATE COLLATION app.plain (PROVIDER = libc, LOCALE = '
		  . $self->one('collation locale', q('C'), q('POSIX')) . ')');
	return;
}

# --- routines ---------------------------------------------------------------

sub routines
{
	my ($self) = @_;
	my @twice = $self->{major} >= 14
	  ? ('RETURN n * 2', 'RETURN n + n', 'BEGIN ATOMIC SELECT n * 2; END')
	  : map { "LANGUAGE sql AS 'SELECT $_'" } 'n * 2', 'n + n', '2 * n';
	my $arg = $self->one('tax argument', 'amount', 'amount', 'x');
	my $result = $self->one('tax result', 'numeric', 'numeric', 'double precision');
	my $properties = $self->one('tax properties', '', ' STRICT', ' COST 7', ' PARALLEL SAFE',
		' SET work_mem = \'1MB\'');

	$self->say("CREATE FUNCTION app.tax($arg numeric"
		  . $self->one('tax default', '', '', ', rate numeric DEFAULT 0.2', ', rate numeric DEFAULT 0.1')
		  . ") RETURNS $result LANGUAGE "
		  . $self->one('tax language', "sql IMMUTABLE$properties AS 'SELECT \$1 * 2'",
			"sql IMMUTABLE$properties AS 'SELECT \$1 * 3'",
			"plpgsql IMMUTABLE$properties AS 'BEGIN RETURN \$1 * 3; END'"));
	$self->say("CREATE FUNCTION app.label_of(s app.status) RETURNS text LANGUAGE plpgsql IMMUTABLE AS "
		  . $self->one('label body', q('BEGIN RETURN s::text; END'), q('BEGIN RETURN upper(s::text); END')));
	$self->comment('FUNCTION app.label_of(app.status)');
	$self->grant('FUNCTION app.label_of(app.status)', 'EXECUTE');
	$self->say('REVOKE EXECUTE ON FUNCTION app.label_of(app.status) FROM PUBLIC')
	  if $self->maybe('label not public', 3);
	$self->say("CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql"
		  . $self->opt('touch definer', ' SECURITY DEFINER')
		  . " AS 'BEGIN RETURN NEW; END'");
	$self->say('CREATE FUNCTION app.twice(n integer) RETURNS integer IMMUTABLE '
		  . $self->one('twice body', @twice));
	$self->say('CREATE PROCEDURE app.archive(n integer'
		  . $self->one('archive arguments', '', ', INOUT m integer', ' DEFAULT 3')
		  . ") LANGUAGE plpgsql AS 'BEGIN END'") if $self->maybe('archive');
	$self->say('CREATE AGGREGATE app.total(numeric) (SFUNC = numeric_add, STYPE = numeric'
		  . $self->one('total start', '', q(, INITCOND = '0'), q(, INITCOND = '1'))
		  . $self->opt('total safe', ', PARALLEL = safe') . ')') if $self->maybe('total', 7);
	if ($self->maybe('operator', 6))
	{
		$self->say("CREATE FUNCTION app.same(text, integer) RETURNS boolean LANGUAGE sql IMMUTABLE"
			  . " AS 'SELECT \$1 = \$2::text'");
		$self->say('CREATE OPERATOR app.=== (FUNCTION = app.same, LEFTARG = text, RIGHTARG = integer'
			  . $self->opt('operator restrict', ', RESTRICT = eqsel')
			  . $self->opt('operator join', ', JOIN = eqjoinsel')
			  . $self->opt('operator hashes', ', HASHES', 2) . ')');
		$self->comment('OPERATOR app.=== (text, integer)');
	}
	if ($self->maybe('family', 4))
	{
		$self->say('CREATE OPERATOR FAMILY app.mixed USING btree');
		$self->say('ALTER OPERATOR FAMILY app.mixed USING btree ADD '
			  . $self->one('family members', 'OPERATOR 1 < (integer, bigint)',
				'OPERATOR 1 < (integer, bigint), OPERATOR 3 = (integer, bigint)',
				'FUNCTION 1 (integer, bigint) btint48cmp(integer, bigint)'));
	}
	$self->say('CREATE CAST (app.status AS integer) WITH INOUT'
		  . $self->one('cast context', '', ' AS ASSIGNMENT')) if $self->maybe('cast', 3);
	return;
}

# --- tables -----------------------------------------------------------------

# A key: what a column is that numbers rows.
sub key
{
	my ($self, $table) = @_;

	return $self->one("$table key", 'integer GENERATED ALWAYS AS IDENTITY',
		'integer GENERATED BY DEFAULT AS IDENTITY (START WITH 10)', 'serial', 'integer NOT NULL',
		'bigint GENERATED ALWAYS AS IDENTITY');
}

sub customers
{
	my ($self) = @_;
	my @columns = ('id ' . $self->key('customers'));

	push @columns, 'name ' . $self->one('name type', 'text', 'varchar(100)', 'varchar(50)', 'text COLLATE app.plain')
	  . $self->opt('name not null', ' NOT NULL');
	push @columns, 'status app.status'
	  . $self->one('status default', '', q( DEFAULT 'new'), q( DEFAULT 'closed'))
	  . $self->opt('status not null', ' NOT NULL');
	push @columns, 'balance ' . $self->one('balance type', 'app.amount', 'app.amount', 'numeric', 'integer');
	push @columns, 'address app.address' if $self->maybe('address column', 4);
	push @columns, 'addresses app.address[]' if $self->maybe('addresses column', 2);
	push @columns, 'period app.span' if $self->maybe('span') && $self->maybe('period');
	push @columns, '"Odd ""name""" ' . $self->one('odd type', 'integer', 'text', 'integer[]')
	  if $self->maybe('odd column');
	push @columns, 'shout ' . $self->one('shout', 'text', 'text GENERATED ALWAYS AS (upper(name)) STORED',
		'text GENERATED ALWAYS AS (lower(name)) STORED', q(text DEFAULT 'x'));
	push @columns, 'last_order bigint' if $self->maybe('last order');
	push @columns, 'CONSTRAINT customers_key PRIMARY KEY (id)';
	push @columns, $self->one('name check', 'CONSTRAINT name_check CHECK (name <> \'\')',
		'CONSTRAINT name_check CHECK (length(name) > 1)',
		'CHECK (name <> \'\' OR balance IS NULL)') if $self->maybe('has name check');
	push @columns, q(CONSTRAINT status_check CHECK (status <> 'closed' OR balance IS NULL)) if $self->maybe('status check');
	push @columns, 'UNIQUE ' . $self->one('customers unique', '(name)', '(name, status)', '(status, name) DEFERRABLE')
	  if $self->maybe('has unique');
	$self->say('CREATE ' . $self->one('customers logged', '', '', '', 'UNLOGGED ')
		  . "TABLE app.customers (\n    " . join(",\n    ", @columns) . "\n)"
		  . $self->one('customers options', '', '', ' WITH (fillfactor = 70)',
			' WITH (fillfactor = 90, autovacuum_enabled = false)'));
	$self->say('ALTER TABLE app.customers ALTER name SET ' . $self->one('name setting',
			'STORAGE EXTERNAL', 'STORAGE MAIN', 'STATISTICS 100', 'STATISTICS 0', '(n_distinct = 5)'))
	  if $self->maybe('has name setting', 4);
	$self->comment('TABLE app.customers');
	$self->comment("COLUMN app.customers.$_") foreach qw(id name status);
	$self->comment('CONSTRAINT customers_key ON app.customers');
	$self->grant('TABLE app.customers', 'SELECT', 'SELECT, INSERT', 'ALL');
	$self->say("GRANT SELECT (id, name), UPDATE (status) ON app.customers TO $roles[2]")
	  if $self->maybe('column grants', 4);
	return;
}

sub orders
{
	my ($self) = @_;
	my @columns = ('id ' . $self->key('orders'));

	push @columns, 'customer integer' . $self->opt('customer not null', ' NOT NULL');
	push @columns, 'total ' . $self->one('total type', 'numeric', 'numeric(10,2)', 'integer', 'bigint')
	  . $self->one('total default', '', ' DEFAULT 0', ' DEFAULT app.twice(2)');
	push @columns, 'statuses app.status[]' . $self->opt('statuses default', q( DEFAULT '{new,closed}'))
	  if $self->maybe('statuses');
	push @columns, 'tax double precision GENERATED ALWAYS AS (app.tax(total)) STORED' if $self->maybe('tax column');
	push @columns, 'doubled integer GENERATED ALWAYS AS (app.twice(total::integer)) STORED' if $self->maybe('doubled column', 3);
	push @columns, 'made ' . $self->one('made', 'date', 'timestamptz DEFAULT now()', 'timestamp', 'text')
	  if $self->maybe('has made', 7);
	push @columns, 'code text COLLATE app.plain' if $self->maybe('code column');
	push @columns, 'CONSTRAINT orders_key PRIMARY KEY ' . $self->one('orders key', '(id)', '(id)', '(customer, id)');
	push @columns, 'CONSTRAINT order_unique UNIQUE (id)' . $self->one('order unique', '', ' INCLUDE (customer)');
	push @columns, 'CONSTRAINT tax_check CHECK (app.tax(total) >= 0)' if $self->maybe('tax check', 3);
	push @columns, 'EXCLUDE USING btree (total WITH =)' . $self->opt('exclude where', ' WHERE (customer > 3)')
	  if $self->maybe('exclude', 2);
	$self->say("CREATE TABLE app.orders (\n    " . join(",\n    ", @columns) . "\n)");
	$self->say('ALTER TABLE app.orders ADD CONSTRAINT order_customer FOREIGN KEY (customer) REFERENCES app.customers'
		  . $self->one('order customer', '', ' ON DELETE CASCADE', ' ON UPDATE SET NULL',
			' DEFERRABLE INITIALLY DEFERRED', ' NOT VALID')) if $self->refers && $self->maybe('has order customer', 7);
	$self->say('ALTER TABLE app.customers ADD FOREIGN KEY (last_order) REFERENCES app.orders (id)')
	  if $self->refers && $self->maybe('last order') && $self->maybe('last order refers', 7);
	$self->indexes;
	$self->comment('TABLE app.orders');
	$self->grant('TABLE app.orders', 'SELECT', 'UPDATE', 'ALL');
	return;
}

# Are foreign keys and publications allowed: is no table unlogged?
sub refers
{
	my ($self) = @_;

	return !$self->one('customers logged', 0, 0, 0, 1);
}

sub indexes
{
	my ($self) = @_;

	$self->say('CREATE INDEX orders_total ON app.orders ' . $self->one('orders total',
			'(total)', '(total DESC NULLS LAST)', '(app.tax(total))', '(total) WHERE customer > 3',
			'(total) INCLUDE (customer)', 'USING hash (total)', '(total) WITH (fillfactor = 80)'))
	  if $self->maybe('has orders total', 7);
	$self->comment('INDEX app.orders_total') if $self->maybe('has orders total', 7);
	$self->say('CREATE INDEX customers_label ON app.customers (app.label_of(status))') if $self->maybe('label index', 4);
	$self->say('CREATE UNIQUE INDEX customers_open ON app.customers (name) WHERE status = \'new\'')
	  if $self->maybe('open index', 4);
	$self->say('CREATE STATISTICS app.facts ' . $self->one('facts kinds', '', '(ndistinct) ', '(dependencies, mcv) ')
		  . 'ON customer, total FROM app.orders') if $self->maybe('facts', 4);
	$self->say('ALTER TABLE app.customers ' . $self->one('customers setting', 'REPLICA IDENTITY FULL',
			'REPLICA IDENTITY USING INDEX customers_key', 'CLUSTER ON customers_key'))
	  if $self->maybe('has customers setting', 3);
	return;
}

sub partitions
{
	my ($self) = @_;

	return unless $self->maybe('events', 7);
	$self->say('CREATE TABLE app.events (at date NOT NULL, kind ' . $self->one('kind type', 'text', 'varchar(10)')
		  . $self->opt('kind not null', ' NOT NULL') . $self->opt('kind default', q( DEFAULT 'x'))
		  . $self->opt('event state', ', state app.status')
		  . $self->opt('event key', ', PRIMARY KEY (at, kind)')
		  . $self->opt('event check', q(, CONSTRAINT kind_check CHECK (kind <> 'y')))
		  . ') PARTITION BY RANGE (at)');
	$self->say("CREATE TABLE app.events_1 PARTITION OF app.events FOR VALUES FROM ('2020-01-01') TO ("
		  . $self->one('first bound', q('2021-01-01'), q('2020-07-01')) . ')');
	if ($self->maybe('second partition', 7))
	{
		my $columns = 'at date NOT NULL, kind ' . $self->one('kind type', 'text', 'varchar(10)')
		  . $self->opt('kind not null', ' NOT NULL') . $self->opt('kind default', q( DEFAULT 'x'))
		  . $self->opt('event state', ', state app.status')
		  . $self->opt('event check', q(, CONSTRAINT kind_check CHECK (kind <> 'y')));
		my $attached = $self->maybe('second attached', 8);

		$self->say($attached
			? "CREATE TABLE app.events_2 PARTITION OF app.events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')"
			: "CREATE TABLE app.events_2 ($columns)");
		$self->comment('TABLE app.events_2');
	}
	$self->say('CREATE TABLE app.events_rest PARTITION OF app.events DEFAULT') if $self->maybe('default partition', 4);
	$self->say('CREATE INDEX events_kind ON app.events ' . $self->one('events kind', '(kind)', '(kind, at)', '(lower(kind))'))
	  if $self->maybe('has events kind');
	$self->say('CREATE TRIGGER event_touch BEFORE INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.touch()')
	  if $self->maybe('event trigger on parent', 4);
	return;
}

sub families
{
	my ($self) = @_;

	if ($self->maybe('documents', 6))
	{
		$self->say('CREATE TABLE app.documents (id integer' . $self->opt('document default', ' DEFAULT 1')
			  . ', title ' . $self->one('title type', 'text', 'varchar(30)')
			  . $self->opt('document owner', ', owner text')
			  . $self->opt('title check', q(, CONSTRAINT title_check CHECK (title <> ''))) . ')');
		$self->say('CREATE TABLE app.letters (' . $self->one('letter column', 'letter text', 'letter integer')
			  . ') INHERITS (app.documents)');
		$self->comment('TABLE app.letters');
	}
	$self->say('CREATE TABLE app.addresses OF app.address'
		  . $self->opt('addresses check', q( (street NOT NULL))))
	  if $self->maybe('typed table', 4);
	$self->say('CREATE SEQUENCE app.numbers' . $self->one('numbers', '', ' INCREMENT BY 2', ' MAXVALUE 1000 CYCLE',
			' AS smallint', ' CACHE 5')) if $self->maybe('has numbers', 6);
	$self->say('ALTER SEQUENCE app.numbers OWNED BY app.orders.total')
	  if $self->maybe('has numbers', 6) && $self->maybe('numbers owned', 4);
	$self->grant('SEQUENCE app.numbers', 'USAGE', 'SELECT', 'ALL') if $self->maybe('has numbers', 6);
	return;
}

# --- views and what hangs on relations --------------------------------------

sub views
{
	my ($self) = @_;

	$self->say('CREATE VIEW app.open_orders' . $self->one('view options', '', '', ' WITH (security_barrier)')
		  . ' AS SELECT o.id, o.customer' . $self->one('view total', ', o.total', ', o.total::text AS total', '')
		  . $self->opt('view label', ', app.label_of(c.status) AS label', 4)
		  . $self->opt('view tax', ', app.tax(o.total) AS view_tax', 4)
		  . $self->opt('view status', ', c.status', 4)
		  . ' FROM app.orders o JOIN app.customers c ON c.id = o.customer'
		  . $self->one('view where', '', q( WHERE c.status = 'new'), ' WHERE o.total > 3'));
	$self->comment('VIEW app.open_orders');
	$self->comment('COLUMN app.open_orders.customer');
	$self->grant('TABLE app.open_orders', 'SELECT', 'ALL');
	$self->say('CREATE VIEW app.open_customers AS SELECT '
		  . $self->one('second view', '*', 'customer, count(*) AS n') . ' FROM app.open_orders'
		  . $self->one('second view', '', ' GROUP BY customer')) if $self->maybe('has second view', 6);
	if ($self->maybe('summary', 6))
	{
		$self->say('CREATE MATERIALIZED VIEW app.summary AS SELECT o.customer, '
			  . $self->one('summary', 'count(*) AS n', 'sum(o.id) AS n') . ' FROM app.open_orders o GROUP BY o.customer'
			  . $self->opt('summary empty', ' WITH NO DATA', 3));
		$self->say('CREATE UNIQUE INDEX summary_key ON app.summary (customer)') if $self->maybe('summary key');
		$self->comment('MATERIALIZED VIEW app.summary');
		$self->grant('TABLE app.summary', 'SELECT');
	}
	$self->say('CREATE TRIGGER instead INSTEAD OF INSERT ON app.open_orders FOR EACH ROW EXECUTE FUNCTION app.touch()')
	  if $self->maybe('instead', 4);
	$self->say('CREATE FUNCTION app.found() RETURNS SETOF app.open_orders LANGUAGE sql AS '
		  . q('SELECT * FROM app.open_orders')) if $self->maybe('found', 4);
	$self->say('CREATE FUNCTION app.full_name(c app.customers) RETURNS text LANGUAGE sql STABLE AS '
		  . q('SELECT c.name::text')) if $self->maybe('full name', 4);
	$self->say('CREATE VIEW app.names AS SELECT app.full_name(c) AS name FROM app.customers c')
	  if $self->maybe('full name', 4) && $self->maybe('names');
	return;
}

sub fixtures
{
	my ($self) = @_;

	if ($self->maybe('touch trigger', 6))
	{
		$self->say('CREATE TRIGGER touch ' . $self->one('touch event', 'BEFORE INSERT ON', 'BEFORE UPDATE OF name ON',
				'AFTER INSERT OR DELETE ON') . ' app.customers FOR EACH ROW '
			  . $self->one('touch when', '', 'WHEN (pg_trigger_depth() = 0) ') . 'EXECUTE FUNCTION app.touch()');
		$self->say('ALTER TABLE app.customers ' . $self->one('touch state', 'DISABLE', 'ENABLE REPLICA', 'ENABLE ALWAYS')
			  . ' TRIGGER touch') if $self->maybe('touch has state', 3);
		$self->comment('TRIGGER touch ON app.customers');
	}
	if ($self->maybe('rule', 4))
	{
		$self->say('CREATE RULE quiet AS ON DELETE TO app.orders DO ' . $self->one('rule', 'INSTEAD NOTHING',
				'ALSO SELECT 1', 'INSTEAD UPDATE app.orders SET total = 0 WHERE id = old.id'));
		$self->say('ALTER TABLE app.orders DISABLE RULE quiet') if $self->maybe('rule disabled', 3);
		$self->comment('RULE quiet ON app.orders');
	}
	$self->say('ALTER TABLE app.customers ENABLE ROW LEVEL SECURITY') if $self->maybe('row security');
	$self->say('ALTER TABLE app.customers FORCE ROW LEVEL SECURITY') if $self->maybe('forced', 3);
	if ($self->maybe('policy', 6))
	{
		$self->say('CREATE POLICY mine ON app.customers' . $self->opt('policy restrictive', ' AS RESTRICTIVE', 2)
			  . $self->one('policy command', '', ' FOR UPDATE') . $self->one('policy roles', '', " TO $roles[0]", " TO $roles[1], $roles[0]")
			  . $self->one('policy using', q( USING (name = current_user)), q( USING (status = 'new')), ' USING (app.twice(id::integer) > 3)')
			  . $self->opt('policy check', q( WITH CHECK (name <> 'x'))));
		$self->comment('POLICY mine ON app.customers');
	}
	return;
}

# --- the rest ---------------------------------------------------------------

sub others
{
	my ($self) = @_;

	if ($self->maybe('wrapper'))
	{
		$self->say('CREATE FOREIGN DATA WRAPPER far' . $self->one('wrapper options', '', q( OPTIONS (a '1')), q( OPTIONS (a '2', "B c" 'it''s'))));
		$self->say('CREATE SERVER away' . $self->one('server type', '', '', q( TYPE 't')) . $self->one('server version', '', q( VERSION '1'), q( VERSION '2'))
			  . ' FOREIGN DATA WRAPPER far' . $self->one('server options', '', q( OPTIONS (host 'a')), q( OPTIONS (host 'b', port '1'))));
		$self->grant('FOREIGN SERVER away', 'USAGE');
		$self->say('CREATE FOREIGN TABLE app.distant (a integer' . $self->one('distant column', '', q( OPTIONS (n 'x')), q( OPTIONS (n 'y')))
			  . $self->opt('distant second', ', b text') . ') SERVER away' . $self->one('distant options', '', q( OPTIONS (t 'x'))))
		  if $self->maybe('distant');
	}
	if ($self->maybe('search', 4))
	{
		$self->say('CREATE TEXT SEARCH DICTIONARY app.stems (TEMPLATE = snowball, LANGUAGE = '
			  . $self->one('stems language', q('english'), q('german')) . $self->opt('stems stop', q(, STOPWORDS = 'english')) . ')');
		$self->say('CREATE TEXT SEARCH CONFIGURATION app.words (PARSER = default)');
		$self->say('ALTER TEXT SEARCH CONFIGURATION app.words ADD MAPPING FOR '
			  . $self->one('words tokens', 'asciiword', 'asciiword, word', 'word, int') . ' WITH '
			  . $self->one('words dictionaries', 'app.stems', 'simple', 'app.stems, simple'));
		$self->comment('TEXT SEARCH CONFIGURATION app.words');
	}
	$self->say('CREATE PUBLICATION feed' . $self->one('feed', ' FOR ALL TABLES', ' FOR TABLE app.orders',
			' FOR TABLE app.orders, app.events_1', ' FOR TABLE app.customers', '')
		  . $self->one('feed options', '', q( WITH (publish = 'insert')), ' WITH (publish_via_partition_root = true)'))
	  if $self->refers && $self->maybe('events', 7) && $self->maybe('has feed', 4);
	if ($self->maybe('watch', 3))
	{
		$self->say(q(CREATE FUNCTION app.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'));
		$self->say('CREATE EVENT TRIGGER watch ON ' . $self->one('watch', 'ddl_command_start', 'ddl_command_end', 'sql_drop')
			  . ' EXECUTE FUNCTION app.watch()');
		$self->say('ALTER EVENT TRIGGER watch ' . $self->one('watch state', 'DISABLE', 'ENABLE REPLICA')) if $self->maybe('watch has state', 3);
	}
	return;
}

# What the objects that a diff creates get, and those of the schema may not have.
sub defaults
{
	my ($self) = @_;

	foreach my $what ('TABLES', 'FUNCTIONS', 'TYPES')
	{
		next unless $self->maybe("default $what", 2);
		my $scope = $self->one("default scope $what", '', ' IN SCHEMA app');
		my $role = $self->one("default role $what", @roles);
		my %right = (TABLES => 'SELECT', FUNCTIONS => 'EXECUTE', TYPES => 'USAGE');

		$self->say("ALTER DEFAULT PRIVILEGES$scope GRANT $right{$what} ON $what TO $role"
			  . $self->opt("default option $what", ' WITH GRANT OPTION', 3));
		$self->say("ALTER DEFAULT PRIVILEGES REVOKE ALL ON $what FROM PUBLIC")
		  if $self->maybe("default revoke $what", 3);
	}
	return;
}

# --- schemas and pairs ------------------------------------------------------

# The SQL of a schema.  Default privileges come first, last or not at all: they
# decide what the objects behind them get.
sub build
{
	my ($self) = @_;

	$self->{sql} = [];
	$self->say('CREATE SCHEMA app', 'GRANT USAGE ON SCHEMA app TO PUBLIC');
	$self->grant('SCHEMA app', 'USAGE', 'ALL');
	$self->comment('SCHEMA app');
	$self->say('REVOKE ALL ON SCHEMA public FROM PUBLIC') if $self->maybe('public closed', 2);
	$self->defaults if $self->maybe('defaults first', 5);
	$self->types;
	$self->routines;
	$self->customers;
	$self->orders;
	$self->partitions;
	$self->families;
	$self->views;
	$self->fixtures;
	$self->others;
	$self->defaults if !$self->maybe('defaults first', 5);
	return join(";\n", @{ $self->{sql} }) . ";\n";
}

sub random_pair
{
	my ($seed, $major) = @_;
	my $left = MigrRandom->new($seed, $major);
	my $right = MigrRandom->new($seed, $major);
	my $from = $left->build;
	my @names = sort keys %{ $left->{seen} };
	my $count = 1 + $left->number('changes', 8);
	my @changed;

	for (my $i = 0; @changed < $count && $i < 1000; $i++)
	{
		my $name = $left->one("change $i", @names);
		my $before = $right->build;

		# A schema that says nothing of schema public leaves it as it is.
		next if $name eq 'public closed';
		# Another salt need not make another choice.
		$right->{salt}{$name} = "other $i";
		push @changed, $name if $right->build ne $before;
	}
	return ($from, $right->build, @changed);
}

1;
