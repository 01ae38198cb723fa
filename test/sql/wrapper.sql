-- The foreign data wrapper: its options, and what a foreign table refuses.
CREATE EXTENSION rivergen;
SELECT fdwname, fdwhandler::regproc, fdwvalidator::regproc, fdwacl FROM pg_foreign_data_wrapper WHERE fdwname = 'rivergen';

-- Servers and user mappings have no options: a secret never gets into them.
CREATE SERVER shop FOREIGN DATA WRAPPER rivergen OPTIONS (host 'db.example.com');
CREATE SERVER shop FOREIGN DATA WRAPPER rivergen;
CREATE USER MAPPING FOR CURRENT_USER SERVER shop OPTIONS (user 'reader', password 'shop-password');
ALTER FOREIGN DATA WRAPPER rivergen OPTIONS (ADD debug 'on');

-- Foreign tables.
CREATE FOREIGN TABLE orders (id bigint) SERVER shop;
CREATE FOREIGN TABLE orders (id bigint) SERVER shop OPTIONS (table_name 'orders', fetch_size '100');
CREATE FOREIGN TABLE orders (id bigint) SERVER shop OPTIONS (table_name '');
CREATE FOREIGN TABLE orders (id bigint) SERVER shop OPTIONS (table_name 'orders', on_error 'ignore');
CREATE FOREIGN TABLE orders (id bigint OPTIONS (name 'Id')) SERVER shop OPTIONS (table_name 'orders');
CREATE FOREIGN TABLE orders (id bigint OPTIONS (column_name 'Id', type 'int8'), note text)
	SERVER shop OPTIONS (schema_name '', table_name 'Orders', id '16400', kind 'table', on_error 'null');
ALTER FOREIGN TABLE orders OPTIONS (SET on_error 'fail');
ALTER FOREIGN TABLE orders OPTIONS (DROP table_name);

-- A role without USAGE makes no server.
CREATE ROLE wrapper_guest;
SET ROLE wrapper_guest;
CREATE SERVER mine FOREIGN DATA WRAPPER rivergen;
RESET ROLE;
DROP ROLE wrapper_guest;

-- Nothing is written.
INSERT INTO orders VALUES (1, 'one');
UPDATE orders SET note = 'two';
DELETE FROM orders;
TRUNCATE orders;
DROP SERVER shop CASCADE;
DROP EXTENSION rivergen;
