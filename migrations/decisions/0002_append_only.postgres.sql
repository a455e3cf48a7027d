-- +goose Up

-- +goose StatementBegin
CREATE FUNCTION decisions_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
-- +goose StatementEnd

CREATE TRIGGER batches_stay BEFORE UPDATE ON batches FOR EACH ROW EXECUTE FUNCTION decisions_stay();
CREATE TRIGGER destroyed_stay BEFORE UPDATE ON destroyed FOR EACH ROW EXECUTE FUNCTION decisions_stay();
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions FOR EACH ROW EXECUTE FUNCTION decisions_stay();
