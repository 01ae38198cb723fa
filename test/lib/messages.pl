#!/usr/bin/perl
# Messages that docs/troubleshooting.md explains ("By message") are in the sources as it quotes them.
use strict;
use warnings;

use File::Find qw(find);
use FindBin;

chdir "$FindBin::Bin/../..";

sub content
{
	my ($path) = @_;
	open my $file, '<', $path or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

my $sources = '';
find({ no_chdir => 1, wanted => sub { $sources .= content($_) if /\.(?:c|h|conf|sql)$/ } }, 'src', 'sql/objects');
$sources =~ s/"\s*\n\s*"//g;    # one literal in several lines

my ($section) = content('docs/troubleshooting.md') =~ /^## By message\n(.*?)^## /ms
	or die "docs/troubleshooting.md: the section on messages is not there\n";
my @messages = $section =~ /^\| `([^`]+)`/mg;
my @unknown = grep { index($sources, $_) < 0 } @messages;
print "docs/troubleshooting.md explains a message that is not in the sources: $_\n" for @unknown;
exit(@unknown || @messages < 10 ? 1 : 0);
