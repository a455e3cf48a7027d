package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// recalling asks as whoever presents a token, without a look at the store first.
func recalling(t *testing.T, l *ledger.Ledger, token string, person meibo.PersonID) error {
	t.Helper()
	c, err := l.Identify(t.Context(), token)
	if err != nil {
		return err
	}
	d, err := l.Check(t.Context(), c, meibotest.Question(person))
	if err == nil && !d.Allowed {
		t.Errorf("denied: %v", d.Codes)
	}
	return err
}

func TestARecalledKeyOpensNothingOnceItIsRevoked(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		token, caller := c.Token("asking", "CITY", "P01", meibo.RoleSystem)
		person := c.Employed("e001")
		for range 3 {
			if err := recalling(t, c.Ledger, token, person); err != nil {
				t.Fatal(err)
			}
		}
		if err := recalling(t, c.Ledger, token[:len(token)-1]+"x", person); !errors.Is(err, ledger.ErrUnauthenticated) {
			t.Errorf("another secret: %v", err)
		}
		if _, err := c.Ledger.RevokeKey(t.Context(), c.Operator, c.Key(), caller.KeyID); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := recalling(t, c.Ledger, token, person); !errors.Is(err, ledger.ErrUnauthenticated) {
				t.Errorf("after its end: %v", err)
			}
		}
		if _, err := c.Ledger.Check(t.Context(), caller, meibotest.Question(person)); !errors.Is(err, ledger.ErrUnauthenticated) {
			t.Errorf("who was told apart before: %v", err)
		}
		token, _ = c.Token("later", "CITY", "P01", meibo.RoleSystem)
		if err := recalling(t, c.Ledger, token, person); err != nil {
			t.Fatal(err)
		}
		c.Clock.At(t, "2026-11-30 10:00:00")
		if err := recalling(t, c.Ledger, token, person); !errors.Is(err, ledger.ErrUnauthenticated) {
			t.Errorf("expired: %v", err)
		}
		for _, odd := range []string{"", "mb__", "mb_x_" + strings.Repeat("a", 43)} {
			if _, err := c.Ledger.Identify(t.Context(), odd); !errors.Is(err, ledger.ErrUnauthenticated) {
				t.Errorf("%q: %v", odd, err)
			}
		}
	})
}

func TestAKeyThatAnotherReplicaRevokedOpensNothing(t *testing.T) {
	c := meibotest.NewCity(t, meibotest.Postgres(t), nil)
	token, caller := c.Token("asking", "CITY", "P01", meibo.RoleSystem)
	person := c.Employed("e001")
	options := c.Options
	options.Mark = t.TempDir() + "/high-water"
	replica, err := ledger.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer replica.Close()
	if err := recalling(t, replica, token, person); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Ledger.RevokeKey(t.Context(), c.Operator, c.Key(), caller.KeyID); err != nil {
		t.Fatal(err)
	}
	if err := recalling(t, replica, token, person); !errors.Is(err, ledger.ErrUnauthenticated) {
		t.Errorf("got %v", err)
	}
}
