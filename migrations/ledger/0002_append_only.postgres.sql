-- +goose Up

-- The ledger is only ever added to. These triggers stop accidents; what stops
-- an intruder is the signed log.

-- +goose StatementBegin
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
-- +goose StatementEnd

CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE ON entries FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER tree_hashes_stay BEFORE UPDATE OR DELETE ON tree_hashes FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER rosters_stay BEFORE UPDATE OR DELETE ON rosters FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER pledges_remain BEFORE DELETE ON pledges FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER images_stay BEFORE UPDATE ON images FOR EACH ROW EXECUTE FUNCTION append_only();
