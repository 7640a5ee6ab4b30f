# A copy of the server's programs that finds files of extensions in a directory of its own:
# so that a test can have a version installed that is not, and leaves nothing behind.
#
# A server looks for its files by where its program lies, as far as the directories that it
# was built for have a common beginning.

package MigrTree;

use strict;
use warnings;

use Exporter 'import';
use File::Copy;
use File::Path 'make_path';
use PostgreSQL::Test::Utils;

our @EXPORT = qw(private_tree);

sub ask
{
	my ($what) = @_;

	chomp(my $answer = qx{pg_config --$what});
	die "pg_config --$what failed" if $? != 0;
	return $answer;
}

# Every entry of one directory, in another one, as a link to it.
sub link_entries
{
	my ($from, $to) = @_;

	make_path($to);
	opendir(my $dir, $from) or die "$from: $!";
	foreach my $entry (grep { !/^\.\.?$/ } readdir $dir)
	{
		symlink("$from/$entry", "$to/$entry") or die "$to/$entry: $!";
	}
	closedir $dir;
}

# private_tree(FILE...): makes it, with these files among those of extensions, puts its
# programs in front of PATH, and returns the directory of these.
sub private_tree
{
	my (@files) = @_;
	my $top = PostgreSQL::Test::Utils::tempdir();
	my ($bin, $lib, $share) = map { ask($_) } qw(bindir pkglibdir sharedir);

	make_path("$top$bin", "$top$lib", "$top$share");
	foreach my $program (glob("$bin/*"))
	{
		copy($program, "$top$bin/") or die "$program: $!";
		chmod 0755, "$top$bin/" . ($program =~ m{([^/]+)$})[0];
	}
	link_entries($lib, "$top$lib");
	link_entries($share, "$top$share");
	unlink("$top$share/extension");
	link_entries("$share/extension", "$top$share/extension");
	foreach my $file (@files)
	{
		my $copy = "$top$share/extension/" . ($file =~ m{([^/]+)$})[0];

		unlink($copy);
		copy($file, $copy) or die "$file: $!";
	}
	$ENV{PATH} = "$top$bin:$ENV{PATH}";
	return "$top$bin";
}

1;
