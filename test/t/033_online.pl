# migr_revision(..., online => true): for each form a table with rows, the chain
# that is written, deployed and reverted; the schema is that of the plain script,
# and that of the start.  And a column that gets another type under those who write.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use IPC::Run;
use MigrTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('online', 'autovacuum = off');

# A database of its own, with a schema and rows made by revision r1.
sub new_database
{
	my ($db, $before) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, 'CREATE EXTENSION migr');
	load_scripts($node, "-- migr:revision r1\n-- migr:upgrade\n$before", db => $db);
	$node->safe_psql($db, 'SELECT migr_upgrade()');
	return;
}

sub autogenerate
{
	my ($db, $desired, $more) = @_;

	return $node->safe_psql($db,
		"SELECT migr_revision('change', autogenerate => true$more, desired => \$d\$$desired\$d\$)");
}

# All that the database has: its schema, the order of columns if asked for, and rows.
sub state_of
{
	my ($db, $ordered) = @_;

	return $node->safe_psql($db, 'SELECT migr_schema(), migr_fingerprint()') if $ordered;
	return join "\n", sort split /,?\n/, $node->safe_psql($db, 'SELECT migr_schema()');
}

# chain_ok(NAME, BEFORE, DESIRED, parts => COUNT, hazards => NAMES, like => [...],
# unlike => [...], unordered => 1): what is said above; migr_plan() finds these hazards
# and no others: short locks, and what has no other form.
my $databases = 0;

sub chain_ok
{
	my ($name, $before, $desired, %param) = @_;
	my $ordered = !$param{unordered};
	my $plain = 'plain_' . ++$databases;
	my $online = "online_$databases";

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	new_database($plain, $before);
	autogenerate($plain, $desired, '');
	$node->safe_psql($plain, 'SELECT migr_upgrade()');

	new_database($online, $before);
	my $start = state_of($online, 0);
	my $text = autogenerate($online, $desired, ', online => true');
	my @parts = $text =~ /^-- migr:revision /mg;
	is(scalar @parts, $param{parts}, "$name: so many parts") or diag($text);
	like($text, $_, "$name: " . ($_ =~ /(\w[\w ]*)/)[0]) foreach @{ $param{like} // [] };
	unlike($text, $_, "$name: no " . ($_ =~ /(\w[\w ]*)/)[0]) foreach @{ $param{unlike} // [] };
	is($node->safe_psql($online, "SELECT DISTINCT action FROM migr_load(\$t\$$text\$t\$)"), 'unchanged',
		"$name: what is returned can be loaded");

	is( $node->safe_psql($online, q{SELECT coalesce(string_agg(DISTINCT hazard, ' ' ORDER BY hazard), '') FROM migr_plan()}),
		$param{hazards} // '', "$name: the hazards that are left") or diag($node->safe_psql($online, 'SELECT revision, line, statement, hazard, advice FROM migr_plan() WHERE hazard IS NOT NULL'));

	my $told = notices_of($node, 'SET client_min_messages = debug1; CALL migr_deploy()', db => $online);
	unlike($told, qr/rewriting table/, "$name: no table is rewritten") if !$param{rewrites};
	is(state_of($online, $ordered), state_of($plain, $ordered), "$name: the schema of the plain script");
	is($node->safe_psql($online, "SELECT migr_diff(desired => \$d\$$desired\$d\$) IS NULL"), 't',
		"$name: nothing differs");
	is($node->safe_psql($online, q{SELECT DISTINCT status FROM migr_test() WHERE revision <> 'r1'}), 'ok', "$name: the trial");
	is($node->safe_psql($online, $param{rows}), $node->safe_psql($plain, $param{rows}), "$name: the rows")
	  if $param{rows};

	$node->safe_psql($online, "CALL migr_revert('r1')");
	is(state_of($online, 0), $start, "$name: and back");
	$node->safe_psql($online, 'CALL migr_deploy()');
	is(state_of($online, $ordered && !$param{unordered}), state_of($plain, $ordered), "$name: and again");
	$node->safe_psql('postgres', "DROP DATABASE $plain");
	$node->safe_psql('postgres', "DROP DATABASE $online");
	return $told;
}

my $table = q{
	CREATE TABLE "An Item" (id int PRIMARY KEY, n int, "group" text, tag text);
	INSERT INTO "An Item" SELECT g, g, 'g' || g, 't' || g % 7 FROM generate_series(1, 2500) g;
};
my $columns = 'id int PRIMARY KEY, n int, "group" text, tag text';

# --- indexes ----------------------------------------------------------------------

chain_ok(
	'a new index', $table,
	qq{CREATE TABLE "An Item" ($columns);
	   CREATE UNIQUE INDEX "by Group" ON "An Item" ("group") WHERE n > 3;
	   CREATE INDEX ON "An Item" ((n + 1));
	   COMMENT ON INDEX "by Group" IS 'why';
	   CREATE TABLE fresh (i int REFERENCES "An Item");
	   CREATE INDEX ON fresh (i)},
	hazards => 'create-table-references',
	parts => 2,
	like => [ qr/^CREATE UNIQUE INDEX CONCURRENTLY "by Group"/m, qr/^DROP INDEX CONCURRENTLY public."by Group";/m,
		qr/^CREATE INDEX fresh_i_idx/m, qr/transaction off/ ]);

chain_ok(
	'an index that goes, and one that is another', qq{$table
	   CREATE INDEX goes ON "An Item" (tag);
	   CREATE INDEX "An Item_Other" ON "An Item" (n) WITH (fillfactor = 70);},
	qq{CREATE TABLE "An Item" ($columns);
	   CREATE INDEX "An Item_Other" ON "An Item" (n, tag) WITH (fillfactor = 70)},
	parts => 1,
	like => [ qr/^-- migr: drops: index public.goes\nDROP INDEX CONCURRENTLY public.goes;/m,
		qr/RENAME TO "An Item_Other"/ ]);

# --- constraints --------------------------------------------------------------------

chain_ok(
	'a check', $table, qq{CREATE TABLE "An Item" ($columns, CONSTRAINT "is it" CHECK (n > 0));
		COMMENT ON CONSTRAINT "is it" ON "An Item" IS 'why'},
	parts => 2,
	like => [ qr/CHECK \(\(n > 0\)\) NOT VALID/, qr/VALIDATE CONSTRAINT "is it"/ ],
	unlike => [qr/transaction off/]);

chain_ok(
	'a foreign key', qq{$table CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent SELECT generate_series(1, 3000)},
	qq{CREATE TABLE parent (id int PRIMARY KEY);
	   CREATE TABLE "An Item" ($columns, fresh int REFERENCES parent, FOREIGN KEY (n) REFERENCES parent ON DELETE CASCADE)},
	hazards => 'multiple-strong-locks',
	parts => 2,
	like => [ qr/ON DELETE CASCADE NOT VALID/, qr/VALIDATE CONSTRAINT "An Item_n_fkey"/ ]);

my $told = chain_ok(
	'NOT NULL', $table, q{CREATE TABLE "An Item" (id int PRIMARY KEY, n int NOT NULL, "group" text NOT NULL, tag text)},
	parts => 1,
	like => [qr/CHECK \("group" IS NOT NULL\) NOT VALID/]);
like($told, qr/existing constraints on column "An Item.group" are sufficient to prove/, 'SET NOT NULL does not look at the rows');

chain_ok(
	'keys', $table, q{CREATE TABLE "An Item" (id int, n int PRIMARY KEY, "group" text, tag text,
		UNIQUE (id, tag) DEFERRABLE INITIALLY DEFERRED,
		CONSTRAINT "One" UNIQUE ("group") INCLUDE (tag) WITH (fillfactor = 80));
		COMMENT ON CONSTRAINT "One" ON "An Item" IS 'why';
		CREATE TABLE child ("group" text REFERENCES "An Item" ("group"))},
	hazards => 'create-table-references drop-not-null',
	parts => 4,
	like => [ qr/ADD CONSTRAINT "One" UNIQUE USING INDEX "One"/,
		qr/UNIQUE USING INDEX "An Item_id_tag_key" DEFERRABLE INITIALLY DEFERRED/,
		qr/DROP CONSTRAINT "An Item_pkey",\n    ADD CONSTRAINT "An Item_pkey" PRIMARY KEY USING INDEX/,
		qr/4 of 4: what had to wait/ ]);

# --- values of new columns ------------------------------------------------------------

chain_ok(
	'a default that differs from row to row', $table,
	qq{CREATE TABLE "An Item" ($columns, token uuid NOT NULL DEFAULT gen_random_uuid(), "N o" serial, plain int NOT NULL DEFAULT 7,
		CONSTRAINT given CHECK (token IS NOT NULL));
	   CREATE INDEX ON "An Item" (token)},
	parts => 6,
	like => [ qr/ADD COLUMN token uuid;/, qr/ADD COLUMN plain integer DEFAULT 7 NOT NULL/,
		qr/-- migr:batch\nUPDATE public."An Item" SET token = DEFAULT WHERE token IS NULL;/ ],
	rows => q{SELECT count(DISTINCT token), count(DISTINCT "N o"), min("N o"), max("N o") FROM "An Item"});

# --- what has no such form --------------------------------------------------------------

chain_ok(
	'what has no other form', qq{$table CREATE TABLE p (id int, v int) PARTITION BY RANGE (id);
		CREATE TABLE p1 PARTITION OF p DEFAULT; INSERT INTO p SELECT g, g FROM generate_series(1, 100) g},
	qq{CREATE TABLE p (id int, v int NOT NULL CHECK (v > 0), UNIQUE (id)) PARTITION BY RANGE (id);
	   CREATE TABLE p1 PARTITION OF p DEFAULT;
	   CREATE INDEX ON p (v);
	   CREATE TABLE "An Item" ($columns, twice int GENERATED ALWAYS AS (n * 2) STORED, EXCLUDE (id WITH =))},
	hazards => 'add-exclusion add-index add-stored-generated add-unique-constraint merge-alters multiple-strong-locks partitioned-check partitioned-ddl',
	parts => 2,
	rewrites => 1,
	like => [
		qr/-- Note: no online form: a column can't become generated/,
		qr/-- Note: no online form: an exclusion constraint can't/,
		qr/-- Note: no online form: an index of a partitioned table/,
		qr/-- Note: no online form: a constraint of a partitioned table/,
		qr/CHECK \(\(v > 0\)\) NOT VALID/ ]);

# --- parents, partitions, views ---------------------------------------------------------

chain_ok(
	'several tables', q{
		CREATE SCHEMA "S s";
		CREATE TABLE "S s".top (id int, n int, "lower" int);
		CREATE TABLE "S s".kid (k int) INHERITS ("S s".top);
		CREATE TABLE part (id int, n int) PARTITION BY RANGE (id);
		CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10);
		CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (10) TO (20) PARTITION BY LIST (id);
		CREATE TABLE part21 PARTITION OF part2 DEFAULT;
		CREATE TABLE seen (id int PRIMARY KEY, a int, "lower" int, b varchar(30));
		CREATE VIEW v AS SELECT id, a FROM seen;
		CREATE INDEX low ON seen ("lower", lower(b)) WHERE "lower" > 3;
		CREATE MATERIALIZED VIEW mv AS SELECT 1 AS x;
		CREATE TABLE repl (id int NOT NULL, j int);
		CREATE UNIQUE INDEX repl_j ON repl (j);
		CREATE TABLE key (id int, p int);
		INSERT INTO "S s".top SELECT g, g, g FROM generate_series(1, 10) g;
		INSERT INTO "S s".kid SELECT g, g, g, g FROM generate_series(1, 10) g;
		INSERT INTO part SELECT g, g FROM generate_series(1, 15) g;
		INSERT INTO seen SELECT g, g, g, g FROM generate_series(1, 15) g;
		INSERT INTO repl SELECT g, g FROM generate_series(1, 15) g;
		INSERT INTO key SELECT g, g FROM generate_series(1, 15) g},
	q{CREATE SCHEMA "S s";
	  CREATE TABLE "S s".top (id int NOT NULL, n int CHECK (n > 0), "lower" int);
	  CREATE TABLE "S s".kid (k int, CHECK (k > 0)) INHERITS ("S s".top);
	  CREATE INDEX ON "S s".kid (id);
	  CREATE TABLE part (id int NOT NULL, n int NOT NULL CHECK (n < 100), PRIMARY KEY (id)) PARTITION BY RANGE (id);
	  CREATE TABLE part1 PARTITION OF part FOR VALUES FROM (0) TO (10);
	  CREATE TABLE part2 PARTITION OF part FOR VALUES FROM (10) TO (20) PARTITION BY LIST (id);
	  CREATE TABLE part21 PARTITION OF part2 DEFAULT;
	  CREATE INDEX ON part1 (n);
	  CREATE TABLE seen (id int PRIMARY KEY, a bigint, "lower" bigint, b varchar(30));
	  CREATE VIEW v AS SELECT id, a FROM seen;
	  CREATE INDEX low ON seen ("lower", lower(b)) WHERE "lower" > 3;
	  CREATE MATERIALIZED VIEW mv AS SELECT 1 AS x;
	  CREATE UNIQUE INDEX ON mv (x);
	  CREATE TABLE repl (id int NOT NULL, j int NOT NULL, UNIQUE (id));
	  CREATE UNIQUE INDEX repl_j ON repl (j);
	  CREATE UNIQUE INDEX repl_id ON repl (id);
	  ALTER TABLE repl REPLICA IDENTITY USING INDEX repl_id;
	  CREATE TABLE key (id int, p int REFERENCES part)},
	hazards => 'add-foreign-key add-primary-key change-type-rewrite create-trigger drop-column drop-trigger lock-table merge-alters multiple-strong-locks partitioned-check partitioned-ddl rename-column replica-identity set-not-null set-not-null-partitioned',
	parts => 5,
	unordered => 1,
	rewrites => 1,
	like => [
		qr/-- Note: no online form: view public.v needs the column/,
		qr/ON public.seen USING btree \(lower_migr_new, lower\(\(b\)::text\)\) WHERE \(lower_migr_new > 3\)/,
		qr/CREATE INDEX CONCURRENTLY kid_id_idx ON "S s".kid/,
		qr/-- Note: no online form: a foreign key of or to a partitioned table/ ]);

# --- what the live database has besides ---------------------------------------------------

new_database('besides', "$table CREATE INDEX goes ON \"An Item\" (tag);");
$node->safe_psql('besides', 'CREATE INDEX there ON "An Item" (n); DROP INDEX goes; CREATE INDEX by_hand ON "An Item" (tag)');
my $besides = autogenerate('besides', qq{CREATE TABLE "An Item" ($columns); CREATE INDEX there ON "An Item" (n)}, ', online => true');
like($besides, qr/CREATE INDEX CONCURRENTLY IF NOT EXISTS there ON/, 'an index that is there already');
like($besides, qr/DROP INDEX CONCURRENTLY IF EXISTS public.goes/, 'one that is gone already');
like($besides, qr/^-- Not made by any revision, and left alone: index public.by_hand$/m, 'one of no revision');
$node->safe_psql('besides', 'CALL migr_deploy()');
is($node->safe_psql('besides', q{SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname IN ('there', 'goes', 'by_hand')}),
	'by_hand there', 'the chain runs there');

# --- another type ----------------------------------------------------------------------

my $before = q{
	CREATE TABLE parent (id serial PRIMARY KEY, code text, n smallint CHECK (n > 0));
	CREATE TABLE item (
		id int GENERATED ALWAYS AS IDENTITY,
		"Parent" int NOT NULL REFERENCES parent ON DELETE CASCADE,
		up int, price int,
		CONSTRAINT item_pk PRIMARY KEY (id), UNIQUE ("Parent", price),
		FOREIGN KEY (up) REFERENCES item (id) DEFERRABLE);
	CREATE TABLE other (id int PRIMARY KEY, item int DEFAULT 7 REFERENCES item);
	CREATE INDEX item_parent ON item ("Parent", (up + 1)) WHERE up > 3;
	CREATE INDEX item_price ON item (price);
	COMMENT ON COLUMN item.id IS 'the key';
	COMMENT ON INDEX item_parent IS 'its parent';
	INSERT INTO parent (code, n) SELECT 'c' || g, g FROM generate_series(1, 100) g;
	INSERT INTO item ("Parent", up, price) SELECT 1 + g % 100, nullif(g % 10, 0), g FROM generate_series(1, 3000) g;
	INSERT INTO other SELECT g, g FROM generate_series(1, 300) g;
	DELETE FROM item WHERE id > 2990;
};
my $big = q{
	CREATE TABLE parent (id bigserial PRIMARY KEY, code text, n int CHECK (n > 0));
	CREATE TABLE item (
		id bigint GENERATED ALWAYS AS IDENTITY,
		"Parent" bigint NOT NULL REFERENCES parent ON DELETE CASCADE,
		up bigint CHECK (up < 10000), price int,
		CONSTRAINT item_pk PRIMARY KEY (id), UNIQUE ("Parent", price),
		FOREIGN KEY (up) REFERENCES item (id) DEFERRABLE);
	CREATE TABLE other (id int PRIMARY KEY, item bigint DEFAULT 7 REFERENCES item, p bigint REFERENCES parent);
	CREATE INDEX item_parent ON item ("Parent", (up + 1)) WHERE up > 3;
	CREATE INDEX item_up ON item (up);
	CREATE INDEX item_price ON item (price);
	COMMENT ON COLUMN item.id IS 'the key';
	COMMENT ON INDEX item_parent IS 'its parent';
};
chain_ok(
	'another type', $before, $big,
	hazards => 'alter-sequence create-trigger drop-column drop-foreign-key drop-trigger lock-table rename-column',
	parts => 6,
	unordered => 1,
	like => [ qr/NEW\."Parent_migr_new" := NEW\."Parent";/, qr/5 of 6: switch over/ ],
	unlike => [qr/no online form/],
	rows => q{SELECT (SELECT (count(*), sum(id), sum("Parent"), sum(up)) FROM item),
		(SELECT (count(*), sum(id), sum(n)) FROM parent), (SELECT (count(*), sum(item)) FROM other),
		nextval('item_id_seq'), nextval('parent_id_seq')});

chain_ok(
	'another type of one side of a key', q{
		CREATE TABLE p (a int, b int NOT NULL, c text, PRIMARY KEY (a, b), UNIQUE (b));
		CREATE TABLE c (x int, y int, z int REFERENCES p (b) ON UPDATE CASCADE, FOREIGN KEY (x, y) REFERENCES p);
		CREATE TABLE n (v numeric(6,2) DEFAULT 1.5 CHECK (v > 0), w varchar(10), "order" int DEFAULT 3 NOT NULL UNIQUE);
		INSERT INTO p SELECT g, g, g FROM generate_series(1, 100) g;
		INSERT INTO c SELECT g, g, g FROM generate_series(1, 100) g;
		INSERT INTO n SELECT g, g, g FROM generate_series(1, 100) g},
	q{CREATE TABLE p (a int, b bigint NOT NULL, c text, PRIMARY KEY (a, b), UNIQUE (b));
	  CREATE TABLE c (x int, y int, z int REFERENCES p (b) ON UPDATE CASCADE, FOREIGN KEY (x, y) REFERENCES p);
	  CREATE TABLE n (v numeric(8,3) DEFAULT 2.5 CHECK (v > 0), w varchar(8), "order" bigint DEFAULT 4 NOT NULL UNIQUE)},
	hazards => 'change-type-varchar-narrow create-trigger drop-column drop-foreign-key drop-trigger lock-table rename-column',
	parts => 6,
	unordered => 1,
	rewrites => 1,
	like => [ qr/no online form: there are values that do not become/, qr/ADD COLUMN order_migr_new bigint;/, qr/NEW.v_migr_new := NEW.v;/ ],
	unlike => [qr/w_migr_new/],
	rows => q{SELECT (SELECT (count(*), sum(v), min(w), sum("order")) FROM n), (SELECT sum(b) FROM p), (SELECT (sum(x), sum(y), sum(z)) FROM c)});

# Names that end a dollar quote, and such that are the same when cut; keys checked at the end.
my ($b1, $b2) = ('b' x 62 . 1, 'b' x 62 . 2);
my $hostile = 'CREATE TABLE t (a TYPE, b int, "n""$migr$ x" TYPE, p TYPE, q int, ' .
  "$b1 TYPE, $b2 TYPE NOT NULL, PRIMARY KEY (a, b), " .
  'FOREIGN KEY (p, q) REFERENCES t (a, b) DEFERRABLE INITIALLY DEFERRED);';
chain_ok(
	'another type of hostile columns',
	($hostile =~ s/TYPE/int/gr) . ' INSERT INTO t SELECT g, g, g, g, g, g, g FROM generate_series(1, 9) g',
	$hostile =~ s/TYPE/bigint/gr,
	hazards => 'create-trigger drop-column drop-trigger lock-table rename-column',
	parts => 5,
	unordered => 1,
	unlike => [qr/no online form/],
	rows => "SELECT a, \"n\"\"\$migr\$ x\", p, $b1, $b2 FROM t ORDER BY a");

# Long names that are the same when cut, of several tables; a key that is not to be validated.
$hostile = "CREATE TABLE $b1 (id TYPE PRIMARY KEY); CREATE TABLE $b2 (id TYPE UNIQUE NOT NULL, n TYPE);" .
  " CREATE INDEX " . 'c' x 62 . "1 ON $b1 (id); CREATE INDEX " . 'c' x 62 . "2 ON $b2 (n);" .
  " ALTER TABLE $b2 ADD CONSTRAINT doubted FOREIGN KEY (n) REFERENCES $b1 NOT VALID;";
chain_ok(
	'another type under long names',
	($hostile =~ s/TYPE/int/gr) . " INSERT INTO $b1 SELECT generate_series(1, 9); INSERT INTO $b2 SELECT g, g FROM generate_series(1, 9) g",
	$hostile =~ s/TYPE/bigint/gr,
	hazards => 'create-trigger drop-column drop-foreign-key drop-trigger lock-table rename-column',
	parts => 4,
	unordered => 1,
	unlike => [ qr/no online form/, qr/VALIDATE CONSTRAINT doubted/ ],
	rows => "SELECT sum(id), sum(n) FROM $b2");

# A trigger that fires behind the one that keeps columns in step could part them.
my $behind = 'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.n := 99; RETURN NEW; END$$;
	CREATE TRIGGER zzz BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f();';
chain_ok(
	'a trigger that fires behind', "CREATE TABLE t (id int PRIMARY KEY, n int); $behind INSERT INTO t SELECT 1",
	"CREATE TABLE t (id int PRIMARY KEY, n bigint); $behind",
	hazards => 'change-type-rewrite',
	parts => 1,
	rewrites => 1,
	like => [qr/no online form: a trigger fires behind "zz_migr_sync"/]);

# What keeps rows from the batches does not lose their values.
my $rule = 'CREATE RULE kept AS ON UPDATE TO t WHERE old.id > 3 DO INSTEAD NOTHING';
new_database('kept', "CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g; $rule");
autogenerate('kept', "CREATE TABLE t (id int PRIMARY KEY, n bigint); $rule", ', online => true');
(undef, undef, my $stderr) = $node->psql('kept', 'CALL migr_deploy()');
like($stderr, qr/check constraint "n_migr_new_migr_filled" of relation "t" is violated by some row/, 'rows that no batch has filled');
$node->safe_psql('kept', "CALL migr_revert('r1')");
is($node->safe_psql('kept', 'SELECT count(n) FROM t'), '9', 'have what they had');

# Who has privileges on the column, by nobody's script, keeps them.
new_database('granted', $before);
$node->safe_psql('granted', 'CREATE ROLE looker; GRANT SELECT (up) ON item TO looker');
my $granted = autogenerate('granted', $big, ', online => true');
like($granted, qr/no online form: others have privileges on the column/, 'a column with privileges of others');
$node->safe_psql('granted', 'CALL migr_deploy()');
is($node->safe_psql('granted', q{SELECT has_column_privilege('looker', 'item', 'up', 'SELECT')}), 't', 'keeps them');

# So does a column of which somebody has said more.
foreach my $said ('up SET DEFAULT 3', 'up SET STATISTICS 300', '"Parent" SET STATISTICS 200')
{
	new_database('said', $before);
	$node->safe_psql('said', "ALTER TABLE item ALTER $said");
	like(autogenerate('said', $big, ', online => true'), qr/no online form: the column is another one in the live database/, "ALTER $said");
	$node->safe_psql('postgres', 'DROP DATABASE said');
}

# The same while others write: none of them fails, and no row is lost.
new_database('busy', $before);
my $script = PostgreSQL::Test::Utils::tempdir() . '/write.sql';
write_file($script, <<'SQL');
\set p random(1, 100)
\set i random(1, 2990)
INSERT INTO item ("Parent", up) VALUES (:p, :i);
UPDATE item SET "Parent" = :p, up = :i WHERE id = :i AND price IS NOT NULL;
UPDATE other SET item = :i WHERE id = :i % 300 + 1;
INSERT INTO parent (code, n) VALUES ('more', 7);
SELECT count(*) FROM item JOIN parent ON parent.id = "Parent" WHERE item.id = :i;
SQL
autogenerate('busy', $big, ', online => true');
my ($out, $err) = ('', '');
my $writers = IPC::Run::start(
	[ 'pgbench', '-n', '-c', 4, '-T', 8, '-f', $script, $node->connstr('busy') ], '>', \$out, '2>', \$err);
$node->poll_query_until('busy', 'SELECT count(*) > 3000 FROM item');
$told = notices_of($node, 'CALL migr_deploy()', db => 'busy');
my $so_far = $node->safe_psql('busy', 'SELECT count(*) FROM item');
is($node->safe_psql('busy', "SELECT migr_diff(desired => \$d\$$big\$d\$) IS NULL"), 't', 'another type among writers');
ok($writers->finish, 'none of them failed') or diag($err);
unlike($err, qr/ERROR/, 'nor had an error');
my ($transactions) = $out =~ /transactions actually processed: (\d+)/;
# At the end, some may have done the first statement of their script alone.
my $more = $node->safe_psql('busy', "SELECT count(*) - 2990 - $transactions FROM item");
ok($more >= 0 && $more <= 4, 'all that they wrote is there') or diag($more);
cmp_ok($node->safe_psql('busy', 'SELECT count(*) FROM item'), '>', $so_far, 'they wrote before and behind');
is($node->safe_psql('busy', 'SELECT count(*) FROM item LEFT JOIN parent ON parent.id = "Parent" WHERE parent.id IS NULL OR up IS NULL AND price % 10 <> 0'),
	'0', 'with the values that they wrote');

# Batches fire what the table's owner has put there: who deploys is told whose table it is.
new_database('others', 'CREATE TABLE t (id int PRIMARY KEY, n int);');
$node->safe_psql('others', 'CREATE ROLE "the owner"; ALTER TABLE t OWNER TO "the owner"');
my $of_other = autogenerate('others', 'CREATE TABLE t (id bigint PRIMARY KEY, n int, u uuid DEFAULT gen_random_uuid())', ', online => true');
is(() = $of_other =~ /^-- Note: triggers, rules and index expressions of public.t, which belongs to role "the owner",\n-- run with the rights of whoever deploys this\n-- migr:batch$/mg,
	2, 'a table of another role: said before each batch');

done_testing();
