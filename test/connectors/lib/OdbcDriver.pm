# ODBC drivers as the server tells a connector of them.
package OdbcDriver;

use strict;
use warnings;

use Exporter 'import';
use JSON::PP;

our @EXPORT = qw(odbc_driver odbc_library);

# The path of a driver of Debian.
sub odbc_library
{
	my ($name) = @_;
	my ($path) = grep { -e } glob "/usr/lib/*/odbc/$name.so";
	return $path // die "no driver $name";
}

# name: of a driver of Debian, or a path.
sub odbc_driver
{
	my ($name, @rest) = @_;
	my $braces = @rest % 2 ? shift @rest : '';
	my @keywords;
	push @keywords, [ splice @rest, 0, 2 ] while @rest;
	return {
		name => $name, library => $name =~ m{^/} ? $name : odbc_library($name),
		braces => $braces ? JSON::PP::true : JSON::PP::false, keywords => \@keywords
	};
}

1;
