package ledger

import (
	"context"
	"strconv"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A Receipt takes the token of a write that is done under it: how far the ledger
// has come with it. A check that names the token is decided at that revision or a
// later one of the same history, or not at all.
type Receipt struct{ Token string }

type receiptKey struct{}

// WithReceipt is a context under which a write leaves its token.
func WithReceipt(ctx context.Context) (context.Context, *Receipt) {
	r := &Receipt{}
	return context.WithValue(ctx, receiptKey{}, r), r
}

// leave leaves the token of a write where somebody waits for it.
func (l *Ledger) leave(ctx context.Context, epoch string, revision int64) {
	if r, wanted := ctx.Value(receiptKey{}).(*Receipt); wanted {
		r.Token = l.Token(epoch, revision)
	}
}

// Token says how far the ledger had come, so that nobody else can say it.
func (l *Ledger) Token(epoch string, revision int64) string {
	number := strconv.FormatInt(revision, 10)
	return number + "." + epoch + "." + l.secrets.hash("token", epoch, number)[:32]
}

// Reach sees to it that checks from now on are decided at the revision of a token
// or a later one. A token that this ledger did not give is ErrInvalid, one of a
// history that was left behind ErrConflict, and one that the database has not come
// to ErrBusy. An empty token asks for nothing.
func (l *Ledger) Reach(ctx context.Context, token string) error {
	if token == "" {
		return nil
	}
	number, rest, _ := strings.Cut(token, ".")
	epoch, _, _ := strings.Cut(rest, ".")
	revision, err := strconv.ParseInt(number, 10, 64)
	if err != nil || token != l.Token(epoch, revision) {
		return meibo.Problems{{Field: "at_least", Code: "TOKEN_INVALID"}}
	}
	v := l.view.Load()
	if v.Epoch() == epoch && v.Rev() >= revision {
		return nil
	}
	if v, err = l.catchUp(ctx); err != nil {
		return wrap("reach revision", err)
	}
	switch {
	case v.Epoch() != epoch:
		return meibo.Refuse(meibo.ErrConflict, "HISTORY_REPLACED")
	case v.Rev() < revision:
		return meibo.Refuse(meibo.ErrBusy, "REVISION_NOT_REACHED")
	}
	return nil
}
