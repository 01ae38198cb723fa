# Every connector does what src/wire/README.md says: those that are installed, and the small ones beside this file. What a
# type has and how it fails is in lib/Peer; a connector without a peer there fails. TYPES="mysql|redis" looks at these only.
use strict;
use warnings;
use utf8;

use File::Basename qw(basename dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my ($command, $peer, $base, %offers, @everything);

# The answer to a request with these changes, which is as the protocol wants it and tells no secret.
sub ask
{
	my ($name, %change) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $how = delete $change{how} // {};
	my %credentials = (%{ $base->{credentials} }, %{ $change{credentials} // {} });
	my $answer = ask_connector($command, request_line($base, %change), %$how);
	is(join("\n", faults_of_frames(@{ $answer->{frames} })), '', "$name: the frames are as they must be")
		or diag(join "\n", (map { substr $_, 0, 500 } @{ $answer->{lines} }), $answer->{stderr});
	tells_nothing($name, $answer, map { $credentials{$_} // () } grep { $_ ne 'username' } keys %credentials);
	return $answer;
}

# The answer to a request whose rows are wanted to the end: as long as standard input is open, if it offers repeat.
sub ask_rows
{
	my ($name, %change) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return @{ ask($name, how => { open => $offers{repeat} }, %change)->{frames} };
}

sub tells_nothing
{
	my ($name, $answer, @secrets) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is( scalar(tells_secret(join("\n", @{ $answer->{lines} }, $answer->{stderr}), @secrets)), 0,
		"$name: no secret is told");
}

sub discover { my ($name, %change) = @_; return @{ ask($name, %change)->{frames} } }

sub names
{
	return sort map { "$_->[0].$_->[1]" } @_;
}

sub found
{
	my ($kind, @frames) = @_;
	return names(map { [ $_->{schema}, $_->{name} // '*' ] } frames_of($kind, @frames));
}

# Everything that is about relations, as it was sent.
sub substance
{
	return join "\n", grep { !/"frame": ?"(?:hello|log|progress|connected)"/ } @{ $_[0]{lines} };
}

# Waits for a condition, five minutes at most.
sub comes_true
{
	my ($condition) = @_;
	for (1 .. 6000)
	{
		return 1 if $condition->();
		select undef, undef, undef, 0.05;
	}
	return 0;
}

sub content
{
	my ($name) = @_;
	open(my $file, '<', $name) or return undef;
	return scalar <$file>;
}

# Processes of a group that still run.
sub members_of
{
	my ($group) = @_;
	my @stats = map { content($_) // () } glob '/proc/[0-9]*/stat';
	return grep { /^\d+ \(.*\) [^ZX] \d+ $group /s } @stats;
}

sub test_beginning
{
	my $run = start_connector($command);
	my $hello = read_frame($run);
	is($hello->{frame}, 'hello', 'it says hello before it is asked');
	is($hello->{protocol}, 2, 'hello has the version of the protocol');
	%offers = map { ($_ => 1) } @{ $hello->{capabilities} };
	local $SIG{PIPE} = 'IGNORE';
	my $last = end_connector($run)->{frames}[-1] // {};
	is_deeply([ @$last{qw(frame step)} ], [qw(error configure)], 'no request at all is an error');
}

sub test_requests
{
	my $secret = (values %{ $base->{credentials} })[0];
	my $line = request_line($base);
	my %faults = (
		'a request that is cut' => [ substr($line, 0, -20) => 'protocol' ], 'no JSON' => [ "what?\n" => 'protocol' ],
		'another version' => [ request_line($base, more => { protocol => 99 }) => 'protocol' ],
		'an unknown operation' => [ request_line($base, operation => 'explain') => 'unsupported' ]);
	for my $name (sort keys %faults)
	{
		my $answer = ask_connector($command, $faults{$name}[0]);
		fails_with($name, 'configure', $faults{$name}[1], 0, @{ $answer->{frames} });
		tells_nothing($name, $answer, values %{ $base->{credentials} });
	}
}

sub test_capabilities
{
	my @sampled = $peer->sampled;
	my %change = (
		sample => {
			sample => {
				relations => [ map { { schema => $_->[0], name => $_->[1] } } @sampled ], categories => 60,
				category_length => 50,
				examples => 3, example_length => 200, masking => JSON::PP::true, relation_timeout => 60
			}
		});
	my ($readable, $queries) = ($peer->readable, $peer->queries);
	$change{read} = { read => read_request($readable ? @$readable{qw(relation columns)} : ([ 'a', 'b' ], ['c'])) };
	$change{query} = { query => { text => $queries ? $queries->{text} : 'SELECT 1' } };
	for my $operation (qw(test discover sample read query databases))
	{
		my @frames = ask_rows("operation $operation", operation => $operation, %{ $change{$operation} // {} });
		is($frames[-1]{frame}, 'end', "$operation is offered and works")
			or diag(explain($frames[-1]))
			if $offers{$operation};
		is($frames[-1]{code}, 'unsupported', "$operation is not offered") if !$offers{$operation};
	}
	if ($offers{databases})
	{
		my @listed = map { $_->{name} } frames_of('database', ask_rows('databases', operation => 'databases'));
		is_deeply(\@listed, [ sort @listed ], 'databases come in their order');
		ok((grep { $_ eq $base->{endpoint}{database} } @listed), 'that of the request is among them');
	}
	ok(!$offers{sample} || @sampled, 'the peer has something to sample');
	ok(!$offers{read} || $readable, 'the peer has something to read');
	ok(!$offers{query} || $queries, 'the peer has something to query');
	ok(!$offers{$_} || $offers{read}, "$_ is nothing without read") for qw(exact);
}

sub test_discovery
{
	my $answer = ask('a discovery');
	my @frames = @everything = @{ $answer->{frames} };
	my @expected = $peer->relations;
	is_deeply(
		[ sort map { "$_->{schema}.$_->{name} $_->{kind}" } frames_of('relation', @frames) ],
		[ sort map { "$_->[0].$_->[1] $_->[2]" } @expected ],
		'every relation is found') or diag(explain($frames[-1]));
	is(substance(ask('the same again')), substance($answer), 'an unchanged source is described with the same bytes');
	is( substance(ask('a request in pieces', how => { pieces => 1 })), substance($answer),
		'however its request arrives');
	my %novelty = (novelty => { of => [ 'a', 2, { later => undef } ] });
	is( substance(
			ask('unknown members', more => {%novelty}, scope => {%novelty}, limits => {%novelty}, endpoint => {%novelty}
			)),
		substance($answer),
		'members that it does not know are passed over');
	is( substance(ask('many options', endpoint => { options => { map { ("setting_$_" => $_) } 1 .. 200 } })),
		substance($answer), 'many options are ignored');
}

sub test_scope
{
	my $schema = ($peer->relations)[0][0];
	my @frames = discover('one schema', schema => $schema);
	is_deeply([ map { $_->{name} } frames_of('schema', @frames) ], [$schema], 'a scope is one schema');
	is_deeply(
		[ found('relation', @frames) ], [ names(grep { $_->[0] eq $schema } $peer->relations) ],
		'with all its relations');
	fails_with(
		'an unknown schema', 'query', 'schema_not_found', 0,
		discover('an unknown schema', schema => $peer->missing_schema));

	# A connector that knows nothing of patterns sends everything, which the caller then drops.
	my ($patterns, @selected) = $peer->patterns or return;
	my @sent = found('relation', discover('patterns', scope => $patterns));
	my @all = names($peer->relations);
	is_deeply(\@sent, @sent == @all ? \@all : [ names(@selected) ], 'patterns leave what they select, or everything');
}

sub test_skipped
{
	my @short = discover('a limit of documents', limits => { document_bytes => 1500 });
	is_deeply(
		[ grep { /\.wide/ } found('skipped', @short) ], [ grep { /\.wide/ } names($peer->relations) ],
		'a document that is too long is skipped');
	isnt(scalar(frames_of('relation', @short)), 0, 'the others are not') if @{ [ $peer->relations ] } > 1;

	my ($hidden, $end) = $peer->hide or return;
	my @frames = discover('something unreadable');
	$end->();
	is_deeply([ found('skipped', @frames) ], [ names($hidden) ], 'what cannot be read is skipped');
	is_deeply(
		[ found('relation', @frames) ], [ grep { $_ ne (names($hidden))[0] } names($peer->relations) ],
		'every other relation is described');
}

sub test_failures
{
	my %seen;
	for my $failure ($peer->failures)
	{
		my ($name, $change, @expected) = @$failure;
		fails_with($name, @expected, discover($name, operation => 'test', %$change));
		$seen{ $expected[1] }++;
	}
	my ($change, $step, $code, $end) = $peer->silence;
	my @over_network = defined $base->{endpoint}{host} ? qw(authentication refused tls silence) : ();
	is_deeply(
		[ grep { $_ eq 'silence' ? !$change : !$seen{$_} } 'configuration', @over_network ],
		[], 'the peer shows what must be told apart');
	return if !$change;
	fails_with('a source that says nothing', $step, $code, 1, discover('a source that says nothing', %$change));
	$end->();
}

# Nothing to clean up: neither here nor at the source.
sub test_killed
{
	local $SIG{PIPE} = 'IGNORE';
	my %first;
	my @after_each_kind = map { $first{ $everything[$_]{frame} }++ ? () : $_ + 1 } 0 .. $#everything - 1;
	for my $count (0, @after_each_kind, int(@everything / 2))
	{
		my $run = start_connector($command);
		syswrite $run->{in}, request_line($base);
		close $run->{in};
		read_frame($run) for 1 .. $count;
		kill 'KILL', $run->{pid};
		waitpid($run->{pid}, 0);
		close $_ for grep { defined } @$run{qw(out err)};
		my $clean = comes_true(sub { !members_of($run->{pid}) && !$peer->sessions });
		ok($clean, "killed after $count frames, it leaves nothing behind");
		next if $clean;
		kill 'KILL', -$run->{pid};
		last;
	}
}

sub signed
{
	return [ map { [ @$_{qw(id signature)} ] } grep { defined $_->{signature} } frames_of('relation', @_) ];
}

sub test_signatures
{
	my @first = discover('without signatures');
	return is(scalar(grep { exists $_->{signature} } @first), 0, 'it does not offer signatures, and makes none')
		if !$offers{signatures};
	my @signed = discover('the first signatures', known => { signature => undef, relations => [] });
	is(scalar @{ signed(@signed) }, scalar(my @all = $peer->relations), 'every relation is signed, under an id');
	my %known = (signature => $signed[-1]{signature}, relations => signed(@signed));
	my @again = discover('an unchanged source', known => {%known});
	is_deeply([ found('unchanged', @again) ], [ names($peer->relations) ], 'what has not changed is called unchanged');
	is($again[-1]{signature}, $known{signature}, 'the signature of an unchanged source is the same');
	is( scalar(frames_of('unchanged', discover('an unknown signature', known => { %known, signature => 'another' }))),
		0,
		'beside the signature of another source nothing is');
	my $one = (grep { $_->[0] ne '' } @{ $known{relations} })[0][0];
	my @less = discover(
		'one that is missing',
		known => { %known, relations => [ grep { $_->[0] ne $one } @{ $known{relations} } ] });
	is_deeply(
		[ grep { $_ eq $one } map { $_->{id} } frames_of('relation', @less) ], [$one],
		'what the caller does not know is read');
	my @changed = names($peer->change);
	my @third = discover('a change', known => {%known});
	is_deeply([ grep { $_ eq $changed[0] } found('relation', @third) ], \@changed, 'what has changed is read');
	isnt(scalar(frames_of('unchanged', @third)), 0, 'unchanged relations are not read')
		if @{ [ $peer->relations ] } > 1;
	is_deeply(
		[ sort(found('relation', @third), found('unchanged', @third)) ], [ names($peer->relations) ],
		'nothing is forgotten');
}

# What a relation was before is told once: nothing of it that the caller knows. (Frames.pm says what it looks like.)
sub test_versions
{
	for my $relation (grep { $_->{versions} } frames_of('relation', @everything))
	{
		my @documents = map { $json->encode($_->{document}) } @{ $relation->{versions} }, $relation;
		is_deeply(
			[ grep { $documents[ $_ - 1 ] eq $documents[$_] } 1 .. $#documents ], [],
			'each differs from the one before');
	}
	return pass('without signatures nothing more is known') if !$offers{signatures};
	my %known = (signature => undef, relations => [], as_of => 1 << 52);
	is( scalar(grep { $_->{versions} } frames_of('relation', discover('a known history', known => {%known}))),
		0, 'a history that is known is not told');
}

# ---- reading in place ----

# Rows as texts that can be compared, in an order that does not matter.
sub in_order
{
	return [
		sort map {
			$json->encode([ map { defined ? "$_" : undef } @$_ ])
		} @_ ];
}

sub row_count
{
	my $end = $_[-1];
	return $end->{rows} // "no end but $end->{frame} " . ($end->{message} // '');
}

sub reads
{
	my ($name, $wanted, %read) = @_;
	my ($relation, $columns) =
		(delete $read{relation} // $wanted->{relation}, delete $read{columns} // $wanted->{columns});
	return ask_rows($name, operation => 'read', read => read_request($relation, $columns, %read));
}

sub is_read
{
	my ($name, $frames, @rows) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return is_deeply(in_order(rows_of(@$frames)), in_order(@rows), $name) || diag(explain($frames->[-1]));
}

sub reading_of { return (frames_of('reading', @_))[0] // {} }

sub test_read
{
	my $wanted = $peer->readable or return pass('it has nothing to read');
	my @rows = @{ $wanted->{rows} };
	my @columns = @{ $wanted->{columns} };
	is_read('what is read is what the source has', [ reads('a relation', $wanted) ], @rows);
	my ($schema, $name) = @{ $wanted->{relation} };
	is_read('without an id, too', [ reads('by its name', $wanted, relation => [ $schema, $name ]) ], @rows);
	is_read(
		'columns come in the order that is asked for',
		[ reads('other columns', $wanted, columns => [ reverse @columns ]) ], map { [ reverse @$_ ] } @rows);
	is_read(
		'a column may be asked for twice', [ reads('a column twice', $wanted, columns => [ @columns[ 0, 0 ] ]) ],
		map { [ @$_[ 0, 0 ] ] } @rows);
	my @count = reads('no columns', $wanted, columns => []);
	is(row_count(@count), scalar @rows, 'without columns the rows are counted');
	is(scalar(grep { $_->{bytes} } frames_of('rows', @count)), 0, 'and have no bytes');
	my @limited = reads('a limit', $wanted, limit => 2);
	is(row_count(@limited), reading_of(@limited)->{limited} ? 2 : scalar @rows, 'a limit is kept, or passed over');
	my %seen = map { $_ => 1 } @{ in_order(@rows) };
	my @sample = reads('a sample', $wanted, sample => 100);
	is(scalar(grep { !$seen{$_} } @{ in_order(rows_of(@sample)) }), 0, 'a sample has rows of the relation');
}

# What is sent has every row for which the conditions hold; and no other if all of them are applied.
sub is_filtered
{
	my ($name, $wanted, @conditions) = @_;
	my @frames = reads($name, $wanted, conditions => [ map { $_->[0] } @conditions ]);
	my @holding = @{ $wanted->{rows} };
	my @applied = @conditions[ @{ reading_of(@frames)->{applied} // [] } ];
	for my $condition (@conditions)
	{
		@holding = grep { $condition->[1]->($_) } @holding;
	}
	my @sent = rows_of(@frames);
	my %sent = map { $_ => 1 } @{ in_order(@sent) };
	is_deeply([ grep { !$sent{$_} } @{ in_order(@holding) } ], [], "$name: no row is lost");
	is( scalar(
			grep {
				my $row = $_;
				grep { !$_->[1]->($row) } @applied
			} @sent),
		0,
		"$name: what is applied holds");
	is(scalar @applied, scalar @conditions, "$name: it is applied") if $offers{exact};
}

sub test_conditions
{
	my $wanted = $peer->readable or return pass('it has nothing to read');
	my @conditions = @{ $wanted->{conditions} };
	for my $condition (@conditions)
	{
		my ($column, $op, $type) = map { $_ // '' } @{ $condition->[0] }{qw(column op type)};
		is_filtered("$column $op $type", $wanted, $condition);
	}
	is_filtered('all conditions', $wanted, @conditions);
	my ($column) = @{ $wanted->{columns} };
	for my $unknown (
		{ op => 'resembles', type => 'text', value => 'x' },
		{ op => '=', type => 'wonder', value => 'x' },
		{ op => '<', type => 'point', value => '(1,2)' })
	{
		my @frames = reads(
			'a condition that it does not know', $wanted, conditions => [ { column => $column, %$unknown } ],
			limit => 1);
		is_read("$unknown->{op} $unknown->{type} is not applied, nor is the limit", \@frames, @{ $wanted->{rows} });
		is_deeply(reading_of(@frames)->{applied} // [], [], 'which it says');
	}
}

sub test_reading_failures
{
	my $wanted = $peer->readable or return pass('it has nothing to read');
	my ($schema, $name, $id) = @{ $wanted->{relation} };
	my @changed = (
		[ 'a missing relation' => relation => [ $schema, 'gone' ] ],
		[ 'a missing schema' => relation => [ $peer->missing_schema, $name ] ]);
	push @changed, [ 'a missing column' => columns => ['gone'] ],
		[ 'a condition on a missing column' => conditions => [ { column => 'gone', op => 'is null' } ] ]
		if $peer->declares_columns;
	push @changed, [ 'another id' => relation => [ $schema, $name, '1' ] ],
		[ 'the id of another name' => relation => [ $schema, "$name 2", $id ] ]
		if defined $id;
	fails_with($_->[0], 'query', 'relation_changed', 0, reads($_->[0], $wanted, @$_[ 1, 2 ])) for @changed;
	my %read = (operation => 'read', read => read_request(@$wanted{qw(relation columns)}));
	fails_with('a long row', 'query', 'too_large', 0, ask_rows('a long row', %read, limits => { row_bytes => 1 }));
	fails_with(
		'no columns at all', 'configure', 'protocol', 0,
		ask_rows('no columns at all', %read, read => { %{ $read{read} }, columns => undef }));
}

sub test_queries
{
	my $queries = $peer->queries or return pass('it does not query');
	my $asks = sub {
		my ($name, $text, %more) = @_;
		return ask_rows($name, operation => 'query', query => { text => $text, %more });
	};
	my @rows = @{ $queries->{rows} };
	my @frames = $asks->('a query', $queries->{text});
	is_deeply([ rows_of(@frames) ], \@rows, 'a query has its rows, in its order') or diag(explain($frames[-1]));
	is(scalar @{ reading_of(@frames)->{columns} // [] }, scalar @{ $rows[0] }, 'and columns');
	ok(!$frames[-1]{truncated}, 'all of them are there');
	my @checked = $asks->('a check', $queries->{text}, check_only => JSON::PP::true);
	is_deeply(reading_of(@checked), reading_of(@frames), 'a check says the same columns');
	is_deeply([ map { $_->{frame} } grep { $_->{frame} =~ /rows|end/ } @checked ], ['end'], 'and has no rows');
	for my $limit (0 .. @rows + 1)
	{
		my @limited = $asks->("a limit of $limit", $queries->{text}, limit => $limit);
		my $most = $limit < @rows ? $limit : @rows;
		is_deeply(
			[ row_count(@limited), $limited[-1]{truncated} ? 1 : 0 ], [ $most, $limit < @rows ? 1 : 0 ],
			"a limit of $limit is kept");
	}
	fails_with("refused: $_", 'query', 'query', 0, $asks->("refused: $_", $_)) for @{ $queries->{broken} };
	fails_with('no text', 'configure', 'protocol', 0, $asks->('no text', undef));
}

sub test_repeat
{
	my $wanted = $peer->readable or return pass('it has nothing to read');
	my $queries = $peer->queries;
	my $read = request_line($base, operation => 'read', read => read_request(@$wanted{qw(relation columns)}));
	my $run = start_connector($command);
	read_frame($run);
	send_line($run, $read);
	close delete $run->{in} if !$offers{repeat};
	my @frames = read_answer($run);
	is_read('the first request', \@frames, @{ $wanted->{rows} });
	if (!$offers{repeat})
	{
		is(read_frame($run), undef, 'without repeat it ends after the first answer');
		return end_connector($run);
	}
	for my $request (
		$read, $queries ? request_line($base, operation => 'query', query => { text => $queries->{text} }) : (),
		$queries ? request_line($base, operation => 'query', query => { text => $queries->{text}, limit => 1 }) : (),
		$read)
	{
		send_line($run, $request);
		@frames = read_answer($run);
		is( join(' ', map { $_->{frame} } grep { $_->{frame} ne 'progress' } @frames), 'connected reading rows end',
			'a further request is answered alike');
		is( join(
				"\n",
				faults_of_frames(
					{ frame => 'hello', protocol => 2, connector => 'c', version => 'v', capabilities => [] }, @frames)
			),
			'',
			'its frames are as they must be');
	}
	is_read('the last request', \@frames, @{ $wanted->{rows} });
	ok(comes_true(sub { !$peer->running }), 'a connection that rests does nothing');
	my $rest = end_connector($run);
	is_deeply([ $rest->{status}, @{ $rest->{frames} } ], [0], 'at the end of its input it ends without a word');
	ok(comes_true(sub { !$peer->sessions }), 'and disconnects');
	my $failing = start_connector($command);
	read_frame($failing);
	send_line($failing, request_line($base, operation => 'read', read => read_request([ 'no', 'where' ], ['a'])));
	is((read_answer($failing))[-1]{frame}, 'error', 'a request that fails');
	is(read_frame($failing), undef, 'is the last one');
	end_connector($failing);
}

# The server wants no more, or is gone: nothing goes on, neither here nor at the source.
sub test_abandoned
{
	my %endless = $peer->endless or return pass('it has nothing that lasts');
	local $SIG{PIPE} = 'IGNORE';
	for my $count (0 .. 5)
	{
		for my $how ($offers{repeat} ? 'the end of its input' : (), 'a kill')
		{
			my $run = start_connector($command);
			read_frame($run);
			send_line($run, request_line($base, %endless));
			close delete $run->{in} if !$offers{repeat};
			read_frame($run) for 1 .. $count;
			$how eq 'a kill' ? kill('KILL', $run->{pid}) : close(delete $run->{in});
			my $clean = comes_true(sub { waitpid($run->{pid}, 1) != 0 && !members_of($run->{pid}) && !$peer->running });
			ok($clean, "after $count frames, $how stops it and its source");
			close $_ for grep { defined } @$run{qw(out err)};
			next if $clean;
			kill 'KILL', -$run->{pid};
			return;
		}
	}
}

sub conforms
{
	my ($name, $path) = @_;
	my $module = join '', map { ucfirst } split /_/, $name;
	return fail("$name has no peer in test/connectors/lib/Peer") if !-e dirname(__FILE__) . "/lib/Peer/$module.pm";
	require "Peer/$module.pm";
	$peer = "Peer::$module"->new;
	$command = $peer->command($path);
	$base = $peer->base;
	$base->{credentials} //= { password => "what is \"hidden\" \\ stays / hidden \x{fc}" };
	subtest 'the beginning' => \&test_beginning;
	subtest 'requests that are none' => \&test_requests;
	subtest 'a discovery' => \&test_discovery;
	subtest 'capabilities' => \&test_capabilities;
	subtest 'scope' => \&test_scope;
	subtest 'what is skipped' => \&test_skipped;
	subtest 'failures' => \&test_failures;
	subtest 'killed' => \&test_killed;
	subtest 'reading' => \&test_read;
	subtest 'conditions' => \&test_conditions;
	subtest 'failures of reading' => \&test_reading_failures;
	subtest 'queries' => \&test_queries;
	subtest 'several requests' => \&test_repeat;
	subtest 'abandoned' => \&test_abandoned;
	subtest 'versions' => \&test_versions;
	subtest 'signatures' => \&test_signatures;
	undef $peer;
}

my @paths = (
	(grep { -x && basename($_) !~ /^(?:rivergen-run|storage_broker)$/ } glob installed_connector('*')),
	glob dirname(__FILE__) . '/small/*');
@paths = grep { basename($_) =~ /^($ENV{TYPES})$/ } @paths if $ENV{TYPES};
subtest basename($_) => sub { conforms(basename($_), $_) }
	for @paths;
done_testing();
