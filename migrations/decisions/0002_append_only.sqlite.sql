-- +goose Up

-- +goose StatementBegin
CREATE TRIGGER batches_stay BEFORE UPDATE ON batches
BEGIN SELECT RAISE(ABORT, 'batches are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER decisions_stay BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER destroyed_stay BEFORE UPDATE ON destroyed
BEGIN SELECT RAISE(ABORT, 'destroyed are append-only'); END;
-- +goose StatementEnd
