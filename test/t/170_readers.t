# A stream from a source: what comes, what is recorded, connectors that rest, and every failure of a connector.
use strict;
use warnings;

use Rivergen;
use Streams;
use Test::More;

my $server = start_server('server');
install_fake($server);
streams_in($server);
my $id = readable($server, 'plain', { rows => 5 });

subtest 'an answer' => sub {
	my $told = sql($server, 'SELECT ' . stream($server, $id));
	like($told, qr/^head \{.*"frame":"reading"/, 'the head is the frame reading');
	like($told, qr/^1\tc2 of 1\n2\tc2 of 2$/m, 'rows come as they were sent');
	like($told, qr/^end 5\n3 parts, 5 rows, 50 bytes, by fake$/m, 'the end counts them');
	my $entry = audited($server, $id);
	is($entry->{action}, 'data_source.read', 'the reading is in the audit trail');
	is($entry->{user_id}, 1, 'with its user');
	like($entry->{login_role}, qr/\w/, 'and login role');
	is_deeply(
		$entry->{detail},
		{ outcome => 'complete', rows => 5, bytes => 50, schema_name => 's', relation_name => 't', dialed => [] },
		'and what was read');
	is( sql($server, 'SELECT capabilities FROM rivergen_catalog.data_source_state'),
		'{test,discover,sample,read,query,repeat}', 'what the connector offers is kept');
	is( sql($server,
			"SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'rivergen reader' AND datname = 'postgres'"),
		1,
		'one reader runs in the database');
};

subtest 'a query' => sub {
	my %query = (operation => 'query', question => '{"text": "x", "limit": 3, "check_only": false}');
	like(sql($server, 'SELECT ' . stream($server, $id, %query)), qr/^end 3 truncated$/m, 'is truncated at its limit');
	is(audited($server, $id)->{action}, 'data_source.queried', 'the audit trail tells it from a reading');
};

subtest 'a connector rests' => sub {
	my $read = sub { sql($server, 'SELECT ' . stream($server, $id)) };
	ok(shares_connector($server, $read), 'the next stream of the source uses it');
	my $several = 'SELECT ' . join ' || ', map { stream($server, $id) } 1 .. 3;
	my $first = shares_connector($server, sub { sql($server, $several) });
	ok($first, 'and so do several in one statement');
	call($server, "rivergen.data_source_update_credentials($id, '{\"api_key\": \"another\"}')");
	my $second = shares_connector($server, $read);
	isnt($second, $first, 'not when the credentials are others');
	kill 'KILL', $second;
	wait_for('the connector to be gone', sub { !is_running($second) });
	like($read->(), qr/^end 5$/m, 'one that has died is replaced');
	my $third = shares_connector($server, $read);
	reload_settings($server);
	ok(wait_for('no connector', sub { !is_running($third) }), 'a reload ends its rest');
	my $other = readable($server, 'without repeat', {});
	fake_beginning($server, capabilities => [qw(read)]);
	sql($server, 'SELECT ' . stream($server, $other));
	fake_beginning($server);
	clean_server($server, 'a connector without repeat does not rest');
};

subtest 'rows of any length' => sub {
	my $long = readable($server, 'long', { behaviour => 'one_long_row', length => 3_000_000 });
	like(
		sql($server, 'SELECT ' . stream($server, $long)), qr/^1 parts, 1 rows, 3000003 bytes/m,
		'a long row comes in one part');
	change_settings($server, 'rivergen.max_row_size' => '2MB');
	call_fails(
		$server, stream($server, $long), 'a row that is too long', sqlstate => 'PT502',
		detail => qr/max_row_size/);
	change_settings($server, 'rivergen.max_row_size' => undef);
	my $none = readable($server, 'no bytes', { behaviour => 'rows_without_bytes' });
	like(
		sql($server, 'SELECT ' . stream($server, $none)), qr/^1 parts, 3 rows, 0 bytes/m,
		'rows without columns are counted');
};

subtest 'a failure' => sub {
	my @failures = (
		[ error => 'PT502', qr/the fake source refused/, 'query' ],
		[ late_error => 'PT502', qr/broke down \| half way/, 'query' ],
		[ crash => 'PT502', qr/ended before it had finished \| .*signal 11/, 'connector_crashed' ],
		[
			map({ [ $_ => 'PT502', qr/protocol/, 'protocol' ] }
				qw(no_reading reading_twice reading_late rows_are_longer rows_are_cut no_rows_in_frame too_many_at_once
					rows_in_end_differ no_rows_in_end)) ],
		[ rows_end_early => 'PT502', qr/ended before it had finished/, 'connector_crashed' ]);
	for my $failure (map { ref $_->[0] ? @$_ : $_ } @failures)
	{
		my ($behaviour, $sqlstate, $says, $code) = @$failure;
		my $source = readable($server, "behaves $behaviour", { behaviour => $behaviour });
		call_fails($server, stream($server, $source), $behaviour, sqlstate => $sqlstate, says => $says);
		my $detail = audited($server, $source)->{detail};
		is_deeply([ @$detail{qw(outcome code)} ], [ 'failed', $code ], "the audit trail says $code");
	}
	my %query = (operation => 'query', question => '{"text": "x"}');
	my $source = readable($server, 'a wrong query', { behaviour => 'error', position => 7 });
	call_fails(
		$server, stream($server, $source, %query), 'a query that the source refuses', sqlstate => 'PT400',
		detail => qr/At character 7 of the query\.$/);
	for my $beginning (qw(garbage no_hello protocol_1 answers_unasked odd_capabilities not_started))
	{
		fake_beginning($server, beginning => $beginning);
		call_fails($server, stream($server, $source), $beginning, sqlstate => qr/PT50[23]/);
	}
	fake_beginning($server, capabilities => [qw(test discover)]);
	call_fails(
		$server, stream($server, $source), 'no reading', sqlstate => 'PT501',
		says => qr/cannot read tables.*test, discover/);
	fake_beginning($server);
	clean_server($server);
};

subtest 'silence' => sub {
	my $silent = readable($server, 'silent', { behaviour => 'hang' }, query_timeout => 1);
	call_fails(
		$server, stream($server, $silent), 'of the source', sqlstate => 'PT504',
		says => qr/did not answer a query in time/);
	call_fails(
		$server, stream($server, $silent, timeout => 1), 'until the time of the call', sqlstate => 'PT504',
		says => qr/took longer than it may/);
	fake_beginning($server, beginning => 'mute');
	my $mute = readable($server, 'mute', {}, connection_timeout => 1);
	call_fails($server, stream($server, $mute), 'before hello', sqlstate => 'PT504', says => qr/did not say hello/);
	fake_beginning($server);
};

subtest 'who may read' => sub {
	my $closed = create_source($server, fake_source('closed', {}));
	call_fails(
		$server, stream($server, $closed), 'a source that is not switched on', sqlstate => 'PT403',
		message => "reading is not switched on for data source $closed");
	call_fails($server, stream($server, 999), 'a source that is not there', sqlstate => 'PT404');
	call($server, "rivergen.data_source_set_status($id, 'maintenance')");
	call_fails($server, stream($server, $id), 'a source in maintenance', sqlstate => 'PT409');
	call($server, "rivergen.data_source_set_status($id, 'active')");
	sql($server,
		"UPDATE rivergen_catalog.data_source SET metadata = jsonb_set(metadata, '{query,max_rows}', '3') WHERE data_source_id = $id"
	);
	call_fails(
		$server, stream($server, $id), 'more rows than max_rows', sqlstate => 'PT413',
		detail => qr/max_rows.* is 3/);
};

# A reader keeps what it found with the connector that rests. Each row that decides has another version after a change.
subtest 'while nothing changes' => sub {
	my $quiet = readable($server, 'quiet', { rows => 2 });
	my $holder = $server->background_psql('postgres');
	my $read = sub { return ($server->psql('postgres', 'SELECT ' . stream($server, $quiet)))[1] =~ /^end 2$/m };
	# The launcher's transactions may end in between.
	ok( wait_for(
			'a stream that asks for nothing',
			sub {
				$read->() or return 0 for 1, 2;
				$holder->query_safe('BEGIN; LOCK TABLE rivergen_catalog.membership');
				my $done = $read->();
				$holder->query_safe('ROLLBACK');
				return $done;
			}),
		'a stream asks for none of what the last one has found');
	$read->() for 1, 2;
	$holder->query_safe('BEGIN; LOCK TABLE rivergen_catalog.membership');
	sql($server, 'CREATE TABLE changed ()');
	ok(!$read->(), 'but does after any change');
	$holder->query_safe('ROLLBACK');
	$holder->quit;
};

subtest 'what a reader has found before' => sub {
	my $kept = readable($server, 'kept', { rows => 2 });
	my $of_source =
		"WHERE organization_id = (SELECT organization_id FROM rivergen_catalog.data_source WHERE data_source_id = $kept)";
	my @changes = (
		[   'the role', 'PT403', "UPDATE rivergen_catalog.membership SET role = 'viewer' $of_source",
			"UPDATE rivergen_catalog.membership SET role = 'admin' $of_source" ],
		[   'the user', 'PT403', 'UPDATE rivergen_catalog.app_user SET disabled_at = now()',
			'UPDATE rivergen_catalog.app_user SET disabled_at = NULL' ],
		[   'reading',
			'PT403',
			"UPDATE rivergen_catalog.data_source SET metadata = jsonb_set(metadata, '{query,enabled}', 'false') WHERE data_source_id = $kept",
			"UPDATE rivergen_catalog.data_source SET metadata = jsonb_set(metadata, '{query,enabled}', 'true') WHERE data_source_id = $kept"
		],
		[   'maintenance', 'PT409',
			"UPDATE rivergen_catalog.data_source SET maintenance = true WHERE data_source_id = $kept",
			"UPDATE rivergen_catalog.data_source SET maintenance = false WHERE data_source_id = $kept" ],
		[   'the source', 'PT404',
			"UPDATE rivergen_catalog.data_source SET deleted_at = now() WHERE data_source_id = $kept",
			"UPDATE rivergen_catalog.data_source SET deleted_at = NULL WHERE data_source_id = $kept" ],
		[   'the database',
			'PT409',
			'UPDATE rivergen_catalog.home SET database_id = database_id::bigint + 1',
			'UPDATE rivergen_catalog.home SET database_id = database_id::bigint - 1' ]);
	for my $change (@changes)
	{
		my ($name, $state, $do, $undo) = @$change;
		like(sql($server, 'SELECT ' . stream($server, $kept)), qr/^end 2$/m, "$name: a reading") for 1, 2;
		sql($server, $do);
		call_fails($server, stream($server, $kept), "$name: its change is seen at once", sqlstate => $state);
		sql($server, $undo);
	}
	my $read = sub { sql($server, 'SELECT ' . stream($server, $kept)) };
	my $number = 0;
	my $connector = shares_connector(
		$server,
		sub {
			my $renamed = "SET name = 'kept, renamed ${\ ++$number}' WHERE data_source_id = $kept";
			sql($server, "UPDATE rivergen_catalog.data_source $renamed");
			like($read->(), qr/^end 2$/m, 'a change of other columns lets it read');
		});
	ok($connector, 'with the same connector');
	for my $limit (qw(connection_timeout query_timeout connection_pool_size))
	{
		call($server, "rivergen.data_source_update($kept, '{\"$limit\": 7}')");
		like($read->(), qr/^end 2$/m, "a change of $limit lets it read");
		my $last = $connector;
		$connector = shares_connector($server, $read);
		isnt($connector, $last, 'with a connector that has the new limit');
	}
	sql($server,
		"UPDATE rivergen_catalog.data_source SET metadata = jsonb_set(metadata, '{query,max_rows}', '1') WHERE data_source_id = $kept"
	);
	call_fails($server, stream($server, $kept), 'a limit of rows counts at once', sqlstate => 'PT413');
};

clean_server($server);
survives($server);
done_testing;
