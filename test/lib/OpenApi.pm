# What tests ask of an OpenAPI document: is a value as its schemas say, and is everything described.
package OpenApi;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use JSON::PP;

our @EXPORT = qw(validate pointer schema_of operation_of undescribed);

# Validates values, each by the schema that its pointer leads to; returns what the validator says of each.
sub validate
{
	my ($of, @given) = @_;
	my $asked = JSON::PP->new->utf8->allow_nonref->encode({ document => $of, checks => \@given });
	my ($out, $err) = ('', '');
	$ENV{VALIDATOR} or die "VALIDATOR does not name the validator\n";
	IPC::Run::run([ 'node', "$ENV{VALIDATOR}/validate.mjs" ], '<', \$asked, '>', \$out, '2>', \$err)
		or die "node: $err\n";
	return @{ decode_json($out) };
}

sub pointer
{
	return '/' . join '/', map { s/~/~0/gr =~ s{/}{~1}gr } @_;
}
sub schema_of { return pointer('components', 'schemas', @_) }

# The operation of the document that a request is, as (path, method); the path with more literal segments wins.
sub operation_of
{
	my ($document, $method, $path) = @_;
	$path =~ s/\?.*//;
	for my $template (sort { ($a =~ tr/{//) <=> ($b =~ tr/{//) } keys %{ $document->{paths} })
	{
		my $pattern = join '[^/]+', map { quotemeta } split /\{\w+\}/, $template, -1;
		return ($template, lc $method) if $path =~ /^$pattern$/ && $document->{paths}{$template}{ lc $method };
	}
	return;
}

# The places that have something to say and do not say it.
sub undescribed
{
	my ($place, $value) = @_;
	return map { undescribed("$place/$_", $value->[$_]) } 0 .. $#$value if ref $value eq 'ARRAY';
	return if ref $value ne 'HASH';
	my @silent;
	for my $name (sort keys %$value)
	{
		next if $name eq 'examples' || $name eq 'if' || $name eq 'then';
		push @silent, undescribed("$place/$name", $value->{$name});
		next unless $name eq 'properties' && ref $value->{properties} eq 'HASH';
		push @silent,
			map { "$place/properties/$_" }
			grep { ($value->{properties}{$_}{description} // '') eq '' } sort keys %{ $value->{properties} };
	}
	return @silent;
}

1;
