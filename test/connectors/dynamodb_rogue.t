# The connector dynamodb and simulated services that deny, throttle, lie, break off, or send what never ends. moto cannot be made
# to do that.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use JSON::PP;
use lib dirname(__FILE__) . '/lib';
use Connector;
use ScriptedHttp;
use Test::More;

my $connector = [ installed_connector('dynamodb') ];
my $secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
my $json = JSON::PP->new->utf8;
my @asked;

# The frames of an answer about a service that answers so; what it was asked is in @asked.
sub ask
{
	my ($answer, %change) = @_;
	my $service = ScriptedHttp->new($answer);
	my $base = {
		type => 'dynamodb',
		endpoint => {
			host => 'dynamodb.example.com', port => $service->{port}, addresses => ['127.0.0.1'],
			database => 'eu-west-2'
		},
		credentials => { access_key_id => 'AKIDEXAMPLE', secret_access_key => $secret, session_token => 'token==' }
	};
	my $run = ask_connector($connector, request_line($base, %change));
	@asked = $service->end;
	is( scalar(tells_secret(join("\n", @{ $run->{lines} }, $run->{stderr}), $secret, 'token==')), 0,
		'no secret is told');
	return @{ $run->{frames} };
}

sub answer
{
	my ($content, $status) = @_;
	return ScriptedHttp::http($status // 200, ref $content ? $json->encode($content) : $content);
}

sub denial
{
	my ($code, $status) = @_;
	return answer(
		{ __type => "com.amazonaws.dynamodb.v20120810#$code", message => "a value of an item" },
		$status // 400);
}

sub table
{
	my ($state) = @_;
	return {
		Table => {
			TableStatus => $state // 'ACTIVE', KeySchema => [ { AttributeName => 'id', KeyType => 'HASH' } ],
			AttributeDefinitions => [ { AttributeName => 'id', AttributeType => 'S' } ]
		}
	};
}

# A service with the table `shop`; what is given answers instead of the operations' usual answers.
sub service
{
	my (%instead) = @_;
	my %usual = (
		ListTables => { TableNames => ['shop'] },
		DescribeTable => table(),
		DescribeTimeToLive => {},
		Scan => { Items => [ { id => { S => 'a' }, n => { N => '1' } } ] });
	return sub {
		my ($number, $head) = @_;
		my ($operation) = $head =~ /x-amz-target: DynamoDB_20120810\.(\w+)/i;
		my $other = $instead{$operation} or return answer($usual{$operation});
		return ref $other eq 'CODE' ? $other->($number) : $other;
	};
}

sub fails
{
	my ($name, $step, $code, $transient, @frames) = @_;
	my $error = $frames[-1];
	is_deeply(
		[ @$error{qw(frame step code)}, $error->{transient} ? 1 : 0 ], [ 'error', $step, $code, $transient ],
		$name) or diag(explain($error));
	unlike($error->{message} . ($error->{detail} // ''), qr/a value/, 'the service\'s own message is not passed on');
	return;
}

sub read_shop
{
	my ($service, %change) = @_;
	return ask($service, operation => 'read', read => read_request([ 'eu-west-2', 'shop' ], ['id']), %change);
}

my @reasons = (
	[ 'an unknown key' => 'UnrecognizedClientException', 'authenticate', 'authentication' ],
	[ 'a wrong secret' => 'InvalidSignatureException', 'authenticate', 'authentication' ],
	[ 'an old token' => 'ExpiredTokenException', 'authenticate', 'authentication' ],
	[ 'no right' => 'AccessDeniedException', 'query', 'permission' ],
	[ 'another reason' => 'ValidationException', 'query', 'query' ]);
fails($_->[0], @$_[ 2, 3 ], 0, ask(service(ListTables => denial($_->[1])), operation => 'test')) for @reasons;
like($asked[0], qr/^x-amz-security-token: token==/mi, 'the token is sent');
like(
	$asked[0], qr/^Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-2\/dynamodb\/aws4_request/mi,
	'the request is signed for region and service');

# Throttling has the status 400 here: the request is sent again.
my @frames = ask(
	service(ListTables => sub { $_[0] == 0 ? denial('ThrottlingException') : answer({ TableNames => [] }) }),
	operation => 'test');
is_deeply([ $frames[-1]{frame}, scalar @asked ], [ 'end', 2 ], 'a service that throttles once');
fails(
	'a service that throttles', 'query', 'unreachable', 1,
	ask(service(ListTables => denial('ProvisionedThroughputExceededException')),
		operation => 'test',
		limits => { connection_timeout => 3 }));

@frames = ask(service(DescribeTable => denial('AccessDeniedException')));
is_deeply(
	[ map { "$_->{name}: $_->{reason}" } frames_of('skipped', @frames) ],
	['shop: The service denies the access. The service answers 400 AccessDeniedException.'],
	'a table that may not be described');
@frames = ask(service(Scan => denial('AccessDeniedException')));
is(scalar frames_of('skipped', @frames), 1, 'a table that may not be scanned has unknown columns, not none');
@frames = ask(service(DescribeTimeToLive => denial('AccessDeniedException')));
is(scalar frames_of('relation', @frames), 1, 'a right that is missing costs what it is for');
@frames = ask(service(DescribeTable => denial('ResourceNotFoundException')));
is_deeply([ map { $_->{frame} } @frames[ -2, -1 ] ], [ 'schema', 'end' ], 'a table that is dropped meanwhile is none');
@frames = ask(service(DescribeTable => answer(table('CREATING'))));
is((frames_of('relation', @frames))[0]{columns}, 1, 'a table that is being made has its key');
fails(
	'a table that is gone', 'query', 'relation_changed', 0,
	read_shop(service(DescribeTable => denial('ResourceNotFoundException'))));

fails('no JSON', 'query', 'protocol', 0, ask(service(ListTables => answer('<html>')), operation => 'test'));
fails('no object', 'query', 'protocol', 0, ask(service(ListTables => answer('[1]')), operation => 'test'));
fails('no list', 'query', 'protocol', 0, ask(service(ListTables => answer({})), operation => 'test'));
fails('a table without a key', 'query', 'protocol', 0, ask(service(DescribeTable => answer({ Table => {} }))));
fails('a redirect', 'configure', 'configuration', 0, ask(service(ListTables => answer('', 301)), operation => 'test'));
fails(
	'names without end', 'query', 'protocol', 0,
	ask(service(ListTables => answer({ TableNames => [], LastEvaluatedTableName => 'shop' }))));
fails(
	'pages without items and without end', 'query', 'timeout', 1,
	read_shop(
		service(Scan => answer({ Items => [], LastEvaluatedKey => { id => { S => 'a' } } })),
		limits => { query_timeout => 1 }));
fails('too much', 'query', 'too_large', 0, read_shop(service(Scan => answer(' ' x (9 * 1024 * 1024)))));

# Every byte by itself, and an answer that is cut.
my $whole = answer({ Items => [ { id => { S => 'größe' } } ] });
@frames = read_shop(service(Scan => sub { split //, $whole }));
is_deeply([ rows_of(@frames) ], [ ['größe'] ], 'an answer in pieces');
fails(
	'an answer that is cut',
	'connect', 'unreachable', 1, read_shop(service(Scan => substr($whole, 0, -5)), limits => { query_timeout => 3 }));

done_testing();
