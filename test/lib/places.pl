#!/usr/bin/perl
# Where names live: a header declares what the file of its name defines, and a prefix belongs to one room. src/wire is a
# small library with one header for all of it, and rg_sql_ is what SQL calls, in any room.
use strict;
use warnings;

use File::Basename qw(dirname);
use File::Find;

my (%defined_in, @headers, %rooms, @faults);
find({ no_chdir => 1, wanted => sub { note_file($_) if /\.[ch]$/ } }, 'src');

sub content
{
	my ($path) = @_;
	open my $file, '<', $path or die "$path: $!\n";
	local $/;
	return scalar(<$file>) =~ s{/\*.*?\*/}{}gsr;
}

sub note_file
{
	my ($path) = @_;
	return push @headers, $path if $path =~ /h$/;
	my $code = content($path);
	while ($code =~ /^(\w+)\(/mg)
	{
		my $name = $1;
		$defined_in{$name}{$path} = 1;
		$rooms{$name}{ dirname($path) } = 1 if $name =~ /^rg_/;
	}
}

for my $header (sort @headers)
{
	next if $header =~ m{^src/wire/wire\.h$};
	my $code = content($header);
	my $file = $header =~ s/h$/c/r;
	while ($code =~ /extern\s+[^;{}=()]*?\b(\w+)\s*\([^;{]*;/g)
	{
		my $places = $defined_in{$1} or next;
		push @faults, "$header declares $1, which is defined in " . join(', ', sort keys %$places)
			unless $places->{$file};
	}
}

my %prefixes;
for my $name (keys %rooms)
{
	my ($prefix) = $name =~ /^(rg_[a-z]+_)/ or next;
	$prefixes{$prefix}{$_} = $name for keys %{ $rooms{$name} };
}
for my $prefix (sort keys %prefixes)
{
	my $used = $prefixes{$prefix};
	push @faults,
		"the prefix $prefix is used in several rooms: " . join(', ', map { "$used->{$_} in $_" } sort keys %$used)
		if $prefix ne 'rg_sql_' && keys %$used > 1;
}
print "lint: $_\n" for @faults;
exit(@faults ? 1 : 0);
