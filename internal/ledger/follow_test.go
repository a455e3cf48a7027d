package ledger_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestAReplicaHearsOfAChange: it is told, long before it would have asked.
func TestAReplicaHearsOfAChange(t *testing.T) {
	c := meibotest.NewCity(t, meibotest.Postgres(t), nil)
	person := c.Employed("e001")
	options := c.Options
	options.Mark = filepath.Join(t.TempDir(), "mark")
	l, err := ledger.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go l.Follow(ctx, time.Hour)
	deadline := time.Now().Add(30 * time.Second)
	for n := 0; ; n++ { // until it listens there may be nobody to hear
		done, err := c.Ledger.OpenHold(t.Context(), c.CityApprover, c.Key(), meibo.Hold{Kind: meibo.HoldIncident, PersonID: person})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Ledger.LiftHold(t.Context(), c.CityApprover, c.Key(), done.Hold); err != nil {
			t.Fatal(err)
		}
		for range 20 {
			if l.Followed() == c.Ledger.Followed() {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %d changes it stands at %d, the other at %d", 2*n, l.Followed(), c.Ledger.Followed())
		}
	}
}
