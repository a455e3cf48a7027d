-- +goose Up

-- One row: which history this is, and how many changes it has seen. Every
-- change to anything that a decision reads raises rev in its own transaction.
CREATE TABLE meta (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    epoch TEXT NOT NULL,
    rev   BIGINT NOT NULL CHECK (rev >= 0)
);

-- The keys under which columns that speak of people, and documents, are sealed;
-- themselves sealed under the data key, which is kept elsewhere.
CREATE TABLE data_keys (
    id     BIGINT PRIMARY KEY CHECK (id = 1),
    keyset TEXT NOT NULL
);

-- The log: records as canonical JSON, the stored hashes of their Merkle tree,
-- and the newest signed head.
CREATE TABLE entries (
    seq    BIGINT PRIMARY KEY CHECK (seq >= 0),
    at     TEXT NOT NULL,
    record TEXT NOT NULL
);

CREATE INDEX entries_by_time ON entries (at);

CREATE TABLE tree_hashes (
    place BIGINT PRIMARY KEY CHECK (place >= 0),
    hash  BYTEA NOT NULL
);

CREATE TABLE heads (
    id   BIGINT PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL CHECK (size >= 0),
    note TEXT NOT NULL
);

-- Every row as each entry wrote it, with the salt of its commitment: so the past
-- can be read, and verified. An image can be destroyed together with its salt;
-- the log then still verifies, and says nothing about the row.
CREATE TABLE images (
    of_table TEXT NOT NULL,
    of_key   TEXT NOT NULL,
    seq      BIGINT NOT NULL,
    salt     TEXT NOT NULL,
    image    TEXT NOT NULL,
    PRIMARY KEY (of_table, of_key, seq)
);

CREATE INDEX images_of_entry ON images (seq);

-- What each write answered, by caller and idempotency key.
CREATE TABLE requests (
    client_id TEXT NOT NULL,
    request   TEXT NOT NULL,
    act       TEXT NOT NULL,
    digest    TEXT NOT NULL,
    answer    TEXT NOT NULL,
    at        TEXT NOT NULL,
    PRIMARY KEY (client_id, request)
);

-- Master data.

CREATE TABLE organizations (
    id               TEXT PRIMARY KEY,
    kind             TEXT NOT NULL CHECK (kind IN ('city', 'contractor')),
    name             TEXT NOT NULL,
    corporate_number TEXT NOT NULL,
    seat             TEXT NOT NULL,
    directory_base   TEXT NOT NULL,
    notice_to        TEXT NOT NULL,
    directory_names  TEXT NOT NULL,
    mail_domains     TEXT NOT NULL
);

CREATE UNIQUE INDEX one_city ON organizations (kind) WHERE kind = 'city';

CREATE TABLE assets (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    importance BIGINT NOT NULL CHECK (importance BETWEEN 0 AND 4),
    my_number  BOOLEAN NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('active', 'locked', 'returned', 'disposed')),
    members    TEXT NOT NULL,
    purposes   TEXT NOT NULL,
    prohibited TEXT NOT NULL,
    provisos   TEXT NOT NULL
);

CREATE TABLE purposes (
    code       TEXT PRIMARY KEY,
    label      TEXT NOT NULL,
    law        TEXT NOT NULL,
    starts     TEXT,
    ends       TEXT,
    actions    TEXT NOT NULL,
    case_ref   BOOLEAN NOT NULL,
    case_forms TEXT NOT NULL
);

CREATE TABLE contracts (
    id                TEXT PRIMARY KEY,
    name              TEXT NOT NULL,
    department        TEXT NOT NULL,
    prime_id          TEXT NOT NULL REFERENCES organizations (id),
    starts            TEXT NOT NULL,
    ends              TEXT NOT NULL,
    state             TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'terminated')),
    terminated_at     TEXT CHECK (state <> 'terminated' OR terminated_at IS NOT NULL),
    ack_required      BOOLEAN NOT NULL,
    responsible       TEXT NOT NULL,
    supervisor        TEXT NOT NULL,
    catalog_accepted  TEXT,
    renewal_of        TEXT NOT NULL,
    assets            TEXT NOT NULL,
    purposes          TEXT NOT NULL,
    prohibited        TEXT NOT NULL,
    notice_to         TEXT NOT NULL,
    notice_way        TEXT NOT NULL CHECK (notice_way IN ('', 'mail', 'smime', 'webhook', 'handover')),
    notice_url        TEXT NOT NULL,
    training_required BOOLEAN NOT NULL,
    review_due        TEXT,
    workplaces        TEXT NOT NULL,
    devices           TEXT NOT NULL,
    hours             TEXT NOT NULL,
    rows              BIGINT NOT NULL CHECK (rows >= 0),
    emergency_staff   TEXT NOT NULL,
    provisos          TEXT NOT NULL,
    CHECK (starts <= ends)
);

CREATE TABLE subcontracts (
    id              TEXT PRIMARY KEY,
    contract_id     TEXT NOT NULL REFERENCES contracts (id),
    parent_id       TEXT NOT NULL REFERENCES organizations (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    consent         TEXT NOT NULL,
    depth           BIGINT NOT NULL CHECK (depth >= 1),
    starts          TEXT NOT NULL,
    ends            TEXT NOT NULL,
    pre_named       BOOLEAN NOT NULL,
    started_on      TEXT,
    flow_down_on    TEXT,
    revoked_at      TEXT,
    assets          TEXT NOT NULL,
    actions         TEXT NOT NULL,
    purposes        TEXT NOT NULL,
    CHECK (starts <= ends),
    CHECK (parent_id <> organization_id)
);

CREATE INDEX subcontracts_of_contract ON subcontracts (contract_id);

CREATE TABLE pledge_templates (
    id            TEXT NOT NULL,
    version       BIGINT NOT NULL CHECK (version >= 1),
    variant       TEXT NOT NULL CHECK (variant IN ('general', 'subcontractor', 'dispatched', 'minor')),
    text          TEXT NOT NULL,
    text_hash     TEXT NOT NULL,
    valid_from    TEXT NOT NULL,
    resign        TEXT NOT NULL CHECK (resign IN ('none', 'at_next_contract', 'mandatory')),
    mandatory_for TEXT NOT NULL,
    grace_until   TEXT,
    renewals      BOOLEAN NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE systems (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    scopes      TEXT NOT NULL,
    obligations TEXT NOT NULL,
    answers     TEXT NOT NULL CHECK (answers IN ('none', 'codes', 'full')),
    zones       TEXT NOT NULL,
    on_behalf   BOOLEAN NOT NULL,
    nonces      BOOLEAN NOT NULL,
    aliases     TEXT NOT NULL
);

-- What the city has settled for all contracts, its permits, and accounts of
-- programs. They name people, who are registered later than master data are.

CREATE TABLE parameters (
    id   TEXT PRIMARY KEY,
    city TEXT NOT NULL
);

CREATE TABLE permits (
    id          TEXT PRIMARY KEY,
    contract_id TEXT NOT NULL REFERENCES contracts (id),
    person_id   TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('pending', 'granted', 'refused')),
    approver_id TEXT NOT NULL,
    starts      TEXT NOT NULL,
    ends        TEXT NOT NULL,
    revoked_at  TEXT,
    assets      TEXT NOT NULL,
    actions     TEXT NOT NULL,
    purposes    TEXT NOT NULL,
    recipients  TEXT NOT NULL,
    media       TEXT NOT NULL,
    rows        BIGINT NOT NULL CHECK (rows >= 0),
    uses        BIGINT NOT NULL CHECK (uses >= 0),
    close_out   BOOLEAN NOT NULL,
    obligations TEXT NOT NULL,
    return_due  TEXT,
    returned_at TEXT,
    CHECK (starts <= ends)
);

CREATE TABLE service_accounts (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    owner_id    TEXT NOT NULL,
    contract_id TEXT NOT NULL REFERENCES contracts (id),
    rights      TEXT NOT NULL
);

CREATE TABLE delegations (
    id           TEXT PRIMARY KEY,
    contract_id  TEXT NOT NULL REFERENCES contracts (id),
    person_id    TEXT NOT NULL,
    principal_id TEXT NOT NULL,
    starts       TEXT NOT NULL,
    ends         TEXT NOT NULL,
    revoked_at   TEXT,
    CHECK (starts <= ends),
    CHECK (person_id <> principal_id)
);

CREATE INDEX delegations_of_principal ON delegations (principal_id);

-- Who may call.

CREATE TABLE clients (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    person_id       TEXT NOT NULL,
    system_id       TEXT NOT NULL,
    created_at      TEXT NOT NULL
);

CREATE TABLE grants (
    client_id       TEXT NOT NULL REFERENCES clients (id),
    role            TEXT NOT NULL CHECK (role IN ('submitter', 'approver', 'city_receiver', 'city_approver', 'auditor', 'operator', 'system')),
    organization_id TEXT NOT NULL,
    contract_id     TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    PRIMARY KEY (client_id, role, organization_id, contract_id)
);

CREATE TABLE keys (
    id         TEXT PRIMARY KEY,
    client_id  TEXT NOT NULL REFERENCES clients (id),
    hash       TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
);

CREATE INDEX keys_of_client ON keys (client_id);

-- People and their work. Columns that speak of a person pass the store's codec.

CREATE TABLE people (
    id              TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    login           TEXT NOT NULL,
    login_key       TEXT NOT NULL,
    name            TEXT NOT NULL,
    kana            TEXT NOT NULL,
    latin           TEXT NOT NULL,
    alias           TEXT NOT NULL,
    former_name     TEXT NOT NULL,
    renamed_on      TEXT,
    adult           BOOLEAN NOT NULL,
    created_at      TEXT NOT NULL,
    departed_at     TEXT,
    disposed_at     TEXT
);

-- A login names one person at a time; whoever returns is a new person.
CREATE UNIQUE INDEX people_by_login ON people (login_key) WHERE departed_at IS NULL;

CREATE TABLE accounts (
    person_id      TEXT PRIMARY KEY REFERENCES people (id),
    entry          TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('enabled', 'disabled', 'unknown', 'gone')),
    cause          TEXT NOT NULL,
    until          TEXT,
    changed_at     TEXT NOT NULL,
    base           TEXT NOT NULL,
    employers      TEXT NOT NULL,
    employers_at   TEXT,
    unit           TEXT NOT NULL,
    unit_seen      TEXT NOT NULL,
    transferred_at TEXT,
    doubted_at     TEXT,
    hold_id        TEXT NOT NULL,
    held           TEXT NOT NULL
);

CREATE INDEX accounts_on_hold ON accounts (hold_id) WHERE hold_id <> '';
CREATE INDEX accounts_doubted ON accounts (doubted_at) WHERE doubted_at IS NOT NULL;

-- A directory entry stands for one person at a time, like a login.
CREATE UNIQUE INDEX accounts_by_entry ON accounts (entry) WHERE state <> 'gone';

-- With what people sign pledges of their own; one stays one person's, for ever.
CREATE TABLE passkeys (
    id             TEXT PRIMARY KEY,
    person_id      TEXT NOT NULL REFERENCES people (id),
    credential     TEXT NOT NULL,
    credential_key TEXT NOT NULL,
    public_key     TEXT NOT NULL,
    authenticator  TEXT NOT NULL,
    counter        BIGINT NOT NULL CHECK (counter >= 0),
    entry          TEXT NOT NULL,
    registered_by  TEXT NOT NULL,
    created_at     TEXT NOT NULL,
    used_at        TEXT,
    revoked_at     TEXT,
    revoked_by     TEXT NOT NULL
);

CREATE UNIQUE INDEX passkeys_by_credential ON passkeys (credential_key);
CREATE INDEX passkeys_of_person ON passkeys (person_id);

CREATE TABLE changes (
    id              TEXT PRIMARY KEY,
    submission_id   TEXT NOT NULL,
    contract_id     TEXT NOT NULL REFERENCES contracts (id),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    submitted_by    TEXT NOT NULL,
    submitter_id    TEXT NOT NULL,
    submitted_at    TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('submitted', 'accepted', 'withdrawn', 'rejected')),
    decided_at      TEXT CHECK (state = 'submitted' OR decided_at IS NOT NULL),
    reason          TEXT NOT NULL,
    version         BIGINT NOT NULL
);

CREATE INDEX changes_of_contract ON changes (contract_id, state);

CREATE TABLE change_lines (
    change_id   TEXT NOT NULL REFERENCES changes (id),
    row         BIGINT NOT NULL,
    operation   TEXT NOT NULL CHECK (operation IN ('add', 'change', 'suspend', 'resume', 'remove')),
    contract_id TEXT NOT NULL,
    person_id   TEXT NOT NULL REFERENCES people (id),
    login       TEXT NOT NULL,
    name        TEXT NOT NULL,
    kana        TEXT NOT NULL,
    latin       TEXT NOT NULL,
    alias       TEXT NOT NULL,
    former_name TEXT NOT NULL,
    adult       TEXT NOT NULL,
    employer_id TEXT NOT NULL,
    employment  TEXT NOT NULL,
    asset_id    TEXT NOT NULL,
    action      TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    starts      TEXT,
    ends        TEXT,
    workplace   TEXT NOT NULL,
    task        TEXT NOT NULL,
    reason      TEXT NOT NULL,
    pledge      TEXT NOT NULL,
    returned    TEXT NOT NULL,
    successor   TEXT NOT NULL,
    PRIMARY KEY (change_id, row)
);

CREATE INDEX change_lines_of_person ON change_lines (person_id);

CREATE TABLE approvals (
    change_id       TEXT NOT NULL REFERENCES changes (id),
    organization_id TEXT NOT NULL,
    client_id       TEXT NOT NULL,
    at              TEXT NOT NULL,
    PRIMARY KEY (change_id, organization_id)
);

CREATE TABLE assignments (
    id             TEXT PRIMARY KEY,
    contract_id    TEXT NOT NULL REFERENCES contracts (id),
    person_id      TEXT NOT NULL REFERENCES people (id),
    employer_id    TEXT NOT NULL REFERENCES organizations (id),
    employment     TEXT NOT NULL CHECK (employment IN ('regular', 'fixed_term', 'dispatched', 'subcontracted')),
    task           TEXT NOT NULL,
    workplace      TEXT NOT NULL,
    starts         TEXT NOT NULL,
    ends           TEXT NOT NULL,
    suspended_from TEXT,
    suspended_why  TEXT NOT NULL,
    ended_at       TEXT,
    end_reason     TEXT NOT NULL,
    listed_from    BIGINT NOT NULL,
    change_id      TEXT NOT NULL,
    created_at     TEXT NOT NULL,
    CHECK (starts <= ends)
);

CREATE UNIQUE INDEX one_running_assignment ON assignments (contract_id, person_id) WHERE ended_at IS NULL;
CREATE INDEX assignments_of_person ON assignments (person_id);

CREATE TABLE rights (
    id            TEXT PRIMARY KEY,
    assignment_id TEXT NOT NULL REFERENCES assignments (id),
    contract_id   TEXT NOT NULL REFERENCES contracts (id),
    person_id     TEXT NOT NULL REFERENCES people (id),
    asset_id      TEXT NOT NULL REFERENCES assets (id),
    action        TEXT NOT NULL,
    purpose       TEXT NOT NULL REFERENCES purposes (code),
    starts        TEXT NOT NULL,
    ends          TEXT NOT NULL,
    listed_from   BIGINT NOT NULL,
    listed_until  BIGINT NOT NULL,
    returned_at   TEXT,
    ended_at      TEXT,
    change_id     TEXT NOT NULL,
    created_at    TEXT NOT NULL,
    CHECK (starts <= ends)
);

CREATE INDEX rights_of_contract ON rights (contract_id);
CREATE INDEX rights_of_assignment ON rights (assignment_id);
CREATE INDEX rights_of_person ON rights (person_id);

CREATE TABLE documents (
    id         TEXT PRIMARY KEY,
    hash       TEXT NOT NULL,
    size       BIGINT NOT NULL,
    media_type TEXT NOT NULL,
    key        BYTEA NOT NULL,
    bytes      BYTEA NOT NULL,
    created_at TEXT NOT NULL
);

CREATE TABLE pledges (
    id               TEXT PRIMARY KEY,
    person_id        TEXT NOT NULL REFERENCES people (id),
    contract_id      TEXT NOT NULL REFERENCES contracts (id),
    employer_id      TEXT NOT NULL REFERENCES organizations (id),
    template_id      TEXT NOT NULL,
    template_version BIGINT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('requested', 'pending', 'valid', 'rejected', 'superseded', 'disposed')),
    way              TEXT NOT NULL CHECK (way IN ('', 'directory', 'paper', 'certificate', 'passkey')),
    covers           TEXT NOT NULL CHECK (covers IN ('contract', 'renewals')),
    guardian_consent BOOLEAN NOT NULL,
    text             TEXT NOT NULL,
    text_hash        TEXT NOT NULL,
    form_id          TEXT NOT NULL,
    document_id      TEXT NOT NULL,
    papers           TEXT NOT NULL,
    reason           TEXT NOT NULL,
    requested_at     TEXT NOT NULL,
    signed_on        TEXT,
    valid_from       TEXT CHECK (state <> 'valid' OR valid_from IS NOT NULL),
    recorded_by      TEXT NOT NULL,
    recorder_id      TEXT NOT NULL,
    verified_by      TEXT NOT NULL,
    evidence         TEXT NOT NULL,
    closed_at        TEXT,
    FOREIGN KEY (template_id, template_version) REFERENCES pledge_templates (id, version)
);

CREATE UNIQUE INDEX one_valid_pledge ON pledges (person_id, contract_id, employer_id) WHERE state = 'valid';
CREATE INDEX pledges_of_contract ON pledges (contract_id);
CREATE INDEX pledges_of_person ON pledges (person_id);

CREATE TABLE sealed_papers (
    of_table    TEXT NOT NULL CHECK (of_table IN ('pledges', 'rosters')),
    of_key      TEXT NOT NULL,
    form        TEXT NOT NULL CHECK (form IN ('pdf', 'change')),
    reader_id   TEXT NOT NULL,
    document_id TEXT NOT NULL REFERENCES documents (id),
    hash        TEXT NOT NULL,
    signer      TEXT NOT NULL,
    stamped     BOOLEAN NOT NULL,
    code        TEXT NOT NULL,
    sealed_at   TEXT NOT NULL,
    PRIMARY KEY (of_table, of_key, form, reader_id)
);

-- What the city is told, and what it answered.

CREATE TABLE rosters (
    contract_id   TEXT NOT NULL REFERENCES contracts (id),
    version       BIGINT NOT NULL CHECK (version >= 1),
    cut_at        TEXT NOT NULL,
    change_id     TEXT NOT NULL,
    document      TEXT NOT NULL,
    hash          TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    checkpoint    TEXT NOT NULL,
    members       BIGINT NOT NULL,
    added         BIGINT NOT NULL,
    removed       BIGINT NOT NULL,
    changed       BIGINT NOT NULL,
    faults        BIGINT NOT NULL,
    PRIMARY KEY (contract_id, version)
);

CREATE TABLE notices (
    id              TEXT PRIMARY KEY,
    contract_id     TEXT NOT NULL REFERENCES contracts (id),
    number          BIGINT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('roster', 'returned', 'acknowledged', 'departed', 'disabled', 'overdue', 'untold', 'held', 'elsewhere', 'pledges')),
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    version         BIGINT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'notified', 'failed', 'bounced', 'superseded')),
    way             TEXT NOT NULL CHECK (way IN ('', 'mail', 'smime', 'webhook', 'handover')),
    attempts        BIGINT NOT NULL,
    next_at         TEXT,
    lease_until     TEXT,
    message_id      TEXT NOT NULL,
    notified_at     TEXT CHECK (state <> 'notified' OR notified_at IS NOT NULL),
    last_code       TEXT NOT NULL,
    possibly_twice  BOOLEAN NOT NULL,
    receipts        TEXT NOT NULL,
    answer          TEXT NOT NULL CHECK (answer IN ('', 'acknowledged', 'returned')),
    answered_at     TEXT CHECK (answer = '' OR answered_at IS NOT NULL),
    due_on          TEXT,
    overdue_at      TEXT,
    created_at      TEXT NOT NULL,
    UNIQUE (contract_id, organization_id, number)
);

CREATE INDEX notices_due ON notices (due_on) WHERE overdue_at IS NULL;
CREATE INDEX notices_open ON notices (state) WHERE state IN ('queued', 'sending');

CREATE TABLE acknowledgements (
    id          TEXT PRIMARY KEY,
    contract_id TEXT NOT NULL,
    version     BIGINT NOT NULL,
    verdict     TEXT NOT NULL CHECK (verdict IN ('acknowledged', 'returned')),
    person_id   TEXT NOT NULL,
    reason      TEXT NOT NULL,
    client_id   TEXT NOT NULL,
    at          TEXT NOT NULL,
    FOREIGN KEY (contract_id, version) REFERENCES rosters (contract_id, version)
);

CREATE INDEX acknowledgements_of_contract ON acknowledgements (contract_id);

-- What stops work at once, what people were told, and what was used up.

CREATE TABLE holds (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('incident', 'legal', 'shared')),
    person_id   TEXT NOT NULL,
    contract_id TEXT NOT NULL,
    asset_id    TEXT NOT NULL,
    reference   TEXT NOT NULL,
    opened_at   TEXT NOT NULL,
    opened_by   TEXT NOT NULL,
    lifted_at   TEXT,
    lifted_by   TEXT NOT NULL,
    CHECK (person_id <> '' OR contract_id <> '' OR asset_id <> '')
);

-- What two people of the city's agree to destroy, because it need not be kept.
CREATE TABLE disposals (
    id          TEXT PRIMARY KEY,
    contract_id TEXT NOT NULL REFERENCES contracts (id),
    kept_until  TEXT NOT NULL,
    pledges     TEXT NOT NULL,
    papers      BIGINT NOT NULL CHECK (papers >= 0),
    people      TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'rejected')),
    proposed_by TEXT NOT NULL,
    proposer_id TEXT NOT NULL,
    proposed_at TEXT NOT NULL,
    decided_by  TEXT NOT NULL,
    decided_at  TEXT CHECK (state = 'proposed' OR decided_at IS NOT NULL)
);

CREATE INDEX disposals_of_contract ON disposals (contract_id);

CREATE TABLE trainings (
    id           TEXT PRIMARY KEY,
    person_id    TEXT NOT NULL REFERENCES people (id),
    contract_id  TEXT NOT NULL,
    completed_on TEXT NOT NULL,
    valid_until  TEXT,
    material     TEXT NOT NULL,
    recorded_by  TEXT NOT NULL,
    at           TEXT NOT NULL
);

CREATE INDEX trainings_of_person ON trainings (person_id);

CREATE TABLE permit_uses (
    decision_id TEXT PRIMARY KEY,
    permit_id   TEXT NOT NULL REFERENCES permits (id),
    person_id   TEXT NOT NULL,
    rows        BIGINT NOT NULL,
    at          TEXT NOT NULL
);

CREATE INDEX permit_uses_of_permit ON permit_uses (permit_id);
CREATE INDEX permit_uses_of_person ON permit_uses (person_id);

CREATE TABLE emergencies (
    id          TEXT PRIMARY KEY,
    contract_id TEXT NOT NULL REFERENCES contracts (id),
    person_id   TEXT NOT NULL REFERENCES people (id),
    decision_id TEXT NOT NULL,
    since       TEXT NOT NULL,
    reviewed_at TEXT,
    reviewed_by TEXT NOT NULL
);

CREATE INDEX emergencies_of_contract ON emergencies (contract_id);

-- What the directory has shown, up to where it was followed, and what of it is
-- too much to be believed.
CREATE TABLE readings (
    id         TEXT PRIMARY KEY,
    at         TEXT NOT NULL,
    cause      TEXT NOT NULL,
    outcome    TEXT NOT NULL CHECK (outcome IN ('applied', 'nothing', 'held', 'incomplete')),
    code       TEXT NOT NULL,
    seen       BIGINT NOT NULL,
    disabled   BIGINT NOT NULL,
    gone       BIGINT NOT NULL,
    held       BIGINT NOT NULL,
    absent     BIGINT NOT NULL,
    restricted BIGINT NOT NULL,
    lifted     BIGINT NOT NULL
);

CREATE INDEX readings_by_time ON readings (at);

CREATE TABLE bookmarks (
    id        TEXT PRIMARY KEY,
    token     TEXT NOT NULL,
    entries   BIGINT NOT NULL,
    proven_at TEXT,
    at        TEXT NOT NULL
);

CREATE TABLE directory_holds (
    id         TEXT PRIMARY KEY,
    why        TEXT NOT NULL,
    people     BIGINT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'rejected', 'lapsed')),
    opened_at  TEXT NOT NULL,
    settled_at TEXT CHECK (state = 'open' OR settled_at IS NOT NULL),
    settled_by TEXT NOT NULL
);

-- How far the log has sealed each chain of recorded decisions.
-- Up to which batch of each chain the records of decisions were destroyed, when
-- their time was over.
CREATE TABLE destructions (
    writer         TEXT PRIMARY KEY,
    batch          BIGINT NOT NULL,
    decided_before TEXT NOT NULL,
    at             TEXT NOT NULL
);

CREATE TABLE seals (
    writer TEXT PRIMARY KEY,
    batch  BIGINT NOT NULL,
    hash   TEXT NOT NULL,
    at     TEXT NOT NULL
);
