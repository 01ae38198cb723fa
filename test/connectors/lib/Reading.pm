# Reading from a PostgreSQL server that Source.pm started: one connector that answers request after request, as the user reader.
package Reading;

use strict;
use warnings;
use utf8;

use Connector;
use Exporter 'import';
use Frames;
use IPC::Open3;
use Source;
use Test::More;

our @EXPORT = qw(start_reader reader_request reads queries next_answer end_reader message_of id_of comes_true
	in_transaction changed_meanwhile);

my @command = (installed_connector('postgresql'));
my $run;

# What each request says; `database` names another one.
sub reader_request
{
	my (%change) = @_;
	my $database = delete $change{database} // 'source';
	return request_line(
		{   type => 'postgresql', credentials => { username => 'reader', password => $password },
			endpoint => { host => '127.0.0.1', port => $port + 0, addresses => ['127.0.0.1'], database => $database }
		},
		%change);
}

# Starts a connector; the requests that follow go to it, until one fails.
sub start_reader
{
	end_reader() if $run;
	$run = start_connector(\@command);
	read_frame($run);
	return $run;
}

sub running { return $run }

sub end_reader
{
	my $rest = end_connector($run);
	undef $run;
	return $rest;
}

# The frames of the next answer.
sub next_answer
{
	my (%change) = @_;
	start_reader() if !$run;
	send_line($run, reader_request(%change));
	my @frames = read_answer($run);
	my %hello = (frame => 'hello', protocol => 2, connector => 'c', version => 'v', capabilities => []);
	my @faults = faults_of_frames(\%hello, @frames);
	is(join("\n", @faults), '', 'the frames are as they must be') if @faults;
	end_reader() if ($frames[-1]{frame} // 'error') eq 'error';
	return @frames;
}

# Reads columns of the relation [schema, name, id].
sub reads
{
	my ($relation, $columns, %more) = @_;
	my %change = map { exists $more{$_} ? ($_ => delete $more{$_}) : () } qw(limits database);
	return next_answer(operation => 'read', read => read_request($relation, $columns, %more), %change);
}

sub queries
{
	my ($text, %more) = @_;
	return next_answer(operation => 'query', query => { text => $text, %more });
}

sub message_of
{
	my ($end) = $_[-1];
	return join ' ', map { $end->{$_} // () } qw(code message detail);
}

sub id_of
{
	my ($name) = @_;
	return sql("SELECT '$name'::regclass::oid");
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

# A session of the owner that keeps a transaction open; it runs what it is given, and ends when it is told to.
sub in_transaction
{
	my ($statement) = @_;
	my $pid = open3(my $in, my $out, undef, @psql, 'source');
	print $in "BEGIN; $statement; SELECT 'done';\n";
	$in->flush;
	while (<$out>) { last if /done/ }
	return sub { print $in "$_[0];\n" if $_[0]; close $in; waitpid($pid, 0) };
}

# The frames of the answer to a request that waits for a table: another session holds it, and makes these changes once the
# connector waits.
sub changed_meanwhile
{
	my ($connector, $line, $table, $changes, $name) = @_;
	my $release = in_transaction("LOCK TABLE $table");
	send_line($connector, $line);
	ok(comes_true(sub { sql('SELECT count(*) FROM pg_locks WHERE NOT granted') }), $name // 'it is waited for');
	$release->("$changes; COMMIT");
	return read_answer($connector);
}

1;
