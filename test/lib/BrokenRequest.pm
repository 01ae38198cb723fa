# Breaks a request of RandomRequest.pm in its method, path, query, headers, framing, body, token or bytes, one of many
# ways each. Everything random comes from rand(), so that srand() repeats a run.
package BrokenRequest;

use strict;
use warnings;

use Exporter 'import';
use JSON::PP;
use RandomRequest qw(token bytes_of written one_of chance);

our @EXPORT_OK = qw(break_request);

# Breaks the request in one of many ways. The names of what was done are kept in $request->{broken}.
my %ways = (
	method => \&break_method, path => \&break_path, target => \&break_target, query => \&break_query,
	header => \&break_header,
	framing => \&break_framing, field => \&break_field, body => \&break_body, token => \&break_token,
	type => \&break_type, bytes => \&break_bytes);

sub break_request
{
	my ($request, $key) = @_;
	my $what = one_of(sort keys %ways);
	$ways{$what}->($request, $key);
	push @{ $request->{broken} }, $what;
	# nginx itself answers CONNECT with a broken body, in HTML.
	$request->{method} = 'TRACE'
		if $request->{method} eq 'CONNECT' && grep { $_ eq 'framing' } @{ $request->{broken} };
}

sub break_method
{
	my ($request) = @_;
	$request->{method} = one_of(
		qw(GET POST PUT PATCH DELETE HEAD OPTIONS TRACE CONNECT PROPFIND get Get PURGE MKCOL LOCK SEARCH __ G),
		'X' x 300, 'GE T', "\x01", "P\xc3\x96ST", '');
}

my @nasty = (
	"\0", "a\0b", "\xc0\xaf", "\xff", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", '..', '.', '%', '%zz', "'", '"',
	'\\', ';', '<script>', '${jndi:ldap://x}',
	"\r\nSet-Cookie: a=b", "\n", "\x7f", '0', '-1', '1.5', '1e3', ' 1', '1 ', '+1', '0x10', '00000000001',
	'9223372036854775807', '9223372036854775808',
	'999999999999999999999999999999', 'NaN', 'null', 'undefined', 'true', '', ' ', "\xc2\xa0", "\xf0\x9f\xa6\x86",
	"\xef\xbb\xbf", 'x' x 300, 'ü', '{}', '[]', '{1,2}', '(1)',
	'eq.1', 'in.(1,2)', 'not.is.null', '*', 'organization_id', 'data-sources');

sub nasty { return one_of(@nasty) }

sub break_path
{
	my ($request) = @_;
	my $path = $request->{path};
	my $at = chance(0.9) ? 2 + int rand(@$path - 1) : int rand @$path;
	my $way = int rand 5;
	$at = $#$path if $at > $#$path && $way != 1;
	if ($way == 0) { $path->[$at] = nasty() }
	elsif ($way == 1) { splice @$path, $at, 0, nasty() }
	elsif ($way == 2) { splice @$path, $at, 1 }
	elsif ($way == 3) { $path->[$at] .= nasty() }
	else { push @$path, one_of('', '/', 'jobs', 'schemas', 'restore', ('a') x 3, @$path) }
	push @$path, 'x' unless @$path;
}

# The target as written, escapes and all.
sub break_target
{
	my ($request) = @_;
	(my $line = bytes_of({ %$request, rewrite => undef })) =~ s/\r\n.*//s;
	my ($target) = $line =~ / (\S*) HTTP/;
	$target //= '/api/v1/data-sources';
	my $way = int rand 16;
	if ($way == 0) { $target =~ s{/}{//}g }
	elsif ($way == 1)
	{
		$target =~
			s{/api}{one_of('/./api', '/x/../api', '/api/../api', '/%61pi', '/API', '/api;x=1', '/%2e%2e/api', '/api%2fv1/..')}e;
	}
	elsif ($way == 2)
	{
		$target =~
			s{/v1/}{one_of('/v1/..%2f', '/v1/../../rpc/', '/v1%2f', '/v1/%2e%2e/', '/v1//', '/v1/.%00/', '/v1;/', '/v1\\', '/v1/../../', '/v2/', '/v1')}e;
	}
	elsif ($way == 3)
	{
		$target .= one_of(
			'#fragment', '?', '??', '?&', '&', '/', '/?', '?#', ';jsessionid=1', '%', '%0', '%00', '%c0%af',
			'.json', '%0d%0aX: y', '?x', '?=', '?=1');
	}
	elsif ($way == 4)
	{
		$target = one_of(
			'http://localhost', 'http://127.0.0.1:1', 'http://evil.example', 'https://localhost', 'http://',
			'ftp://x', '//evil.example') . $target;
	}
	elsif ($way == 5)
	{
		$target = one_of(
			'*', '/', '', '/api/v1', '/api/v1/', '/api', '/favicon.ico', '/rpc/http', '/rpc/data_source_list', '/rpc/',
			'/data_sources', '/jobs',
			'/postgrest/', '/postgrest/rpc/http', '/postgrest/data_sources?select=*', '/nginx_status',
			'/../../etc/passwd', '/api/v1/rpc/http', '/api/v1/data_sources', '/%00', '/rpc/http?a=1',
			'/rpc/current_user_id', '/pg_catalog.pg_class', '/rpc/key_create', '/rpc/organization_create?name=x',
			'/audit', '/columns?select=*,data_sources(*)', '/rpc/data_source_list?page=x', '/internal', '/=500',
			'/error');
	}
	elsif ($way == 6)
	{
		$target .= ($target =~ /\?/ ? '&' : '?') . 'search=' . 'a' x one_of(1000, 4000, 7000, 8200, 9000, 40000);
	}
	elsif ($way == 7) { $target .= '/' . 'a' x one_of(1000, 4000, 7000, 8200) }
	elsif ($way == 8) { $target =~ s{(\w)(?=\w*$)}{sprintf '%%%02x', ord $1}e }
	elsif ($way == 9)
	{
		$target =~ s{(\d+)}{one_of('%31', '%ef%bc%91', "$1%20", "$1%00", '%2B1', "$1.0", "$1,$1", "$1;$1")}e;
	}
	elsif ($way == 10)
	{
		substr($target, rand(1 + length $target), 0) = one_of(
			'%', '%2', '%2g', '%u0041', "\xc3\xbc", ' ', "\t", '|', '^', '`', '\\', "\x01", "\xff", '%ff',
			'%C0%80');
	}
	elsif ($way == 11)
	{
		$target .= ($target =~ /\?/ ? '&' : '?') . join '&', map { "page=$_" } 1 .. one_of(2, 3, 500);
	}
	elsif ($way == 12)
	{
		$target .= ($target =~ /\?/ ? '&' : '?') . one_of(
			'tags=a&tags=b', 'tags[]=a', 'tags={a,b}', 'tags=', 'page[]=1', 'page[x]=1', 'page%5B%5D=1',
			'page=1;page_size=2',
			'page=1,2', 'select=*', 'order=id', 'limit=1', 'offset=1', 'organization_id=2', 'columns=x',
			'on_conflict=x', 'and=(a.eq.1)', '%00=1', 'page=%00', 'page=%C0%AF', 'page%00=1', 'search=%F0%9F%A6',
			'Page=1');
	}
	elsif ($way == 13)
	{
		$target .= ($target =~ /\?/ ? '&' : '?') . join '&', map { "p$_=$_" } 1 .. one_of(5, 100, 1000);
	}
	elsif ($way == 14)
	{
		$target =~ s/\?.*//;
		$target .= '?' . join '', map { chr 33 + int rand 94 } 1 .. rand 60;
	}
	else { $target .= '?access_token=' . $request->{user}{token} . '&apikey=x' }
	$request->{target} = $target;
}

sub break_query
{
	my ($request) = @_;
	my $query = $request->{query};
	my $way = int rand 5;
	if ($way == 0 || !@$query)
	{
		push @$query,
			[
			one_of(
				qw(page page_size search sort_by tags refresh force wait id schema_name history_limit after), nasty()),
			nasty() ];
	}
	elsif ($way == 1) { push @$query, one_of(@$query) }
	elsif ($way == 2) { one_of(@$query)->[1] = nasty() }
	elsif ($way == 3) { $query->[ rand @$query ][0] .= nasty() }
	else
	{
		push @$query,
			one_of(
			[ page_size => 1001 ], [ page => 0 ], [ page => '9223372036854775807' ],
			[ sort_by => 'credentials' ], [ sort_order => 'up' ], [ pagesize => 3 ], [ wait => 'false' ]);
	}
}

sub break_header
{
	my ($request) = @_;
	my $headers = $request->{headers};
	my $way = int rand 8;
	if ($way == 0)
	{
		push @$headers, [
			one_of(
				qw(X-Rivergen-Method X-Rivergen-URI X-Rivergen-Content-Type X-Rivergen-Prefer X-Rivergen-If-Match X-Rivergen-Base X-Rivergen-URI X-Rivergen-Method)
			),
			one_of(
				'DELETE', 'GET', 'POST', '/api/v1/data-sources', '/api/v1/data-sources/1', 'respond-async', '*', '',
				nasty()) ];
	}
	elsif ($way == 1)
	{
		push @$headers, [ one_of(qw(Host Authorization Content-Type Accept Prefer If-Match)), header_value() ];
	}
	elsif ($way == 2)
	{
		$_->[1] = header_value() for grep { $_->[0] eq one_of(qw(Host Accept Content-Type Prefer)) } @$headers;
	}
	elsif ($way == 3)
	{
		push @$headers,
			[ one_of('X-Long', 'Cookie', 'Referer', 'User-Agent'), 'a' x one_of(1000, 4000, 8100, 9000, 40000) ];
	}
	elsif ($way == 4)
	{
		push @$headers, map { [ "X-Many-$_", $_ ] } 1 .. one_of(50, 500);
	}
	elsif ($way == 5)
	{
		push @$headers, one_of(
			[ 'Accept-Profile', 'pg_catalog' ], [ 'Content-Profile', 'rivergen_catalog' ], [ 'Prefer', 'tx=rollback' ],
			[ 'Prefer', 'params=single-object' ],
			[ 'Range', '0-1' ], [ 'Range', 'bytes=0-10' ], [ 'Range-Unit', 'items' ], [ 'Accept', 'text/csv' ],
			[ 'Accept', 'application/vnd.pgrst.plan+json' ], [ 'Accept', 'application/vnd.pgrst.object+json' ],
			[ 'Accept', 'text/html' ], [ 'Expect', '100-continue' ], [ 'Upgrade', 'websocket' ],
			[ 'Connection', 'upgrade, Authorization' ], [ 'Connection', 'close' ],
			[ 'X-HTTP-Method-Override', 'DELETE' ],
			[ 'Origin', 'http://evil.example' ], [ 'Content-Encoding', 'gzip' ], [ 'Accept-Encoding', 'gzip, br' ],
			[ 'If-None-Match', '*' ], [ 'If-Modified-Since', 'Sat, 01 Jan 2000 00:00:00 GMT' ],
			[ 'X-Forwarded-For', '1.2.3.4' ], [ 'X-Forwarded-Host', 'evil.example' ],
			[ 'X-Original-URI', '/rpc/key_create' ], [ 'X-Accel-Redirect', '/internal' ], [ 'Forwarded', 'host=evil' ],
			[ 'TE', 'trailers' ], [ 'Max-Forwards', '0' ]);
	}
	elsif ($way == 6)
	{
		push @$headers,
			[
			one_of('', ' ', 'A B', "A\x01", "\xc3\xbc", '(x)', 'a' x 300, ':x', "X\0"),
			one_of('x', "a\0b", "a\x01", "\xff\xfe", '', "a\r\n folded", "a\r\n\tfolded") ];
	}
	else { splice @$headers, rand @$headers, 1 }
}

sub header_value
{
	return one_of(
		'', 'localhost', 'evil.example', 'evil.example:80', 'a b', '../x', 'localhost/..', '[::1', "\xff", 'x' x 300,
		'text/plain', 'application/json; charset=utf-16', 'application/json;charset=UTF-8',
		'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/octet-stream', 'text/xml',
		'APPLICATION/JSON', 'application/json, text/csv', '*/*', '*/*;q=0', 'Basic YTpi', 'Bearer', 'Bearer ',
		'Bearer x.y.z',
		'bearer x', nasty() =~ s/[\r\n\0]//gr);
}

sub break_type
{
	my ($request) = @_;
	my $type = header_value();
	$request->{body} //= {};
	@{ $request->{headers} } = grep { $_->[0] ne 'Content-Type' } @{ $request->{headers} };
	push @{ $request->{headers} }, [ 'Content-Type' => $type ] if chance(0.9);
}

# Lengths and encodings that contradict each other or the body.
sub break_framing
{
	my ($request) = @_;
	my $text = $request->{text} //=
		defined $request->{body} ? written($request->{body}) : one_of('', '{}', '[]', 'x');
	my $headers = $request->{headers};
	my $length = length $text;
	my $next = "GET /api/v1/data-sources?page_size=41 HTTP/1.1\r\nHost: localhost\r\n\r\n";
	my $chunked = sprintf "%x\r\n%s\r\n0\r\n\r\n", $length, $text;
	$chunked = "0\r\n\r\n" unless $length;
	my $way = int rand 14;
	$request->{partial} ||= $way != 5;
	if ($way == 0) { push @$headers, [ 'Content-Length', $length ], [ 'Content-Length', $length + 5 ] }
	elsif ($way == 1)
	{
		push @$headers, [ 'Content-Length', $length ], [ 'Transfer-Encoding', 'chunked' ];
		$request->{text} = "0\r\n\r\n$next";
	}
	elsif ($way == 2)
	{
		push @$headers,
			[
			'Content-Length',
			one_of(
				-1, '+1', '1 1', '0x10', '1e3', '99999999999999999999', '', 'x', "$length,$length", "$length;x",
				"0$length") ];
	}
	elsif ($way == 3) { push @$headers, [ 'Content-Length', $length + one_of(1, 1000, 100000000) ] }
	elsif ($way == 4) { push @$headers, [ 'Content-Length', int($length / 2) ]; $request->{text} .= $next }
	elsif ($way == 5) { push @$headers, [ 'Transfer-Encoding', 'chunked' ]; $request->{text} = $chunked }
	elsif ($way == 6)
	{
		push @$headers, [ 'Transfer-Encoding', 'chunked' ];
		$request->{text} = one_of(
			"zz\r\n$text", "-1\r\n$text", "ffffffffffffffffff\r\n$text", "$length\r\n", "5\r\nabc\r\n0\r\n\r\n",
			"1;x=y\r\na\r\n0\r\nX-Rivergen-URI: /\r\n\r\n", $chunked . $next);
	}
	elsif ($way == 7)
	{
		push @$headers,
			[
			'Transfer-Encoding',
			one_of(
				'gzip, chunked', 'identity', 'xchunked', 'chunked, identity', "chunked\x0b", ' chunked', 'Chunked',
				'gzip', '') ];
		$request->{text} = $chunked . $next;
	}
	elsif ($way == 8) { push @$headers, [ 'Transfer-Encoding ', 'chunked' ], [ 'Content-Length', $length ] }
	elsif ($way == 9)
	{
		push @$headers, [ 'Transfer-Encoding', 'chunked' ], [ 'Transfer-Encoding', 'identity' ];
		$request->{text} = $chunked;
	}
	elsif ($way == 10)
	{
		$request->{version} = one_of(
			' HTTP/1.0', ' HTTP/0.9', ' HTTP/2.0', ' HTTP/1.2', ' HTTP/1.', ' HTP/1.1', '', ' HTTP/1.1 x',
			' http/1.1', ' HTTP/9999.1', ' HTTP/1.10000');
	}
	elsif ($way == 11)
	{
		push @$headers, [ 'Content-Length', length($next) + $length ];
		$request->{text} = $text . $next;
	}
	elsif ($way == 12) { $request->{text} .= $next; push @$headers, [ 'Content-Length', $length ] }
	else { push @$headers, [ 'Expect', '100-continue' ], [ 'Content-Length', $length ] }
}

# One field of the body: another type, another value, twice, gone, or one too many.
sub break_field
{
	my ($request) = @_;
	my $body = $request->{body};
	return break_body($request) if ref $body ne 'HASH' || !%$body;
	my $name = one_of(sort keys %$body);
	my $way = int rand 6;
	if ($way == 0) { delete $body->{$name} }
	elsif ($way == 1)
	{
		$body->{
			one_of(
				qw(id organization_id status created_at credentials type workspace_id hots nmae sealed Name), '',
				nasty())
		} = value(3);
	}
	elsif ($way == 2 && ref $body->{$name} eq 'HASH') { $body->{$name}{ nasty() } = value(2) }
	elsif ($way == 3) { $body->{$name} = [ $body->{$name} ] }
	else { $body->{$name} = value(3) }
}

sub value
{
	my ($depth) = @_;
	my $kind = int rand($depth ? 9 : 6);
	return undef if $kind == 0;
	return one_of(JSON::PP::true, JSON::PP::false) if $kind == 1;
	return one_of(0, -1, 1, 22, 1.5, 65536, 2147483648, 9007199254740993) if $kind == 2;
	return one_of(@nasty) if $kind <= 4;
	return 'y' x one_of(1, 256, 1001, 70000) if $kind == 5;
	return [ map { value($depth - 1) } 1 .. rand 4 ] if $kind == 6;
	return { map { (one_of('a', 'host', 'tls', 'mode', 'password', nasty()), value($depth - 1)) } 1 .. rand 4 };
}

# The body's text, JSON no more or of another kind.
sub break_body
{
	my ($request) = @_;
	$request->{partial} ||= grep { $_ eq 'framing' } @{ $request->{broken} };
	my $text = $request->{text} // (defined $request->{body} ? written($request->{body}) : '{}');
	my $way = int rand 14;
	if ($way == 0) { $text = substr $text, 0, rand length $text }
	elsif ($way == 1)
	{
		my $depth = one_of(10, 100, 1000, 20000, 100000);
		my ($open, $close) = one_of([ '[', ']' ], [ '{"a":', '}' ])->@*;
		$text = $open x $depth . one_of('1', '', 'x') . $close x one_of($depth, $depth - 1, 0);
	}
	elsif ($way == 2)
	{
		$text =~
			s/(?<=:)("[^"]*"|\d+)/one_of('1e400', '-1e400', '1e-400', '9' x 2000, '-0', '01', '1.', '.5', '1e', '0x1', 'NaN', 'Infinity', '1e999999999', '1e131071', '1e-16383')/e;
	}
	elsif ($way == 3) { $text =~ s/^\{(.*)\}$/{$1,$1}/s }
	elsif ($way == 4)
	{
		$text =~
			s/:"/':"' . one_of('\\ud800', '\\udc00', '\\ud800\\u0041', '\\u0000', '\\uffff', '\\u', '\\u12', '\\x', "\0", "\x01", "\xff", "\xc0\xaf", "\xed\xa0\x80", '\\ud83e\\udd86')/e;
	}
	elsif ($way == 5)
	{
		$text = one_of("\xef\xbb\xbf", "\xff\xfe", "\xfe\xff", ' ', "\0", "\x0c", '/* */', ")]}',\n") . $text;
	}
	elsif ($way == 6)
	{
		$text = join '', map { chr rand 256 } 1 .. one_of(1, 10, 100, 10000);
	}
	elsif ($way == 7)
	{
		$text = one_of(
			'', 'null', 'true', '1', '"text"', '[]', '[{}]', "[$text]", '{', '}', '{}{}', '{} x', "'a'",
			'{a:1}', '{"a":1,}', 'a=b&c=d', '<xml/>', "\n", '{"":""}');
	}
	elsif ($way == 8) { $text =~ s/(.)/$1\0/gs }
	elsif ($way == 9) { $text .= one_of(' ' x one_of(10, 70000, 1200000), "\0", 'x', '}', "\n\n") }
	elsif ($way == 10)
	{
		$text = '{' . join(',', map { "\"k$_\":$_" } 1 .. one_of(100, 20000)) . '}';
	}
	elsif ($way == 11) { $text =~ s/"(\w+)":/'"' . join('', map { sprintf '\\u%04x', ord } split m{}, $1) . '":'/e }
	elsif ($way == 12) { $text = '{"name":"' . 'a' x one_of(300, 100000, 1048576, 3000000) . '"}' }
	else { substr($text, rand length $text, 1) = one_of('"', '\\', ',', ':', '{', "\xff", "\0", "\n") if length $text }
	$request->{text} = $text;
}

# Tokens that are none, not ours, not of now, or that claim what they may not. They are no user's then, but for those
# that only say something more about the same user.
sub break_token
{
	my ($request, $key) = @_;
	my $user = $request->{user};
	my %claims = (%{ $user->{claims} });
	my $now = time;
	my $way = int rand 16;
	my $token = $user->{token};
	my $bearer = 'Bearer ';
	if ($way == 0) { $token = '' }
	elsif ($way == 1) { substr($token, rand length $token, 1) = one_of('A', 'z', '.', '_', '=', '%', ' ', "\xff") }
	elsif ($way == 2) { $token = substr $token, 0, rand length $token }
	elsif ($way == 3) { $token = token('x' x 32, \%claims) }
	elsif ($way == 4)
	{
		$token = token($key, \%claims, { alg => one_of('none', 'None', 'HS512', 'RS256', '', 'ES256', 5) });
		$token =~ s/[^.]*$// if chance(0.5);
	}
	elsif ($way == 5)
	{
		$token = token(
			$key,
			{   %claims,
				one_of(
					[ exp => $now - 1000 ], [ nbf => $now + 100000 ], [ exp => 'soon' ], [ exp => 1e300 ],
					[ exp => -1 ], [ exp => {} ], [ nbf => [] ], [ iat => $now + 100000 ], [ aud => 'other' ],
					[ aud => [ 1, {} ] ])->@*
			});
	}
	elsif ($way <= 8)
	{
		$token = token(
			$key,
			{   %claims,
				sub => one_of(
					undef, 1, 1.5, -1, JSON::PP::true, [], {}, '', ' ', 'nobody', "a\0b", 'x' x 5000, [ $claims{sub} ],
					{ sub => $claims{sub} }, "'; DROP TABLE x; --", "\x{fffd}", uc $claims{sub}, " $claims{sub}")
			});
	}
	elsif ($way <= 10)
	{
		$token = token(
			$key,
			{   %claims,
				organization_id => one_of(
					undef, '', 0, -1, 1.5, 1e300, 'x', '1', ' 1', [], {}, JSON::PP::true, '9223372036854775808', '0x1',
					'NULL', @{ $user->{other_organizations} })
			});
	}
	elsif ($way == 11)
	{
		$token = token(
			$key,
			{   %claims,
				one_of('role', 'rivergen_role') => one_of(
					undef, '', 1, [], {}, 'postgres', 'nobody', 'pg_read_all_data', "x'y", 'none', 'x' x 100, "a\0b",
					'authenticator')
			});
	}
	elsif ($way == 12)
	{
		$token = token(
			$key,
			one_of(
				'null', '[]', '"x"', '1', '{', '{"sub":1,"sub":2}', '{}', '', "\xff", '[' x 5000, '{"role":"\ud800"}',
				'{"sub":"\u0000"}', '{"sub":"\ud800"}', '{"organization_id":1e400}',
				'{"organization_id":' . '9' x 3000 . '}'));
	}
	elsif ($way == 13)
	{
		$bearer =
			one_of('bearer ', 'BEARER ', 'Bearer', 'Bearer  ', 'Basic ', 'Token ', '', 'Bearer Bearer ', "Bearer\t");
	}
	elsif ($way == 14) { $token .= one_of('.', '.x', "\0", ' ', ',', 'x' x 10000) }
	else
	{
		$token = token(
			$key,
			{   %claims, 'request.headers' => '{}', role_name => 'postgres', session_user => 'postgres',
				x => 'y' x one_of(10, 5000), 'rivergen.organization_id' => 2
			});
	}
	$_->[1] = $bearer . $token for grep { $_->[0] eq 'Authorization' } @{ $request->{headers} };
	$request->{tampered} = 1;
}

# The bytes on the wire, wherever that is.
sub break_bytes
{
	my ($request) = @_;
	my ($way, $where, $byte, $length) = (int rand 5, rand, chr rand 256, 1 + int rand 8);
	$request->{partial} = 1;
	$request->{rewrite} = sub {
		my ($bytes) = @_;
		my $at = int $where * length $bytes;
		if ($way == 0) { substr($bytes, $at, 1) = $byte }
		elsif ($way == 1) { substr($bytes, $at, $length) = '' }
		elsif ($way == 2) { substr($bytes, $at, 0) = $byte x $length }
		elsif ($way == 3) { $bytes = substr $bytes, 0, $at }
		else { $bytes =~ s/\r\n/\n/g }
		return $bytes;
	};
}

1;
