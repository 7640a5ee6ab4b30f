# The recorded schema after random changes (MigrRandom.pm), each a run: what was
# read of the objects that were touched is, byte for byte, what a look at all
# objects gives, and what there is does not differ from it.
#
# MIGR_SEEDS=1-5000 tries others than the few that are tried by default.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use MigrDiff;
use MigrRandom;
use MigrTest;
use Test::More;

my $diff = MigrDiff->new('recorded', roles => [ random_roles() ]);
my $node = $diff->node;

# What is wrong with the record: drift, or a row that is another one when all is
# recorded anew.  Nothing is left of that.
$node->safe_psql('empty', q{
	CREATE FUNCTION public.record_wrong() RETURNS text LANGUAGE plpgsql AS $$
	DECLARE
		found text;
	BEGIN
		SELECT string_agg(concat_ws(' ', object, status, detail), E'\n') INTO found
		  FROM migr_verify('{drift}') WHERE object IS NOT NULL OR status <> 'ok';
		IF found IS NOT NULL THEN
			RETURN found;
		END IF;
		CREATE TEMPORARY TABLE was ON COMMIT DROP AS
			SELECT o.*, r.fingerprint FROM migr.object o, migr.recorded r;
		PERFORM migr_stamp('current');
		SELECT string_agg(concat_ws(' ', w.object, '->', o.object, w.catalog, o.catalog, w.oid, o.oid, w.place, o.place, o.definition), E'\n')
		  INTO found
		  FROM was w FULL JOIN (SELECT o.*, r.fingerprint FROM migr.object o, migr.recorded r) o USING (id)
		 WHERE (w.hash, w.catalog, w.oid, w.place, w.root_catalog, w.root_oid, w.fingerprint) IS DISTINCT FROM
		       (o.hash, o.catalog, o.oid, o.place, o.root_catalog, o.root_oid, o.fingerprint);
		RAISE SQLSTATE 'Z0000';
	EXCEPTION WHEN SQLSTATE 'Z0000' THEN
		RETURN found;
	END $$});

# Run a command, and tell what is wrong then.
sub wrong_after
{
	my ($command) = @_;
	my ($out, $err) = ('', '');
	my $what = substr($command, -60);

	$node->psql('live', "SET client_min_messages = warning; $command", stdout => \$out, stderr => \$err,
		on_error_die => 0);
	return "$what: $err" if $err =~ /ERROR|could not record/;
	$out = $node->safe_psql('live', q{SET migr.exclude = 'public.record_wrong'; SELECT public.record_wrong()});
	return $out eq '' ? '' : "$what: $out";
}

foreach my $seed (seeds('1-10'))
{
	my ($from, $to, @changes) = random_pair($seed, $diff->major);
	my $wrong;

	$diff->create('live');
	$diff->keep_scratch();
	$wrong = wrong_after("SELECT migr_load(\$migr_test\$-- migr:revision first\n-- migr:upgrade\n$from;\n"
		. '$migr_test$); SELECT migr_upgrade()');
	$wrong ||= wrong_after(q{SELECT migr_revision('next', autogenerate => true, desired => $migr_test$}
		. $to . '$migr_test$); SELECT migr_upgrade()');
	# Where two changes undo each other, there is nothing but the first.
	$wrong ||= wrong_after("SELECT migr_downgrade('first')");
	$wrong ||= wrong_after('SELECT migr_upgrade()');
	is($wrong, '', "seed $seed: " . join(', ', @changes));
}

done_testing();
