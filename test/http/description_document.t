# Descriptions and tags as a document, over HTTP: exported, edited, checked, applied, and what two editors see of each other.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;
use Web;

my $password = 'Tr0ub4dor-and-3';
my $server = start_web();
my $source = start_source('source', $password);
sql($source, <<'EOS');
CREATE TABLE customer (id int PRIMARY KEY, email text);
CREATE TABLE orders (id int PRIMARY KEY);
COMMENT ON TABLE customer IS 'Kunden';
EOS
my $path = '/api/v1/table-descriptions';
my $id = as('ada', POST => '/api/v1/data-sources', body => source_of($source, $password))->{body}{data}{id};
as('ada', POST => "$path/refresh", body => { db_connection_id => "$id" });

sub exported { return succeeded(as('vic', GET => "$path/export?$_[0]"), 200, "export $_[0]") }
sub applied
{
	my ($who, $document, $query) = @_;
	return as($who, POST => "$path/apply" . ($query // ''), body => $document);
}
sub table
{
	return (grep { $_->{table_name} eq $_[0] } @{ as('vic', GET => "$path?db_connection_id=$id")->{body}{data}{items} })
		[0];
}

my $document = exported("db_connection_id=$id");
my ($customer) = grep { $_->{table_name} eq 'customer' } @{ $document->{descriptions} };

subtest 'export, edit, check, apply' => sub {
	is_deeply(
		$customer,
		{   data_source => 'source', table_schema => 'public', table_name => 'customer', comment => 'Kunden',
			version => table('customer')->{version}, columns => [ { name => 'id' }, { name => 'email' } ]
		},
		'an entry says what is there, and the source its comment');
	$customer->{description} = 'Wer kauft 🌊';
	$customer->{tags} = ['owner:ada'];
	$customer->{columns}[1]{tags} = ['pii'];
	my %counts = (changed => 1, unchanged => 1, conflict => 0, not_found => 0, refused => 0);
	my $checked = succeeded(applied('ada', $document, '?check_only=true'), 200, 'a check');
	is_deeply([ @$checked{qw(check_only counts)} ], [ JSON::PP::true, \%counts ], 'says what would be done');
	is(table('customer')->{description}, 'Kunden', 'and does nothing');
	my $done = succeeded(applied('ada', $document), 200, 'applied');
	is_deeply([ @$done{qw(check_only counts)} ], [ JSON::PP::false, \%counts ], 'is done');
	is( table('customer')->{description} . " @{ table('customer')->{tags} } @{ table('customer')->{columns}[1]{tags} }",
		'Wer kauft 🌊 owner:ada pii', 'texts and tags are written');
	is(succeeded(applied('ada', $document), 200, 'again')->{counts}{unchanged}, 2, 'changes nothing');
	is_deeply(
		[ map { $_->{table_name} } @{ exported('only_described=true')->{descriptions} } ],
		['customer'], 'what users gave alone');
	is_deeply([ map { $_->{table_name} } @{ exported('tags=pii')->{descriptions} } ], ['customer'], 'by a tag');
	is(scalar @{ exported('table_schema=none')->{descriptions} }, 0, 'by a schema');
	is_deeply(exported('table_schema='), exported(''), 'an empty schema filters nothing');
};

subtest 'how much is described' => sub {
	is_deeply(
		succeeded(as('vic', GET => "$path/coverage?db_connection_id=$id"), 200, 'of one source'),
		[ { data_source_id => $id + 0, tables_count => 2, tables_described => 1, tables_commented => 1,
			tables_tagged => 1,
			columns_count => 3, columns_described => 0, columns_commented => 0, columns_tagged => 1
		} ],
		'tables and columns are counted');
	is_deeply(succeeded(as('eve', GET => "$path/coverage"), 200, 'of another organization'), [], 'is nothing of ours');
	refused(as('vic', GET => "$path/coverage?db_connection_id=987654321"), 404, 'NOT_FOUND', 'no such source');
};

subtest 'two editors' => sub {
	as('carl', PATCH => "$path/" . table('customer')->{id}, body => { description => 'by carl' });
	my $late = succeeded(applied('ada', $document), 200, 'a document of before');
	is("$late->{counts}{conflict} $late->{counts}{unchanged}", '1 1', 'does not undo what carl did');
	my ($told) = grep { $_->{result} eq 'conflict' } @{ $late->{entries} };
	like("@{ $told->{details} }", qr/^version: is [0-9a-f]{32} now: users changed/, 'and says why');
	delete $customer->{version};
	is(succeeded(applied('ada', $document), 200, 'without versions')->{counts}{changed}, 1, 'it does');
};

subtest 'refused' => sub {
	refused(applied('vic', $document), 403, 'FORBIDDEN', 'a viewer applies nothing');
	refused(applied('ada', {}), 400, 'BAD_REQUEST', 'no document', details => qr/descriptions: is required/);
	refused(
		applied('ada', { success => JSON::PP::true, data => $document, message => '' }), 400, 'BAD_REQUEST',
		'the whole answer', details => qr/answers in data/);
	refused(applied('ada', $document, '?check=true'), 400, 'BAD_REQUEST', 'a misspelled parameter');
	refused(as('vic', GET => "$path/export?db_connection_id=987654321"), 404, 'NOT_FOUND', 'no such source');
	is_deeply(
		succeeded(applied('eve', $document), 200, 'another organization')->{counts},
		{ changed => 0, unchanged => 0, conflict => 0, not_found => 2, refused => 0 },
		'finds none of it');
	is(scalar @{ as('eve', GET => "$path/export")->{body}{data}{descriptions} }, 0, 'and exports none of it');
};

survives($server);
done_testing();
