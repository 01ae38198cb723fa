# Two people edit one source: ETag and If-Match keep the one from undoing what the other did.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;
use Web;

my $server = start_web();
my $id = new_source('ada', name => 'shared', description => 'first', schema_auto_refresh => JSON::PP::false);
my $path = "/api/v1/data-sources/$id";

sub etag { my ($answer) = @_; return $answer->{headers}{etag} // 'none' }
sub seen_by { my ($who) = @_; return etag(as($who, GET => $path)) }
sub edit
{
	my ($who, $changes, $etag) = @_;
	return as($who, PATCH => $path, body => $changes, headers => { 'If-Match' => $etag });
}
sub description { return as('vic', GET => $path)->{body}{data}{description} }

subtest 'ETags' => sub {
	my $etag = seen_by('ada');
	like($etag, qr/^"[^"]+"$/, 'a strong one');
	is(seen_by('carl'), $etag, 'the same for everybody');
	is(seen_by('ada'), $etag, 'ada sees the same ETag again');
	my $changed = as('ada', PATCH => $path, body => { description => 'second' });
	isnt(etag($changed), $etag, 'another after a change, in the answer of the change');
	is(seen_by('carl'), etag($changed), 'the ETag of a change is that of the next reader');
	my $created = as(
		'ada', POST => '/api/v1/data-sources',
		body => { name => 'new', type => 'http_api', credentials => {}, schema_auto_refresh => JSON::PP::false });
	is(etag($created), etag(as('carl', GET => location_of($created))), 'the ETag of a creation is that of a reader');
	my $etags = sub {
		return join ' ', map { etag($_) } as('ada', PUT => "$path/credentials", body => {}), as('vic', GET => $path);
	};
	like($etags->(), qr/^("[^"]+") \1$/, 'the ETag of a change of credentials is that of a reader');
};

subtest 'two editors' => sub {
	my ($adas, $carls) = (seen_by('ada'), seen_by('carl'));
	succeeded(edit('ada', { description => 'by ada' }, $adas), 200, 'ada is first');
	refused(edit('carl', { description => 'by carl' }, $carls), 412, 'PRECONDITION_FAILED', 'carl is told');
	is(description(), 'by ada', 'the refused change has changed nothing');
	succeeded(edit('carl', { description => 'by carl' }, seen_by('carl')), 200, 'he looks again');
	is(description(), 'by carl', 'carl changes the version that he has read');
	refused(edit('ada', { name => '' }, $adas), 400, 'BAD_REQUEST', 'faults of the request come first');
	refused(
		as('vic', PATCH => $path, body => {}, headers => { 'If-Match' => $adas }), 403, 'FORBIDDEN',
		'a missing role comes before the precondition');
	refused(
		as('eve', PATCH => $path, body => {}, headers => { 'If-Match' => $adas }), 404, 'NOT_FOUND',
		'a missing source comes before the precondition');
};

subtest 'at the same moment' => sub {
	my $etag = seen_by('ada');
	my $session = $server->background_psql('postgres');
	$session->query_safe("BEGIN; SELECT FROM rivergen_catalog.data_source WHERE data_source_id = $id FOR UPDATE");
	my @clients = map {
		my $body = qq({"description": "by $_"});
		my $client = { out => '', err => '' };
		$client->{run} = IPC::Run::start(
			[   'curl', '-q', '-sS', '--noproxy', '*', '--max-time', '120', '-o', '/dev/null', '-w', '%{http_code}',
				'-X', 'PATCH', '-d', $body,
				'-H', 'Content-Type: application/json', '-H', "If-Match: $etag", '-H',
				'Authorization: Bearer ' . token_of($_), base() . $path ],
			'<',
			\undef,
			'>',
			\$client->{out},
			'2>',
			\$client->{err});
		$client;
	} qw(ada carl boss);
	wait_for(
		'all to wait for the row',
		sub { sessions_at_locks($server) == 3 });
	$session->query_safe('COMMIT');
	$session->quit;
	$_->{run}->finish for @clients;
	is(join(' ', sort map { $_->{out} } @clients), '200 412 412', 'one of three has changed it');
};

subtest 'what If-Match may be' => sub {
	my $etag = seen_by('ada');
	succeeded(edit('ada', { description => 'any' }, '*'), 200, '*: any version');
	refused(edit('ada', { description => 'no' }, $_), 412, 'PRECONDITION_FAILED', "not $_")
		for $etag, '"another"', '""', "W/$etag",
		'"infinity"', '"now"';
	refused(edit('ada', { description => 'no' }, $_), 400, 'BAD_REQUEST', "not $_", details => qr/^If-Match: /m)
		for '"one", "two"', 'unquoted', '"', '"half';
	is(description(), 'any', 'nothing was changed by those');
	succeeded(
		edit('ada', { description => 'any' }, 'W/' . seen_by('ada')), 200,
		'the version of an answer that was compressed');
	refused(
		as('ada', PATCH => '/api/v1/data-sources/987654321', body => {}, headers => { 'If-Match' => '"another"' }),
		404, 'NOT_FOUND', 'a missing one');
};

# PostgREST commits whatever rivergen.http answers: what has failed must have left nothing by itself.
subtest 'what fails leaves nothing' => sub {
	my $traces = sub {
		return sql(
			$server,
			q(SELECT jsonb_build_array((SELECT jsonb_agg(to_jsonb(d) ORDER BY data_source_id) FROM rivergen_catalog.data_source d),
		(SELECT jsonb_agg(to_jsonb(s) ORDER BY data_source_id) FROM rivergen_catalog.data_source_state s),
		(SELECT count(*) FROM rivergen_catalog.audit),
		(SELECT count(*) FROM rivergen_catalog.credential), (SELECT count(*) FROM rivergen_catalog.job)))
		);
	};
	my $before = $traces->();
	my $taken = { name => 'shared', type => 'http_api', credentials => { password => 'canary' } };
	refused(as('ada', POST => '/api/v1/data-sources', body => $taken), 409, 'CONFLICT', 'a source whose name is taken');
	refused(as('ada', PATCH => $path, body => { name => 'new' }), 409, 'CONFLICT', 'a name that is taken');
	refused(
		as('ada', PATCH => $path, body => { description => 'x', port => 0 }), 400, 'BAD_REQUEST',
		'a change of which a part is wrong');
	refused(edit('ada', { description => 'x' }, '"another"'), 412, 'PRECONDITION_FAILED', 'a change of an old version');
	refused(as('ada', POST => "$path/restore"), 409, 'CONFLICT', 'restoring what is not deleted');
	refused(
		as('ada', DELETE => '/api/v1/data-sources/987654321?force=true'), 404, 'NOT_FOUND',
		'deleting what is not there');
	is($traces->(), $before, 'everything is as it was');
};

survives($server);
done_testing();
