# Calling rivergen.http as PostgREST does, without PostgREST: a session of the gateway's login role, with the claims
# and headers of one request in its settings.
package HttpCall;

use strict;
use warnings;

use Exporter 'import';
use JSON::PP;
use Rivergen;
use Test::More;

our @EXPORT = qw(prepare_gateway http_call http_is http_session);

my $json = JSON::PP->new->utf8->allow_nonref->canonical;

# Users vic (viewer), eve (editor) and boss (admin) of the first organization, the login role `gateway`, the role
# `anonymous`, which may call rivergen.http and nothing else, and a function that answers status, headers and body.
# The server must have rivergen.gateway_roles = 'gateway'.
sub prepare_gateway
{
	my ($server) = @_;
	sql($server, <<'EOT');
		CREATE ROLE gateway LOGIN NOINHERIT;
		CREATE ROLE anonymous;
		GRANT anonymous TO gateway;
		GRANT USAGE ON SCHEMA rivergen TO anonymous;
		GRANT EXECUTE ON FUNCTION rivergen.http(bytea) TO anonymous;
		SELECT rivergen.membership_add(1, rivergen.user_create(name), role)
			FROM (VALUES ('vic', 'viewer'), ('eve', 'editor'), ('boss', 'admin')) u (name, role);
		CREATE FUNCTION http_answer(claims text, method text, uri text, headers jsonb, body bytea) RETURNS jsonb
			LANGUAGE plpgsql AS $$
		DECLARE
			answer jsonb;
		BEGIN
			PERFORM set_config('role', 'anonymous', true), set_config('request.jwt.claims', claims, true),
				set_config('request.method', 'POST', true),
				set_config('request.headers',
					(jsonb_build_object('x-rivergen-method', method, 'x-rivergen-uri', uri) || headers)::text, true);
			answer := rivergen.http(body);
			RETURN jsonb_build_object('status', current_setting('response.status')::integer,
				'headers', current_setting('response.headers')::jsonb, 'body', answer);
		END
		$$;
EOT
}

# The statement that makes one request. Options: as (a subject; undef: no token; default boss), claims (instead), body
# (bytes, or a structure that becomes JSON), type, encoding, prefer, if_match, if_none_match, base (default /api/v1).
sub statement
{
	my ($method, $uri, %option) = @_;
	my %header;
	my $as = exists $option{as} ? $option{as} : 'boss';
	my $claims = $option{claims} // (defined $as ? $json->encode({ sub => $as }) : '');
	my $body = ref $option{body} ? $json->encode($option{body}) : $option{body};
	$header{'x-rivergen-content-type'} = $option{type} // (defined $body ? 'application/json' : '');
	$header{'x-rivergen-prefer'} = $option{prefer} if defined $option{prefer};
	$header{'x-rivergen-content-encoding'} = $option{encoding} if defined $option{encoding};
	$header{'x-rivergen-if-match'} = $option{if_match} if defined $option{if_match};
	$header{'x-rivergen-if-none-match'} = $option{if_none_match} if defined $option{if_none_match};
	return sprintf 'SELECT http_answer(%s, %s, %s, %s, %s)', literal($claims), literal($method),
		literal(($option{base} // '/api/v1') . $uri), literal($json->encode(\%header)),
		defined $body ? "'\\x" . unpack('H*', $body) . "'" : "''";
}

# What is answered: status, headers (a hash), body; as a client sees it behind nginx, which makes the statuses from 590 on what they mean. `repeated`
# is the header from which nginx makes the body of a failure.
sub decode
{
	my ($text) = @_;
	my $answer = $json->decode($text);
	my %headers = map { %$_ } @{ $answer->{headers} };
	my %told = (590 => 400, 591 => 413, 592 => 414, 593 => 500, 594 => 501, 599 => 503);
	die "PostgREST or nginx would take $answer->{status} for its own" if grep { $_ == $answer->{status} } values %told;
	$answer->{status} = $told{ $answer->{status} } // $answer->{status};
	$answer->{repeated} = delete $headers{'X-Rivergen-Error'};
	$answer->{headers} = \%headers;
	return $answer;
}

sub http_call
{
	my ($server, $method, $uri, %option) = @_;
	my ($status, $out, $err) = $server->psql(
		'postgres', ($option{before} // '') . statement($method, $uri, %option),
		extra_params => [ '-U', 'gateway', '-v', 'VERBOSITY=verbose' ],
		timeout => $PostgreSQL::Test::Utils::timeout_default);
	die "$method $uri: $err" if $status != 0;
	return decode($out);
}

# The same in a session of its own, as session_start; decode what session_end answers with HttpCall::decode.
sub http_session
{
	my ($server, $method, $uri, %option) = @_;
	return session_start($server, 'SET SESSION AUTHORIZATION gateway; ' . statement($method, $uri, %option));
}

# Whole, or when that is too long without the details.
sub is_repeated
{
	my ($answer) = @_;
	my $repeated = $json->decode($answer->{repeated} // 'null') // return 0;
	return 1 if $json->encode($repeated) eq $json->encode($answer->{body});
	return length($json->encode($answer->{body})) > 29000 && !@{ $repeated->{error}{details} };
}

# A test: the status is as given; of an error the code, and details that match what `says` gives. Returns the answer.
sub http_is
{
	my ($server, $status, $method, $uri, %option) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $name = $option{name} // "$method $uri";
	my $answer = http_call($server, $method, $uri, %option);
	my $body = $answer->{body};
	my $fault = $answer->{status} == $status ? '' : "status $answer->{status}, not $status";
	if ($status >= 400)
	{
		my $error = $body->{error} // {};
		$fault .= ' no envelope'
			if $body->{success}
			|| join(' ', sort keys %$body) ne 'error success'
			|| join(' ', sort keys %$error) ne 'code details message'
			|| ref $error->{details} ne 'ARRAY';
		$fault .= " code $error->{code}" if $option{code} && ($error->{code} // '') ne $option{code};
		$fault .= ' not repeated in a header' if $status != 401 && !is_repeated($answer);
		my $says = join ' | ', $error->{message} // '', @{ $error->{details} // [] };
		$fault .= " does not say $option{says}" if $option{says} && $says !~ $option{says};
	}
	ok($fault eq '', "$name: $status") or diag("$fault\n", $json->encode($answer));
	return $answer;
}

1;
