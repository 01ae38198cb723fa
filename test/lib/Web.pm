# What the tests of test/http share: the service with two organizations and their people, requests in their names,
# and what every answer has in common. The gateway is Gateway.pm's.
package Web;

use strict;
use warnings;

use Encode qw(encode_utf8);
use Exporter 'import';
use Gateway;
use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Utils;
use Rivergen;
use Test::More;

our @EXPORT =
	qw(start_web base postgrest_log token_of wrong_tokens as curl parallel answered answers succeeded refused shaped
	location_of setting new_source new_fake follow_job %source_shape %item_shape %job_shape %pagination_shape
	%description_shape);

my $json = JSON::PP->new->allow_nonref->canonical;
my $client = HTTP::Tiny->new(max_redirect => 0, keep_alive => 0, timeout => 120);
my ($server, $gateway, %token);

# ---- The service ----

# Acme (1) has an editor ada, an admin boss, a viewer vic and another editor carl; Other (2) has its editor eve and
# admin olga. bob is a viewer in the first and an editor in the second; the user out is a member of none.
my $people = <<'EOT';
SELECT rivergen.organization_create('Other');
SELECT rivergen.workspace_create(2, 'other');
SELECT rivergen.membership_add(m.organization_id, p.user_id, m.role)
FROM (SELECT subject, rivergen.user_create(subject) AS user_id
	FROM unnest('{ada,boss,vic,carl,eve,olga,bob,out}'::text[]) WITH ORDINALITY s (subject, place) ORDER BY place) p
JOIN (VALUES (1, 'ada', 'editor'), (1, 'boss', 'admin'), (1, 'vic', 'viewer'), (1, 'carl', 'editor'), (2, 'eve', 'editor'),
	(2, 'olga', 'admin'), (1, 'bob', 'viewer'), (2, 'bob', 'editor')) m (organization_id, subject, role) USING (subject)
EOT

# Starts PostgreSQL with the extension, PostgREST and nginx; the node. conf: more settings.
sub start_web
{
	my (%option) = @_;
	$gateway = Gateway->start('server', %option);
	$server = $gateway->{node};
	install_fake($server);
	sql($server, $people);
	return $server;
}

sub base { return $gateway->{base} }
sub postgrest_log { return slurp_file($gateway->{log}{postgrest}) }

# The token of a person of the list above; of a person who has a token, but is no user, when it is another name.
sub token_of
{
	my ($subject, %claims) = @_;
	return $gateway->token(sub => $subject, %claims);
}

# Sets a setting of the server until the function that is returned is called.
sub setting
{
	my ($name, $value) = @_;
	my $before = sql($server, "SHOW $name");
	change_settings($server, $name => $value);
	return sub { change_settings($server, $name => $before) };
}

# ---- Requests ----

sub answer_of
{
	my ($status, $headers, $text) = @_;
	my $body = eval { JSON::PP->new->utf8->allow_nonref->decode($text // '') };
	return { status => $status, headers => $headers, text => $text // '', body => $body };
}

# A request in the name of a person of the list, or undef for no token. body: what is sent as JSON, or as it is
# when it is a text. token and headers replace what would be sent; a header that is undef is not.
sub as
{
	my ($who, $method, $path, %option) = @_;
	my %headers = (Accept => 'application/json');
	$headers{Authorization} = 'Bearer ' . ($token{$who} //= token_of($who)) if defined $who;
	$headers{Authorization} = "Bearer $option{token}" if defined $option{token};
	my %request;
	if (exists $option{body})
	{
		$headers{'Content-Type'} = 'application/json';
		$request{content} = ref $option{body} ? JSON::PP->new->utf8->canonical->encode($option{body}) : $option{body};
	}
	%headers = (%headers, %{ $option{headers} // {} });
	delete $headers{$_} for grep { !defined $headers{$_} } keys %headers;
	my $response = $client->request($method, base() . $path, { %request, headers => \%headers });
	die "$method $path: $response->{content}\n" if $response->{status} == 599;
	return answer_of($response->{status}, $response->{headers}, $response->{content});
}

# Runs a command line with curl in it as a person would, by a shell. What curl is to do beside what the line says is
# in its configuration file. authorization: a header that the line does not have.
sub curl
{
	my ($line, %option) = @_;
	my $home = PostgreSQL::Test::Utils::tempdir();
	append_to_file(
		"$home/.curlrc",
		"silent\nshow-error\nmax-time = 120\nnoproxy = \"*\"\ndump-header = \"$home/headers\"\n");
	append_to_file("$home/.curlrc", "header = \"Authorization: Bearer $option{authorization}\"\n")
		if $option{authorization};
	local $ENV{CURL_HOME} = $home;
	my ($out, $err) = ('', '');
	IPC::Run::run([ 'sh', '-c', $line ], '<', \undef, '>', \$out, '2>', \$err) or die "$line\n$err\n";
	my @blocks = split /\r\n\r\n/, slurp_file("$home/headers");
	my ($status) = $blocks[-1] =~ m{^HTTP/\S+ (\d+)} or die "no status: $blocks[-1]\n";
	my %headers = map { /^([^:]+):\s*(.*?)\s*$/ ? (lc $1 => $2) : () } split /\r\n/, $blocks[-1];
	return answer_of($status, \%headers, $out);
}

# Starts many clients at once, each with one request.
sub parallel
{
	my ($who, $method, $path, $count) = @_;
	my $token = token_of($who);
	return map {
		my $client = { out => '', err => '' };
		$client->{run} = IPC::Run::start(
			[   'curl', '-q', '-sS', '--noproxy', '*', '--max-time', '120', '-X', $method, '-w', '\n%{http_code}',
				'-H', "Authorization: Bearer $token", base() . $path ],
			'<',
			\undef,
			'>',
			\$client->{out},
			'2>',
			\$client->{err});
		$client;
	} 1 .. $count;
}

# How many of them have their answer.
sub answered
{
	return scalar grep { $_->{run}->pump_nb if $_->{run}->pumpable; !$_->{run}->pumpable } @_;
}

# The answers of all of them, in order.
sub answers
{
	return map {
		$_->{run}->finish;
		my ($text, $status) = $_->{out} =~ /^(.*)\n(\d+)$/s or die "curl: $_->{err}\n";
		answer_of($status, {}, $text);
	} @_;
}

# Tokens that are none, by what is wrong with them: the whole header, or undef for none.
sub wrong_tokens
{
	my $good = token_of('ada');
	my ($head, $claims, $signature) = split /\./, $good;
	(my $forged = $signature) =~ tr/A-Za-z/B-ZAb-za/;
	return (
		'missing' => undef,
		'empty' => 'Bearer ',
		'another scheme' => 'Basic YWRhOmFkYQ==',
		'no token at all' => 'Bearer garbage',
		'a wrong signature' => "Bearer $head.$claims.$forged",
		'no signature' => "Bearer $head.$claims.",
		'the algorithm none' => 'Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.' . "$claims.",
		'expired' => 'Bearer ' . token_of('ada', exp => time - 3600),
		'not valid yet' => 'Bearer ' . token_of('ada', nbf => time + 3600),
		'of a stranger' => 'Bearer ' . token_of('stranger'),
		'without a subject' => 'Bearer ' . token_of(''));
}

# ---- Answers ----

# A test: the answer has this status and is a success in the envelope; returns data.
sub succeeded
{
	my ($answer, $status, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $body = ref $answer->{body} eq 'HASH' ? $answer->{body} : {};
	my $found = join ' ', $answer->{status}, sort keys %$body;
	is($found . ' ' . ($body->{success} // ''), "$status data message success 1", $name) or diag($answer->{text});
	like($answer->{headers}{'content-type'} // '', qr{^application/json\b}, "$name: JSON") if %{ $answer->{headers} };
	return $body->{data};
}

# A test: the answer is a failure, with this status and code, in the envelope, with the headers that belong to it.
# message is a string or a pattern, details a pattern for all of them together. Returns the error.
sub refused
{
	my ($answer, $status, $code, $name, %expected) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $body = ref $answer->{body} eq 'HASH' ? $answer->{body} : {};
	my $error = ref $body->{error} eq 'HASH' ? $body->{error} : {};
	subtest $name => sub {
		is($answer->{status}, $status, 'status');
		is(join(' ', sort keys %$body), 'error success', 'the envelope');
		ok(ref $body->{success} eq 'JSON::PP::Boolean' && !$body->{success}, 'is a failure');
		is(join(' ', sort keys %$error), 'code details message', 'of this shape');
		is($error->{code}, $code, 'code');
		ok(!ref $error->{message} && length($error->{message} // ''), 'a message');
		is(ref $error->{details}, 'ARRAY', 'details are a list');
		my $details = ref $error->{details} eq 'ARRAY' ? $error->{details} : [];
		is(scalar(grep { ref || !defined || !length } @$details), 0, 'of texts');
		cmp_ok(scalar @$details, '>', 0, 'that tell what is wrong with the request')
			if $status == 400 && $error->{message} ne 'The request is not well-formed HTTP';    # nginx's own
		like($answer->{headers}{'content-type'} // '', qr{^application/json\b}, 'JSON');
		is( defined $answer->{headers}{'www-authenticate'} ? 'yes' : 'no', $status == 401 ? 'yes' : 'no',
			'WWW-Authenticate');
		like($answer->{headers}{'www-authenticate'} // '', qr/^Bearer\b/, 'asks for a token') if $status == 401;
		is(defined $answer->{headers}{allow} ? 'yes' : 'no', $status == 405 ? 'yes' : 'no', 'Allow');
		like($answer->{headers}{'retry-after'} // '', qr/^[1-9]\d*$/, 'Retry-After')
			if $status == 429 || $status == 503;
		unlike($answer->{text}, qr/\brivergen_catalog\b|\bSQLSTATE\b|\bPT\d{3}\b|canary/, 'nothing of the inside');
		ref $expected{message}
			? like($error->{message} // '', $expected{message}, 'says')
			: is($error->{message}, $expected{message}, 'says')
			if defined $expected{message};
		like(join("\n", @$details), $expected{details}, 'in detail') if defined $expected{details};
	} or diag("$answer->{status} $answer->{text}");
	return $error;
}

# The Location of an answer as a path.
sub location_of
{
	my ($answer) = @_;
	my $base = base();
	return ($answer->{headers}{location} // '') =~ s/^\Q$base\E//r;
}

# Reads the job at a Location until it has ended; its body.
sub follow_job
{
	my ($who, $location) = @_;
	return wait_for(
		"the job at $location",
		sub {
			my $job = as($who, GET => $location)->{body}{data};
			return $job->{status} =~ /^(succeeded|failed|cancelled)$/ ? $job : undef;
		});
}

# Registers a source in a person's name, of a type that needs nothing; its id.
my $sources = 0;
sub new_source
{
	my ($who, %field) = @_;
	my $answer = as(
		$who, POST => '/api/v1/data-sources',
		body => { name => 'source ' . ++$sources, type => 'http_api', credentials => {}, %field });
	return $answer->{body}{data}{id} // die "$answer->{status} $answer->{text}\n";
}

# One whose connector behaves as the metadata say (test/lib/fake-connector).
sub new_fake
{
	my ($who, $metadata, %field) = @_;
	return new_source(
		$who, type => 'other', metadata => $metadata, credentials => { api_key => 'canary' }, max_retries => 0,
		schema_auto_refresh => JSON::PP::false, %field);
}

# ---- Shapes ----

# Kinds: a JSON type, time (a text like 2024-12-01T08:00:00Z) or any; with a question mark, or null.
our %item_shape = (
	id => 'integer', organization_id => 'integer', workspace_id => 'integer?', name => 'string', type => 'string',
	description => 'string?',
	host => 'string?', port => 'integer?', database_name => 'string?', schema_name => 'string?', file_path => 'string?',
	use_ssh_tunnel => 'boolean', ssh_host => 'string?', ssh_port => 'integer?', status => 'string',
	last_tested_at => 'time?',
	last_successful_connection_at => 'time?', schema_discovered_at => 'time?', schema_auto_refresh => 'boolean',
	tags => ['string'],
	created_at => 'time', updated_at => 'time');
our %source_shape = (
	%item_shape, ssh_username => 'string?', ssh_key_id => 'integer?', ssh_local_port => 'integer?',
	connection_pool_size => 'integer',
	connection_timeout => 'integer', query_timeout => 'integer', max_retries => 'integer',
	last_failed_connection_at => 'time?',
	failure_count => 'integer', failure_reason => 'string?', schema_refresh_interval => 'integer', metadata => 'object',
	created_by_user_id => 'integer', updated_by_user_id => 'integer?');
our %pagination_shape = (
	page => 'integer', page_size => 'integer', total_items => 'integer', total_pages => 'integer',
	has_next => 'boolean',
	has_previous => 'boolean');
our %job_shape = (
	job_id => 'integer', data_source_id => 'integer', kind => 'string', schema_name => 'string?', status => 'string',
	cancel_requested => 'boolean',
	attempts => 'integer', requested_by_user_id => 'integer?', queued_at => 'time', run_after => 'time',
	started_at => 'time?',
	finished_at => 'time?', progress => 'object?', error_code => 'string?', error_message => 'string?',
	error_detail => 'string?', result => 'object?', sandbox_level => 'string?', sandbox_missing => 'array?',
	dialed => 'array?');
our %description_shape = (
	id => 'string', db_connection_id => 'string', table_name => 'string', table_schema => 'string',
	description => 'string?',
	description_source => 'string?', comment => 'string?', status => 'string', error_message => 'string?',
	scanned_at => 'time?', examples => ['object'], tags => ['string'], version => 'string',
	columns => [ {
		name => 'string', is_primary_key => 'boolean', data_type => 'string', description => 'string?',
		description_source => 'string?',
		comment => 'string?', low_cardinality => 'boolean', categories => ['string'],
		foreign_key => { field_name => 'string', reference_table => 'string', '?' => 1 }, tags => ['string']
	} ]);

sub kind_of
{
	my ($value) = @_;
	return 'null' if !defined $value;
	return 'boolean' if JSON::PP::is_bool($value);
	return ref $value eq 'ARRAY' ? 'array' : 'object' if ref $value;
	my $text = $json->encode($value);
	return $text =~ /^-?\d+$/ ? 'integer' : 'number' if $text !~ /^"/;
	return $value =~ /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/ ? 'time' : 'string';
}

# What is wrong with a value, one fault a line; '' when it has the shape and nothing else.
sub misshapen
{
	my ($value, $shape, $at) = @_;
	if (ref $shape eq 'HASH')
	{
		my %member = %$shape;
		my $optional = delete $member{'?'};
		return '' if $optional && !defined $value;
		return "$at is " . kind_of($value) . "\n" if ref $value ne 'HASH';
		return join '',
			(
			map { exists $value->{$_} ? misshapen($value->{$_}, $member{$_}, "$at.$_") : "$at.$_ is missing\n" }
			sort keys %member),
			map { exists $member{$_} ? () : "$at.$_ is unknown\n" } sort keys %$value;
	}
	if (ref $shape eq 'ARRAY')
	{
		return "$at is " . kind_of($value) . "\n" if ref $value ne 'ARRAY';
		return join '', map { misshapen($value->[$_], $shape->[0], "$at\[$_]") } 0 .. $#$value;
	}
	my ($wanted, $optional) = $shape =~ /^(\w+)(\??)$/;
	my $kind = kind_of($value);
	return ''
		if $wanted eq 'any'
		|| $kind eq $wanted
		|| $optional && $kind eq 'null'
		|| $wanted eq 'string' && $kind eq 'time'
		|| $wanted eq 'number' && $kind eq 'integer';
	return "$at is $kind\n";
}

# A test: the value has this shape, every member with its type, and no others.
sub shaped
{
	my ($value, $shape, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is(misshapen($value, $shape, ''), '', $name);
}

1;
