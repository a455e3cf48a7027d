package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// firstKeyDays is how long the operator's first API key serves.
const firstKeyDays = 90

// Init begins a ledger: its first entry, the operator and his first API key,
// which is returned and kept nowhere. A ledger that was begun before is
// ErrConflict.
func Init(ctx context.Context, o Options) (token string, err error) {
	l, err := build(ctx, o)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	err = l.db.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Begin(uuid.NewString()); err != nil {
			return err
		}
		client := meibo.Client{ID: "operator", Name: "運用管理者", OrganizationID: Operator, CreatedAt: tx.Now}
		grant := meibo.Grant{
			ClientID: client.ID, Role: meibo.RoleOperator, OrganizationID: Operator, ContractID: meibo.AnyContract, CreatedAt: tx.Now,
		}
		var key meibo.Key
		key, token = l.newToken(client.ID, tx.Now, firstKeyDays)
		entry := meibo.Entry{Client: itself.Client.ID, Act: meibo.ActInit, Note: l.secrets.fingerprint()}
		_, err := tx.Record(entry, []any{client, grant, key})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("begin ledger: %w", err)
	}
	return token, nil
}

// ErrNotBegun says that the database holds no ledger yet.
var ErrNotBegun = errors.New("the database holds no ledger: run meibo init")

// ErrOtherSecrets says that a ledger was begun with other secrets.
var ErrOtherSecrets = errors.New("the ledger was begun with other secrets: the files of keys are not those that belong to this database")

// recognize compares the secrets with those that the ledger was begun with.
func (l *Ledger) recognize(ctx context.Context) error {
	return l.db.View(ctx, func(r *store.Reader) error {
		begun, err := r.Begun()
		if err != nil {
			return err
		}
		if !begun {
			return ErrNotBegun
		}
		records, err := r.Entries(0, 1)
		if err != nil || len(records) == 0 {
			return errors.Join(ErrNotBegun, err)
		}
		var entry meibo.Entry
		if err := json.Unmarshal([]byte(records[0]), &entry); err != nil {
			return fmt.Errorf("read the first entry: %w", err)
		}
		_, head, err := r.Head()
		if err != nil {
			return err
		}
		if _, err := l.verifier.Open(head); err != nil || strings.TrimSpace(entry.Note) != l.secrets.fingerprint() {
			return ErrOtherSecrets
		}
		return nil
	})
}
