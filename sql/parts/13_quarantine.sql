-- A source at which connectors or workers crash again and again is left alone until a person acts.
ALTER TABLE rivergen_catalog.data_source_state
	ADD COLUMN crashes integer NOT NULL DEFAULT 0,
	ADD COLUMN quarantined_at timestamptz;
COMMENT ON COLUMN rivergen_catalog.data_source_state.crashes IS 'Crashes of connectors and workers since the last discovery that succeeded, or since people changed the source.';
COMMENT ON COLUMN rivergen_catalog.data_source_state.quarantined_at IS 'Since when nothing is done with the source by itself, because of too many crashes; null when it is not so.';

-- Few rows ever: what stats() counts.
CREATE INDEX data_source_quarantined ON rivergen_catalog.data_source_state (organization_id, data_source_id)
	WHERE quarantined_at IS NOT NULL;
