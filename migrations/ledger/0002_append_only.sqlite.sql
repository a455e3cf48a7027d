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
CREATE TRIGGER rosters_stay BEFORE UPDATE OF contract_id, version, cut_at, change_id, hash, previous_hash, checkpoint, members, added, removed, changed, faults ON rosters
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
