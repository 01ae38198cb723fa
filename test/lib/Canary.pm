# Secrets that are found wherever they lie: each has a way in which it is used, so that a find tells which way leaks.
package Canary;

use strict;
use warnings;

use Exporter 'import';
use File::Find qw(find);
use MIME::Base64 qw(encode_base64);
use Test::More;

our @EXPORT = qw(canary finds nothing_in files_below content processes searched_for);

my %canary;
my @forms;
my $any;
my $looked_at = 0;

sub canary
{
	my ($way) = @_;
	undef $any;
	return $canary{$way} //= 'cNry' . join('', map { ('a' .. 'z', 0 .. 9)[ rand 36 ] } 1 .. 24);
}

# Every form in which a canary could lie about: as it is, in hexadecimal, in base64 at each alignment.
sub list_forms
{
	@forms = ();
	for my $way (sort keys %canary)
	{
		my $value = $canary{$way};
		push @forms, [ $way, $value ], [ "$way, in hexadecimal", unpack('H*', $value) ];
		for my $skip (0 .. 2)
		{
			(my $middle = encode_base64(substr($value, $skip, 18), '')) =~ s/=+$//;
			push @forms, [ "$way, in base64", $middle ];
		}
	}
	$any = join '|', map { quotemeta $_->[1] } @forms;
	return;
}

# The ways whose canaries are in the text.
sub finds
{
	my ($text) = @_;
	list_forms() unless defined $any;
	$looked_at += length $text;
	return () unless $text =~ /$any/;
	return map { $_->[0] } grep { index($text, $_->[1]) >= 0 } @forms;
}

sub nothing_in
{
	my ($where, @texts) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my @found = map { finds($_ // '') } @texts;
	is_deeply(\@found, [], "nothing in $where (" . scalar(@texts) . ')');
	return;
}

sub files_below
{
	my ($directory) = @_;
	my @files;
	find({ no_chdir => 1, wanted => sub { push @files, $_ if -f $_ } }, $directory);
	return @files;
}

sub content
{
	my ($path) = @_;
	open my $file, '<:raw', $path or return '';
	local $/;
	return scalar(<$file>) // '';
}

# What everyone may see of these processes.
sub processes
{
	return map {
		my $pid = $_;
		map { content("/proc/$pid/$_") } qw(cmdline environ)
	} @_;
}

sub searched_for
{
	list_forms() unless defined $any;
	return "$looked_at bytes, " . scalar(@forms) . ' forms of ' . scalar(keys %canary) . ' canaries';
}

1;
