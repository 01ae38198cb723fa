# Random HTTP requests: valid ones of every route of /api/v1, which BrokenRequest.pm breaks. Everything random comes from
# rand(), so that srand() repeats a run.
#
# A request is { user, method, path => [segments], query => [[name, value]], headers => [[name, value]], body, and, once
# something was done to it, target, version, text (the body's bytes), partial (it does not end), broken => [what was done] }.
package RandomRequest;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use Exporter 'import';
use JSON::PP;
use MIME::Base64 qw(encode_base64url);

our @EXPORT_OK = qw(token random_request bytes_of written one_of chance routes goes_on);

my $json = JSON::PP->new->utf8->allow_nonref->canonical;

# A value as JSON.
sub written { return $json->encode($_[0]) }

sub one_of { return $_[ rand @_ ] }
sub chance { return rand() < $_[0] }

# A JWT of these claims, or of this text instead of them.
sub token
{
	my ($key, $claims, $header) = @_;
	my $signed = join '.',
		map { encode_base64url(ref $_ ? $json->encode($_) : $_) } $header // { alg => 'HS256', typ => 'JWT' }, $claims;
	return "$signed." . encode_base64url(hmac_sha256($signed, $key));
}

# Method, path (with what stands for an id), query, body. `world` gives the ids and the secret; see valid().
my @routes = (
	[   GET => '/data-sources',
		[qw(workspace_id type status_filter page page_size search sort_by sort_order tags after)] ],
	[ GET => '/data-sources', [qw(page page_size)] ],
	[ POST => '/data-sources', [], 'source' ],
	[ GET => '/data-sources/:source', [] ],
	[ PATCH => '/data-sources/:source', [], 'changes' ],
	[ DELETE => '/data-sources/:source', ['force'] ],
	[ POST => '/data-sources/:source/restore', [] ],
	[ POST => '/data-sources/:fake/test', [] ],
	[ POST => '/data-sources/test', [], 'fake' ],
	[ PUT => '/data-sources/:source/credentials', [], 'credentials' ],
	[ PUT => '/data-sources/:source/status', [], 'status' ],
	[ DELETE => '/data-sources/:source/host-key', [] ],
	[ GET => '/data-sources/:source/health', ['history_limit'] ],
	[ GET => '/data-sources/:source/schemas', [qw(schema_name table_name include_columns)] ],
	[ POST => '/data-sources/:fake/discover-schema', [qw(schema_name refresh full)] ],
	[ GET => '/data-sources/:source/jobs', [qw(status page page_size)] ],
	[   GET => '/schema-context',
		[qw(question data_source_id schemas tables format budget max_tables examples hints descriptions)] ],
	[ POST => '/schema-context', [], 'context' ],
	[ GET => '/search', [qw(query kinds data_source_id table_schema tags limit after facets)] ],
	[ GET => '/data-sources/:source/rows', [qw(table_schema table_name columns limit)] ],
	[ POST => '/data-sources/:source/query', [], 'query' ],
	[ POST => '/data-sources/:source/attachment', [], 'attachment' ],
	[ DELETE => '/data-sources/:source/attachment', [qw(local_schema force)] ],
	[ GET => '/jobs/:job', [] ],
	[ POST => '/jobs/:job/cancel', [] ],
	[ GET => '/table-descriptions', [qw(db_connection_id status table_schema search page page_size tags)] ],
	[ POST => '/table-descriptions/refresh', [], 'refresh' ],
	[ POST => '/table-descriptions/scan', [], 'scan' ],
	[ GET => '/table-descriptions/coverage', ['db_connection_id'] ],
	[ GET => '/table-descriptions/export', [qw(db_connection_id table_schema tags only_described)] ],
	[ POST => '/table-descriptions/apply', ['check_only'], 'document' ],
	[ GET => '/table-descriptions/:relation', [] ],
	[ PUT => '/table-descriptions/:relation', [], 'description' ],
	[ PATCH => '/table-descriptions/:relation', [], 'description' ],
	[ GET => '/data-source-types', [] ],
	[ GET => '/sealing-key', [] ],
	[ GET => '/openapi.json', [] ],
);

sub routes
{
	return map { "$_->[0] $_->[1]" } @routes;
}

# Whether random requests go on: so many of them, and more until each of these routes has succeeded ("ROUTE 2xx" in
# %$seen), since which requests meet what they can change is chance; but not for ever.
sub goes_on
{
	my ($run, $runs, $seen, @expected) = @_;
	return $run <= $runs || $run <= 12 * $runs && grep { !$seen->{"$_ 2xx"} } @expected;
}

# A valid request of a user: { name, token, mark, ids => { source, fake, job, relation => [ids] }, workspace }; secret is
# what its credentials hold.
sub random_request
{
	my ($user, $secret) = @_;
	my ($method, $template, $query, $body) = @{ one_of(@routes) };
	my %request = (user => $user, secret => $secret, route => "$method $template", method => $method, broken => []);
	my $id = sub { one_of(@{ $user->{ids}{ $_[0] } }) };
	(my $path = $template) =~ s/:(\w+)/$id->($1)/e;
	$request{path} = [ 'api', 'v1', split m{/}, substr $path, 1 ];
	$request{query} = [ map { [ $_, query_value($user, $_) ] } grep { chance(0.3) } @$query ];
	$request{headers} =
		[ [ Host => 'localhost' ], [ Authorization => "Bearer $user->{token}" ], [ Accept => 'application/json' ] ];
	push @{ $request{headers} },
		[ Prefer => one_of('respond-async', 'respond-async, wait=10', 'return=minimal', 'tx=rollback', 'count=exact') ]
		if chance($template =~ /discover/ ? 0.5 : 0.1);
	push @{ $request{headers} }, [ 'If-Match' => one_of('*', '"0"', 'W/"x"', '"2024-12-01T08:00:00Z"', 'no quotes') ]
		if $method eq 'PATCH' && chance(0.1);
	if ($body)
	{
		$request{body} = body($user, $secret, $body);
		push @{ $request{headers} }, [ 'Content-Type' => 'application/json' ];
	}
	return \%request;
}

sub query_value
{
	my ($user, $name) = @_;
	return $user->{workspace} if $name eq 'workspace_id';
	return one_of(@{ $user->{ids}{fake} }) if $name eq 'db_connection_id';
	return one_of(@{ $user->{ids}{source} }) if $name eq 'data_source_id';
	return one_of('source', 'schema', 'table', 'column', 'table,column') if $name eq 'kinds';
	return 100 + int rand 9000 if $name eq 'budget';
	return one_of(qw(mschema ddl compact json)) if $name eq 'format';
	return 1 + int rand 40 if $name =~ /^page|limit$|^max_tables$/;
	return one_of(qw(true false))
		if $name =~
		/^(force|refresh|full|include_columns|facets|examples|hints|descriptions|only_described|check_only)$/;
	return one_of(qw(other http_api postgresql csv)) if $name eq 'type';
	return one_of(qw(active inactive failed queued succeeded NOT_SCANNED)) if $name =~ /status/;
	return one_of(qw(name created_at updated_at status)) if $name eq 'sort_by';
	return one_of(qw(asc desc)) if $name eq 'sort_order';
	return '' if $name eq 'after';
	return one_of($user->{mark}, 's', 'public', "$user->{mark} 1", 'ü', '%', 'a b', 'a+b&c=d');
}

my $number = 0;

sub body
{
	my ($user, $secret, $kind) = @_;
	my $fake = {
		name => "$user->{mark} " . ++$number, type => 'other', schema_auto_refresh => JSON::PP::false, max_retries => 0,
		credentials => { api_key => $secret }, metadata => {}, description => "$user->{mark} description"
	};
	return $fake if $kind eq 'fake';
	return { %$fake, database() } if $kind eq 'source' && chance(0.7);
	return $fake if $kind eq 'source';
	return {
		some(
			database(), name => "$user->{mark} " . ++$number, description => one_of(undef, "$user->{mark} new"),
			tags => [ $user->{mark} ], metadata => { a => 1 })
		}
		if $kind eq 'changes';
	return {
		some(
			question => "$user->{mark} s", tables => ['a'], budget => 100 + int rand 9000,
			format => one_of(qw(mschema ddl compact json)))
		}
		if $kind eq 'context';
	return { api_key => $secret, some(username => 'u', password => $secret) } if $kind eq 'credentials';
	return { status => one_of(qw(active inactive maintenance)) } if $kind eq 'status';
	return { db_connection_id => one_of(@{ $user->{ids}{fake} }) . '' } if $kind eq 'refresh';
	return {
		chance(0.5)
		? (db_connection_id => one_of(@{ $user->{ids}{fake} }))
		: (ids => [ one_of(@{ $user->{ids}{relation} }) . '' ])
		}
		if $kind eq 'scan';
	return { query => 'SELECT 1', some(row_limit => 10, timeout => 60, check_only => JSON::PP::true) }
		if $kind eq 'query';
	return { some(local_schema => 'shop', schemas => ['public'], tables => ['t'], dry_run => JSON::PP::true) }
		if $kind eq 'attachment';
	my %described = some(
		description => "$user->{mark} described", tags => [ $user->{mark} ],
		columns => [ { name => 'a', some(description => "$user->{mark} column", tags => [ $user->{mark}, 'b' ]) } ]);
	return {
		descriptions => [ {
			data_source => "$user->{mark} 1", table_schema => one_of('public', ''), table_name => one_of(qw(a t)),
			%described, some(version => 'x')
		} ]
		}
		if $kind eq 'document';
	return \%described;
}

# What a database source needs and may have, to be chosen from.
sub database
{
	return (
		type => one_of(qw(postgresql mysql)), host => 'nowhere.invalid', port => 5432, database_name => 'd',
		schema_name => 'public',
		connection_pool_size => 5, connection_timeout => 30, query_timeout => 300, max_retries => 3,
		schema_refresh_interval => 3600,
		use_ssh_tunnel => JSON::PP::false, ssh_port => 22);
}

# Some of the pairs.
sub some
{
	my @pairs = @_;
	return map { chance(0.4) ? @pairs[ 2 * $_, 2 * $_ + 1 ] : () } 0 .. @pairs / 2 - 1;
}

# The request as it goes over the wire.
sub bytes_of
{
	my ($request) = @_;
	my $target =
		  $request->{target} // '/'
		. join('/', map { escaped($_) } @{ $request->{path} })
		. (
		@{ $request->{query} }
		? '?' . join('&', map { escaped($_->[0]) . '=' . escaped($_->[1]) } @{ $request->{query} })
		: '');
	my $text = $request->{text} // (defined $request->{body} ? written($request->{body}) : undef);
	my @headers = @{ $request->{headers} };
	push @headers, [ 'Content-Length' => length $text ]
		if defined $text
		&& length $text
		&& !grep { lc $_->[0] eq 'content-length' || lc $_->[0] eq 'transfer-encoding' } @headers;
	my $bytes =
		  "$request->{method} $target"
		. ($request->{version} // ' HTTP/1.1') . "\r\n"
		. join('', map { "$_->[0]: $_->[1]\r\n" } @headers) . "\r\n"
		. ($text // '');
	return $request->{rewrite} ? $request->{rewrite}->($bytes) : $bytes;
}

sub escaped
{
	my ($text) = @_;
	utf8::encode($text) if utf8::is_utf8($text);
	$text =~ s/([^A-Za-z0-9._~:-])/sprintf '%%%02X', ord $1/ge;
	return $text;
}

1;
