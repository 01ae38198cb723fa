# What the connector mysql reads from a real MariaDB server: queries in its own words, conditions of every type, one
# connection for many requests, and how the source is told that no more is wanted.
use strict;
use warnings;
use utf8;

use File::Basename qw(dirname);
use lib dirname(__FILE__), dirname(__FILE__) . '/lib';
use Connector;
use Frames;
use IPC::Open3;
use MariadbServer;
use Test::More;

binmode(Test::More->builder->$_, ':encoding(UTF-8)') for qw(output failure_output todo_output);

my $connector = installed_connector('mysql');
plan(skip_all => "$connector is not built") unless -x $connector;
start_mariadb();
sql(<<'EOT');
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;
CREATE TABLE items (
	id int PRIMARY KEY, word varchar(20) CHARACTER SET latin1, any_word varchar(20) COLLATE utf8mb4_general_ci, mood enum('good','bad'),
	single float, twice double, exact decimal(20,5), big bigint unsigned, day date, at datetime(6), moment timestamp(6) NULL, u uuid,
	made year, KEY (any_word));
SET time_zone = '+00:00';
INSERT INTO items VALUES
	(1, 'ü', 'ß', 'good', 0.1, 0.1, 1.5, 18446744073709551615, '2020-01-02', '2020-01-02 03:04:05.5', '2020-01-02 03:04:05.5',
		'ffffffff-e89b-12d3-a456-426655440000', 2001),
	(2, 'U', 'ss', 'bad', -1.5, 1e300, -2, 7, '1999-12-31', '1999-12-31 23:59:59', '1999-12-31 23:59:59', '00000000-ffff-12d3-a456-426655440000', 0),
	(3, '', 'SS ', NULL, 16777217, 3, NULL, NULL, NULL, NULL, NULL, NULL, 1970);
CREATE TABLE written (n int);
CREATE SEQUENCE counter;
CREATE TABLE values_of (
	b bit(10), v varbinary(5), t text, p point, e enum('x','y'), j json, ts timestamp NULL, u uuid, i6 inet6, y year, ti time, d decimal(7,3),
	bu bigint unsigned);
SET time_zone = '+05:00';
INSERT INTO values_of VALUES (b'101', x'00ff', 'a\tb', point(1, 2), 'y', '{"a": 1}', '2020-01-02 05:00:00',
	'123e4567-e89b-12d3-a456-426655440000', '::1', 2020, '-12:00:00', 1.5, 18446744073709551615);
CREATE TABLE nuls (id int PRIMARY KEY, word varchar(20));
INSERT INTO nuls VALUES (1, 'a\0b'), (2, 'ab'), (3, '\0');
CREATE VIEW counted AS SELECT count(*) AS n FROM seq_1_to_1000000000 a JOIN seq_1_to_1000000 b;
DELIMITER //
CREATE FUNCTION writes() RETURNS int BEGIN INSERT INTO written VALUES (1); RETURN 1; END //
CREATE FUNCTION locks() RETURNS int BEGIN RETURN get_lock('kept', 0); END //
CREATE PROCEDURE answers() BEGIN SELECT 1; END //
DELIMITER ;
CREATE USER reader;
SET PASSWORD FOR reader = PASSWORD('correct "horse" \\battery');
GRANT SELECT, EXECUTE, SHOW VIEW ON shop.* TO reader;
GRANT FILE ON *.* TO reader;
CREATE TABLE mysql.rivergen_secret (a int);
EOT

sub base
{
	return {
		type => 'mysql', credentials => { username => 'reader', password => $password },
		endpoint => { host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => 'shop' }
	};
}

my $run;

sub start
{
	finish() if $run;
	$run = start_connector([$connector]);
	read_frame($run);
	return $run;
}

sub finish
{
	my $rest = end_connector($run);
	undef $run;
	return $rest;
}

# The frames of the next answer of one connector, which lives until a request fails.
sub asks
{
	my (%change) = @_;
	start() if !$run;
	send_line($run, request_line(base(), %change));
	my @frames = read_answer($run);
	my %hello = (frame => 'hello', protocol => 2, connector => 'c', version => 'v', capabilities => []);
	my @faults = faults_of_frames(\%hello, @frames);
	is(join("\n", @faults), '', 'the frames are as they must be') if @faults;
	finish() if ($frames[-1]{frame} // 'error') eq 'error';
	return @frames;
}

sub queries
{
	my ($text, %more) = @_;
	my %change = map { exists $more{$_} ? ($_ => delete $more{$_}) : () } qw(limits);
	return asks(operation => 'query', query => { text => $text, %more }, %change);
}

sub reads
{
	my ($name, $columns, %more) = @_;
	return asks(operation => 'read', read => read_request([ 'shop', $name ], $columns, %more));
}

sub fails
{
	my ($name, $code, $message, @frames) = @_;
	my $end = $frames[-1];
	is_deeply([ @$end{qw(frame step code)} ], [ 'error', 'query', $code ], "$name: $code") or diag(explain($end));
	return like($end->{message}, $message, "$name is said");
}

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

sub running
{
	return sql(
		"SELECT count(*) FROM information_schema.processlist WHERE user = 'reader' AND command NOT IN ('Sleep', 'Killed')"
	);
}

subtest 'columns and values of a query' => sub {
	my @frames = queries('SELECT *, id + 1 AS id, 1.5 AS id FROM values_of, items WHERE items.id = 1');
	my ($reading) = frames_of('reading', @frames);
	is_deeply(
		[ map { [ @$_{qw(name type pg_type)} ] } @{ $reading->{columns} }[ 0 .. 12 ] ],
		[   [ 'b', 'bit(10)', 'bit varying' ], [ 'v', 'varbinary(5)', 'bytea' ], [ 't', 'text', undef ],
			[ 'p', 'point', 'bytea' ], [ 'e', 'enum', undef ], [ 'j', 'json', 'json' ],
			[ 'ts', 'timestamp', 'timestamp with time zone' ], [ 'u', 'uuid', 'uuid' ], [ 'i6', 'inet6', 'inet' ],
			[ 'y', 'year', 'smallint' ], [ 'ti', 'time', 'interval' ], [ 'd', 'decimal(7,3)', 'numeric' ],
			[ 'bu', 'bigint unsigned', 'numeric' ] ],
		'have types');
	is(scalar(grep { $_->{name} eq 'id' } @{ $reading->{columns} }), 3, 'a name may stand three times');
	is_deeply(
		[ @{ (rows_of(@frames))[0] }[ 0 .. 12 ] ],
		[   '0000000101', '\x00ff', "a\tb", '\x00000000' . '0101000000' . '000000000000f03f' . '0000000000000040', 'y',
			'{"a": 1}', '2020-01-02 00:00:00+00', '123e4567-e89b-12d3-a456-426655440000', '::1', '2020', '-12:00:00',
			'1.500',
			'18446744073709551615' ],
		'and values as PostgreSQL writes them');
	is_deeply([ rows_of(queries("SHOW TABLES LIKE 'item%'")) ], [ ['items'] ], 'SHOW has rows');
	is((queries('EXPLAIN SELECT * FROM items'))[-1]{frame}, 'end', 'so has EXPLAIN');
	is_deeply(
		[ rows_of(queries("\n -- first\n /* and */ (SELECT 'a;b' AS `into`) ; ")) ], [ ['a;b'] ],
		'comments and brackets');
	is_deeply(
		[   rows_of(
				queries(q{SELECT 'it''s "INTO" \' INTO', "sleep(1) \" /*!", t.id AS `sleep` FROM items t WHERE id = 2}))
		],
		[ [ q{it's "INTO" ' INTO}, 'sleep(1) " /*!', 2 ] ],
		'what stands in quotes is no word of the statement');
};

subtest 'what a query may not do' => sub {
	fails($_, 'query', qr/none that only reads/, queries($_))
		for 'DO 1', 'SET @a = 1', 'CALL answers()', 'COMMIT', 'LOCK TABLES items READ', 'ANALYZE TABLE items',
		'SET STATEMENT max_statement_time=0 FOR SELECT 1', 'HANDLER items OPEN', 'KILL 1', 'FLUSH TABLES', '`select` 1';
	fails($_, 'query', qr/INTO writes/, queries($_))
		for "SELECT 1 INTO OUTFILE '$home/tmp/out'", "SELECT * FROM items iNtO\nDUMPFILE '$home/tmp/out'",
		'SELECT 1 INTO @a',
		"SELECT '\\'' INTO OUTFILE '$home/tmp/out'", "SELECT 1 -- \n INTO OUTFILE '$home/tmp/out'";
	fails($_, 'query', qr/calls a function/, queries($_))
		for 'SELECT sleep(9)', "SELECT LOAD_FILE ('/etc/passwd')", "SELECT `get_lock`('a', 1)",
		"SELECT benchmark/**/(9, 1)",
		"WITH a AS (SELECT release_all_locks()) SELECT 1";
	fails($_, 'query', qr/comment that some servers run/, queries($_))
		for 'SELECT 1 /*!50000 INTO OUTFILE "x" */', '/*M! SELECT */ 1';
	fails($_, 'query', qr/READ ONLY transaction/, queries($_))
		for 'SELECT writes()', 'WITH a AS (SELECT 1) SELECT writes() FROM a';
	fails('a sequence that goes on', 'query', qr/READ ONLY/, queries('SELECT NEXT VALUE FOR counter'));
	is(sql('SELECT count(*) FROM shop.written'), 0, 'nothing was written');
	ok(!-e "$home/tmp/out", 'no file either');
};

subtest 'faults' => sub {
	my @bad = queries("SELECT 'ö',\n 1 FROM FROM items");
	fails('a fault of syntax', 'query', qr/error in your SQL syntax/, @bad);
	is($bad[-1]{position}, 21, 'and where it is, in characters');
	is((queries('SELECT (1'))[-1]{position}, 10, 'at the end of the text');
	is((queries('SELECT 1 INTO @a'))[-1]{position}, 10, 'what is refused has its place, too');
	fails(
		'a check', 'query', qr/Unknown column 'nothing'/,
		queries('SELECT nothing FROM items', check_only => JSON::PP::true));
	fails('two statements', 'query', qr/syntax/, queries('SELECT 1; DROP TABLE written'));
	fails('parameters', 'query', qr/has parameters/, queries('SELECT ?'));
	fails('a table that may not be read', 'permission', qr/denied/, queries('SELECT * FROM mysql.rivergen_secret'));
	fails(
		'a row that is too long', 'too_large', qr/longer than/,
		queries("SELECT repeat('x', 2000)", limits => { row_bytes => 1000 }));
	fails(
		'one that is much too long', 'too_large', qr/longer than/,
		queries("SELECT repeat('x', 15000000)", limits => { row_bytes => 1000 }));
	fails(
		'a query that takes too long', 'timeout', qr/did not answer/,
		queries('SELECT * FROM counted', limits => { query_timeout => 1 }));
	ok(comes_true(sub { !running() }), 'goes on nowhere');
};

subtest 'nothing of one request is left for the next' => sub {
	is_deeply([ rows_of(queries('SELECT @a := 5')) ], [ [5] ], 'a variable');
	my ($id) = map { $_->[0] } rows_of(queries('SELECT connection_id()'));
	is_deeply(
		[ rows_of(queries('SELECT @a, connection_id() = ' . $id)) ], [ [ undef, 1 ] ],
		'is gone; the connection is the same');
	is_deeply([ rows_of(queries('SELECT locks()')) ], [ [1] ], 'a lock that a function takes');
	is(sql(q{SELECT is_free_lock('kept')}), 1, 'is released');
	is_deeply([ map { @$_ } rows_of(queries('SELECT seq FROM seq_1_to_9', limit => 2)) ], [ 1, 2 ], 'a limit');
	is_deeply([ map { @$_ } rows_of(queries('SELECT seq FROM seq_1_to_9')) ], [ 1 .. 9 ], 'is over, too');
	my @all = queries('SELECT seq FROM seq_1_to_100000000 LIMIT 100000000', limit => 3);
	ok($all[-1]{truncated}, 'a limit of the query itself does not help');
	ok(comes_true(sub { !running() }), 'the source stops');
	is_deeply(
		[ rows_of(queries("SELECT 'ü😀', \@\@time_zone, \@\@sql_mode")) ], [ [ 'ü😀', '+00:00', '' ] ],
		'the session is set again');
	my @kept = map { $_->[0] } rows_of(queries('SELECT connection_id()'));
	sql("KILL $kept[0]");
	my @after = queries('SELECT connection_id()');
	isnt((rows_of(@after))[0][0], $kept[0], 'a connection that the server has ended is made again');
	is((rows_of(reads('items', ['id'])))[2][0], 3, 'a relation is read by it');
};

# id of the rows for which a condition holds; it has been applied by the source.
sub holds
{
	my ($column, $op, $type, $value) = @_;
	my $condition = { column => $column, op => $op, type => $type, (ref $value ? 'values' : 'value') => $value };
	my @frames = reads('items', ['id'], conditions => [$condition]);
	is_deeply([ frames_of('reading', @frames) ]->[0]{applied}, [0], "$column $op is applied")
		or diag(explain($frames[-1]));
	return [ map { $_->[0] } rows_of(@frames) ];
}

subtest 'conditions hold as PostgreSQL has them' => sub {
	for my $case (
		[ word => '=', 'text', 'ü', 1 ], [ word => '=', 'text', 'u' ], [ word => '<>', 'text', 'u', 1, 2, 3 ],
		[ word => '=', 'text', '😀' ], [ word => 'in', 'text', [ '', '😀', 'U' ], 2, 3 ],
		[ word => '=', 'text', "' OR 1 -- " ],
		[ any_word => '=', 'text', 'ss', 2 ], [ any_word => '=', 'text', 'SS ', 3 ], [ any_word => '=', 'text', 'SS' ],
		[ any_word => '<>', 'text', 'ß', 2, 3 ], [ mood => '=', 'text', 'bad', 2 ], [ mood => '=', 'text', '1' ],
		[ mood => '<>', 'text', 'BAD', 1, 2 ],
		[ single => '=', 'real', '0.1', 1 ], [ single => '<', 'real', '0.1', 2 ],
		[ single => '=', 'real', '1.6777216e+07', 3 ],
		[ single => '<=', 'real', 'NaN', 1, 2, 3 ], [ single => '>', 'real', 'Infinity' ],
		[ single => '>', 'real', '-Infinity', 1, 2, 3 ],
		[ twice => '=', 'double precision', '0.1', 1 ], [ twice => '>=', 'double precision', '1e+300', 2 ],
		[ exact => '<', 'numeric', 'NaN', 1, 2 ], [ exact => '=', 'numeric', '-2.0', 2 ],
		[ exact => 'in', 'numeric', [ 'NaN', '1.5' ], 1 ],
		[ big => '=', 'numeric', '18446744073709551615', 1 ], [ big => '>', 'numeric', '18446744073709551615' ],
		[ big => '<', 'numeric', '99999999999999999999', 1, 2 ],
		[ day => '<', 'date', '2020-01-02', 2 ], [ day => '<', 'date', 'infinity', 1, 2 ],
		[ day => '>', 'date', '0044-03-15 BC', 1, 2 ],
		[ day => '<>', 'date', '12020-01-01', 1, 2 ], [ day => '>', 'date', '12020-01-01' ],
		[ at => '=', 'timestamp without time zone', '2020-01-02 03:04:05.5', 1 ],
		[ at => '<=', 'timestamp without time zone', '1999-12-31 23:59:59', 2 ],
		[ moment => '=', 'timestamp with time zone', '2020-01-02 03:04:05.5+00', 1 ],
		[ moment => '=', 'timestamp with time zone', '2020-01-02 08:34:05.5+05:30', 1 ],
		[ moment => '<', 'timestamp with time zone', '2020-01-01 20:00:00-07', 2 ],
		[ moment => '>', 'timestamp with time zone', '-infinity', 1, 2 ],
		[ moment => '>', 'timestamp with time zone', '0001-01-01 00:00:00+05', 1, 2 ],
		[ moment => '<', 'timestamp with time zone', '9999-12-31 23:00:00-05', 1, 2 ],
		[ u => '=', 'uuid', '00000000-ffff-12d3-a456-426655440000', 2 ],
		[ u => '<', 'uuid', '10000000-0000-12d3-a456-426655440000', 2 ],
		[ u => '>=', 'uuid', '00000000-ffff-12d3-a456-426655440000', 1, 2 ],
		[ made => '=', 'smallint', '1' ], [ made => '<>', 'smallint', '1', 1, 2, 3 ],
		[ made => '>', 'smallint', '70', 1, 3 ],
		[ made => '=', 'smallint', '2001', 1 ], [ made => '=', 'smallint', '0', 2 ],
		[ made => 'in', 'smallint', [ '70', '1970' ], 3 ])
	{
		my ($column, $op, $type, $value, @expected) = @$case;
		is_deeply(
			holds($column, $op, $type, $value), \@expected,
			"$column $op " . (ref $value ? join ', ', @$value : $value));
	}
	my @frames = reads(
		'items', ['id'],
		conditions => [ { column => 'big', op => '>', type => 'numeric', value => '0) OR (1' } ]);
	is_deeply([ frames_of('reading', @frames) ]->[0]{applied}, [], 'a number that is none is no condition');
	sql(      "SET sql_mode = ''; CREATE TABLE shop.zeros (id int, d date NOT NULL); "
			. "INSERT INTO shop.zeros VALUES (1, '0000-00-00'), (2, '2020-01-02')");
	is_deeply(
		[ rows_of(reads('zeros', ['id'], conditions => [ { column => 'd', op => 'is null' } ])) ],
		[], 'a date of zeros is no null');
	@frames = reads(
		'items', [], conditions => [ { column => 'any_word', op => '=', type => 'text', value => 'ss' } ],
		limit => 1);
	is($frames[-1]{rows}, 1, 'a limit counts what is left');
	ok(frames_of('reading', @frames) && (frames_of('reading', @frames))[0]{limited}, 'and is kept by the source');
	like(
		sql(      'EXPLAIN SELECT id FROM shop.items WHERE (`any_word` = _utf8mb4 0x7373 '
				. 'AND CAST(CONVERT(`any_word` USING utf8mb4) AS BINARY) = CAST(_utf8mb4 0x7373 AS BINARY))'),
		qr/\bref\s+any_word\b/,
		'an index is used');
};

subtest 'a NUL in a text' => sub {
	my $read = sub {
		my (@conditions) = @_;
		return reads(
			'nuls', [qw(id word)],
			conditions => [ map { { column => 'word', type => 'text', %$_ } } @conditions ]);
	};
	my $applied = sub { return (frames_of('reading', @_))[0]{applied} };
	is_deeply(
		[ map { $_->[1] } rows_of($read->()) ], [ "a\x{fffd}b", 'ab', "\x{fffd}" ],
		'has another character in its place');
	my @frames = $read->({ op => '=', value => 'ab' });
	is_deeply(
		[ $applied->(@frames), map { $_->[0] } rows_of(@frames) ], [ [0], 2 ],
		'so it is not equal to the text without it');
	@frames = $read->({ op => '<>', value => 'ab' });
	is_deeply([ $applied->(@frames), map { $_->[0] } rows_of(@frames) ], [ [0], 1, 3 ], 'but different from that');
	@frames = $read->({ op => '=', value => "a\x{fffd}b" });
	is_deeply(
		[ $applied->(@frames), scalar rows_of(@frames) ], [ [], 3 ],
		'the source does not compare with that character');
};

# No row comes, and the server looks for no end of the connection: only another connection can end the statement.
# A session that holds a table; it runs what it is given, and ends when it is told to.
sub holding
{
	my ($table) = @_;
	my $pid = open3(
		my $in, my $out, undef, 'mariadb', '--no-defaults', "--socket=$home/socket", '--user=root', '--unbuffered',
		'--skip-column-names', '--batch', 'shop');
	print $in "LOCK TABLES $table WRITE; SELECT 'done';\n";
	$in->flush;
	while (<$out>) { last if /done/ }
	return sub { print $in "$_[0];\n"; close $in; my @rest = <$out>; waitpid($pid, 0); return join '', @rest };
}

# What is read, and which conditions hold, is what the columns are once the table may be read.
subtest 'a table that changes while it is waited for' => sub {
	sql(<<~'EOT');
		USE shop;
		CREATE TABLE moving (id int PRIMARY KEY, bits bit(3), word varchar(20) COLLATE utf8mb4_bin, raw varchar(20));
		INSERT INTO moving VALUES (1, b'101', 'one', 'x'), (2, b'111', 'ONE', 'y');
		CREATE VIEW over_moving AS SELECT * FROM moving;
		EOT
	my %one = (conditions => [ { column => 'word', op => '=', type => 'text', value => 'one' } ]);
	my $waits = sub {
		my ($name, $change, @read) = @_;
		reads($name, ['id']);
		my $release = holding('moving');
		send_line($run, request_line(base(), operation => 'read', read => read_request([ 'shop', $name ], @read)));
		ok( comes_true(
				sub { sql("SELECT count(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'") }
			),
			"$name is waited for");
		is($release->($change), '', 'then it changes');
		my @frames = read_answer($run);
		finish() if ($frames[-1]{frame} // 'error') eq 'error';
		return @frames;
	};
	for my $name (qw(moving over_moving))
	{
		my $definition = 'bits bit(3), MODIFY word varchar(20) COLLATE utf8mb4_bin';
		is_deeply(
			[ rows_of($waits->($name, 'ALTER TABLE moving MODIFY bits bit(10)', ['bits'])) ],
			[ ['0000000101'], ['0000000111'] ],
			"$name: bits have the length of the new type");
		is_deeply(
			[   rows_of(
					$waits->(
						$name, 'ALTER TABLE moving MODIFY word varchar(20) COLLATE utf8mb4_general_ci', ['id'], %one))
			],
			[ [1] ],
			"$name: a condition is that of a text");
		sql("ALTER TABLE shop.moving MODIFY $definition");
		is_deeply(
			[ rows_of($waits->($name, 'ALTER TABLE moving MODIFY raw varbinary(20)', ['raw'])) ],
			[ ['\x78'], ['\x79'] ],
			"$name: texts have become bytes");
		sql('ALTER TABLE shop.moving MODIFY raw varchar(20)');
		my @gone = $name eq 'moving' ? (relation_changed => qr/no longer/) : (query => qr/is missing/);
		fails("$name without the column", @gone, $waits->($name, 'ALTER TABLE moving DROP raw', ['raw']));
		sql("ALTER TABLE shop.moving ADD raw varchar(20); UPDATE shop.moving SET raw = if(id = 1, 'x', 'y')");
	}
	# What a user may read a part of, and what is costly, is held all the same.
	sql(<<~'EOT');
		CREATE DATABASE apart;
		CREATE TABLE apart.parted (id int, hidden int);
		INSERT INTO apart.parted VALUES (1, 2);
		GRANT SELECT (id) ON apart.parted TO reader;
		EOT
	my @parted = ([ 'apart', 'parted' ], ['id']);
	is_deeply([ rows_of(asks(operation => 'read', read => read_request(@parted))) ], [ [1] ], 'a column alone');
	is_deeply(
		[   rows_of(asks(
				operation => 'read',
				read => read_request(@parted, conditions => [ { column => 'id', op => 'is not null' } ]))) ],
		[ [1] ],
		'with a condition');
	is_deeply([ rows_of($waits->('moving', 'TRUNCATE moving', ['id'])) ], [], 'a table that is emptied');
	fails(
		'a table that is dropped', 'relation_changed', qr/no longer/,
		$waits->('moving', 'DROP TABLE moving', ['id']));
};

subtest 'a statement without rows is ended' => sub {
	for my $request (
		[ 'a query', operation => 'query', query => { text => 'SELECT * FROM counted' } ],
		[ 'a relation', operation => 'read', read => read_request([ 'shop', 'counted' ], ['n']) ])
	{
		my ($name, %request) = @$request;
		start();
		send_line($run, request_line(base(), %request));
		ok(comes_true(sub { running() }), "$name is at work");
		close delete $run->{in};
		ok(comes_true(sub { !running() }), 'and is not, when it is no longer wanted');
		finish();
	}
};

done_testing();
