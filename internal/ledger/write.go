package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A deed is what a caller asks to be done: who, what kind of act, under which
// idempotency key, and with which particulars.
type deed struct {
	caller meibo.Caller
	act    meibo.Act
	key    string
	asked  any // compared, as a keyed hash, when the key is used again
}

// An outcome is everything that one transaction writes.
type outcome struct {
	contract meibo.ContractID
	subjects []string
	note     string // a code
	rows     []any
}

// errAnswered ends a transaction whose answer is known already.
var errAnswered = errors.New("answered before")

// write is the one place in which the ledger changes. A key that was used before
// for the same thing gets the answer that was given then; for another thing it is
// ErrConflict. An answer holds ids and codes only.
func write[A any](ctx context.Context, l *Ledger, d deed, do func(*store.Tx, meibo.Scene) (A, outcome, error)) (A, error) {
	var answer A
	if !meibo.ValidID(d.key) {
		return answer, meibo.Problems{{Field: "idempotency_key", Code: "IDEMPOTENCY_KEY_INVALID"}}
	}
	asked, err := meibo.Canonical(d.asked)
	if err != nil {
		return answer, fmt.Errorf("%s: %w", d.act, err)
	}
	if l.Sealed() {
		return answer, wrap(string(d.act), ErrSealed)
	}
	var revision int64
	var epoch string
	mark := *l.mark.seen.Load()
	digest := l.secrets.hash("request", string(d.act), string(asked))
	err = l.db.Update(ctx, func(tx *store.Tx) error {
		before, err := tx.Request(d.caller.Client.ID, d.key)
		if err != nil {
			return err
		}
		if before != nil {
			return sameAnswer(*before, d.act, digest, &answer)
		}
		var out outcome
		scene := meibo.Scene{Caller: d.caller, Now: tx.Now, NewID: newID}
		if answer, out, err = do(tx, scene); err != nil {
			return err
		}
		if err := record(tx, d, digest, answer, out); err != nil {
			return err
		}
		revision, epoch, err = tx.Revision()
		return err
	})
	if errors.Is(err, errAnswered) {
		err := l.look(ctx)
		if seen := l.mark.seen.Load(); err == nil { // it was done by then
			l.leave(ctx, seen.epoch, seen.revision)
		}
		return answer, err
	}
	if err == nil {
		err = l.release(mark, epoch, revision)
		l.leave(ctx, epoch, revision)
		l.catchUp(ctx) // or the next check does
	}
	return answer, wrap(string(d.act), err)
}

func sameAnswer(before meibo.Request, act meibo.Act, digest string, into any) error {
	if before.Act != act || before.Digest != digest {
		return meibo.Refuse(meibo.ErrConflict, "IDEMPOTENCY_KEY_REUSED")
	}
	if err := json.Unmarshal([]byte(before.Answer), into); err != nil {
		return fmt.Errorf("read the answer to request %s: %w", before.Request, err)
	}
	return errAnswered
}

func record(tx *store.Tx, d deed, digest string, answer any, out outcome) error {
	text, err := meibo.Canonical(answer)
	if err != nil {
		return err
	}
	rows := append(out.rows, meibo.Request{
		ClientID: d.caller.Client.ID, Request: d.key, Act: d.act, Digest: digest, Answer: string(text), At: tx.Now,
	})
	_, err = tx.Record(meibo.Entry{
		Client: d.caller.Client.ID, Key: d.caller.KeyID, Act: d.act,
		Contract: out.contract, Subjects: out.subjects, Note: out.note,
	}, rows)
	return err
}

// settled is the outcome of books: their rows, with each roster version that was
// cut written down under the head of the log as it stands.
func settled(tx *store.Tx, list ...*meibo.Book) ([]any, error) {
	var rows []any
	for _, b := range list {
		if b.Cut != nil {
			if err := writeDown(tx, b); err != nil {
				return nil, err
			}
		}
		rows = append(rows, b.Outcome()...)
	}
	return rows, nil
}

func writeDown(tx *store.Tx, b *meibo.Book) error {
	text, err := meibo.Canonical(b.Cut)
	if err != nil {
		return fmt.Errorf("write roster %d of %s: %w", b.Cut.Version, b.Contract.ID, err)
	}
	_, head, err := tx.Head()
	if err != nil {
		return err
	}
	r, _ := b.Rosters.Get(b.Cut.Version)
	r.Document, r.Hash, r.Checkpoint = meibo.Personal(text), meibo.HashText(string(text)), head
	b.Rosters.Put(r)
	return nil
}

// Request tells what became of an idempotency key of the caller: what act it was
// used for and what was answered, as JSON. A key that did nothing is ErrNotFound.
func (l *Ledger) Request(ctx context.Context, c meibo.Caller, key string) (meibo.Request, error) {
	var found meibo.Request
	err := l.db.View(ctx, func(r *store.Reader) error {
		before, err := r.Request(c.Client.ID, key)
		if err != nil {
			return err
		}
		if before == nil {
			return meibo.ErrNotFound
		}
		found = *before
		return nil
	})
	return found, wrap("look up request", err)
}
