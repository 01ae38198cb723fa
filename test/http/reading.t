# The four routes of reading in place over HTTP: what each role may, what the service refuses, and how long a query may be.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;
use Web;

my $true = JSON::PP::true;
my $server = start_web();
my @values = ([ 1, 'x' ], [ 2, undef ]);

sub source
{
	my (%query) = @_;
	my $id = new_fake('boss', { values => \@values, query => \%query });
	as('boss', POST => "/api/v1/data-sources/$id/discover-schema");
	return "/api/v1/data-sources/$id";
}

my $rows = 'rows?table_schema=schema_1&table_name=collection_1';
my $path = source(enabled => $true);

subtest 'rows' => sub {
	for my $who (qw(ada boss))
	{
		is_deeply(
			succeeded(as($who, GET => "$path/$rows"), 200, "$who reads")->{rows},
			[ [ '1', 'x' ], [ '2', undef ] ], 'all rows');
	}
	refused(as('vic', GET => "$path/$rows"), 403, 'FORBIDDEN', 'a viewer', message => qr/needs the role editor/);
	refused(as('eve', GET => "$path/$rows"), 404, 'NOT_FOUND', 'an editor of another organization');
	refused(as('out', GET => "$path/$rows"), 403, 'FORBIDDEN', 'a user without organization');
	refused(as(undef, GET => "$path/$rows"), 401, 'UNAUTHORIZED', 'no token');
	refused(as('ada', POST => "$path/$rows", body => {}), 405, 'METHOD_NOT_ALLOWED', 'another method');
	my $open = source(enabled => $true, viewers => $true);
	is( scalar @{ succeeded(as('vic', GET => "$open/$rows&limit=1"), 200, 'a viewer where viewers may')->{rows} }, 1,
		'a row');
	refused(as('vic', POST => "$open/query", body => { query => 'x' }), 403, 'FORBIDDEN', 'but no query');
	my $off = source(enabled => JSON::PP::false, viewers => $true);
	refused(
		as($_, GET => "$off/$rows"), 403, 'FORBIDDEN', "switched off for $_", message => qr/not switched on/,
		details => qr/An admin of the organization switches it on/) for qw(vic ada boss);
};

subtest 'queries' => sub {
	is( scalar @{ succeeded(as('ada', POST => "$path/query", body => { query => 'x' }), 200, 'an editor')->{rows} }, 2,
		'has the rows');
	refused(as('vic', POST => "$path/query", body => { query => 'x' }), 403, 'FORBIDDEN', 'a viewer');
	refused(as('eve', POST => "$path/query", body => { query => 'x' }), 404, 'NOT_FOUND', 'another organization');
	refused(as('ada', POST => "$path/query", body => { query => ' ' }), 400, 'BAD_REQUEST', 'nothing');
	refused(
		as('ada', POST => "$path/query", body => { query => 'x' x $_ }), 413, 'PAYLOAD_TOO_LARGE',
		"a query of $_ bytes") for 2_000_000, 10_000_000;
};

subtest 'attachments' => sub {
	sql($server, 'CREATE ROLE keeper');
	sql($server, q{DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO keeper', current_database()); END $$});
	refused(as('ada', POST => "$path/attachment", body => {}), 403, 'FORBIDDEN', 'without a role for the organization');
	sql($server, "SELECT rivergen.organization_set_attachment_role(1, 'keeper')");
	for my $method (qw(POST DELETE))
	{
		my @body = $method eq 'POST' ? (body => {}) : ();
		refused(as('vic', $method => "$path/attachment", @body), 403, 'FORBIDDEN', "$method: a viewer");
		refused(as('eve', $method => "$path/attachment", @body), 404, 'NOT_FOUND', "$method: another organization");
		refused(as('out', $method => "$path/attachment", @body), 403, 'FORBIDDEN', "$method: no organization");
	}
	my $made = succeeded(
		as('ada', POST => "$path/attachment", body => { local_schema => 'here', schemas => ['schema_1'] }),
		200, 'an editor attaches');
	is_deeply($made->{local_schemas}, { schema_1 => 'here' }, 'in this schema');
	succeeded(as('carl', DELETE => "$path/attachment"), 200, 'another editor detaches');
	is(sql($server, "SELECT to_regnamespace('here') IS NULL"), 't', 'nothing is left');
	succeeded(
		as('ada', POST => "$path/attachment", body => { local_schema => 'here', schemas => ['schema_1'] }), 200,
		'attached again');
	sql($server, "SELECT rivergen.member_remove(user_id) FROM rivergen_catalog.app_user WHERE subject = 'ada'");
	refused(
		as('ada', DELETE => "$path/attachment"), 403, 'FORBIDDEN',
		'a user who is no member any more, since tenants share the role');
};

subtest 'a connector that cannot' => sub {
	my $able = sub { return source(enabled => $true) };
	fake_beginning($server, capabilities => [qw(test discover sample)]);
	my $unable = $able->();
	refused(as('boss', GET => "$unable/$rows"), 501, 'NOT_IMPLEMENTED', 'rows');
	refused(as('boss', POST => "$unable/query", body => { query => 'x' }), 501, 'NOT_IMPLEMENTED', 'query');
	refused(as('boss', POST => "$unable/attachment", body => {}), 501, 'NOT_IMPLEMENTED', 'attach');
	refused(as('boss', DELETE => "$unable/attachment"), 404, 'NOT_FOUND', 'there is nothing to detach');
	fake_beginning($server);
	without_connector($server, 'http_api');
	my $id = new_source('boss', type => 'http_api', metadata => { query => { enabled => $true } });
	refused(as('boss', GET => "/api/v1/data-sources/$id/$rows"), 501, 'NOT_IMPLEMENTED', 'a type without a connector');
};

clean_server($server);
done_testing();
