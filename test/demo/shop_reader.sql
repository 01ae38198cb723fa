-- The role with which rivergen reads the sample shop; psql -v password=… gives it another password than README's.
\if :{?password}
\else
\set password shop-password
\endif
CREATE ROLE shop_reader LOGIN PASSWORD :'password';
GRANT USAGE ON SCHEMA catalog, sales, hr, analytics TO shop_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA catalog, sales, hr, analytics TO shop_reader;
