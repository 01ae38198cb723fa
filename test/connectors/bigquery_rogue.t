# The connector bigquery and simulated services: refusals, throttling, jobs that take their time, answers without end, and what the
# emulator does not tell of a table.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use JSON::PP;
use lib dirname(__FILE__) . '/lib';
use Connector;
use HeldHttp;
use ScriptedHttp;
use Test::More;

my $connector = [ installed_connector('bigquery') ];
my $token = 'ya29.secret-token';
my $json = JSON::PP->new->utf8;
my @asked;

# The frames of an answer about a service that answers so; what it was asked is in @asked.
sub ask
{
	my ($answer, %change) = @_;
	my $service = ScriptedHttp->new($answer);
	my $base = {
		type => 'bigquery',
		endpoint => {
			host => 'bigquery.example.com', port => $service->{port}, addresses => ['127.0.0.1'], database => 'shop',
			tls => { mode => 'disable' }
		},
		credentials => { oauth_token => $token }
	};
	my $run = ask_connector($connector, request_line($base, %change));
	@asked = $service->end;
	is(scalar(tells_secret(join("\n", @{ $run->{lines} }, $run->{stderr}), $token)), 0, 'no secret is told');
	return @{ $run->{frames} };
}

sub answer
{
	my ($content, $status) = @_;
	return ScriptedHttp::http($status // 200, ref $content ? $json->encode($content) : $content);
}

sub refusal
{
	my ($status, $reason, $message) = @_;
	return answer(
		{ error => { code => $status, errors => [ { reason => $reason, message => $message // 'a value' } ] } },
		$status);
}

my $table = {
	type => 'TABLE', numRows => '2', numBytes => '20', requirePartitionFilter => JSON::PP::true,
	schema => {
		fields => [
			{   name => 'id', type => 'INTEGER', mode => 'REQUIRED',
				policyTags => { names => ['projects/p/taxonomies/1'] }
			},
			{ name => 'at', type => 'TIMESTAMP', defaultValueExpression => 'CURRENT_TIMESTAMP()' },
			{ name => 'span', type => 'RANGE', rangeElementType => { type => 'DATE' } },
			{ name => 'word', type => 'STRING', maxLength => '10', collation => 'und:ci' },
			{ name => 'price', type => 'NUMERIC', precision => '10', scale => '2' } ]
	},
	timePartitioning => { type => 'HOUR', field => 'at' },
	tableConstraints => {
		primaryKey => { columns => ['id'] },
		foreignKeys => [ {
			name => 'to_word', referencedTable => { datasetId => 'other', tableId => 'words' },
			columnReferences => [ { referencingColumn => 'word', referencedColumn => 'w' } ]
		} ]
	}
};
my @rows =
	map { { f => [ { v => "$_" }, { v => '1709210096789012' }, { v => undef }, { v => 'W' }, { v => '1.50' } ] } } 1, 2;

# A service with the table sales.orders; what is given answers instead of the usual answers.
sub service
{
	my (%instead) = @_;
	my @usual = (
		[ data => qr{/tables/orders/data\?} => { rows => [ map { { f => [ @{ $_->{f} }[ 0, 1 ] ] } } @rows ] } ],
		[ table => qr{/tables/orders[? ]} => $table ],
		[ tables => qr{/tables\?} => { tables => [ { tableReference => { tableId => 'orders' } } ] } ],
		[ dataset => qr{/datasets/sales[? ]} => { description => 'what was sold' } ],
		[ datasets => qr{/datasets\?} => { datasets => [ { datasetReference => { datasetId => 'sales' } } ] } ],
		[ cancel => qr{/cancel} => {} ],
		[   plan => qr{POST \S+/jobs } =>
				{ statistics => { query => { statementType => 'SELECT', schema => $table->{schema} } } } ],
		[   query => qr{/queries},
			{   jobComplete => JSON::PP::true, jobReference => { jobId => 'j1', location => 'EU' }, schema => {},
				rows => \@rows
			} ]);
	return sub {
		my ($number, $head) = @_;
		for my $each (@usual)
		{
			my ($name, $pattern, $content) = @$each;
			next if $head !~ $pattern;
			my $other = $instead{$name} // $content;
			return ref $other eq 'CODE' ? $other->($head) : ref $other ? answer($other) : $other;
		}
		return answer('', 404);
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

sub read_orders
{
	my ($service, @conditions) = @_;
	return ask(
		$service, operation => 'read',
		read => read_request([ 'sales', 'orders' ], [ 'id', 'at' ], conditions => \@conditions));
}

# ---- what is told of a table ----

my @frames = ask(service());
my ($relation) = frames_of('relation', @frames);
is_deeply(
	[ map { "$_->{type} $_->{name}" } @{ $relation->{document}{columns} } ],
	[ 'INT64 id', 'TIMESTAMP at', 'RANGE<DATE> span', 'STRING(10) word', 'NUMERIC(10, 2) price' ],
	'types with their parameters');
my ($id, $at, undef, $word) = @{ $relation->{document}{columns} };
is_deeply(
	[ $id->{policy_tags}, $id->{not_null}, $at->{default}, $word->{collation} ],
	[ ['projects/p/taxonomies/1'], JSON::PP::true, 'CURRENT_TIMESTAMP()', 'und:ci' ], 'what columns have');
is_deeply(
	[ @{ $relation->{document} }{qw(primary_key foreign_keys partition_key)} ],
	[   { columns => ['id'], not_enforced => JSON::PP::true },
		[ { name => 'to_word', columns => ['word'], schema => 'other', table => 'words', referenced_columns => ['w'],
			not_enforced => JSON::PP::true
		} ],
		'HOUR(at)' ],
	'keys that are only declared') or diag(explain($relation));
is_deeply([ @$relation{qw(row_estimate size_bytes)} ], [ 2, 20 ], 'rows and bytes');
my $view = { type => 'VIEW', schema => $table->{schema}, view => { query => 'SELECT 1' } };
($relation) = frames_of('relation', ask(service(table => $view)));
is_deeply([ $relation->{kind}, $relation->{document}{definition} ], [ 'view', 'SELECT 1' ], 'a view');

# ---- which way rows are read ----

@frames = read_orders(service());
is_deeply([ rows_of(@frames) ], [ map { [ $_, '2024-02-29 12:34:56.789012+00' ] } 1, 2 ], 'rows are listed');
ok(!(grep { /^POST/ } @asked), 'without a query, which would cost');
my $condition = { column => 'id', op => '=', type => 'bigint', value => '1' };
is_deeply([ rows_of(read_orders(service(), $condition)) ], [ [ 1, '2024-02-29 12:34:56.789012+00' ] ], 'a condition');
ok(!(grep { /^POST/ } @asked), 'is judged here, where the service wants one on the partition');
my $since = { column => 'at', op => '>=', type => 'timestamp with time zone', value => '2024-01-01 00:00:00+00' };
my $queried = sub {
	return answer({
		jobComplete => JSON::PP::true, jobReference => { jobId => 'j1' }, schema => {},
		rows => [ { f => [ { v => 1 }, { v => '1709210096789012' } ] } ]
	});
};
@frames = read_orders(service(query => $queried), $condition, $since);
ok((grep { m{^POST \S+/queries } } @asked), 'one on the partition becomes a query');
fails(
	'rows of other columns',
	'query',
	'relation_changed',
	0,
	read_orders(
		service(
			query => sub {
				answer({
					jobComplete => JSON::PP::true, jobReference => { jobId => 'j1' }, schema => {},
					rows => [ { f => [] } ]
				});
			}),
		$since));

# ---- refusals ----

fails("$_->[1] $_->[0]", @$_[ 2, 3 ], 0, ask(service(datasets => refusal(@$_[ 0, 1 ])), operation => 'test'))
	for [ 401, 'authError', 'authenticate', 'authentication' ], [ 403, 'accessDenied', 'query', 'permission' ],
	[ 403, 'accessNotConfigured', 'query', 'permission' ], [ 404, 'notFound', 'query', 'database_not_found' ],
	[ 400, 'invalid', 'query', 'query' ];
my $tries = 0;
@frames =
	ask(service(datasets => sub { $tries++ ? answer({}) : refusal(403, 'rateLimitExceeded') }), operation => 'test');
is_deeply([ $frames[-1]{frame}, scalar @asked ], [ 'end', 2 ], 'a service that throttles once, with 403');
@frames = ask(service(table => refusal(403, 'accessDenied')));
is_deeply([ map { $_->{name} } frames_of('skipped', @frames) ], ['orders'], 'a table that may not be seen');
@frames = ask(service(table => refusal(404, 'notFound')));
is_deeply(
	[ map { $_->{frame} } @frames[ -2, -1 ] ], [ 'progress', 'end' ],
	'a table that is dropped meanwhile is none');
@frames = ask(service(tables => refusal(403, 'accessDenied')));
is(scalar frames_of('skipped', @frames), 1, 'a dataset whose tables may not be listed');
fails('a table that is gone', 'query', 'relation_changed', 0, read_orders(service(table => refusal(404, 'notFound'))));

# ---- queries ----

my %query = (operation => 'query', query => { text => "SELECT 1,\n  x" });
@frames = ask(service(plan => refusal(400, 'invalidQuery', 'Unrecognized name: x at [2:3]')), %query);
is_deeply(
	[ @{ $frames[-1] }{qw(code message position)} ], [ 'query', 'Unrecognized name: x at [2:3]', 13 ],
	'a fault and its place');
@frames = ask(service(plan => { statistics => { query => { statementType => 'DELETE' } } }), %query);
is($frames[-1]{message}, 'The statement is no SELECT.', 'another statement is not run');
ok(!(grep { m{/queries} } @asked), 'at all');
my $waits = 0;
my $slow = sub {
	return answer({
		jobComplete => $waits++ < 2 ? JSON::PP::false : JSON::PP::true,
		jobReference => { jobId => 'j1', location => 'EU' }, rows => \@rows
	});
};
@frames = ask(service(query => $slow), %query);
is(scalar rows_of(@frames), 2, 'a job that takes its time');
like($asked[-1], qr{^GET \S+/queries/j1\?\S*location=EU}, 'is asked for where it runs');
fails(
	'a job that takes too long',
	'query',
	'timeout',
	1,
	ask(service(
			query =>
				sub { answer({ jobComplete => JSON::PP::false, jobReference => { jobId => 'j1', location => 'EU' } }) }
		),
		%query,
		limits => { query_timeout => 3 }));
like($asked[-1], qr{^POST \S+/jobs/j1/cancel\?location=EU }, 'is cancelled, where it runs');
fails(
	'a bound of bytes', 'query', 'too_large', 0,
	ask(service(query => refusal(400, 'bytesBilledLimitExceeded')), %query));

# ---- several at once ----

# The lines of a discovery of eight tables over so many connections. The descriptions are answered when so many wait, or all that
# are left, the last one first.
sub discovered
{
	my ($connections) = @_;
	my ($left, @names) = (8, map { "t$_" } 1 .. 8);
	my $held = HeldHttp->new(sub {
		return if !@_;
		my ($path) = $_[0] =~ m{^GET /bigquery/v2/projects/shop/datasets(\S*)};
		return [ 0, answer({ datasets => [ { datasetReference => { datasetId => 'sales' } } ] }) ]
			if $path =~ /^(?:\?|$)/;
		return [ 0, answer({}) ] if $path =~ m{^/sales(?:\?|$)};
		return [ 0, answer({ tables => [ map { { tableReference => { tableId => $_ }, type => 'TABLE' } } @names ] }) ]
			if $path =~ m{^/sales/tables(?:\?|$)};
		return if @_ < ($left < $connections ? $left : $connections);
		$left -= @_;
		return map {
			my ($name) = $_[$_] =~ m{/tables/(\w+)};
			[ $_, answer({ type => 'TABLE', schema => { fields => [ { name => "of_$name", type => 'STRING' } ] } }) ]
		} reverse 0 .. $#_;
	});
	my $base = {
		type => 'bigquery', credentials => { oauth_token => $token },
		endpoint => {
			host => 'bigquery.example.com', port => $held->{port}, addresses => ['127.0.0.1'], database => 'shop',
			tls => { mode => 'disable' }
		}
	};
	my $run = ask_connector($connector, request_line($base, limits => { connections => $connections }));
	my ($most) = sort { $b <=> $a } map { $_->[2] } grep { $_->[0] eq 'request' } $held->end;
	return ($most, $run->{lines});
}
my ($alone, $lines) = discovered(1);
is(scalar(grep { /"frame":"relation"/ } @$lines), 8, 'tables are described') or diag(explain($lines));
is_deeply([ discovered(3) ], [ 3, $lines ], 'three at once, with the same answer to the byte');
is($alone, 1, 'or one after the other');

# ---- lies ----

fails('no JSON', 'query', 'protocol', 0, ask(service(datasets => answer('<html>')), operation => 'test'));
fails(
	'names without end', 'query', 'protocol', 0,
	ask(service(tables => { tables => [ { tableReference => { tableId => 'orders' } } ], nextPageToken => 'x' })));
fails('rows without end', 'query', 'protocol', 0, read_orders(service(data => { rows => [], pageToken => 'x' })));
fails('an answer that names no job', 'query', 'protocol', 0, ask(service(query => {}), %query));

done_testing();
