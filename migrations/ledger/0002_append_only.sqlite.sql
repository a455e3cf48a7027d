-- +goose Up

-- The ledger is only ever added to. These triggers stop accidents; what stops
-- an intruder is the signed log. What is sealed is sealed anew when its key changes; that it still says the same is
-- what the log answers for.

-- +goose StatementBegin
CREATE TRIGGER entries_stay BEFORE UPDATE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER entries_remain BEFORE DELETE ON entries
BEGIN SELECT RAISE(ABORT, 'entries are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tree_hashes_stay BEFORE UPDATE ON tree_hashes
BEGIN SELECT RAISE(ABORT, 'tree_hashes are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tree_hashes_remain BEFORE DELETE ON tree_hashes
BEGIN SELECT RAISE(ABORT, 'tree_hashes are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
-- What a version says may be destroyed, with its hashes, when its time is over.
CREATE TRIGGER rosters_stay BEFORE UPDATE OF contract_id, version, cut_at, change_id, hash, previous_hash, checkpoint, members, added, removed, changed, faults ON rosters
WHEN NEW.document <> '' OR NEW.contract_id <> OLD.contract_id OR NEW.version <> OLD.version OR NEW.cut_at <> OLD.cut_at OR NEW.change_id <> OLD.change_id OR NEW.checkpoint <> OLD.checkpoint OR NEW.members <> OLD.members OR NEW.added <> OLD.added OR NEW.removed <> OLD.removed OR NEW.changed <> OLD.changed OR NEW.faults <> OLD.faults
BEGIN SELECT RAISE(ABORT, 'rosters are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER rosters_remain BEFORE DELETE ON rosters
BEGIN SELECT RAISE(ABORT, 'rosters are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER pledges_remain BEFORE DELETE ON pledges
BEGIN SELECT RAISE(ABORT, 'pledges are kept'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER images_stay BEFORE UPDATE OF of_table, of_key, seq, salt ON images
BEGIN SELECT RAISE(ABORT, 'images are append-only'); END;
-- +goose StatementEnd
