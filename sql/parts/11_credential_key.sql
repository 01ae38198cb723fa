-- Which credentials are sealed for a key: what a rotation goes through, and what keeps a key from being forgotten.
CREATE INDEX credential_key ON rivergen_catalog.credential (key_id, organization_id, data_source_id);
