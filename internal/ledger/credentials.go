package ledger

import (
	"context"
	"crypto/subtle"
	"errors"
	"sync"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// Credentials are a key with whose it is, as they were at a revision.
type credentials struct {
	key      meibo.Key
	client   meibo.Client
	grants   []meibo.Grant
	revision int64
	epoch    string
	checks   error // nil: whoever has the key may ask for decisions
}

func (c *credentials) caller() meibo.Caller {
	return meibo.Caller{Client: c.client, KeyID: c.key.ID, Grants: c.grants, Revision: c.revision}
}

// recalled keeps the credentials that were read last, by key. Only keys that there
// are come in.
type recalled struct{ sync.Map }

func (r *recalled) of(id meibo.KeyID) *credentials {
	c, _ := r.Load(id)
	found, _ := c.(*credentials)
	return found
}

// Authenticate tells who presents an API key (mb_<id>_<secret>). A key that is
// unknown, wrong, expired or revoked is ErrUnauthenticated.
func (l *Ledger) Authenticate(ctx context.Context, token string) (meibo.Caller, error) {
	id, secret, ok := splitToken(token)
	if !ok {
		return meibo.Caller{}, ErrUnauthenticated
	}
	c, err := l.credentials(ctx, id)
	if err == nil && !l.opens(c, secret) {
		err = ErrUnauthenticated
	}
	if err != nil {
		return meibo.Caller{}, wrap("authenticate", err)
	}
	return c.caller(), nil
}

// Identify is Authenticate for whoever asks for decisions, without a look at the
// store where the key was read at the revision of the view. Another replica may
// have revoked the key meanwhile: then the ledger has moved on, Check finds that
// before it answers, and looks who calls once more.
func (l *Ledger) Identify(ctx context.Context, token string) (meibo.Caller, error) {
	id, secret, ok := splitToken(token)
	if !ok {
		return meibo.Caller{}, ErrUnauthenticated
	}
	v, c := l.view.Load(), l.recalled.of(id)
	if c == nil || c.revision < v.Rev() || c.epoch != v.Epoch() || !l.opens(c, secret) {
		return l.Authenticate(ctx, token)
	}
	return c.caller(), nil
}

// opens reports whether the secret is the key's, and the key still serves.
func (l *Ledger) opens(c *credentials, secret string) bool {
	want := l.secrets.hash("key", string(c.key.ID), secret)
	return subtle.ConstantTimeCompare([]byte(want), []byte(c.key.Hash)) == 1 && c.key.Live(l.Now())
}

// again looks who calls once more where that is known of an older revision only
// than that of a view. Who has no key is meibo itself.
func (l *Ledger) again(ctx context.Context, c meibo.Caller, v *view) (meibo.Caller, error) {
	if c.KeyID == "" || c.Revision >= v.Rev() {
		return c, nil
	}
	known := l.recalled.of(c.KeyID)
	if known == nil || known.revision < v.Rev() || known.epoch != v.Epoch() {
		var err error
		if known, err = l.credentials(ctx, c.KeyID); err != nil {
			return meibo.Caller{}, err
		}
	}
	if at := known.key.RevokedAt; !at.IsZero() && at <= l.Now() {
		return meibo.Caller{}, ErrUnauthenticated
	}
	return known.caller(), known.checks
}

// credentials reads a key and whose it is; an unknown one is ErrUnauthenticated.
func (l *Ledger) credentials(ctx context.Context, id meibo.KeyID) (*credentials, error) {
	c := &credentials{}
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		if c.revision, c.epoch, err = r.Revision(); err != nil {
			return err
		}
		c.key, c.client, c.grants, err = r.Credentials(id)
		return err
	})
	if errors.Is(err, meibo.ErrNotFound) {
		return nil, ErrUnauthenticated
	}
	if err != nil {
		return nil, err
	}
	c.checks = l.mayAnywhere(c.caller(), verbCheckAccess)
	l.recalled.Store(id, c)
	return c, nil
}

// mayCheck asks whether the caller may ask for decisions.
func (l *Ledger) mayCheck(c meibo.Caller) error {
	if known := l.recalled.of(c.KeyID); known != nil && known.revision == c.Revision {
		return known.checks
	}
	return l.mayAnywhere(c, verbCheckAccess)
}

// onlyRefusal is an error that refuses the caller; whatever else went wrong is the
// ledger's own.
func onlyRefusal(err error) error {
	if errors.Is(err, ErrUnauthenticated) || errors.Is(err, meibo.ErrForbidden) {
		return err
	}
	return nil
}
