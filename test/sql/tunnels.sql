-- Tunnels: metadata.ssh, the host key that was seen, forgetting it, and what a tunnel needs.
CREATE EXTENSION rivergen;
INSERT INTO rivergen_catalog.sealing_key (key_id, public_key)
	VALUES (1, '\xde9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
SELECT rivergen.organization_create('Acme') AS acme, rivergen.user_create('operator', session_user::text) AS operator;
SELECT rivergen.membership_add(1, 1, 'admin');
\set VERBOSITY terse
\set ed25519 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIQzIU5RBgepb7E7pZLs2MXLLxjH7MAIjcWEStBE7zri'
\set rsa 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC+C3K0TUyDa2qJCOIEf+UkzLNM1HIwD0m3jTuY7Jg+vImuCYS9hzMJ/4WIxmgDrYtHSKePCNrpe290CbA4EA39seKpSXncDsSwXZOVgj9Qs1RTki8cFTzX5Smy4zwLwejSBD+GQlxDUHcdyRlVlOuWqvA2YguQ0X6+BehV4QKLUtaPDURwh0ICAdr+L4wzX7fUqULu+tyCzCI1a1Lh0+SKJ4lqpsrVoJTyTSwU7fXK4IIkrvh1azjRjhkPuvjJKlMxtb8k/xgE4aJDkHVlpCp49acx+3vajVPAv0IP4jn3CRm3LVou6116SiE4/TA7Nw3LDZf35qHcHdF9Z2grxZ7r'
\set fingerprint 'SHA256:7dx7W1/C3xHL3XIPixVU5lAURuc7/6MYaJdg+kaStlQ'

CREATE FUNCTION pg_temp.create(name text, ssh jsonb, more jsonb DEFAULT '{}') RETURNS jsonb
	RETURN rivergen.data_source_create(jsonb_build_object('name', name, 'type', 'postgresql', 'host', 'db.internal', 'port', 5432,
		'database_name', 'shop', 'schema_auto_refresh', false, 'use_ssh_tunnel', true, 'ssh_host', 'bastion.example.com',
		'ssh_username', 'u', 'credentials', '{}'::jsonb, 'metadata', jsonb_build_object('ssh', ssh)) || more);

-- What host_key may be.
SELECT pg_temp.create(k.name, jsonb_build_object('host_key', k.key)) #> '{data,metadata,ssh}' = jsonb_build_object('host_key', k.key) AS kept, k.name
	FROM (VALUES ('public key', to_jsonb(:'ed25519' || ' a comment')), ('known_hosts', to_jsonb('[bastion.example.com]:2222,192.0.2.7 ' || :'rsa')),
		('hashed', to_jsonb('|1|abc=|def= ' || :'ed25519')), ('fingerprint', to_jsonb(:'fingerprint'::text)),
		('padded', to_jsonb(:'fingerprint' || '=')), ('of ssh-keygen', to_jsonb('256 ' || :'fingerprint' || ' root@bastion (ED25519)')),
		('lines', to_jsonb(E'# bastion\r\n\r\n' || :'ed25519' || E'\r\n' || :'fingerprint' || E'\n')),
		('array', jsonb_build_array(:'ed25519'::text, :'rsa'::text)), ('null', 'null')) k (name, key);

-- And what it may not be.
\set VERBOSITY default
SELECT pg_temp.create('f', '{"host_key": 7}');
SELECT pg_temp.create('f', '{"host_key": ["x", 7]}');
SELECT pg_temp.create('f', '{"host_key": ""}');
SELECT pg_temp.create('f', '{"host_key": "bastion.example.com"}');
SELECT pg_temp.create('f', '{"host_key": "ssh-ed25519 AAAA"}');
SELECT pg_temp.create('f', jsonb_build_object('host_key', replace(:'ed25519', 'ssh-ed25519', 'ssh-rsa')));
SELECT pg_temp.create('f', jsonb_build_object('host_key', '@cert-authority * ' || :'ed25519'));
SELECT pg_temp.create('f', jsonb_build_object('host_key', :'fingerprint' || E'\nSHA256:short'));
SELECT pg_temp.create('f', '{"host_key": "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48"}');
SELECT pg_temp.create('f', jsonb_build_object('host_key', (SELECT jsonb_agg(:'fingerprint'::text) FROM generate_series(1, 17))));
SELECT pg_temp.create('f', '{"hostkey": "x"}');
SELECT pg_temp.create('f', '"x"');

-- A tunnel leads to one host.
SELECT pg_temp.create('f', '{}', '{"type": "mongodb", "host": "a:1,b:2", "port": null}');
\set VERBOSITY terse

-- The key that was seen is shown, and is sent back without an effect.
SELECT pg_temp.create('seen', '{}', '{"ssh_port": 2222, "metadata": {"team": "x"}}') #>> '{data,id}' AS id \gset
UPDATE rivergen_catalog.data_source_state SET ssh_host_key = '[bastion.example.com]:2222 ' || :'ed25519' || ' ' || :'fingerprint'
	WHERE data_source_id = :id;
SELECT rivergen.data_source_get(:id) #> '{data,metadata}' AS shown;
SELECT metadata AS in_the_view FROM rivergen.data_sources WHERE id = :id;
SELECT rivergen.data_source_update(:id, jsonb_build_object('metadata', rivergen.data_source_get(:id) #> '{data,metadata}')) ->> 'message' AS sent_back;
SELECT metadata AS stored FROM rivergen_catalog.data_source WHERE data_source_id = :id;
SELECT rivergen.data_source_update(:id, jsonb_build_object('metadata', jsonb_build_object('ssh', jsonb_build_object('host_key_seen', 'x', 'host_key', :'fingerprint'::text))))
	#>> '{data,metadata,ssh,host_key}' = :'fingerprint' AS demanded;
SELECT metadata = jsonb_build_object('ssh', jsonb_build_object('host_key', :'fingerprint'::text)) AS stored
	FROM rivergen_catalog.data_source WHERE data_source_id = :id;

-- The key of another place is not shown.
SELECT rivergen.data_source_update(:id, '{"ssh_port": 22}') #> '{data,metadata,ssh,host_key_seen}' AS elsewhere;
SELECT rivergen.data_source_update(:id, '{"ssh_port": 2222}') #> '{data,metadata,ssh}' ? 'host_key_seen' AS back;

-- An admin forgets it; the audit trail keeps it.
CREATE ROLE regress_rivergen_tunnel LOGIN;
SELECT rivergen.user_create(role_name => 'regress_rivergen_tunnel') AS editor \gset
SELECT rivergen.membership_add(1, :editor, 'editor'), rivergen.grant_access('regress_rivergen_tunnel');
SET SESSION AUTHORIZATION regress_rivergen_tunnel;
SELECT rivergen.data_source_forget_host_key(:id);
RESET SESSION AUTHORIZATION;
SELECT rivergen.data_source_forget_host_key(987654321);
SELECT rivergen.data_source_forget_host_key(NULL);
SELECT rivergen.data_source_forget_host_key(:id) #> '{data,metadata,ssh}' ? 'host_key_seen' AS seen;
SELECT action, detail ->> 'host_key' = '[bastion.example.com]:2222 ' || :'ed25519' || ' ' || :'fingerprint' AS the_key
	FROM rivergen_catalog.audit ORDER BY audit_id DESC LIMIT 1;
SELECT rivergen.data_source_forget_host_key(:id);
DROP FUNCTION pg_temp.create(text, jsonb, jsonb);
DROP OWNED BY regress_rivergen_tunnel;
DROP ROLE regress_rivergen_tunnel;
DROP EXTENSION rivergen;
