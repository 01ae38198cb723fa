# The connector dynamodb and a simulated service that holds requests back, answers them in any order, or asks for fewer. moto
# answers one after the other.
use strict;
use warnings;

use File::Basename qw(dirname);
use JSON::PP;
use List::Util qw(max min);
use lib dirname(__FILE__) . '/lib';
use Connector;
use HeldHttp;
use Test::More;

my $connector = [ installed_connector('dynamodb') ];
my $json = JSON::PP->new->utf8->canonical;
my @names = map { sprintf 'table%02d', $_ } 1 .. 12;
my $requests_of_table = 10;    # its description, its time to live, eight segments

sub answer { return HeldHttp::http(200, $json->encode($_[0])) }

sub answered
{
	my ($request) = @_;
	my ($operation) = $request =~ /x-amz-target: DynamoDB_20120810\.(\w+)/i;
	my $asked = $json->decode($request =~ s/.*\r\n\r\n//sr);
	return answer({ TableNames => $asked->{Limit} == 1 ? [ $names[0] ] : \@names }) if $operation eq 'ListTables';
	return answer({}) if $operation eq 'DescribeTimeToLive';
	return answer(
		{ Items => [ { id => { S => "$asked->{Segment}" }, "of_$asked->{TableName}" => { N => $asked->{Segment} } } ] })
		if $operation eq 'Scan';
	return answer({
		Table => {
			TableStatus => 'ACTIVE', KeySchema => [ { AttributeName => 'id', KeyType => 'HASH' } ],
			AttributeDefinitions => [ { AttributeName => 'id', AttributeType => 'S' } ]
		}
	});
}

# The answer to a discovery over so many connections, by a service that answers so.
sub discover
{
	my ($connections, $service) = @_;
	my $server = HeldHttp->new($service);
	my $base = {
		type => 'dynamodb',
		endpoint =>
			{ host => '127.0.0.1', port => $server->{port}, addresses => ['127.0.0.1'], database => 'eu-west-2' },
		credentials => { access_key_id => 'AKIDEXAMPLE', secret_access_key => 'a secret' }
	};
	my $run = ask_connector(
		$connector,
		request_line(
			$base, operation => 'discover', limits => { connections => $connections, connection_timeout => 60 }));
	return ($run, $server->end);
}

sub most_waiting
{
	return max map { $_->[2] } grep { $_->[0] eq 'request' } @_;
}
sub connections
{
	return scalar grep { $_->[0] eq 'connection' } @_;
}

# Answers when as many requests as may be there wait, the last one first; those to list tables at once.
sub reversed
{
	my ($most) = @_;
	my $left = $requests_of_table * @names;
	return sub {
		return [ 0, answered($_[0]) ] if @_ && $_[0] =~ /ListTables/;
		return if !@_ || @_ < min($most, $left);
		$left -= @_;
		return map { [ $_, answered($_[$_]) ] } reverse 0 .. $#_;
	};
}

my ($alone, @seen) = discover(1, reversed(1));
is_deeply(
	[ most_waiting(@seen), connections(@seen) ], [ 1, 1 ],
	'one connection: one request at once, over one that is kept');
is(scalar(grep { $_->{frame} eq 'relation' } @{ $alone->{frames} }), @names, 'all tables are found');

my ($together, @parallel) = discover(4, reversed(4));
is_deeply(
	[ most_waiting(@parallel), connections(@parallel) ],
	[ 4, 4 ], 'four connections: four requests at once, over connections that are kept');
is_deeply(
	$together->{lines}, $alone->{lines},
	'the answer is the same to the byte, though answers came the last one first');

# Four requests are refused together once. The next one comes when all may: the time that was asked for is over. Then two are under
# way, until twenty were answered.
my $answers = 0;
my ($slowed, @slow) = discover(
	4,
	sub {
		my $most = $answers < 10 ? 1 : $answers == 10 ? 4 : $answers < 14 + 20 ? 2 : 1;
		return if @_ < $most;
		splice @_, 1 if $most == 1;
		$answers += @_;
		return map { [ $_, $answers == 14 ? HeldHttp::http(429, '{}', 'Retry-After: 1') : answered($_[$_]) ] } 0 .. $#_;
	});
is_deeply(
	[ grep { !/read units/ } @{ $slowed->{lines} } ],
	[ grep { !/read units/ } @{ $alone->{lines} } ],
	'refusals change nothing of what is found');
my @refused = grep { $slow[$_][2] == 429 } grep { $slow[$_][0] eq 'answer' } 0 .. $#slow;
my @later = grep { $_->[0] eq 'request' } @slow[ $refused[0] .. $#slow ];
is(scalar @refused, 4, 'four requests are refused');
cmp_ok($later[0][1] - $slow[ $refused[0] ][1], '>=', 0.9, 'no other request is sent before the service wants one');
is((max map { $_->[2] } @later[ 0 .. 19 ]), 2, 'then half as many are under way');

done_testing;
