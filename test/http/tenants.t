# Two organizations, every route: what is another's answers exactly like what is not there, and nothing of it shows.
# Who may what; which organization a token chooses.
use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;
use Web;

my $server = start_web();
my ($sources, $descriptions) = ('/api/v1/data-sources', '/api/v1/table-descriptions');

# The same in both organizations, but for a mark in every text.
my %of;
for my $who (qw(ada eve))
{
	my $mark = "mark-of-$who-ü";
	my $id = new_fake(
		$who, { schemas => 1, relations => 2, note => $mark }, name => $mark, description => $mark,
		tags => [$mark]);
	as($who, POST => "$sources/$id/discover-schema");
	my $deleted = new_fake($who, { note => $mark }, name => "$mark deleted");
	as($who, DELETE => "$sources/$deleted");
	my $description = as($who, GET => "$descriptions?db_connection_id=$id")->{body}{data}{items}[0]{id};
	as($who, PATCH => "$descriptions/$description", body => { description => $mark });
	$of{$who} = {
		mark => $mark, source => $id, deleted => $deleted, description => $description,
		job => as($who, GET => "$sources/$id/jobs")->{body}{data}{items}[0]{job_id}
	};
}
ok(defined $of{$_}{job} && defined $of{$_}{description}, "$_ has all that is asked for") for sort keys %of;
my $missing = { source => 987654321, deleted => 987654322, description => 987654323, job => 987654324 };

# Every route with an id in it.
my @routes = (
	[ GET => "$sources/{source}" ], [ PATCH => "$sources/{source}", {} ],
	[ PATCH => "$sources/{source}", { port => 0 } ], [ DELETE => "$sources/{source}" ],
	[ DELETE => "$sources/{source}?force=true" ], [ DELETE => "$sources/{deleted}?force=true" ],
	[ POST => "$sources/{source}/restore" ], [ POST => "$sources/{deleted}/restore" ],
	[ POST => "$sources/{source}/test" ], [ POST => "$sources/{source}/databases" ],
	[ PUT => "$sources/{source}/credentials", { api_key => 'canary' } ],
	[ PUT => "$sources/{source}/status", { status => 'maintenance' } ],
	[ DELETE => "$sources/{source}/host-key" ], [ GET => "$sources/{source}/health" ],
	[ GET => "$sources/{source}/schemas" ],
	[ GET => "$sources/{source}/schemas?schema_name=schema_1" ],
	[ POST => "$sources/{source}/discover-schema" ],
	[ POST => "$sources/{source}/discover-schema?refresh=true&full=true" ],
	[ POST => "$sources/{source}/discover-schema", undef, { Prefer => 'respond-async' } ],
	[ GET => "/api/v1/search?query=a&data_source_id={source}" ],
	[ GET => "/api/v1/schema-context?data_source_id={source}" ],
	[ POST => "/api/v1/schema-context", { data_source_id => '{source}' } ],
	[ GET => "$sources/{source}/rows?table_name=t" ], [ POST => "$sources/{source}/query", { query => 'SELECT 1' } ],
	[ POST => "$sources/{source}/attachment", {} ], [ DELETE => "$sources/{source}/attachment" ],
	[ GET => "$sources/{source}/jobs" ], [ GET => '/api/v1/jobs/{job}' ],
	[ POST => '/api/v1/jobs/{job}/cancel' ], [ GET => "$descriptions/{description}" ],
	[ PUT => "$descriptions/{description}", {} ],
	[ PATCH => "$descriptions/{description}", { description => 'x' } ],
	[ GET => "$descriptions?db_connection_id={source}" ],
	[ POST => "$descriptions/refresh", { db_connection_id => '{source}' } ],
	[ POST => "$descriptions/scan", { db_connection_id => '{source}' } ],
	[ POST => "$descriptions/scan", { ids => ['{description}'] } ],
	[ PATCH => "$sources/{source}", {}, { 'If-Match' => '"x"' } ]);

sub filled { my ($text, $ids) = @_; return $text =~ s/\{(\w+)\}/$ids->{$1}/gr }

# The answer as one text, without the ids that were in the question and what changes from one to the next.
sub told
{
	my ($who, $route, $ids) = @_;
	my ($method, $path, $body, $headers) = @$route;
	my $answer = as(
		$who, $method => filled($path, $ids),
		(defined $body ? (body => filled(JSON::PP->new->canonical->encode($body), $ids)) : ()),
		headers => $headers // {});
	my %headers = %{ $answer->{headers} };
	delete @headers{qw(date content-length)};
	my $text = join "\n", $answer->{status}, (map { "$_: $headers{$_}" } sort keys %headers), $answer->{text};
	$text =~ s/\b\Q$_\E\b/#/g for values %$ids;
	return ($answer->{status}, $text);
}

subtest "another's is as what is not there" => sub {
	my $before = sql(
		$server,
		'SELECT jsonb_agg(to_jsonb(d)) FROM (SELECT * FROM rivergen_catalog.data_source ORDER BY data_source_id) d');
	for my $route (@routes)
	{
		my $name = "$route->[0] $route->[1]" . ($route->[2] ? ' ' . JSON::PP->new->canonical->encode($route->[2]) : '');
		my %theirs = map { $_ => $of{eve}{$_} } keys %$missing;
		for my $who (qw(ada vic boss))
		{
			my ($status, $text) = told($who, $route, \%theirs);
			my (undef, $expected) = told($who, $route, $missing);
			is($text, $expected, "$name as $who");
			my $may_not = $who eq 'vic' ? $route->[0] ne 'GET' : $who eq 'ada' && $route->[1] =~ /host-key$/;
			like($status, $may_not ? qr/^40[34]$/ : qr/^404$/, 'is refused');
			unlike($text, qr/mark-of-eve/, 'the refusal shows nothing');
		}
	}
	is( sql($server,
			'SELECT jsonb_agg(to_jsonb(d)) FROM (SELECT * FROM rivergen_catalog.data_source ORDER BY data_source_id) d'
		),
		$before,
		'nothing was changed');
	is( sql($server,
			"SELECT count(*) FROM rivergen_catalog.job WHERE organization_id = 2 AND status IN ('queued', 'running')"),
		0,
		'no job was begun');
};

subtest 'lists' => sub {
	for my $path (
		$sources, "$sources?search=mark", "$sources?tags=mark-of-eve-%C3%BC", "$sources?after=",
		$descriptions, "$descriptions?search=mark")
	{
		my ($adas, $eves) = map { as($_, GET => $path)->{text} } qw(ada eve);
		unlike($adas, qr/mark-of-eve/, "$path: nothing of the other");
		unlike($eves, qr/mark-of-ada/, "$path: nor the other way round");
	}
	is( as('ada', GET => "$sources?workspace_id=2")->{body}{data}{pagination}{total_items}, 0,
		"another's workspace is empty");
	my ($adas, $eves) = map { as($_, GET => $sources)->{body}{data}{pagination}{total_items} } qw(ada eve);
	is("$adas $eves", '1 1', 'each counts its own');
};

subtest 'names and ids are free elsewhere' => sub {
	succeeded(
		as('ada', POST => $sources, body => { name => $of{eve}{mark}, type => 'http_api', credentials => {} }),
		201, 'a name that the other has');
	refused(
		as('ada', POST => $sources, body => { name => 'w', type => 'http_api', credentials => {}, workspace_id => 2 }),
		400, 'BAD_REQUEST', "another's workspace",
		details => qr/^workspace_id: is not a workspace of this organization$/m);
	refused(
		as( 'ada', POST => $sources, body => { name => 'w', type => 'http_api', credentials => {}, workspace_id => 987 }
		),
		400,
		'BAD_REQUEST',
		'a missing one',
		details => qr/^workspace_id: is not a workspace of this organization$/m);
	refused(
		as( 'ada', POST => $sources,
			body => { name => 'f', type => 'csv', credentials => {}, file_path => 'organizations/2/a.csv' }),
		400,
		'BAD_REQUEST',
		"another's files",
		details => qr/^file_path: /m);
};

subtest 'roles' => sub {
	my $own = $of{ada};
	for my $route (grep { $_->[1] !~ /deleted|restore|cancel|"x"/ && !defined $_->[3] } @routes)
	{
		my ($method, $path, $body) = @$route;
		next
			if $method eq 'DELETE'
			|| $body && exists $body->{port}
			|| $path =~ m{/(?:databases|rows|query|attachment)\b};
		my %answer = map {
			$_ => as(
				$_, $method => filled($path, $own),
				(defined $body ? (body => filled(JSON::PP->new->encode($body), $own)) : ()))
		} qw(vic ada boss);
		as('ada', PUT => "$sources/$own->{source}/status", body => { status => 'active' }) if $path =~ /status$/;
		my $reads = $method eq 'GET' || $path =~ m{discover-schema$|schema-context};
		is($answer{vic}{status}, $reads ? 200 : 403, "$method $path as a viewer" . ($reads ? '' : ' is refused'))
			or diag($answer{vic}{text});
		like("$answer{$_}{status}", qr/^20[012]$/, "$method $path as $_") or diag($answer{$_}{text}) for qw(ada boss);
	}
	refused(
		as('vic', POST => $sources, body => { name => 'v', type => 'http_api', credentials => {} }), 403,
		'FORBIDDEN', 'creating as a viewer', message => 'This needs the role editor');
	my $error =
		refused(as('vic', PATCH => "$sources/$own->{source}", body => {}), 403, 'FORBIDDEN', 'changing as a viewer');
	like("@{ $error->{details} }", qr/viewer/, 'the role is told');
	refused(
		as( 'ada', PATCH => "$sources/$own->{source}",
			body => { metadata => { scan => { masking => JSON::PP::false } } }),
		403,
		'FORBIDDEN',
		'what only an admin may');
	succeeded(
		as( 'boss', PATCH => "$sources/$own->{source}",
			body => { metadata => { scan => { masking => JSON::PP::false } } }),
		200,
		'as an admin');
};

subtest 'which organization' => sub {
	my $at = sub { return as(undef, GET => $sources, token => token_of('bob', organization_id => $_[0])) };
	is_deeply(
		[ map { $_->{organization_id} } @{ as('bob', GET => $sources)->{body}{data}{items} } ], [ 1, 1 ],
		'the default is the first');
	is_deeply([ map { $_->{organization_id} } @{ $at->($_)->{body}{data}{items} } ], [2], "the claim chooses: $_")
		for 2, '2';
	is_deeply(
		[ map { $_->{organization_id} } @{ $at->(1)->{body}{data}{items} } ], [ 1, 1 ],
		'the claim chooses the first');
	succeeded(
		as(undef, GET => "$sources/$of{eve}{source}", token => token_of('bob', organization_id => 2)), 200,
		'its sources can be read');
	refused(
		as(undef, GET => "$sources/$of{ada}{source}", token => token_of('bob', organization_id => 2)), 404,
		'NOT_FOUND', "and the other's cannot");
	succeeded(
		as(undef, PATCH => "$sources/$of{eve}{source}", body => {}, token => token_of('bob', organization_id => 2)),
		200, 'the role is that of the chosen one: an editor there');
	refused(
		as(undef, PATCH => "$sources/$of{ada}{source}", body => {}, token => token_of('bob', organization_id => 1)),
		403, 'FORBIDDEN', 'a viewer here');
	refused($at->($_), 403, 'FORBIDDEN', "organization $_, of which he is no member") for 3, 0, -1;
	refused(
		as(undef, GET => $sources, token => token_of('ada', organization_id => 2)), 403, 'FORBIDDEN',
		"another's organization");
	refused($at->($_->[0]), 401, 'UNAUTHORIZED', "a claim that is $_->[1]")
		for [ 'Other', 'a name' ], [ 1.5, 'a fraction' ], [ [1], 'an array' ];
	sql($server, "SELECT rivergen.user_disable(user_id) FROM rivergen_catalog.app_user WHERE subject = 'bob'");
	refused(as('bob', GET => $sources), 401, 'UNAUTHORIZED', 'a disabled user is refused, whatever his token says');
};

survives($server);
done_testing();
