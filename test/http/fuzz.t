# Random and broken requests over the real nginx, PostgREST and rivergen: every answer is JSON in our envelope, none is a
# 500, none holds another organization's data or a secret, no log does either, and nothing is left behind. SEED repeats a
# run, RUNS changes its length.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Gateway;
use JSON::PP;
use PostgreSQL::Test::Utils;
use BrokenRequest qw(break_request);
use RandomRequest qw(random_request bytes_of chance one_of routes goes_on);
use RawHttp qw(exchange converse);
use Rivergen;
use Test::More;

my $seed = $ENV{SEED} // time;
my $runs = $ENV{RUNS} || 1_500;
diag("SEED=$seed RUNS=$runs");

my $json = JSON::PP->new->utf8->allow_nonref;
my $secret = "kanari$seed";    # nothing else has this in it

my $server = start_server('server', conf => <<'EOS');
rivergen.gateway_roles = 'rivergen_gateway'
rivergen.max_queued_per_organization = 100000
EOS
install_fake($server);
my @user = people();
my $gateway = Gateway->before($server);
my ($port, $key) = @$gateway{qw(port secret)};
prepare($_) for @user;
srand($seed);    # not before, since names of temporary files are random, too
my $before = census();

# Organizations 1 and 2, whose every name and text holds their mark, and the people who send the requests.
sub people
{
	sql($server, <<'EOS');
SELECT rivergen.organization_create('birke');
SELECT rivergen.membership_add(o, rivergen.user_create(s), r) FROM (VALUES (1, 'alder editor', 'editor'), (1, 'alder admin', 'admin'),
	(1, 'alder viewer', 'viewer'), (2, 'birke admin', 'admin')) v (o, s, r);
SELECT rivergen.user_create('outsider');
EOS
	my ($alder, $birke) = map { { mark => $_, ids => {}, other_organizations => [] } } qw(alder birke);
	$_->[0]{other_organizations} = [ $_->[1] ] for [ $alder, 2 ], [ $birke, 1 ];
	return (
		(map { { %$alder, name => "alder $_" } } qw(admin editor viewer)), { %$birke, name => 'birke admin' },
		{ %$alder, name => 'outsider' });
}

# A user's token; an admin's sources, with everything that belongs to them.
sub prepare
{
	my ($user) = @_;
	$user->{claims} = { sub => $user->{name} };
	$user->{token} = RandomRequest::token($key, $user->{claims});
	if ($user->{name} =~ /admin/)
	{
		for my $i (1 .. 6)
		{
			my $made = plain(
				$user,
				POST => '/data-sources',
				{   name => "$user->{mark} source $i", type => 'other', schema_auto_refresh => JSON::PP::false,
					max_retries => 0, credentials => { username => $user->{mark}, password => $secret },
					metadata => { whereabouts => 1, relations => 2 },
					description => "$user->{mark} description", tags => [ $user->{mark} ]
				});
			my $id = $made->{data}{id} or die $json->encode($made);
			push @{ $user->{ids}{ $i <= 2 ? 'fake' : 'source' } }, $id;
			plain($user, POST => "/data-sources/$id/discover-schema");
		}
		$user->{workspace} = plain($user, GET => "/data-sources/$user->{ids}{fake}[0]")->{data}{workspace_id};
		$user->{ids}{relation} = [
			map { $_->{id} }
				map { @$_ }
				plain($user, POST => '/table-descriptions/refresh', { db_connection_id => "$user->{ids}{fake}[0]" }) ];
		$user->{ids}{job} = [
			map { $_->{job_id} }
			map { @$_ } plain($user, GET => "/data-sources/$user->{ids}{fake}[0]/jobs")->{data}{items} ];
	}
}

# An ordinary request and its decoded answer.
sub plain
{
	my ($user, $method, $path, $body) = @_;
	my $text = defined $body ? $json->encode($body) : '';
	my $answer = exchange(
		$port,
		"$method /api/v1$path HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $user->{token}\r\n"
			. ($text eq '' ? '' : "Content-Type: application/json\r\n")
			. 'Content-Length: '
			. length($text)
			. "\r\n\r\n$text");
	return $json->decode($answer->{body});
}

# ---- What an answer must be ----

my %code = (
	400 => 'BAD_REQUEST', 401 => 'UNAUTHORIZED', 403 => 'FORBIDDEN', 404 => 'NOT_FOUND', 405 => 'METHOD_NOT_ALLOWED',
	409 => 'CONFLICT',
	412 => 'PRECONDITION_FAILED', 413 => 'PAYLOAD_TOO_LARGE', 415 => 'UNSUPPORTED_MEDIA_TYPE',
	429 => 'TOO_MANY_REQUESTS', 502 => 'BAD_GATEWAY',
	503 => 'SERVICE_UNAVAILABLE', 504 => 'GATEWAY_TIMEOUT', 408 => 'REQUEST_TIMEOUT', 414 => 'URI_TOO_LONG',
	501 => 'NOT_IMPLEMENTED',
	505 => 'HTTP_VERSION_NOT_SUPPORTED');
my %other_mark = (alder => 'birke', birke => 'alder');
my %seen;

# Everything that is wrong with an answer to a request.
sub faults
{
	my ($request, $answer, $bytes) = @_;
	my ($status, $body) = @$answer{qw(status body)};
	my $plain = of_postgrest($bytes);
	my $whole = join "\n", $body, map { @$_ } values %{ $answer->{headers} };
	# An answer in HTTP 0.9 is a body without a status.
	my $body_alone =
		$answer->{fault} && $bytes !~ m{\A\S+ \S+ HTTP/1\.\d\r?\n} && defined eval { $json->decode($body) };
	my @faults = $body_alone ? () : $answer->{fault} // ();
	push @faults, "status $status" if $status == 500 || $status == 0 && !$body_alone;
	# PostgREST rejects a token without reading the body, and what the socket does not hold of it cannot be sent.
	my $unread = length $bytes > 150_000 && grep { /^(token|header|bytes)$/ } @{ $request->{broken} };
	push @faults, "status $status where no source is asked"
		if $status =~ /^50[24]/
		&& $request->{route} !~ /test$|discover|refresh|scan/
		&& !($status == 502 && $unread);
	push @faults, 'HTML' if $body =~ /<html|<body/i || ($answer->{headers}{'content-type'} // [''])->[0] =~ /html/;
	push @faults, 'a secret' if $whole =~ /\Q$secret\E/ || $whole =~ /\Q$key\E/;
	push @faults, 'a foreign mark' if $whole =~ /$other_mark{$request->{user}{mark}}/i;
	push @faults, 'data for an unknown user'
		if $request->{user}{name} eq 'outsider'
		&& $status =~ /^2/
		&& $request->{route} !~ /openapi/
		&& $body =~ /alder (source|desc)/;
	push @faults, 'an internal error'
		if $body =~ /PL\/pgSQL|relation "|column "|operator does not|XX000|rivergen_catalog|pg_catalog\.|at character/
		&& !$plain;
	return (@faults, $plain || $body_alone ? () : envelope_faults($request, $answer));
}

# Does nginx hand this path to PostgREST as it is, once it has resolved escapes and dots?
sub of_postgrest
{
	my ($bytes) = @_;
	my ($path) = $bytes =~ m{^\S+ (?:https?://[^/ ]*)?([^? \r\n#]*)};
	$path = ($path // '') =~ s/%([0-9a-fA-F]{2})/chr hex $1/ger;
	$path =~ s{/\.(?=/|$)}{}g;
	1 while $path =~ s{/[^/]+/\.\.(?=/|$)}{};
	return $path =~ m{^/(rpc/)?[a-z_]*$} && $path ne '/rpc/http';
}

sub envelope_faults
{
	my ($request, $answer) = @_;
	my ($status, $body) = @$answer{qw(status body)};
	return () if $request->{bodiless};
	my $type = ($answer->{headers}{'content-type'} // [''])->[0];
	my @faults;
	push @faults, "content type $type" if $type !~ m{^application/json(; charset=utf-8)?$}i;
	my $document = eval { $json->decode($body) };
	return (@faults, "no JSON: $@") unless defined $document;
	if ($status =~ /^2/)
	{
		push @faults, 'a success that is none'
			unless ref $document eq 'ARRAY' || exists $document->{openapi} || ($document->{success} // 0) == 1;
		return @faults;
	}
	my $error = ref $document eq 'HASH' ? $document->{error} : undef;
	return (@faults, 'no envelope')
		unless ref $error eq 'HASH' && exists $document->{success} && !$document->{success} && keys %$document == 2;
	push @faults, "code $error->{code}" if ($error->{code} // '') ne ($code{$status} // 'none');
	push @faults, 'no message' unless length($error->{message} // '') && !ref $error->{message};
	push @faults, 'details' unless ref $error->{details} eq 'ARRAY' && !grep { ref || !length } @{ $error->{details} };
	push @faults, 'members of the error: ' . join ' ', sort keys %$error if keys %$error != 3;
	push @faults, '401 without WWW-Authenticate' if $status == 401 && !$answer->{headers}{'www-authenticate'};
	push @faults, '405 without Allow' if $status == 405 && !$answer->{headers}{allow};
	push @faults, '503 without Retry-After' if $status =~ /^(429|503)$/ && !$answer->{headers}{'retry-after'};
	return @faults;
}

{
	my $request = { user => $user[0], route => 'GET /data-sources', broken => [] };
	my $noticed = sub {
		scalar(
			my @faults = faults(
				$request,
				{ status => $_[0], body => $_[1], headers => { 'content-type' => [ $_[2] // 'application/json' ] } },
				'GET /api/v1/x HTTP/1.1'));
	};
	my $without_status = sub {
		scalar(
			my @faults = faults(
				$request, { status => 0, headers => {}, body => $_[1], fault => 'half an answer' },
				"GET /api/v1/x$_[0]\r\n\r\n"));
	};
	my $refusal = sub {
		$json->encode({ success => JSON::PP::false, error => { code => $_[0], message => $_[1], details => [] } });
	};
	is($noticed->(404, $refusal->('NOT_FOUND', 'x')), 0, 'a good answer is none of the wrong ones:');
	is($without_status->(' HTTP/0.9', '{"openapi" : "3.1.0"}'), 0, 'nor is an answer in HTTP 0.9');
	ok($without_status->(@$_[ 1, 2 ]), $_->[0])
		for [ 'HTTP 1.1 without a status', ' HTTP/1.1', '{"openapi" : "3.1.0"}' ],
		[ 'half an answer in HTTP 0.9', '', '{"openapi" : ' ],
		[ 'a secret in HTTP 0.9', '', qq({"success": "$secret"}) ];
	ok($noticed->(@$_[ 1 .. $#$_ ]), $_->[0])
		for [ 'a 500', 500, $refusal->('INTERNAL_ERROR', 'x') ], [ 'another code', 404, $refusal->('CONFLICT', 'x') ],
		[ 'a secret', 404, $refusal->('NOT_FOUND', "x $secret") ],
		[ 'a foreign mark', 200, '{"success": true, "data": ["birke"]}' ],
		[ 'PostgREST\'s own shape', 404, '{"code": "PGRST202", "message": "x", "details": null, "hint": null}' ],
		[ 'HTML', 404, '<html></html>', 'text/html' ],
		[ 'no Allow', 405, $refusal->('METHOD_NOT_ALLOWED', 'x') ];
}

# ---- The run ----

my ($wrong, $sent, $success, $silent) = (0, 0, 0, 0);
my @expected = $runs >= 1_500 ? grep { !m{cancel|restore|host-key|/(?:rows|query|attachment)$} } routes() : ();
for (my $run = 1; goes_on($run, $runs, \%seen, @expected); $run++)
{
	my $user = one_of(@user, @user[ 0, 0, 1, 3, 3 ]);
	my $request = random_request({ %$user, ids => ids_of($user) }, $secret);
	my $breaks = one_of(0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 3);
	break_request($request, $key) for 1 .. $breaks;
	my $bytes = bytes_of($request);
	$request->{bodiless} = $bytes =~ /^HEAD /;
	my @answers = converse($port, $bytes, partial => $request->{partial}, head => $request->{bodiless});
	$sent++;
	$silent++ unless @answers;
	for my $answer (@answers)
	{
		$seen{ $answer->{status} }++;
		push @{ $request->{user}{ids}{source} }, $1
			if $answer->{status} == 201 && ($answer->{headers}{location} // [''])->[0] =~ m{/data-sources/(\d+)$};
		$success++ if !$breaks && $answer->{status} =~ /^2/;
		$seen{"$request->{route} 2xx"}++ if $answer->{status} =~ /^2/;
		my @faults = faults($request, $answer, $bytes) or next;
		next if $wrong++ >= ($ENV{FAULTS} // 20);
		diag(     "run $run, invalid in @{ $request->{broken} }: "
				. join('; ', @faults) . "\n"
				. printable(substr $bytes, 0, 1500)
				. "\n--\n$answer->{status} "
				. printable(substr $answer->{body}, 0, 800));
	}
	if (!@answers && !$request->{partial})
	{
		diag("run $run: closed without an answer, invalid in @{ $request->{broken} }\n"
				. printable(substr $bytes, 0, 1500))
			if $wrong++ < 20;
	}
	# Whatever was sent, the next one gets his own answer.
	if ($run % 5 == 0)
	{
		my $size = 1 + int rand 100;
		my $page = plain($user[ 3 * int rand 2 ], GET => "/data-sources?page_size=$size");
		is($page->{data}{pagination}{page_size}, $size, "run $run: an answer to another client's question")
			or last
			if ($page->{data}{pagination}{page_size} // 0) != $size;
	}
}
is($wrong, 0, 'every answer is as it should be');

# The ids that a user's requests name: mostly his organization's, of a tenth of them the other's or no organization's.
sub ids_of
{
	my ($user) = @_;
	my ($own) = grep { $_->{name} eq "$user->{mark} admin" } @user;
	my ($other) = grep { $_->{name} eq "$other_mark{$user->{mark}} admin" } @user;
	my %ids = %{ (chance(0.9) ? $own : $other)->{ids} };
	return chance(0.03) ? { map { $_ => [ 1 + int rand 1000 ] } sort keys %ids } : \%ids;
}

sub printable
{
	my ($text) = @_;
	$text =~ s/\r\n/\n/g;
	$text =~ s/([^\x20-\x7e\n])/sprintf '\\x%02x', ord $1/ge;
	return $text;
}

cmp_ok($success, '>', $sent / 10, 'requests that nothing was done to succeed');
cmp_ok($silent, '<', $sent / 5, 'few requests had no answer');
for my $status (qw(200 201 400 401 403 404 405 415))
{
	cmp_ok($seen{$status} // 0, '>', 0, "status $status was among the answers");
}
ok($seen{"$_ 2xx"}, "$_ succeeded") for @expected;
note(join ', ', map { "$_: $seen{$_}" } grep { /^\d+$/ } sort keys %seen);

# ---- What is left ----

# The processes that run: one that died and was started again is another.
sub census
{
	my ($workers) = split /\n/, slurp_file("/proc/$gateway->{nginx}/task/$gateway->{nginx}/children");
	return {
		nginx => "$gateway->{nginx} $workers", postgrest => kill(0 => $gateway->{postgrest}),
		postmaster => sql($server, 'SELECT pg_postmaster_start_time()')
	};
}

for my $user (@user[ 0, 3 ])
{
	my $list = plain($user, GET => '/data-sources?page_size=1000');
	ok($list->{success}, "the server still answers $user->{name}");
	unlike($json->encode($list), qr/$other_mark{$user->{mark}}/, 'with nothing of the other organization');
}
is_deeply(census(), $before, 'no process was started again');
ok( eval {
		wait_for(
			'idle connections',
			sub {
				sql($server, "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'
	AND pid <> pg_backend_pid() AND state <> 'idle'") == 0;
			});
	},
	'no connection is busy or in a transaction');
is(sql($server, "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'"), 0, 'no transaction is open');
ok( eval { jobs_end($server) },
	'every job came to its end');
clean_server($server);
survives($server);

for my $log ($server->logfile, "$gateway->{directory}/access.log", values %{ $gateway->{log} })
{
	my $text =
		slurp_file($log) =~ s/access_token=\S+//gr;    # of a client that put it into a query, nginx's errors quote it
	(my $name = $log) =~ s{.*/}{};
	unlike($text, qr/\Q$secret\E/, "no secret in $name");
	unlike($text, qr/\Q$key\E/, "nor the tokens' key");
	my @tokens = grep { $text =~ /\Q$_\E/ } map { $_->{token}, $_->{token} =~ /([^.]+)$/ } @user;
	is(scalar @tokens, 0, "nor a token");
}
my @internal = grep { /\b(ERROR|FATAL|PANIC|WARNING):  (XX|57P|53|25|40|2[0-8]|4[0-9]|P0)/ } split /\n/,
	slurp_file($server->logfile);
is(join("\n", splice @internal, 0, 10), '', 'no error that is not ours in the log');

done_testing();
