-- +goose Up

-- The ledger is only ever added to. These triggers stop accidents; what stops
-- an intruder is the signed log. What is sealed is sealed anew when its key changes; that it still says the same is
-- what the log answers for.

-- +goose StatementBegin
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
-- +goose StatementEnd

CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE ON entries FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER tree_hashes_stay BEFORE UPDATE OR DELETE ON tree_hashes FOR EACH ROW EXECUTE FUNCTION append_only();
-- What a version says may be destroyed, with its hashes, when its time is over.
CREATE TRIGGER rosters_stay BEFORE UPDATE OF contract_id, version, cut_at, change_id, hash, previous_hash, checkpoint, members, added, removed, changed, faults ON rosters FOR EACH ROW
    WHEN (NEW.document <> '' OR NEW.contract_id <> OLD.contract_id OR NEW.version <> OLD.version OR NEW.cut_at <> OLD.cut_at OR NEW.change_id <> OLD.change_id OR NEW.checkpoint <> OLD.checkpoint OR NEW.members <> OLD.members OR NEW.added <> OLD.added OR NEW.removed <> OLD.removed OR NEW.changed <> OLD.changed OR NEW.faults <> OLD.faults) EXECUTE FUNCTION append_only();
CREATE TRIGGER rosters_remain BEFORE DELETE ON rosters FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER pledges_remain BEFORE DELETE ON pledges FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER images_stay BEFORE UPDATE OF of_table, of_key, seq, salt ON images FOR EACH ROW EXECUTE FUNCTION append_only();
