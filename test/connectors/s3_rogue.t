# The connector s3 and simulated services that lie, are overloaded, break off, or send what never ends; and what it sends to them.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use IO::Compress::Gzip qw(gzip);
use IO::Socket::INET;
use lib dirname(__FILE__) . '/lib';
use Connector;
use ScriptedHttp;
use Test::More;

my $connector = [ installed_connector('s3') ];
my $secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
my $token = 'FwoGZXIvYXdzEXAMPLE/token+==';
my @asked;

# The frames of an answer about a service that answers so; what it was asked is in @asked.
sub ask
{
	my ($answer, %change) = @_;
	my $service = ScriptedHttp->new($answer);
	my $base = {
		type => 's3',
		endpoint => {
			host => 's3.example.com', port => $service->{port}, addresses => ['127.0.0.1'], database => 'shop',
			path => '/'
		},
		credentials => { access_key_id => 'AKIDEXAMPLE', secret_access_key => $secret }
	};
	my $run = ask_connector($connector, request_line($base, %change));
	@asked = $service->end;
	is(scalar(tells_secret(join("\n", @{ $run->{lines} }, $run->{stderr}), $secret, $token)), 0, 'no secret is told');
	return @{ $run->{frames} };
}

sub object
{
	my ($key, %member) = @_;
	%member = (Size => 8, ETag => '"e1"', LastModified => '2024-01-01T00:00:00.000Z', %member);
	return join '', "<Contents><Key>$key</Key>", (map { "<$_>$member{$_}</$_>" } sort keys %member), '</Contents>';
}

sub listing
{
	my ($contents, $more) = @_;
	return ScriptedHttp::http(
		200,
		'<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
			. ($more // '')
			. "$contents</ListBucketResult>");
}

# A service with these objects, whose content is another function's.
sub service
{
	my ($contents, $content) = @_;
	return sub {
		my ($number, $head) = @_;
		return $head =~ /^GET \S*list-type/ ? listing($contents) : $content->($number, $head);
	};
}

my $content = "a,b\n1,x\n";

sub part
{
	my (@headers) = @_;
	return ScriptedHttp::http(206, $content, "Content-Range: bytes 0-7/8", @headers);
}

sub names
{
	return [ map { $_->{name} } frames_of('relation', @_) ];
}

sub reason
{
	my @skipped = frames_of('skipped', @_);
	return @skipped ? $skipped[0]{reason} : "$_[-1]{frame} " . ($_[-1]{message} // '');
}

sub fails
{
	my ($name, $step, $code, $transient, $answer, %change) = @_;
	fails_with(
		$name, $step, $code, $transient,
		ask($answer, operation => 'test', limits => { connection_timeout => 5 }, %change));
	return;
}

subtest 'what is sent' => sub {
	my $key = "../x//é +%\n.csv";
	my $escaped = '/shop/../x//%C3%A9%20%2B%25%0A.csv';
	my @frames = ask(
		service(object("../x//\xC3\xA9 +%&#10;.csv"), sub { part('ETag: "e1"') }),
		endpoint => { path => $key }, credentials => { session_token => $token });
	is_deeply(
		[ map { $_->{name} } frames_of('relation', @frames) ], [$key],
		'a key with all that is odd');
	like($asked[-1], qr/^GET \Q$escaped\E HTTP/, 'is asked for as it was signed, and no dots are resolved');
	like($asked[-1], qr/^If-Match: "e1"\r$/mi, 'only as long as it is the same');
	like(
		$asked[-1],
		qr{^authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/us-east-1/s3/aws4_request, }mi,
		'signed for the region');
	like(
		$asked[-1],
		qr{ SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}\r$}mi,
		'signed, with the token');
	like($asked[-1], qr/^host: s3\.example\.com:\d+\r$/mi, 'for the host by its name');
	ask(service(object('a.csv'), sub { part() }), endpoint => { options => { path_style => JSON::PP::false } });
	like($asked[-1], qr{^GET /a\.csv HTTP.*^host: shop\.s3\.example\.com:}msi, 'the bucket as a part of the host');
	ask(service(object('a.csv'), sub { part() }),
		credentials => { access_key_id => undef, secret_access_key => undef });
	unlike(join('', @asked), qr/authorization|amz/i, 'without keys nothing is signed');
};

subtest 'listings' => sub {
	my $answer = service(object('b.csv') . object('a.csv') . object('b.csv'), sub { part() });
	is_deeply(names(ask($answer)), [ 'a.csv', 'b.csv' ], 'keys out of order, and twice (localstack#9605)');
	$answer = sub {
		my ($number, $head) = @_;
		return $head =~ /list-type/ ? listing(object('a+b%2B%25.csv'), '<EncodingType>url</EncodingType>') : part();
	};
	is_deeply(names(ask($answer)), ['a b+%.csv'], 'escaped keys');
	is_deeply(names(ask(service(object('a+b%2B.csv'), sub { part() }))), ['a+b%2B.csv'], 'keys that are not');
	$answer = sub {
		return $_[1] =~ /list-type/
			? ScriptedHttp::http(
			200,
			'<s:ListBucketResult xmlns:s="urn:x"><s:Contents><s:Key>a.csv</s:Key><s:Size>8</s:Size></s:Contents></s:ListBucketResult>'
			)
			: part();
	};
	is_deeply(names(ask($answer)), ['a.csv'], 'names in another name space');
	is( reason(ask(service(object('a.csv', StorageClass => 'GLACIER'), sub { part() }))),
		'The object is archived, and has to be restored before it is read.', 'an archived object');
	my $again = '<IsTruncated>true</IsTruncated><NextContinuationToken>t=</NextContinuationToken>';
	fails(
		'a listing without an end (datahub#17485)', 'query', 'protocol', 0, sub { listing(object('a.csv'), $again) },
		operation => 'discover');
	fails(
		'a page that has no next one', 'query', 'protocol', 0,
		sub { listing(object('a.csv'), '<IsTruncated>true</IsTruncated>') }, operation => 'discover');
	my %odd = (
		'no XML' => 'hello', 'another document' => '<html><body/></html>', 'nothing' => '',
		'broken XML' => '<ListBucketResult><Contents>',
		'a document type' => '<!DOCTYPE x [<!ENTITY a "aaaa">]><ListBucketResult>&a;</ListBucketResult>',
		'deep elements' => '<ListBucketResult>' . '<a>' x 100 . '</a>' x 100 . '</ListBucketResult>');
	fails($_, 'query', 'protocol', 0, sub { ScriptedHttp::http(200, $odd{$_}) }) for sort keys %odd;
};

subtest 'objects' => sub {
	my $read = sub {
		my ($object, $answer) = @_;
		return ask(
			service($object, $answer), operation => 'read',
			read => read_request([ 'shop', 'a.csv' ], [ 'a', 'b' ]));
	};
	is_deeply([ rows_of($read->(object('a.csv'), sub { part('ETag: "e1"') })) ], [ [ 1, 'x' ] ], 'a range');
	is_deeply(
		[ rows_of($read->(object('a.csv'), sub { ScriptedHttp::http(200, $content) })) ], [ [ 1, 'x' ] ],
		'a service without ranges that sends all, which was asked for');
	my %changed = (
		'a refused condition' => ScriptedHttp::http(412, '<Error><Code>PreconditionFailed</Code></Error>'),
		'another ETag' => part('ETag: "e2"'),
		'it is gone' => ScriptedHttp::http(404, '<Error><Code>NoSuchKey</Code></Error>'),
		'it is shorter' => ScriptedHttp::http(416, '<Error><Code>InvalidRange</Code></Error>'));
	fails_with("changed: $_", 'query', 'relation_changed', 1, $read->(object('a.csv'), sub { $changed{$_} }))
		for sort keys %changed;
	fails_with(
		'a shorter range', 'query', 'protocol', 0,
		$read->(object('a.csv'), sub { ScriptedHttp::http(206, 'a,b') }));
	fails_with(
		'more than was asked for', 'query', 'too_large', 0,
		$read->(object('a.csv'), sub { ScriptedHttp::http(206, $content x 100) }));
	my $large = "a,b\n" . "1,x\n" x 50000;
	my $changes = sub {
		my ($number, $head) = @_;
		my ($first, $last) = $head =~ /bytes=(\d+)-(\d+)/ or die;
		my $bytes = substr $large, $first, $last - $first + 1;
		return ScriptedHttp::http(206, $bytes, $first < 100000 ? 'ETag: "e1"' : 'ETag: "e2"');
	};
	fails_with(
		'changed in its middle', 'query', 'relation_changed', 1,
		$read->(object('a.csv', Size => length $large), $changes));
};

subtest 'overload' => sub {
	my $tries = sub {
		my ($status, @headers) = @_;
		return sub {
			return $_[0] < 2
				? ScriptedHttp::http($status, '<Error><Code>SlowDown</Code></Error>', @headers)
				: listing('');
		};
	};
	for my $status (429, 503)
	{
		my @frames = ask($tries->($status, 'Retry-After: 0'), operation => 'test');
		is($frames[-1]{frame}, 'end', "$status is tried again");
		is(scalar @asked, 3, 'until it is taken');
	}
	is(scalar(grep { /amz-date/i } @asked), 3, 'each time signed');
	fails('a wait that is too long', 'query', 'unreachable', 1, $tries->(503, 'Retry-After: 3600'));
	is(scalar @asked, 1, 'is not waited for');
	ask(sub { ScriptedHttp::http(503, '', 'Retry-After: Thu, 01 Jan 1970 00:00:00 GMT') }, operation => 'test');
	is(scalar @asked, 5, 'five times at most');
};

subtest 'regions and clocks' => sub {
	my $elsewhere = sub {
		my ($number, $head) = @_;
		return listing('') if $head =~ m{/eu-central-1/s3/};
		return ScriptedHttp::http(
			400,
			'<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-central-1</Region></Error>');
	};
	is((ask($elsewhere, operation => 'test'))[-1]{frame}, 'end', 'the region that the service names');
	is(scalar @asked, 2, 'is tried once');
	fails(
		'but not instead of the one in metadata', 'configure', 'configuration', 0, $elsewhere,
		endpoint => { options => { region => 'us-west-2' } });
	my $listener = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', Blocking => 0) or die $!;
	fails(
		'a redirect', 'configure', 'configuration', 0,
		sub { ScriptedHttp::http(301, '', 'Location: http://127.0.0.1:' . $listener->sockport . '/') });
	is($listener->accept, undef, 'is not followed');
	my $later = sub {
		my ($number, $head) = @_;
		return listing('') if $head =~ /amz-date: 2099/i;
		return ScriptedHttp::http(
			403, '<Error><Code>RequestTimeTooSkewed</Code></Error>',
			'Date: Thu, 01 Jan 2099 00:00:00 GMT');
	};
	is((ask($later, operation => 'test'))[-1]{frame}, 'end', 'the clock of the service counts');
};

subtest 'answers that are none' => sub {
	fails('another protocol', 'connect', 'protocol', 0, sub { "SSH-2.0-OpenSSH_9.2\r\n" });
	fails('a connection that is closed', 'connect', 'unreachable', 1, sub { '' });
	fails(
		'an answer that is cut', 'connect', 'unreachable', 1,
		sub { "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n<" });
	my $endless = sub { ("HTTP/1.1 200 X\r\nConnection: close\r\n\r\n", ('x' x 1048576) x 20) };
	fails('an answer without an end', 'query', 'too_large', 0, $endless);
	gzip(\('x' x 40_000_000), \my $bomb) or die;
	fails(
		'a small answer that unpacks to a large one', 'query', 'too_large', 0,
		sub { ScriptedHttp::http(200, $bomb, 'Content-Encoding: gzip') });
	fails(
		'headers without an end', 'query', 'too_large', 0,
		sub { "HTTP/1.1 200 X\r\n" . "X-Y: z\r\n" x 1000 . "\r\n" });
	fails(
		'what is not gzip', 'query', 'protocol', 0,
		sub { ScriptedHttp::http(200, 'x' x 100, 'Content-Encoding: gzip') });
};

done_testing();
