# The plain layer: functions at /rpc/ and views, as PostgREST serves them. Its bodies are PostgREST's, {"code",
# "message", "details", "hint"}, with the codes of the specification, its statuses and its headers.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;
use Web;

my $server = start_web();
my $id = new_fake('ada', {}, name => 'Ünïcödé 数据 🌊');
my $theirs = new_fake('eve', {}, name => 'theirs');

sub rpc
{
	my ($who, $function, $arguments, %option) = @_;
	return as($who, POST => "/rpc/$function", body => $arguments, %option);
}

# A test: a failure in PostgREST's shape.
sub fails
{
	my ($answer, $status, $code, $name, %expected) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $body = ref $answer->{body} eq 'HASH' ? $answer->{body} : {};
	subtest $name => sub {
		is($answer->{status}, $status, 'status');
		is(join(' ', sort keys %$body), 'code details hint message', 'the shape');
		is($body->{code}, $code, 'code');
		is($body->{message}, $expected{message}, 'message') if $expected{message};
		like($body->{details} // '', $expected{details}, 'details') if $expected{details};
		is($answer->{headers}{'www-authenticate'}, $status == 401 ? 'Bearer' : undef, 'WWW-Authenticate');
		ok(defined $answer->{headers}{'retry-after'}, 'Retry-After') if $status == 429 || $status == 503;
	} or diag("$answer->{status} $answer->{text}");
	return $body;
}

subtest 'what is well' => sub {
	is( succeeded(rpc('vic', 'data_source_get', { id => $id }), 200, 'a function')->{name}, 'Ünïcödé 数据 🌊',
		'its answer is that of SQL');
	is( succeeded(as('vic', GET => "/rpc/data_source_get?id=$id"), 200, 'by GET')->{id}, $id,
		'with arguments in the query');
	my $rows = as('vic', GET => "/data_sources?select=id,name&id=eq.$id")->{body};
	is_deeply($rows, [ { id => $id, name => 'Ünïcödé 数据 🌊' } ], 'a view');
	is(as('vic', GET => '/data_sources')->{body}[0]{organization_id}, 1, 'a view shows the own organization');
	is_deeply(
		as('vic', GET => "/data_sources?id=eq.$theirs")->{body}, [],
		'a view shows no source of another organization');
	succeeded(rpc('ada', 'discover_schema', { data_source_id => $id }), 200, 'a discovery');
	is(scalar @{ as('vic', GET => "/tables?data_source_id=eq.$id")->{body} }, 6, 'a view shows the discovered tables');
};

subtest 'what fails' => sub {
	my %wrong = wrong_tokens();
	fails(
		rpc(undef, 'data_source_list', {}), 401, 'UNAUTHORIZED', 'no token',
		message => 'Invalid or missing authentication token');
	fails(
		rpc(undef, 'data_source_list', {}, headers => { Authorization => $wrong{$_} }), 401, 'UNAUTHORIZED', $_,
		message => 'Invalid or missing authentication token') for 'of an unknown user', 'without a subject';
	is( rpc(undef, 'data_source_list', {}, headers => { Authorization => $wrong{$_} })->{status}, 401,
		"$_ is PostgREST's to refuse") for 'expired', 'a wrong signature';
	fails(
		rpc('out', 'data_source_list', {}), 403, 'FORBIDDEN', 'no membership',
		message => 'User is not a member of any organization');
	fails(rpc('vic', 'data_source_delete', { id => $id }), 403, 'FORBIDDEN', 'a viewer');
	fails(
		rpc('ada', 'data_source_get', { id => 987654321 }), 404, 'NOT_FOUND', 'a missing source',
		message => 'data source 987654321 not found');
	my $missing = fails(
		rpc('ada', 'data_source_get', { id => $theirs }), 404, 'NOT_FOUND', "another's",
		message => "data source $theirs not found");
	fails(
		rpc('ada', 'data_source_list', { page => 0, page_size => 0 }), 400, 'BAD_REQUEST', 'faults',
		details => qr/^page: .*\npage_size: /);
	fails(
		as('ada', GET => '/rpc/data_source_list?sort_by=Gr%C3%B6%C3%9Fe'), 400, 'BAD_REQUEST', 'by GET',
		details => qr/^sort_by: /);
	fails(
		as('ada', GET => "/rpc/data_source_schemas?id=$id&schema_name=%C3%9Cber%22%5C%0A"), 404, 'NOT_FOUND',
		'a name with everything in it',
		message => "schema \"Über\"\\\n\" not found");
	fails(rpc('ada', 'data_source_restore', { id => $id }), 409, 'CONFLICT', 'a conflict');
	fails(
		rpc('ada', 'data_source_update',
			{ id => $id, changes => { description => 'x' }, if_updated_at => '2024-12-01T08:00:00Z' }),
		409,
		'CONFLICT',
		'an old version');
	my $broken = new_fake('ada', { behaviour => 'error' });
	fails(
		rpc('ada', 'discover_schema', { data_source_id => $broken }), 502, 'BAD_GATEWAY', 'a source that fails',
		details => qr/job \d+/);
	my @back = (setting('rivergen.enabled', 'off'), setting('rivergen.max_queued_per_organization', '1'));
	succeeded(
		rpc('ada', 'discover_schema', { data_source_id => $id, refresh => JSON::PP::true, wait => JSON::PP::false }),
		202, 'the queue takes one');
	is( fails(
			rpc('ada', 'discover_schema', { data_source_id => $broken, wait => JSON::PP::false }), 429,
			'TOO_MANY_REQUESTS', 'a full queue')->{code},
		'TOO_MANY_REQUESTS',
		'its code');
	fails(rpc('ada', 'discover_schema', { data_source_id => $broken }), 503, 'SERVICE_UNAVAILABLE', 'no workers');
	$_->() for reverse @back;
	jobs_end($server);
};

# What a table itself keeps of its history, which the first discovery tells.
subtest 'changes with times of their own' => sub {
	my @columns = map { { name => $_, type => 'text' } } 'a', 'b';
	my $kept = new_fake(
		'ada',
		{   behaviour => 'told',
			frames => [
				{ frame => 'schema', name => 's' },
				{   frame => 'relation', schema => 's', name => 'r', id => '1', kind => 'table', columns => 2,
					document => { columns => \@columns }, changed_at => 1700000000123 + 0,
					versions =>
						[ { changed_at => 1600000000000, columns => 1, document => { columns => [ $columns[0] ] } } ]
				} ]
		},
		name => 'kept');
	my $back = setting('rivergen.schema_history_retention', '20000d');
	succeeded(rpc('ada', 'discover_schema', { data_source_id => $kept }), 200, 'a first discovery');
	is_deeply(
		as('vic', GET => "/schema_changes?data_source_id=eq.$kept&select=changed_at,object_name,change")->{body},
		[ { changed_at => '2023-11-14T22:13:20.123+00:00', object_name => 'b', change => 'added' } ],
		'the change before it');
	is_deeply(
		[   map { $_->{document}{columns}[-1]{name} }
				map { @{ rpc('vic', 'schema_as_of', { data_source_id => $kept, at => $_ })->{body} } }
				'2023-01-01T00:00:00Z', '2024-01-01T00:00:00Z' ],
		[ 'a', 'b' ],
		'and the schema before and after it');
	$back->();
};

# A session of PostgreSQL reads rows, as many as there are; a gateway makes one body of them.
subtest 'an answer that would be too large' => sub {
	my %arguments = (data_source_id => $id, at => 'infinity');
	my $rows = rpc('vic', 'schema_as_of', {%arguments});
	is($rows->{status}, 200, 'the schema as of a time');
	cmp_ok(scalar @{ $rows->{body} }, '>', 0, 'is its relations');
	sql($server,
		"UPDATE rivergen_catalog.relation SET document = document || jsonb_build_object('definition', repeat('x', 20000)) WHERE data_source_id = $id"
	);
	my $back = setting('rivergen.max_answer_bytes', '16kB');
	fails(
		rpc('vic', 'schema_as_of', {%arguments}), 413, 'PAYLOAD_TOO_LARGE', 'one that would be too large',
		message => 'the answer would be too large');
	is( as('vic', GET => "/rpc/schema_as_of?data_source_id=$id&at=infinity")->{status}, 413,
		'the answer of GET is too large');
	fails(
		rpc('vic', 'data_source_schemas', { id => $id }), 413, 'PAYLOAD_TOO_LARGE', 'the document of now',
		details => qr/rivergen\.max_answer_bytes allows 16 kB/);
	$back->();
	sql($server, "UPDATE rivergen_catalog.relation SET document = document - 'definition' WHERE data_source_id = $id");
};

# A cached discovery is all that a GET gets of what would have an effect.
subtest 'GET and HEAD have no effect' => sub {
	my ($table) =
		map { $_->{id} } @{ as('vic', GET => "/api/v1/table-descriptions?db_connection_id=$id")->{body}{data}{items} };
	sub escaped { my ($text) = @_; return $text =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger }
	my $document = as('boss', GET => '/rpc/catalog_export')->{body}{data};
	$document->{sources}[0]{description} = 'changed';
	my $texts = as('boss', GET => "/rpc/table_description_export?db_connection_id=$id")->{body}{data};
	$texts->{descriptions}[0]{description} = 'changed';
	my ($carl) = split /\n/, sql($server, "SELECT user_id FROM rivergen_catalog.app_user WHERE subject = 'carl'");
	my %arguments = (
		attach => "data_source_id=$id", detach => "data_source_id=$id",
		data_source_update => "id=$id&changes=%7B%22description%22:%22x%22%7D",
		data_source_update_credentials => "id=$id&credentials=%7B%7D",
		data_source_delete => "id=$id", data_source_set_status => "id=$id&status=maintenance",
		data_source_restore => "id=$id", data_source_forget_host_key => "id=$id",
		data_source_from_foreign_server => 'server_name=x', data_source_test => "id=$id",
		data_source_databases => "id=$id",
		catalog_apply => 'document=' . escaped(JSON::PP->new->utf8->encode($document)),
		discover_schema => "data_source_id=$id&refresh=true",
		job_cancel => 'job_id=1',
		table_description_apply => 'document=' . escaped(JSON::PP->new->utf8->encode($texts)),
		table_description_refresh => "db_connection_id=$id",
		table_description_scan => "db_connection_id=$id",
		table_description_update => "id=$table&changes=%7B%22description%22:%22x%22%7D", discover_all => '',
		member_add => 'subject=new', member_set_role => "user_id=$carl&role=viewer",
		member_remove => "user_id=$carl", invitation_withdraw => 'subject=new',
		invitation_accept => 'organization_id=1', invitation_decline => 'organization_id=1',
		workspace_add => 'name=new', workspace_rename => 'workspace_id=1&name=new', workspace_delete => 'workspace_id=1'
	);
	my %only_reads = map { $_ => 1 } qw(job_progress key_status check rows query query_rows);
	my @volatile = split /\n/, sql($server, <<~'EOT');
		SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'rivergen'::regnamespace AND provolatile = 'v'
			AND has_function_privilege('rivergen_web', oid, 'EXECUTE') AND proargnames IS NOT NULL ORDER BY 1
		EOT
	is_deeply([ grep { !$only_reads{$_} } @volatile ], [ sort keys %arguments ], 'the functions that change something');
	my $everything = sub {
		return sql($server, <<~'EOT');
			SELECT string_agg(c.relname || ' ' || (xpath('//x/text()', query_to_xml(
				format('SELECT count(*) || '' '' || coalesce(sum(hashtext(t::text)), 0) AS x FROM %s t', c.oid::regclass),
				false, true, '')))[1], E'\n' ORDER BY c.relname)
			FROM pg_class c WHERE relnamespace = 'rivergen_catalog'::regnamespace AND relkind = 'r'
			EOT
	};
	jobs_end($server);
	my $before = $everything->();
	# Through a gateway nothing is attached and no foreign server registered where no operator has named a role.
	for my $function (@volatile, 'data_source_test')
	{
		next if $only_reads{$function};
		my $path = "/rpc/$function?$arguments{$function}";
		# What is no text is not taken from a query: PostgREST hands on JSON in it as a string.
		my $status =
			  $function =~ /_apply$/ ? 400
			: $function =~ /^(?:attach|detach|data_source_from_foreign_server)$/ ? 403
			: 405;
		is(as('boss', $_ => $path)->{status}, $status, "$_ $function") for qw(GET HEAD);
	}
	my $definition = escaped(JSON::PP->new->utf8->encode(fake_source('x', {})));
	is(as('boss', $_ => "/rpc/data_source_test?definition=$definition")->{status}, 400, "$_ of a test of a definition")
		for qw(GET HEAD);
	is( as('boss', $_ => "/rpc/discover_schema?data_source_id=$id&wait=false&full=true")->{status}, 405,
		"$_ of a discovery without a waiting caller") for qw(GET HEAD);
	succeeded(as('vic', GET => "/rpc/discover_schema?data_source_id=$id"), 200, 'what was discovered before is shown');
	is($everything->(), $before, 'nothing was changed');
	my $undiscovered = new_fake('ada', {});
	is( as('ada', GET => "/rpc/discover_schema?data_source_id=$undiscovered")->{status}, 405,
		'what was not is not discovered');
	is(as('ada', GET => "/jobs?data_source_id=eq.$undiscovered")->{text}, '[]', 'GET queues no job');
};

subtest 'views are read only, tables are not there' => sub {
	for my $case (
		[ POST => '/data_sources', {} ], [ PATCH => "/data_sources?id=eq.$id", { name => 'x' } ],
		[ DELETE => "/data_sources?id=eq.$id" ], [ PUT => "/data_sources?id=eq.$id", {} ])
	{
		my ($method, $path, $body) = @$case;
		is(as('ada', $method => $path, $body ? (body => $body) : ())->{status}, 405, "$method $path");
	}
	is(as('boss', GET => "/$_")->{status}, 404, $_) for qw(data_source credential app_user organization job);
	is(as('boss', POST => "/rpc/$_", body => {})->{status} =~ /^40[134]$/ ? 'refused' : 'not refused', 'refused', $_)
		for qw(user_list stats key_rotate acknowledge_copy organization_list audit_list);
	is(as('vic', GET => "/data_sources?id=eq.$id&select=name")->{body}[0]{name}, 'Ünïcödé 数据 🌊', 'nothing was changed');
};

survives($server);
done_testing();
