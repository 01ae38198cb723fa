# Two servers: a source with the schema `shop`, and a server where it is attached under the same name. So a query's text
# reads the tables themselves on the one, and the foreign tables on the other.
package Attached;

use strict;
use warnings;

use Exporter 'import';
use Rivergen;
use Test::More;

our @EXPORT = qw(start_attached attach_again attach_second answer same);

my $password = 'Tr0ub4dor-and-3';

# Returns the server, the source and the source's id. statements fill the schema shop.
sub start_attached
{
	my ($statements, %option) = @_;
	my $server = start_server('server', %option);
	my $source = start_source('source', $password);
	sql($source, "CREATE SCHEMA shop; $statements");
	sql($source, 'GRANT USAGE ON SCHEMA shop TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA shop TO reader; ANALYZE');
	my $id = create_source(
		$server,
		{ %{ source_of($source, $password, name => 'Shop') }, metadata => { query => { enabled => JSON::PP::true } } });
	attach_again($server, $id);
	return ($server, $source, $id);
}

sub attach_again
{
	my ($server, $id) = @_;
	discover($server, $id);
	call($server, "rivergen.attach($id, 'shop', ARRAY['shop'])");
	return;
}

# The same database as another source, attached in another schema.
sub attach_second
{
	my ($server, $source, $schema) = @_;
	my $id = create_source(
		$server,
		{   %{ source_of($source, $password, name => 'Second') }, metadata => { query => { enabled => JSON::PP::true } }
		});
	discover($server, $id);
	call($server, "rivergen.attach($id, '$schema', ARRAY['shop'])");
	return;
}

# The rows of a query, or its error, as text.
sub answer
{
	my ($node, $query) = @_;
	my ($status, $out, $error) = $node->psql('postgres', $query, extra_params => [ '-v', 'VERBOSITY=terse' ]);
	return $status == 0 ? $out : $error =~ s/^psql:<stdin>:\d+: //rmg;
}

# A test: the query returns the same here and there. Its rows must be in one order only.
sub same
{
	my ($server, $source, $query, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my ($here, $there) = map { answer($_, $query) } $server, $source;
	is($here, $there, $name // $query) or diag($query);
	return $here;
}

1;
