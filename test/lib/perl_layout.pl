#!/usr/bin/perl
# The layout of Perl, as .perltidyrc has it: prints the files that differ, and fails when there are any. With --fix as
# the first argument these files are rewritten. One process for all of them: perltidy takes longer to load than to run.
use strict;
use warnings;

use Perl::Tidy;

# Versions of perltidy differ in details; the one of Debian 12 decides, also where CI runs.
if ($Perl::Tidy::VERSION ne '20220613' && !$ENV{CI})
{
	print "lint: skipped the layout of Perl: it is perltidy 20220613 that decides, and this is $Perl::Tidy::VERSION\n";
	exit 0;
}
my $fix = @ARGV && $ARGV[0] eq '--fix' && shift @ARGV;
my $differ = 0;

sub content
{
	my ($file) = @_;
	open my $in, '<:raw', $file or die "$file: $!\n";
	local $/;
	return scalar <$in>;
}

sub tidied
{
	my ($file, $text) = @_;
	# What perltidy wrote it may write otherwise the next time; it comes to rest after a few.
	for my $turn (1 .. 5)
	{
		my ($tidied, $errors) = ('', '');
		my $failed = Perl::Tidy::perltidy(
			source => \$text, destination => \$tidied, stderr => \$errors, errorfile => \my $more,
			perltidyrc => '.perltidyrc', argv => '');
		die "$file: $errors\n" if $failed || $errors;
		last if $tidied eq $text;
		$text = $tidied;
	}
	return $text;
}

for my $file (splice @ARGV)
{
	my $text = content($file);
	my $tidied = tidied($file, $text);
	next if $text eq $tidied;
	print "$file: not as perltidy lays it out; test/lib/perl_layout.pl --fix $file\n" if !$fix;
	$differ = 1 if !$fix;
	next if !$fix;
	open my $out, '>:raw', $file or die "$file: $!\n";
	print $out $tidied;
	close $out or die "$file: $!\n";
}
exit $differ;
