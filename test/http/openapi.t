# GET /api/v1/openapi.json: valid by the official schema, and complete. openapi_tour.t: it is true.
use strict;
use warnings;

use Gateway;
use JSON::PP;
use OpenApi;
use Rivergen;
use Test::More;

my $gateway = Gateway->start('openapi');
my $node = $gateway->{node};
install_fake($node);
my $sources = '/api/v1/data-sources';

my ($status, $headers, $document) = $gateway->request(GET => '/api/v1/openapi.json');
is($status, 200, 'it is there without a token');
like($headers->{'content-type'}, qr{^application/json\b}, 'the document is JSON');
is(($gateway->request(GET => '/api/v1/openapi.json?x=1'))[0], 400, 'the document takes no parameters');
is(($gateway->request(POST => '/api/v1/openapi.json'))[0], 405, 'the document takes no other methods');

subtest 'every path, and nothing else' => sub {
	my @described = map {
		my $path = $_;
		map { uc . " $path" } keys %{ $document->{paths}{$path} }
	} keys %{ $document->{paths} };
	is_deeply(
		[ sort @described ],
		[ sort split /\n/, sql($node, 'SELECT method || chr(32) || path FROM rivergen_catalog.http_routes()') ],
		'the document has the operations of the route table');
	is_deeply([ sort @described ], [ sort split /\s*\n\s*/, <<~'EOT' ], 'the document has the operations of the pages');
		GET /api/v1/data-sources
		POST /api/v1/data-sources
		POST /api/v1/data-sources/test
		POST /api/v1/data-sources/databases
		POST /api/v1/data-sources/from-foreign-server
		GET /api/v1/foreign-servers
		GET /api/v1/data-sources/{data_source_id}
		PATCH /api/v1/data-sources/{data_source_id}
		DELETE /api/v1/data-sources/{data_source_id}
		POST /api/v1/data-sources/{data_source_id}/restore
		POST /api/v1/data-sources/{data_source_id}/test
		POST /api/v1/data-sources/{data_source_id}/databases
		PUT /api/v1/data-sources/{data_source_id}/credentials
		PUT /api/v1/data-sources/{data_source_id}/status
		DELETE /api/v1/data-sources/{data_source_id}/host-key
		GET /api/v1/data-sources/{data_source_id}/health
		GET /api/v1/data-sources/{data_source_id}/schemas
		POST /api/v1/data-sources/{data_source_id}/discover-schema
		GET /api/v1/data-sources/{data_source_id}/jobs
		GET /api/v1/data-sources/{data_source_id}/rows
		POST /api/v1/data-sources/{data_source_id}/query
		POST /api/v1/data-sources/{data_source_id}/attachment
		DELETE /api/v1/data-sources/{data_source_id}/attachment
		GET /api/v1/jobs/{job_id}
		POST /api/v1/jobs/{job_id}/cancel
		GET /api/v1/search
		GET /api/v1/schema-context
		POST /api/v1/schema-context
		GET /api/v1/table-descriptions
		POST /api/v1/table-descriptions/refresh
		POST /api/v1/table-descriptions/scan
		GET /api/v1/table-descriptions/coverage
		GET /api/v1/table-descriptions/export
		POST /api/v1/table-descriptions/apply
		GET /api/v1/table-descriptions/{id}
		PUT /api/v1/table-descriptions/{id}
		PATCH /api/v1/table-descriptions/{id}
		GET /api/v1/data-source-types
		GET /api/v1/sealing-key
		GET /api/v1/openapi.json
		EOT
	for my $path (sort keys %{ $document->{paths} })
	{
		my $described = join ' ', sort $path =~ /\{(\w+)\}/g;
		for my $method (sort keys %{ $document->{paths}{$path} })
		{
			my $parameters = $document->{paths}{$path}{$method}{parameters};
			is( join(' ', sort map { $_->{name} } grep { $_->{in} eq 'path' } @$parameters), $described,
				"$method $path: its path");
		}
	}
	my $list = $document->{paths}{$sources}{get}{parameters};
	is_deeply(
		[ map { $_->{name} } @$list ],
		[qw(workspace_id type status_filter page page_size search sort_by sort_order tags after)],
		'the parameters of the list page');
	is_deeply(
		{ map { $_->{name} => $_->{schema}{default} } grep { defined $_->{schema}{default} } @$list },
		{ page => 1, page_size => 20, sort_by => 'created_at', sort_order => 'desc' }, 'the list page has its defaults'
	);
};

subtest 'nothing in it is for nothing' => sub {
	my $text = JSON::PP->new->canonical->encode($document);
	for my $kind (grep { $_ ne 'securitySchemes' } sort keys %{ $document->{components} })
	{
		is_deeply(
			[ grep { $text !~ m{"#/components/$kind/\Q$_\E"} } sort keys %{ $document->{components}{$kind} } ],
			[], "of the $kind");
	}
};

subtest 'the order is that of the pages' => sub {
	my $text = sql($node, 'SELECT rivergen_catalog.openapi_document()');
	my ($item) = $text =~ /"DataSourceItem" : \{(.*?)"required"/s;
	like(
		$item, qr/"id".*"organization_id".*"workspace_id".*"name".*"tags".*"created_at".*"updated_at"/s,
		'fields keep their order');
	like(
		$text, qr{"/api/v1/data-sources".*"/api/v1/jobs/\{job_id\}".*"/api/v1/openapi.json"}s,
		'paths keep their order');
	like(
		$text, qr/"username": "dbuser",\s*"password": "securepassword",\s*"api_key": null/,
		'examples keep their order');
};

subtest 'enumerations are those of the tables' => sub {
	my $schemas = $document->{components}{schemas};
	my $of = sub { [ split /,/, sql($node, "SELECT string_agg(x, ',' ORDER BY x) FROM ($_[0]) x (x)") ] };
	is_deeply(
		$schemas->{DataSourceTypeEnum}{enum},
		[ split /,/, sql($node, "SELECT string_agg(type, ',' ORDER BY position) FROM rivergen.data_source_types()") ],
		'types');
	is(scalar @{ $schemas->{DataSourceTypeEnum}{enum} }, 24, 'all 24 of them');
	is_deeply(
		[ sort keys %{ $schemas->{DataSourceCredentials}{properties} } ],
		$of->('SELECT DISTINCT unnest(credential_keys) COLLATE "C" FROM rivergen.data_source_types'), 'credentials');
	my $checked = sub {
		$of->(
			"SELECT (regexp_matches(pg_get_constraintdef(oid), '''(\\w+)''', 'g'))[1] COLLATE \"C\" FROM pg_constraint WHERE conname = '$_[0]'"
		);
	};
	is_deeply(
		[ sort @{ $schemas->{DataSourceStatus}{enum} } ],
		[ sort 'maintenance', @{ $checked->('data_source_state_status_check') } ], 'statuses');
	my ($status) =
		grep { $_->{name} eq 'status' } @{ $document->{paths}{"$sources/{data_source_id}/jobs"}{get}{parameters} };
	is_deeply($schemas->{JobStatus}{enum}, $status->{schema}{enum}, 'the route of jobs has the statuses of the table');
	is_deeply(
		[ sort @{ $schemas->{TableDescriptionStatus}{enum} } ],
		[ sort 'DEPRECATED', @{ $checked->('relation_scan_status') } ], 'of table descriptions');
	my %parameter = map { $_->{name} => $_->{schema} } @{ $document->{paths}{$sources}{get}{parameters} };
	is_deeply(
		$parameter{status_filter}{enum}, $schemas->{DataSourceStatus}{enum},
		'the filter of the list has the statuses');
	is_deeply(
		[ sort @{ $parameter{sort_by}{enum} } ], [ sort keys %{ $schemas->{DataSourceItem}{properties} } ],
		'sorting is by the fields of an item');
};

subtest 'a session makes it once, and again when the extension changes' => sub {
	my $headers = literal('{"x-rivergen-method": "GET", "x-rivergen-uri": "/api/v1/openapi.json"}');
	my $ask = "SELECT position('Changed.' in rivergen.http(NULL)::text) > 0;";
	my $answers = sql($node, <<~"EOT");
		SET request.headers = $headers;
		BEGIN;
		$ask
		COMMENT ON FUNCTION rivergen.job_get(bigint) IS 'Changed.';
		$ask
		CREATE FUNCTION pg_temp.another() RETURNS int LANGUAGE sql RETURN 1;
		$ask
		ROLLBACK;
		$ask
		EOT
	is($answers, "f\nf\nt\nf", 'the first, the same, the new one, the old one');
};

subtest 'descriptions' => sub {
	is_deeply([ undescribed('', $document) ], [], 'every member has a description');
	for my $path (sort keys %{ $document->{paths} })
	{
		for my $method (sort keys %{ $document->{paths}{$path} })
		{
			my $operation = $document->{paths}{$path}{$method};
			my @texts = (
				$operation->{summary}, $operation->{description},
				map { $_->{description} } @{ $operation->{parameters} });
			is(scalar(grep { ($_ // '') eq '' } @texts), 0, "of $method $path");
			unlike($operation->{description}, qr/\b(Errors|Source): /, 'descriptions do not repeat errors and pages');
		}
	}
	like(
		$document->{paths}{"$sources/{data_source_id}/discover-schema"}{post}{responses}{409}{description},
		qr/maintenance/, 'a failure has its reasons');
	ok($_->{description}, "of the schema $_->{description}") for values %{ $document->{components}{schemas} };
	is( scalar(grep { !$_->{description} } values %{ $document->{components}{responses} }), 0,
		'every failure has a description');
};

subtest 'examples' => sub {
	my $shown = 0;
	my $examples = $document->{components}{examples};
	for my $path (sort keys %{ $document->{paths} })
	{
		for my $method (sort keys %{ $document->{paths}{$path} })
		{
			my $operation = $document->{paths}{$path}{$method};
			my @places = (['requestBody'], map { [ 'responses', $_ ] } keys %{ $operation->{responses} });
			for my $place (@places)
			{
				my $content = $operation;
				$content = $content->{$_} // {} for @$place, 'content', 'application/json';
				for my $reference (map { $_->{'$ref'} } values %{ $content->{examples} // {} })
				{
					my ($name) = $reference =~ m{^#/components/examples/(.*)$};
					ok($examples->{$name}, "$name is there") or next;
					$shown++;
					expect_valid(
						"the example $name",
						pointer('paths', $path, $method, @$place, 'content', 'application/json', 'schema'),
						$examples->{$name}{value}, closed => 1);
				}
			}
		}
	}
	is($shown, scalar keys %$examples, 'all are shown');
	is($shown, 10, 'the document has as many examples as the pages');
};

subtest 'valid' => sub { all_are_valid($document, 10) };

subtest 'the validator finds what is wrong' => sub {
	my ($official) = validate({ %$document, paths => { 'no slash' => {} } });
	isnt(scalar @{ $official->{errors} }, 0, 'in a document');
	my $broken = decode_json(encode_json($document));
	$broken->{components}{schemas}{Job}{properties}{job_id}{maximun} = 7;
	my (undef, $strict) = validate($broken);
	isnt(scalar @{ $strict->{errors} }, 0, 'in a schema');
};

survives($node);
done_testing();
