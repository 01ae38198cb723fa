# What tests ask of an OpenAPI document: is a value as its schemas say, and is everything described.
package OpenApi;

use strict;
use warnings;

use Exporter 'import';
use IPC::Run;
use JSON::PP;
use Test::More;

our @EXPORT = qw(validate expect_valid all_are_valid pointer schema_of operation_of undescribed);

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

# What is to be validated, all at once: name, pointer to the schema, value, whether unknown members are errors, and
# whether it is valid.
my @checks;

sub expect_valid
{
	my ($name, $pointer, $value, %option) = @_;
	push @checks,
		{
		name => $name, pointer => $pointer, value => $value,
		closed => $option{closed} ? JSON::PP::true : JSON::PP::false,
		valid => $option{valid} // 1
		};
}

# Tests the document and all values that were told to expect_valid, which are `least` or more.
sub all_are_valid
{
	my ($document, $least) = @_;
	my ($official, $strict, @results) = validate($document, @checks);
	is_deeply($official->{errors}, [], 'the official schema of OpenAPI 3.1 finds no fault');
	is_deeply($strict->{errors}, [], 'its schemas, read strictly');
	cmp_ok(scalar @results, '>=', $least, 'many values were looked at');
	for my $i (0 .. $#checks)
	{
		my ($check, $errors) = ($checks[$i], $results[$i]{errors});
		is( @$errors == 0 ? 1 : 0, $check->{valid} ? 1 : 0,
			"$check->{name} is " . ($check->{valid} ? 'valid' : 'not valid')
		) or diag(explain($check->{value}, $errors));
	}
	return;
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
