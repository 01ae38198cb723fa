-- The examples of the specification's pages, word for word where they are JSON. Two are corrected: the answer of the update
-- page lacks some of the fields; the page of the table descriptions has types in the place of values and lacks a comma.
CREATE OR REPLACE VIEW rivergen_catalog.openapi_example AS
	SELECT row_number() OVER () AS position, e.*
	FROM (VALUES
	('createDataSource', 'request', 'every_field', 'Every field', '{
"workspace_id": 1,
"name": "Production PostgreSQL",
"type": "postgresql",
"description": "Main production database",
"host": "db.example.com",
"port": 5432,
"database_name": "production",
"schema_name": "public",
"connection_string": null,
"file_path": null,
"use_ssh_tunnel": false,
"ssh_host": null,
"ssh_port": 22,
"ssh_username": null,
"ssh_local_port": null,
"connection_pool_size": 5,
"connection_timeout": 30,
"query_timeout": 300,
"max_retries": 3,
"schema_auto_refresh": true,
"schema_refresh_interval": 3600,
"credentials": {
"username": "dbuser",
"password": "securepassword",
"api_key": null,
"oauth_token": null,
"ssh_private_key": null,
"ssh_passphrase": null,
"warehouse": null,
"role": null
},
"metadata": {},
"tags": ["production", "database"]
}'::json),
	('createDataSource', 'request', 'what_is_needed', 'What a database needs', '{
"name": "Production PostgreSQL",
"type": "postgresql",
"host": "db.example.com",
"port": 5432,
"database_name": "production",
"credentials": {
"username": "dbuser",
"password": "securepassword"
}
}'),
	('createDataSource', 'answer', 'created', 'A new data source', '{
"success": true,
"data": {
"id": 1,
"organization_id": 1,
"workspace_id": 1,
"name": "Production PostgreSQL",
"type": "postgresql",
"description": "Main production database",
"host": "db.example.com",
"port": 5432,
"database_name": "production",
"schema_name": "public",
"file_path": null,
"use_ssh_tunnel": false,
"ssh_host": null,
"ssh_port": null,
"ssh_username": null,
"ssh_key_id": null,
"ssh_local_port": null,
"connection_pool_size": 5,
"connection_timeout": 30,
"query_timeout": 300,
"max_retries": 3,
"status": "inactive",
"last_tested_at": null,
"last_successful_connection_at": null,
"last_failed_connection_at": null,
"failure_count": 0,
"failure_reason": null,
"schema_discovered_at": null,
"schema_auto_refresh": true,
"schema_refresh_interval": 3600,
"metadata": {},
"tags": ["production", "database"],
"created_by_user_id": 1,
"created_at": "2024-12-01T08:00:00Z",
"updated_at": "2024-12-01T08:00:00Z",
"updated_by_user_id": null
},
"message": "Data source created successfully"
}'),
	('updateDataSource', 'request', 'several_fields', 'Several fields', '{
"name": "Updated PostgreSQL",
"description": "Updated description",
"host": "newhost.example.com",
"port": 5433,
"connection_pool_size": 10,
"connection_timeout": 60,
"tags": ["updated", "production"]
}'),
	('updateDataSource', 'request', 'two_fields', 'Two fields', '{
"name": "Updated PostgreSQL",
"connection_pool_size": 10
}'),
	('updateDataSource', 'answer', 'updated', 'The data source as it is now', '{
"success": true,
"data": {
"id": 1,
"organization_id": 1,
"workspace_id": 1,
"name": "Updated PostgreSQL",
"type": "postgresql",
"description": "Updated description",
"host": "newhost.example.com",
"port": 5433,
"database_name": "production",
"schema_name": "public",
"file_path": null,
"use_ssh_tunnel": false,
"ssh_host": null,
"ssh_port": null,
"ssh_username": null,
"ssh_key_id": null,
"ssh_local_port": null,
"connection_pool_size": 10,
"connection_timeout": 60,
"query_timeout": 300,
"max_retries": 3,
"status": "active",
"last_tested_at": "2024-12-01T10:00:00Z",
"last_successful_connection_at": "2024-12-01T10:00:00Z",
"last_failed_connection_at": null,
"failure_count": 0,
"failure_reason": null,
"schema_discovered_at": "2024-12-01T09:00:00Z",
"schema_auto_refresh": true,
"schema_refresh_interval": 3600,
"metadata": {},
"tags": ["updated", "production"],
"created_by_user_id": 1,
"created_at": "2024-12-01T08:00:00Z",
"updated_at": "2024-12-01T11:00:00Z",
"updated_by_user_id": 1
},
"message": "Data source updated successfully"
}'),
	('listDataSources', 'answer', 'first_page', 'A page', '{
"success": true,
"data": {
"items": [
{
"id": 1,
"organization_id": 1,
"workspace_id": 1,
"name": "Production PostgreSQL",
"type": "postgresql",
"description": "Main production database",
"host": "db.example.com",
"port": 5432,
"database_name": "production",
"schema_name": "public",
"file_path": null,
"use_ssh_tunnel": false,
"ssh_host": null,
"ssh_port": null,
"status": "active",
"last_tested_at": "2024-12-01T10:00:00Z",
"last_successful_connection_at": "2024-12-01T10:00:00Z",
"schema_discovered_at": "2024-12-01T09:00:00Z",
"schema_auto_refresh": true,
"tags": ["production", "database"],
"created_at": "2024-12-01T08:00:00Z",
"updated_at": "2024-12-01T10:00:00Z"
}
],
"pagination": {
"page": 1,
"page_size": 20,
"total_items": 15,
"total_pages": 1,
"has_next": false,
"has_previous": false
}
},
"message": "Data sources retrieved successfully"
}'),
	('discoverSchema', 'answer', 'discovered', 'Two schemas', '{
"success": true,
"data": {
"data_source_id": 1,
"schemas_discovered": [
{
"schema_name": "public",
"tables_count": 25,
"views_count": 5
},
{
"schema_name": "analytics",
"tables_count": 10,
"views_count": 2
}
],
"total_tables": 35,
"total_columns": 450,
"discovered_at": "2024-12-01T11:00:00Z",
"discovery_duration_ms": 5234
},
"message": "Schema discovery completed"
}'),
	('refreshTableDescriptions', 'request', 'data_source', 'A data source', '{
"db_connection_id": "1"
}'),
	('refreshTableDescriptions', 'answer', 'refreshed', 'A table with one column', '[{
"id": "string",
"db_connection_id": "string",
"table_name": "string",
"description": "string",
"table_schema": "string",
"status": "NOT_SCANNED",
"error_message": "string",
"columns": [
{
"name": "string",
"is_primary_key": false,
"data_type": "str",
"description": "string",
"low_cardinality": false,
"categories": [
"string"
],
"foreign_key": {
"field_name": "string",
"reference_table": "string"
}
}
],
"examples": []
}]')
	) AS e (operation, place, name, summary, value);
