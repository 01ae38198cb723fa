# Foreign servers over HTTP: only those of the role that an operator has named for the organization.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Rivergen;
use Test::More;
use Web;

my $server = start_web();
sql($server, <<'EOT');
CREATE EXTENSION postgres_fdw;
CREATE ROLE keeper;
CREATE SERVER crm FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'db.example.com', dbname 'shop', fetch_size '10');
CREATE SERVER others FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'db.example.com', dbname 'others');
GRANT USAGE ON FOREIGN SERVER crm TO keeper;
CREATE USER MAPPING FOR keeper SERVER crm OPTIONS (user 'reader', password 'canary-secret');
CREATE USER MAPPING FOR PUBLIC SERVER others OPTIONS (user 'reader', password 'canary-secret');
EOT
my $servers = '/api/v1/foreign-servers';
my $create = '/api/v1/data-sources/from-foreign-server';
my %crm = (body => { server_name => 'crm' });

refused(as('boss', GET => $servers), 403, 'FORBIDDEN', 'the list without a role for the organization');
refused(as('boss', POST => $create, %crm), 403, 'FORBIDDEN', 'a source without it', message => qr/no role of its own/);
sql($server, "SELECT rivergen.organization_set_attachment_role(1, 'keeper')");
my $listed = succeeded(as('ada', GET => $servers), 200, 'the list');
is(join(' ', map { "$_->{server_name} $_->{port}" } @$listed), 'crm 5432', 'of the role\'s servers');
refused(as('vic', GET => $servers), 403, 'FORBIDDEN', 'a viewer lists');
refused(as('vic', POST => $create, %crm), 403, 'FORBIDDEN', 'a viewer creates');
refused(as('eve', GET => $servers), 403, 'FORBIDDEN', 'an organization without a role');
refused(as('eve', POST => $create, %crm), 403, 'FORBIDDEN', 'creates for it');
refused(as(undef, GET => $servers), 401, 'UNAUTHORIZED', 'no token');
refused(
	as('ada', POST => $create, body => { server_name => 'others' }), 404, 'NOT_FOUND',
	'a server that the role may not use');
refused(as('ada', POST => $create, body => {}), 400, 'BAD_REQUEST', 'no name');
my $answer = as('ada', POST => $create, body => { server_name => 'crm', name => 'CRM' });
my $made = succeeded($answer, 201, 'a source');
is($answer->{headers}{location}, "/api/v1/data-sources/$made->{id}", 'Location is its path');
is_deeply([ @$made{qw(name database_name)} ], [ 'CRM', 'shop' ], 'with the name that was given');
is_deeply($made->{options_left_out}, ['fetch_size'], 'and what was left out');
unlike($answer->{text}, qr/canary/, 'without the secret');
refused(
	as('ada', POST => $create, body => { server_name => 'crm', name => 'CRM' }), 409, 'CONFLICT',
	'the name is taken');
clean_server($server);
done_testing();
