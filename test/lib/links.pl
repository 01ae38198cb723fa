#!/usr/bin/perl
# Links of the manuals, and citations of pages in comments, lead somewhere; every public function, view and setting is
# in the manual; and the words of CONTRIBUTING's style that are to vanish only become fewer.
#
#	[text](path#heading)    in a page: the file is there, and has the heading
#	`src/check`, `make x`   in a page, where it begins with a folder of ours: is there
#	docs/design.md, "Data"  anywhere: the page is there, and has the heading
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));

use File::Basename qw(dirname);
use File::Find qw(find);
use FindBin;

chdir "$FindBin::Bin/../..";

my $faults = 0;
my (@pages, @sources, %text, %headings);

sub fault
{
	print "$_[0]: $_[1]\n";
	$faults++;
}

sub content
{
	my ($path) = @_;
	return $text{$path} //= do
	{
		open my $in, '<', $path or die "$path: $!\n";
		local $/;
		<$in>;
	};
}

# A path from a folder's point of view, without . and ..
sub joined
{
	my @parts;
	for my $part (map { split m{/} } @_)
	{
		if ($part eq '..') { pop @parts }
		elsif ($part ne '.' && $part ne '') { push @parts, $part }
	}
	return join '/', @parts;
}

sub headings
{
	my ($page) = @_;
	return $headings{$page} //= { map { $_ => 1 } content($page) =~ /^#+ +(.*?) *$/mg };
}

# As GitHub makes them of headings.
sub anchors
{
	my ($page) = @_;
	return { map { (lc =~ s/[^\w -]//gr =~ tr/ /-/r => 1) } keys %{ headings($page) } };
}

sub check_link
{
	my ($page, $target) = @_;
	return if $target =~ /^(https?|mailto):/;
	my ($path, $anchor) = split /#/, $target, 2;
	my $file = $path eq '' ? $page : joined(dirname($page), $path);
	return fault($page, "links to $target, which is not there") if !-e $file;
	fault($page, "links to $target, and there is no such heading") if $anchor && !anchors($file)->{$anchor};
}

# Globs, and names with a part to fill in, are there when the part before is.
sub check_place
{
	my ($page, $place) = @_;
	return if $place =~ m{^sql/(?:upgrade/A--B|released)} || -e $place || glob $place;
	fault($page, "names $place, which is not there");
}

sub check_page
{
	my ($page) = @_;
	my $prose = content($page) =~ s/^```.*?^```//msgr;
	check_link($page, $1) while $prose =~ /\]\(([^)\s]+)\)/g;
	check_place($page, $1) while $prose =~ m{`((?:src|sql|test|docs|expected|build/connectors)/[\w./*-]*)`}g;
}

# The pages that a comment may mean by a name: from the root, or from its own folder.
sub cited
{
	my ($file, $name) = @_;
	my ($page) = grep { -f } joined($name), joined(dirname($file), $name);
	return $page;
}

sub check_citations
{
	my ($file) = @_;
	my $text = content($file) =~ s/\n[ \t]*(?:\*|#|--)?[ \t]*/ /gr;
	while ($text =~ m{(?<![\w/.\$-])((?:[\w.-]+/)+[\w-]+\.md|[A-Z]+\.md)\b(?:\)?, "([^"]+)")?}g)
	{
		my ($name, $heading) = ($1, $2);
		my $page = cited($file, $name);
		if (!$page) { fault($file, "cites $name, which is not there") }
		elsif ($heading && !headings($page)->{$heading})
		{
			fault($file, "cites $name, \"$heading\", and there is no such heading");
		}
	}
	fault($file, "cites $1: name the page and its heading") while $text =~ /(?<!RFC )(?<!\d )\b([A-Z]{2,} §[\d.]+)/g;
}

# What people may call, look at and set is in the manual.
sub check_manual
{
	my $objects = join '', map { content($_) } glob 'sql/objects/*.sql';
	my $reference = content('docs/reference.md');
	my $settings = content('docs/settings.md');
	my %public = map { $_ => 1 } $objects =~ /^CREATE OR REPLACE (?:FUNCTION|VIEW) rivergen\.(\w+)/mg;
	for my $name (sort keys %public)
	{
		my ($last) = $name =~ /_([a-z]+)$/;
		next if $reference =~ /`$name\b/ || ($last && $reference =~ /`_$last\(/);
		fault('docs/reference.md', "does not have $name");
	}
	my %setting = map { $_ => 1 } map { content($_) =~ /"(rivergen\.[a-z_]+)"/g } grep { /\.c$/ } @sources;
	$settings =~ /`\Q$_\E`/
		or fault('docs/settings.md', "does not have $_")
		for sort grep { $_ ne 'rivergen.http' } keys %setting;
}

# Subjects that name no actor.
sub check_words
{
	for my $file (@pages, grep { m{^(?:src|sql)/} } @sources)
	{
		next if $file eq 'CHANGELOG.md';
		my $text = content($file);
		fault($file, "\"$1\": name the actor")
			while $text =~ /\b(nobody|somebody|anybody|whoever|the one (?:who|what))\b/gi;
	}
}

sub collect
{
	return $File::Find::prune = 1 if m{^\./(?:\.git|build)$|/node_modules$};
	my $file = s{^\./}{}r;
	return if !-f || $file =~ /^rivergen--/ || $file =~ m{^sql/released/};
	push @pages, $file if $file =~ /\.md$/;
	push @sources, $file
		if $file =~ m{(?:^|/)Makefile$|\.(?:c|h|sql|p[lm]|t|sh|py|conf|service|mk|spec)$|/fake-connector$};
}

find({ no_chdir => 1, wanted => \&collect }, '.');
check_page($_) for @pages;
check_citations($_) for @pages, @sources;
check_manual();
check_words();
exit($faults ? 1 : 0);
