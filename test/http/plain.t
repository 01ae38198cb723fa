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

sub rpc { my ($who, $function, $arguments, %option) = @_; return as($who, POST => "/rpc/$function", body => $arguments, %option) }

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
	is(succeeded(rpc('vic', 'data_source_get', { id => $id }), 200, 'a function')->{name}, 'Ünïcödé 数据 🌊', 'its answer is that of SQL');
	is(succeeded(as('vic', GET => "/rpc/data_source_get?id=$id"), 200, 'by GET')->{id}, $id, 'with arguments in the query');
	my $rows = as('vic', GET => "/data_sources?select=id,name&id=eq.$id")->{body};
	is_deeply($rows, [ { id => $id, name => 'Ünïcödé 数据 🌊' } ], 'a view');
	is(as('vic', GET => '/data_sources')->{body}[0]{organization_id}, 1, 'of the own organization');
	is_deeply(as('vic', GET => "/data_sources?id=eq.$theirs")->{body}, [], 'and no other');
	succeeded(rpc('ada', 'discover_schema', { data_source_id => $id }), 200, 'a discovery');
	is(scalar @{ as('vic', GET => "/tables?data_source_id=eq.$id")->{body} }, 6, 'and what it found');
};

subtest 'what fails' => sub {
	my %wrong = wrong_tokens();
	fails(rpc(undef, 'data_source_list', {}), 401, 'UNAUTHORIZED', 'no token', message => 'Invalid or missing authentication token');
	fails(rpc(undef, 'data_source_list', {}, headers => { Authorization => $wrong{$_} }), 401, 'UNAUTHORIZED', $_, message => 'Invalid or missing authentication token')
	  for 'of somebody unknown', 'without a subject';
	is(rpc(undef, 'data_source_list', {}, headers => { Authorization => $wrong{$_} })->{status}, 401, "$_ is PostgREST's to refuse") for 'expired', 'a wrong signature';
	fails(rpc('out', 'data_source_list', {}), 403, 'FORBIDDEN', 'no membership', message => 'User is not a member of any organization');
	fails(rpc('vic', 'data_source_delete', { id => $id }), 403, 'FORBIDDEN', 'a viewer');
	fails(rpc('ada', 'data_source_get', { id => 987654321 }), 404, 'NOT_FOUND', 'a missing source', message => 'data source 987654321 not found');
	my $missing = fails(rpc('ada', 'data_source_get', { id => $theirs }), 404, 'NOT_FOUND', "another's", message => "data source $theirs not found");
	fails(rpc('ada', 'data_source_list', { page => 0, page_size => 0 }), 400, 'BAD_REQUEST', 'faults', details => qr/^page: .*\npage_size: /);
	fails(as('ada', GET => '/rpc/data_source_list?sort_by=Gr%C3%B6%C3%9Fe'), 400, 'BAD_REQUEST', 'by GET', details => qr/^sort_by: /);
	fails(as('ada', GET => "/rpc/data_source_schemas?id=$id&schema_name=%C3%9Cber%22%5C%0A"), 404, 'NOT_FOUND', 'a name with everything in it',
		message => "schema \"Über\"\\\n\" not found");
	fails(rpc('ada', 'data_source_restore', { id => $id }), 409, 'CONFLICT', 'a conflict');
	fails(rpc('ada', 'data_source_update', { id => $id, changes => { description => 'x' }, if_updated_at => '2024-12-01T08:00:00Z' }), 409, 'CONFLICT', 'an old version');
	my $broken = new_fake('ada', { behaviour => 'error' });
	fails(rpc('ada', 'discover_schema', { data_source_id => $broken }), 502, 'BAD_GATEWAY', 'a source that fails', details => qr/job \d+/);
	my @back = (setting('rivergen.enabled', 'off'), setting('rivergen.max_queued_per_organization', '1'));
	succeeded(rpc('ada', 'discover_schema', { data_source_id => $id, refresh => JSON::PP::true, wait => JSON::PP::false }), 202, 'the queue takes one');
	is(fails(rpc('ada', 'discover_schema', { data_source_id => $broken, wait => JSON::PP::false }), 429, 'TOO_MANY_REQUESTS', 'a full queue')->{code}, 'TOO_MANY_REQUESTS', 'its code');
	fails(rpc('ada', 'discover_schema', { data_source_id => $broken }), 503, 'SERVICE_UNAVAILABLE', 'no workers');
	$_->() for reverse @back;
};

subtest 'views are read only, tables are not there' => sub {
	for my $case ([ POST => '/data_sources', {} ], [ PATCH => "/data_sources?id=eq.$id", { name => 'x' } ], [ DELETE => "/data_sources?id=eq.$id" ], [ PUT => "/data_sources?id=eq.$id", {} ])
	{
		my ($method, $path, $body) = @$case;
		is(as('ada', $method => $path, $body ? (body => $body) : ())->{status}, 405, "$method $path");
	}
	is(as('boss', GET => "/$_")->{status}, 404, $_) for qw(data_source credential app_user organization job);
	is(as('boss', POST => "/rpc/$_", body => {})->{status} =~ /^40[134]$/ ? 'refused' : 'not refused', 'refused', $_) for qw(user_list stats key_rotate acknowledge_copy organization_list);
	is(as('vic', GET => "/data_sources?id=eq.$id&select=name")->{body}[0]{name}, 'Ünïcödé 数据 🌊', 'nothing was changed');
};

survives($server);
done_testing();
