-- +goose Up

-- Each group commit is one batch, chained to the batch before it of the same
-- writer. The ledger's log seals the head of every chain.
CREATE TABLE batches (
    writer   TEXT NOT NULL,
    seq      BIGINT NOT NULL CHECK (seq >= 1),
    at       TEXT NOT NULL,
    size     BIGINT NOT NULL CHECK (size >= 1),
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL,
    PRIMARY KEY (writer, seq)
);

CREATE TABLE decisions (
    id            TEXT PRIMARY KEY,
    writer        TEXT NOT NULL,
    batch         BIGINT NOT NULL,
    line          BIGINT NOT NULL,
    at            TEXT NOT NULL,
    client_id     TEXT NOT NULL,
    system_id     TEXT NOT NULL,
    person_id     TEXT NOT NULL,
    contract_id   TEXT NOT NULL,
    asset_id      TEXT NOT NULL,
    action        TEXT NOT NULL,
    purpose       TEXT NOT NULL,
    allowed       BOOLEAN NOT NULL,
    primary_code  TEXT NOT NULL,
    revision      BIGINT NOT NULL,
    record        TEXT NOT NULL,
    UNIQUE (writer, batch, line)
);

-- When each right last allowed, to the day.
CREATE TABLE right_uses (
    right_id  TEXT PRIMARY KEY,
    person_id TEXT NOT NULL,
    at        TEXT NOT NULL,
    noted_at  TEXT NOT NULL
);

CREATE INDEX right_uses_by_noting ON right_uses (noted_at);

-- Nonces that systems have used, until no question of that time is answered any
-- more.
CREATE TABLE nonces (
    system_id TEXT NOT NULL,
    nonce     TEXT NOT NULL,
    at        TEXT NOT NULL,
    PRIMARY KEY (system_id, nonce)
);

CREATE INDEX nonces_by_time ON nonces (at);

-- Of a batch whose records were destroyed when their time was over: the hash of
-- each of them, in order, so that the chain still verifies.
CREATE TABLE destroyed (
    writer TEXT NOT NULL,
    batch  BIGINT NOT NULL CHECK (batch >= 1),
    hashes TEXT NOT NULL,
    PRIMARY KEY (writer, batch)
);

CREATE INDEX decisions_by_time ON decisions (at);
CREATE INDEX decisions_by_person ON decisions (person_id, at);
