# The rows of fake-connector, for the operations read and query, and the answers that break the protocol in them. It is
# loaded by the connector and shares its request.
use strict;
use warnings;

use Encode qw(encode_utf8);
use IO::Select;
use JSON::PP;

our ($request, $options, %sent, %behaviour);

# The rows: `values` of the options, or as many as `rows` says, of the columns c1 (a number), c2 …
sub values_of
{
	my ($row) = @_;
	return $options->{values}[ $row - 1 ] if $options->{values};
	return [ $row, map { "c$_ of $row" } 2 .. $options->{columns} // 2 ];
}

sub row_count
{
	return $options->{values} ? scalar @{ $options->{values} } : $options->{rows} // 5;
}

# One value as COPY writes it.
sub copy_value
{
	my ($value) = @_;
	return '\\N' if !defined $value;
	my %letter = ("\b" => 'b', "\f" => 'f', "\n" => 'n', "\r" => 'r', "\t" => 't', "\x0b" => 'v', '\\' => '\\');
	return encode_utf8($value) =~ s/([\b\f\n\r\t\x0b\\])/\\$letter{$1}/gr;
}

sub rows_frame
{
	my ($rows, $bytes, %more) = @_;
	frame('rows', rows => $rows, bytes => length $bytes, %more);
	print $bytes;
	$sent{rows} += $rows;
}

my %compare = (
	'=' => sub { $_[0] == 0 }, '<>' => sub { $_[0] != 0 }, '<' => sub { $_[0] < 0 }, '<=' => sub { $_[0] <= 0 },
	'>' => sub { $_[0] > 0 }, '>=' => sub { $_[0] >= 0 });

sub compares
{
	my ($op, $type, $left, $right) = @_;
	return defined $left && $compare{$op}->($type eq 'text' ? $left cmp $right : $left <=> $right);
}

sub holds
{
	my ($condition, $row) = @_;
	my ($column, $op, $type) = @$condition{qw(column op type)};
	my $value = $row->[ $column =~ s/^c//r - 1 ];
	return !defined $value if $op eq 'is null';
	return defined $value if $op eq 'is not null';
	return grep { compares('=', $type, $value, $_) } @{ $condition->{values} } if $op eq 'in';
	return compares($op, $type, $value, $condition->{value});
}

# The rows that a request of operation read or query asks for. Conditions and a limit are applied if `applies` is set.
sub rows_wanted
{
	my @rows = map { values_of($_) } 1 .. row_count();
	return @rows if !$request->{read};
	my @conditions = $options->{applies} ? @{ $request->{read}{conditions} // [] } : ();
	for my $condition (@conditions)
	{
		@rows = grep { holds($condition, $_) } @rows;
	}
	my $limit = $options->{applies} ? $request->{read}{limit} : undef;
	splice @rows, $limit if defined $limit && $limit < @rows;
	return map {
		my $row = $_;
		[ map { $row->[ s/^c//r - 1 ] } @{ $request->{read}{columns} } ]
	} @rows;
}

sub reading
{
	my @columns = map { { name => "c$_", $_ == 1 ? (type => 'number', pg_type => 'bigint') : (type => 'string') } }
		1 .. $options->{columns} // 2;
	my $conditions = $options->{applies} && $request->{read} ? $request->{read}{conditions} // [] : [];
	frame(
		'reading', applied => [ 0 .. $#$conditions ], limited => $options->{applies} ? JSON::PP::true : JSON::PP::false,
		$request->{query} ? (columns => \@columns) : (), %{ $options->{reading} // {} });
}

# `per_frame` rows stand in a frame; calls back after the first frame.
sub send_rows
{
	my ($half_way, @rows) = @_;
	my $counts_only = $request->{read} && !@{ $request->{read}{columns} };
	while (my @some = splice @rows, 0, $options->{per_frame} // 2)
	{
		rows_frame(
			scalar @some,
			$counts_only ? '' : join '',
			map {
				join("\t", map { copy_value($_) } @$_) . "\n"
			} @some);
		$half_way->() if $half_way;
		undef $half_way;
	}
	$half_way->() if $half_way;
}

sub read_rows
{
	my ($half_way) = @_;
	my @rows = rows_wanted();
	my $limit = $request->{query} && $request->{query}{limit};
	my $truncated = defined $limit && $limit < @rows;
	splice @rows, $limit if $truncated;
	$sent{rows} = 0;
	connected();
	reading();
	return end() if $request->{query} && $request->{query}{check_only};
	send_rows($half_way, @rows);
	end($truncated ? (truncated => JSON::PP::true) : ());
}

# An answer that breaks the protocol, or whose rows are no rows, in what `what` does instead of the rows.
sub instead_of_rows
{
	my ($what) = @_;
	return discover() if !reads();
	$sent{rows} = 0;
	connected();
	$what->();
	end();
}

%behaviour = (
	%behaviour,
	# Rows without end, as fast as they are taken.
	endless_rows => sub {
		instead_of_rows(sub { reading(); rows_frame(100, "1\tx\n" x 100) while 1 });
	},
	# Rows until standard input ends, each after a pause.
	until_eof => sub {
		instead_of_rows(sub {
			reading();
			my $row = 0;
			rows_frame(1, ++$row . "\tx\n") until IO::Select->new(\*STDIN)->can_read(0.05);
			exit 0;
		});
	},
	no_reading => sub {
		instead_of_rows(sub { rows_frame(1, "1\tx\n") });
	},
	reading_twice => sub {
		instead_of_rows(sub { reading(); reading() });
	},
	reading_late => sub {
		instead_of_rows(sub { reading(); rows_frame(1, "1\tx\n"); reading() });
	},
	rows_end_early => sub {
		instead_of_rows(sub { reading(); rows_frame(2, "1\tx\n2\ty\n", bytes => 100); exit 0 });
	},
	rows_are_longer => sub {
		instead_of_rows(sub { reading(); rows_frame(2, "1\tx\n2\ty\n", bytes => 4) });
	},
	rows_are_fewer => sub {
		instead_of_rows(sub { reading(); rows_frame(3, "1\tx\n2\ty\n") });
	},
	rows_are_more => sub {
		instead_of_rows(sub { reading(); rows_frame(1, "1\tx\n2\ty\n") });
	},
	rows_are_cut => sub {
		instead_of_rows(sub { reading(); rows_frame(2, "1\tx\n2\ty") });
	},
	# The text of the options, byte for byte, as one row.
	one_row => sub {
		instead_of_rows(sub { reading(); rows_frame(1, encode_utf8($options->{row})) });
	},
	# The bytes of the options, in hexadecimal, as one row.
	one_row_of_bytes => sub {
		instead_of_rows(sub { reading(); rows_frame(1, pack 'H*', $options->{row}) });
	},
	rows_without_bytes => sub {
		instead_of_rows(sub { reading(); rows_frame(3, '') });
	},
	no_rows_in_frame => sub {
		instead_of_rows(sub { reading(); rows_frame(0, '') });
	},
	rows_unasked => sub {
		discover(sub { rows_frame(1, "1\tx\n") });
	},
	too_many_at_once => sub {
		instead_of_rows(sub { reading(); rows_frame(20_000, "1\txyz\n" x 20_000) });
	},
	one_long_row => sub {
		instead_of_rows(sub { reading(); rows_frame(1, "1\t" . 'x' x $options->{length} . "\n") });
	},
	rows_in_end_differ => sub {
		instead_of_rows(sub { reading(); rows_frame(1, "1\tx\n"); $sent{rows}++ });
	},
	no_rows_in_end => sub {
		instead_of_rows(sub { reading(); rows_frame(1, "1\tx\n"); delete $sent{rows} });
	});

1;
