package ledger_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestAHoldIsTakenWhileTheDatabaseIsAway: it holds from the moment it was taken,
// after a restart, too, and goes into the ledger with who opened it and when.
func TestAHoldIsTakenWhileTheDatabaseIsAway(t *testing.T) {
	url := meibotest.Postgres(t)
	c := meibotest.NewCity(t, url, nil)
	person := c.Employed("e001")
	wire := meibotest.NewWire(t, url)
	options := c.Options
	options.URL, options.Mark, options.Journal = wire.URL, filepath.Join(t.TempDir(), "mark"), filepath.Join(t.TempDir(), "journal")
	l, err := ledger.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	ask := func() meibo.Decision {
		t.Helper()
		d, err := l.Check(t.Context(), c.System, meibotest.Question(person))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	wants(t, ask(), "ALLOW")
	wire.Cut()
	hold := meibo.Hold{Kind: meibo.HoldIncident, PersonID: person, Reference: "I-07"}
	if _, err := l.OpenHold(t.Context(), c.Stranger, "k", hold); err == nil {
		t.Error("a stranger's hold was taken")
	}
	taken, err := l.OpenHold(t.Context(), c.CityApprover, "away-1", hold)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := l.OpenHold(t.Context(), c.CityApprover, "away-1", hold); err != nil || again != taken {
		t.Errorf("the same key: %v, %v", again, err)
	}
	if d := ask(); d.Allowed {
		t.Error("allowed while the database is away")
	}
	l.Close()
	wire.Mend()
	if l, err = ledger.Open(t.Context(), options); err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	wants(t, ask(), "INCIDENT_HOLD") // at once, and not only when it is in the ledger
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go l.Follow(ctx, 10*time.Millisecond)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		list, err := c.Ledger.Holds(t.Context(), c.CityApprover)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			if h := list[0]; h.ID != taken.Hold || h.OpenedAt != taken.At || h.OpenedBy != c.CityApprover.Client.ID || h.Reference != "I-07" {
				t.Errorf("the ledger says %+v, taken was %+v", h, taken)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the hold did not come into the ledger")
		}
	}
	wants(t, c.Check(person), "INCIDENT_HOLD")
	wants(t, ask(), "INCIDENT_HOLD")
	for _, err := os.Stat(options.Journal); err == nil; _, err = os.Stat(options.Journal) {
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAJournalThatOthersWroteIsRefused(t *testing.T) {
	c := meibotest.NewCity(t, meibotest.SQLite(t), nil)
	c.Ledger.Close()
	options := c.Options
	options.Journal = filepath.Join(t.TempDir(), "journal")
	if err := os.WriteFile(options.Journal, []byte("x {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Open(t.Context(), options); err == nil || !strings.Contains(err.Error(), "was not written for this ledger") {
		t.Errorf("got %v", err)
	}
}

// TestAHoldWhoseKeyWasUsedIsNotLost: what was acknowledged while the database was
// away goes into the ledger, though its key had been used for something else.
func TestAHoldWhoseKeyWasUsedIsNotLost(t *testing.T) {
	url := meibotest.Postgres(t)
	c := meibotest.NewCity(t, url, nil)
	person, other := c.Employed("e001"), c.Employed("e002")
	if _, err := c.Ledger.OpenHold(t.Context(), c.CityApprover, "twice", meibo.Hold{Kind: meibo.HoldIncident, PersonID: other}); err != nil {
		t.Fatal(err)
	}
	wire := meibotest.NewWire(t, url)
	options := c.Options
	options.URL, options.Mark, options.Journal = wire.URL, filepath.Join(t.TempDir(), "mark"), filepath.Join(t.TempDir(), "journal")
	l, err := ledger.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	wire.Cut()
	if _, err := l.OpenHold(t.Context(), c.CityApprover, "twice", meibo.Hold{Kind: meibo.HoldIncident, PersonID: person}); err != nil {
		t.Fatal(err)
	}
	wire.Mend()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go l.Follow(ctx, 10*time.Millisecond)
	for deadline := time.Now().Add(20 * time.Second); c.Check(person).Allowed; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a hold that was acknowledged was lost")
		}
	}
	wants(t, c.Check(person), "INCIDENT_HOLD")
}
