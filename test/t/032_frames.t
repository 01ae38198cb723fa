# Answers of every malformed kind, from a connector that says byte for byte what it is told. Each is a source of its own, and
# all of them are discovered at once: each job fails with a clear reason, nothing is stored, and the workers go on.
use strict;
use warnings;
use utf8;

use Encode qw(encode_utf8);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use JSON::PP;
use Rivergen;
use Test::More;

my $server = start_server(
	'server',
	conf => "rivergen.max_document_bytes = '64kB'\nrivergen.max_discovery_size = '2MB'\nlog_min_messages = fatal");
copy(dirname(__FILE__) . '/../lib/raw-connector', connector_path($server, 'other')) or die $!;
chmod 0755, connector_path($server, 'other');
my $json = JSON::PP->new->canonical;

# ---- a valid answer, and what each member may be ----

my ($true, $text, $number) = (JSON::PP::true, 'a text', 7);
my %long = (id => 'x' x 257, kind => 'x' x 33, dialect => 'x' x 65);
my @others = (
	[ a_text => 'a text' ], [ number => 7 ], [ negative => -1 ], [ truth => $true ], [ array => [] ],
	[ object => {} ]);

# What is wrong for each type of member, besides what the list above has of other types.
my %types = (
	text => { fits => [qw(a_text)] },
	id => { fits => [qw(a_text)], wrong => [ '', $long{id} ] },
	dialect => { fits => [qw(a_text)], wrong => [ '', $long{dialect} ] },
	kind => { fits => [], wrong => [ '', $long{kind}, 'Table', 'a b', 'tablé' ] },
	word => { fits => [], wrong => ['Query'] },
	count => { fits => [qw(number)] },
	truth => { fits => [qw(truth)] },
	array => { fits => [qw(array)] },
	positions => { fits => [qw(array)], wrong => [ [-1], ['0'], [undef], [ 0, 1.5 ] ] },
	result => {
		fits => [qw(array)],
		wrong => [
			[ {} ], ['c'],
			[ { name => 1 } ],
			[ { name => 'c', type => 1 } ],
			[ { name => 'c', pg_type => 'int4' } ],
			[ { name => 'c' }, { type => 'text' } ] ]
	},
	object => { fits => [qw(object)] });
# Spelled by hand: no fraction, no exponent, 64 bits.
my @no_integers = qw(1.5 1e3 1E0 -0.0 9223372036854775808 -9223372036854775809 99999999999999999999999 "7");

my @frames = (
	[ log => { level => 'info', message => 'm' }, level => 'word', message => 'text' ],
	[ progress => { phase => 'read' }, phase => 'text', relations_total => 'count?' ],
	[ connected => { server => 'Raw 1' }, server => 'text', dialect => 'dialect?', identity => 'text?' ],
	[ schema => { name => 's', id => '1' }, name => 'text', id => 'id?', comment => 'text?' ],
	[   relation => {
			schema => 's', name => 'r', kind => 'table', columns => 1,
			document => { columns => [ { name => 'c', type => 'int' } ] }
		},
		schema => 'text', name => 'text', kind => 'kind', columns => 'count', document => 'object', id => 'id?',
		row_estimate => 'count?',
		size_bytes => 'count?',
		signature => 'text?' ],
	[   unchanged => { schema => 's', name => 'u', id => '7' },
		schema => 'text', name => 'text', id => 'id', row_estimate => 'count?', size_bytes => 'count?' ],
	[ skipped => { schema => 's', reason => 'r' }, schema => 'text', reason => 'text', name => 'text?', id => 'id?' ],
	[ referenced => { schema => 's', name => 'o', id => '8' }, schema => 'text', name => 'text', id => 'id' ],
	[   sample => { relation => 0 },
		relation => 'count', categories => 'object?', examples => 'array?', error => 'text?' ],
	[   error => { step => 'query', code => 'query', message => 'm' },
		step => 'word', code => 'word', message => 'text', detail => 'text?', hint => 'text?', transient => 'truth?',
		position => 'count?' ],
	[   reading => { applied => [0], limited => $true, columns => [ { name => 'c', pg_type => 'bigint[]' } ] },
		applied => 'positions?', limited => 'truth?', columns => 'result?' ],
	[ rows => { rows => 1, bytes => 2 }, rows => 'count', bytes => 'count' ],
	[   end => { schemas => 1, relations => 1, columns => 1 },
		schemas => 'count', relations => 'count', columns => 'count', unchanged => 'count?', signature => 'text?',
		rows => 'count?',
		truncated => 'truth?' ]);
my %valid = map { $_->[0] => { frame => $_->[0], %{ $_->[1] } } } @frames;

sub line { my ($frame) = @_; return encode_utf8($json->encode($frame)) . "\n" }
my $beginning = line($valid{connected});
my $whole = $beginning . line($valid{schema}) . line($valid{relation}) . line($valid{end});

# ---- the answers: [name, bytes, what the failure says, more metadata] ----

my @answers;
sub answers { my ($name, $bytes, $says, %more) = @_; push @answers, [ $name, $bytes, $says, \%more ]; return }

# What stands before a frame of that kind.
sub before { return $_[0] eq 'connected' ? '' : $beginning }

sub frame_with
{
	my ($kind, $member, $value) = @_;
	return before($kind) . line({ %{ $valid{$kind} }, $member => $value });
}

# The same with a value that is spelled by hand.
sub frame_spelled
{
	my ($kind, $member, $spelled) = @_;
	return frame_with($kind, $member, 'HERE') =~ s/"HERE"/$spelled/r;
}

for my $frame (@frames)
{
	my ($kind, undef, @members) = @$frame;
	while (my ($member, $type) = splice @members, 0, 2)
	{
		my $is_optional = $type =~ s/\?$//;
		my $about = qr/in a frame $kind the member $member must/;
		my %fits = map { $_ => 1 } @{ $types{$type}{fits} };
		answers("$kind: $member is $_->[0]", frame_with($kind, $member, $_->[1]), $about)
			for grep { !$fits{ $_->[0] } } @others;
		answers("$kind: $member is " . $json->encode([$_]), frame_with($kind, $member, $_), $about)
			for @{ $types{$type}{wrong} // [] };
		if ($type eq 'count')
		{
			answers("$kind: $member is $_", frame_spelled($kind, $member, $_), $about) for @no_integers;
		}
		if (!$is_optional) { answers("$kind: $member is null", frame_with($kind, $member, undef), $about) }
		answers(
			"$kind: $member stands twice",
			frame_with($kind, $member, 'HERE') =~ s/(,?"$member":"HERE")/$1,"$member":1/r,
			qr/a member stands twice/);
	}
}

answers("rows are sent that are not asked for: $_", $beginning . line($valid{$_}), qr/not asked for/)
	for qw(reading rows);
for my $counts ([ 0, 0 ], [ 2_147_483_648, 0 ], [ 3, 2 ], [ 2, 65_537 ])
{
	answers(
		"$counts->[0] rows in $counts->[1] bytes",
		$beginning . line({ frame => 'rows', rows => $counts->[0], bytes => $counts->[1] }),
		qr/a frame rows has/);
}

# Every beginning of the valid answer: the end came too early, wherever.
answers("cut after $_ bytes", substr($whole, 0, $_), qr/ended before it had finished/) for 0 .. length($whole) - 1;

sub document
{
	my ($document, $columns) = @_;
	return
		  $beginning
		. line($valid{schema})
		. line({ %{ $valid{relation} }, columns => $columns // 1, document => $document });
}
sub column { return document({ columns => [ { name => 'c', @_ } ] }) }
sub foreign_key { return document({ columns => [ { name => 'c' } ], foreign_keys => [ { name => 'k', @_ } ] }) }

answers("a column's $_ is another word", column($_ => 'sometimes'), qr/member $_ of a document has no word/)
	for qw(identity generated);
answers("a key's $_ is another word", foreign_key($_ => 'explode'), qr/member $_ of a document has no word/)
	for qw(on_delete on_update match);
answers(
	'two columns with one id',
	document({ columns => [ { name => 'a', id => '1' }, { name => 'b', id => '1' } ] }, 2), qr/two columns.*same id/);
answers(
	'a column and a field with one id',
	column(id => '1', fields => [ { name => 'f', id => '1' } ]), qr/two columns.*same id/);
answers(
	'two schemas with one id', $beginning . line($valid{schema}) . line({ %{ $valid{schema} }, name => 't' }),
	qr/two schemas with the same id/);
answers(
	'two relations with one id',
	$beginning
		. line($valid{schema})
		. join('', map { line({ %{ $valid{relation} }, id => '1', name => $_ }) } 'a', 'b')
		. line({ %{ $valid{end} }, relations => 2, columns => 2 }),
	qr/two relations with the same id/);
answers('two frames connected', $beginning x 2, qr/a second connected/);
answers('two frames schema', $beginning . line($valid{schema}) x 2, qr/a schema was sent twice/);
answers(
	'two frames relation', $beginning . line($valid{schema}) . line($valid{relation}) x 2,
	qr/a relation was sent twice/);
answers('a second connected later', $whole =~ s/(?=\{[^\n]*"frame":"end")/$beginning/r, qr/a second connected/);
answers(
	'a second hello',
	$beginning . line({ frame => 'hello', protocol => 2, connector => 'x', version => '1', capabilities => [] }),
	qr/a second hello/);
answers("$_ before connected", line($valid{$_}), qr/not asked for|end came before/)
	for qw(schema relation unchanged skipped referenced sample end);
answers('a relation before its schema', $beginning . line($valid{relation}), qr/before its schema/);
answers('unchanged without a known one', $beginning . line($valid{schema}) . line($valid{unchanged}), qr/not in known/);
answers('a sample that was not asked for', $beginning . line($valid{sample}), qr/not asked for/);
answers('another count', $whole =~ s/"relations":1/"relations":2/r, qr/count|other numbers|protocol/);
answers("after the end: $_->[0]", $whole . $_->[1], qr/after the end|not a JSON object/)
	for [ 'a frame' => $beginning ], [ 'a newline' => "\n" ], [ 'half a line' => '{' ], [ 'a NUL' => "\0" ];

# Lines that are no JSON object, in the middle of a good answer.
my %nonsense = (
	'an empty line' => '', 'blanks' => '  ', 'an array' => '[]', 'a text' => '"frame"', 'null' => 'null',
	'two objects' => '{}{}', 'no frame' => '{}', 'a frame that is no text' => '{"frame":7}',
	'an unknown frame' => '{"frame":"surprise"}',
	'a frame spelled with an escape' => '{"frame":"l\u006fg","level":"info","message":"m"}',
	'a NUL' => "{\"frame\":\"log\",\"level\":\"info\",\"message\":\"a\0b\"}",
	'an escaped NUL' => '{"frame":"log","level":"info","message":"\u0000"}',
	'half a surrogate' => '{"frame":"log","level":"info","message":"\ud800"}',
	'surrogates the wrong way round' => '{"frame":"log","level":"info","message":"\udc00\ud800"}',
	'Latin-1' => "{\"frame\":\"log\",\"level\":\"info\",\"message\":\"\xe9\"}",
	'an overlong character' => "{\"frame\":\"log\",\"level\":\"info\",\"message\":\"\xc0\xaf\"}",
	'a surrogate in UTF-8' => "{\"frame\":\"log\",\"level\":\"info\",\"message\":\"\xed\xa0\x80\"}",
	'beyond Unicode' => "{\"frame\":\"log\",\"level\":\"info\",\"message\":\"\xf4\x90\x80\x80\"}",
	'a byte order mark' => "\xef\xbb\xbf{}", 'UTF-16' => "\xff\xfe{\0}\0",
	'a control character' => "{\"frame\":\"log\",\"level\":\"info\",\"message\":\"\x01\"}",
	'a tab in a text' => "{\"frame\":\"log\",\"level\":\"info\",\"message\":\"\t\"}",
	'an unknown escape' => '{"frame":"log","level":"info","message":"\x"}',
	'a comment' => '{"frame":"log"/**/}', 'single quotes' => "{'frame':'log'}",
	'a comma too many' => '{"frame":"log",}',
	'65 levels' => '{"frame":"log","a":' . '[' x 64 . ']' x 64 . '}',
	'brackets without end' => '{"frame":"log","a":' . '[' x 10000, 'crossed brackets' => '{"frame":"log","a":[{]}}',
	'257 members' => '{' . join(',', map { "\"m$_\":1" } 1 .. 257) . '}',
	'a number beyond numeric' => '{"frame":"log","level":"info","message":"m","a":1e99999}',
	'a number of a thousand digits' => '{"frame":"log","level":"info","message":"m","a":' . '9' x 1001 . '}',
	'a number with a zero before it' => '{"frame":"log","level":"info","message":"m","a":01}', 'NaN' => '{"a":NaN}');
answers($_, $beginning . $nonsense{$_} . "\n", qr/\w/) for sort keys %nonsense;

# Bounds of length and time.
answers('a line without end', 'x' x 10000, qr/longer than rivergen\.max_document_bytes/, then => 'again');
answers('frames without end', line($valid{log}) x 50, qr/too many frames|max_discovery_size/, then => 'again');
answers('empty lines without end', "\n" x 1000, qr/not a JSON object/, then => 'again');
answers('silence', '', qr/in time/, then => 'hang');
answers('silence after connected', $beginning, qr/in time/, then => 'hang');
answers('silence in the middle of a line', substr($whole, 0, 150), qr/in time/, then => 'hang');
answers('a byte now and then', $beginning, qr/in time/, drip => 0.3);

# ---- all of them at once ----

# What ends in time has a minute for it.
my @requests = map {
	my $seconds = 'in time' =~ $answers[$_][2] ? 2 : 60;
	fake_source(
		"answer $_", { answer => unpack('H*', $answers[$_][1]), then => 'end', %{ $answers[$_][3] } },
		connection_timeout => $seconds, query_timeout => $seconds)
} 0 .. $#answers;
push @requests, fake_source('valid', { answer => unpack('H*', $whole), then => 'end' });

sub create
{
	my (@some) = @_;
	my $all = literal(encode_utf8(JSON::PP->new->encode(\@some)));
	sql($server, "SELECT count(rivergen.data_source_create(r)) FROM jsonb_array_elements($all) r");
	return;
}
create(splice @requests, 0, 100) while @requests;
sql($server, 'SELECT count(rivergen.discover_schema(id, wait => false)) FROM rivergen.data_sources');
jobs_end($server);

my @jobs = @{ JSON::PP->new->utf8->decode(
		sql($server, q{SELECT jsonb_agg(to_jsonb(j) || jsonb_build_object('name', d.name))
			FROM rivergen.jobs j JOIN rivergen.data_sources d ON d.id = j.data_source_id}))
};
my %job = map { $_->{name} => $_ } @jobs;
my @wrong;
for my $at (0 .. $#answers)
{
	my ($name, undef, $says) = @{ $answers[$at] };
	my $job = $job{"answer $at"};
	my $said = join ' | ', map { $_ // '' } @$job{qw(status error_code error_message error_detail)};
	push @wrong, "$name: $said"
		if $job->{status} ne 'failed' || $said !~ $says || ($job->{error_code} // '') eq 'internal';
}
is(join("\n", @wrong), '', scalar(@answers) . ' answers: each job fails, and it is said why');
is($job{valid}{status}, 'succeeded', 'the valid answer is taken') or diag(explain($job{valid}));
is( sql($server,
		'SELECT string_agg(DISTINCT name, $$, $$) FROM rivergen.tables t JOIN rivergen.data_sources d ON d.id = t.data_source_id'
	),
	'valid',
	'nothing of the others is stored');
clean_server($server);
survives($server);

# ---- before it is asked ----

my $hello = line({ frame => 'hello', protocol => 2, connector => 'r', version => '1', capabilities => ['discover'] });
my $id = sql($server, q{SELECT id FROM rivergen.data_sources WHERE name = 'valid'});

# Installs a connector that says these bytes instead of hello. Returns what the failure says.
sub greeted_with
{
	my ($bytes) = @_;
	my $path = connector_path($server, 'other');
	open my $file, '>', "$path.new" or die $!;
	print $file "#!/usr/bin/perl\nsyswrite STDOUT, pack 'H*', '", unpack('H*', $bytes), "';\n";
	close $file;
	chmod 0755, "$path.new";
	rename "$path.new", $path or die $!;
	my (undef, undef, $err) = $server->psql('postgres', "SELECT rivergen.discover_schema($id, refresh => true)");
	return $err;
}

my $before = fingerprint($server, $id);
@wrong = grep { greeted_with(substr $hello, 0, $_) !~ /ended before it had finished/ } 0 .. length($hello) - 1;
is("@wrong", '', 'hello cut after any byte is an early end');
for my $row (
	[ 'protocol is a text', { protocol => '2' }, qr/in a frame hello the member protocol must be an integer/ ],
	[ 'no protocol', { protocol => undef }, qr/member protocol must be there/ ],
	[ 'a protocol far from here', { protocol => 9223372036854775807 }, qr/speaks version 9223372036854775807/ ],
	[ 'capabilities are a text', { capabilities => 'discover' }, qr/capabilities must be an array/ ],
	[ 'capabilities are numbers', { capabilities => [7] }, qr/capability of hello is no text/ ],
	[ 'connector is a number', { connector => 7 }, qr/member connector must be a text/ ],
	[ 'version is missing', { version => undef }, qr/member version must be there/ ])
{
	my ($name, $change, $says) = @$row;
	like(greeted_with(line({ %{ $json->decode($hello) }, %$change })), $says, "hello: $name");
}
is(fingerprint($server, $id), $before, 'the catalog is as it was');
like(
	greeted_with($hello . line({ frame => 'connected', server => 's' })), qr/answered before it was asked/,
	'an answer before the question');
like(
	greeted_with($hello . line({ frame => 'database', name => 'd' })), qr/a database was sent that was not asked for/,
	'a database that was not asked for');
survives($server);

done_testing();
