package ledger_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// A watch is what a system is told.
type watch struct {
	t     *testing.T
	tides chan ledger.Tide
	ended chan error
}

func watching(t *testing.T, l *ledger.Ledger, c meibo.Caller) *watch {
	t.Helper()
	w := &watch{t, make(chan ledger.Tide, 100), make(chan error, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.ended <- l.Watch(ctx, c, func(tide ledger.Tide) error {
			w.tides <- tide
			return nil
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	return w
}

// next is the next tide that tells of a revision.
func (w *watch) next(revision int64) (all ledger.Tide) {
	w.t.Helper()
	for {
		select {
		case tide := <-w.tides:
			all.Touched, all.Everybody = append(all.Touched, tide.Touched...), all.Everybody || tide.Everybody
			if all.Revision, all.Epoch = tide.Revision, tide.Epoch; tide.Revision >= revision {
				return all
			}
		case err := <-w.ended:
			w.t.Fatalf("the watch has ended: %v", err)
		case <-time.After(20 * time.Second):
			w.t.Fatalf("revision %d is not told", revision)
		}
	}
}

func revision(t *testing.T, l *ledger.Ledger) int64 {
	t.Helper()
	h, err := l.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h.Revision
}

func TestAWatchTellsWhatWasTouched(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil, func(m *meibo.Master) {
			for id, prime := range map[meibo.ContractID]meibo.OrganizationID{"C02": "K2", "C03": "K1"} {
				another := m.Contracts[0]
				another.ID, another.PrimeID = id, prime
				m.Contracts = append(m.Contracts, another)
			}
		})
		person := c.Employed("e001")
		w := watching(t, c.Ledger, c.System)
		if first := w.next(revision(t, c.Ledger)); !first.Everybody || first.Epoch == "" {
			t.Errorf("first: %+v", first)
		}
		second := meibotest.Line("e001") // the same person under another contract: a pledge may speak for both
		second.PersonID, second.ContractID = person, "C03"
		c.Approve(c.Approver, c.Submit(c.Submitter, second))
		pledges, err := c.Ledger.Pledges(t.Context(), c.Submitter, "C03")
		if err != nil || len(pledges) == 0 {
			t.Fatalf("%v, %v", pledges, err)
		}
		w.next(revision(t, c.Ledger))
		if _, err := c.Ledger.RequestPledge(t.Context(), c.Submitter, c.Key(), "C03", person, 0); err != nil {
			t.Fatal(err)
		}
		if asked := w.next(revision(t, c.Ledger)); !slices.Contains(asked.Touched, ledger.Touched{Contract: "C01", Person: person}) {
			t.Errorf("a pledge under another contract: %+v", asked)
		}
		c.Submit(c.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: "transfer"})
		removed := w.next(revision(t, c.Ledger))
		if removed.Everybody || !slices.Contains(removed.Touched, ledger.Touched{Contract: "C01", Person: person}) {
			t.Errorf("a removal: %+v", removed)
		}
		c.Token("another", "CITY", "P01", meibo.RoleSystem)
		if made := w.next(revision(t, c.Ledger)); made.Everybody || len(made.Touched) > 0 {
			t.Errorf("a new key: %+v", made)
		}
		if _, err := c.Ledger.RosterPaper(t.Context(), c.Submitter, "C01", 1, string(document.PaperPDF)); err != nil {
			t.Fatal(err)
		}
		c.Token("onemore", "CITY", "P01", meibo.RoleSystem)
		if given := w.next(revision(t, c.Ledger)); given.Everybody || len(given.Touched) > 0 {
			t.Errorf("a paper given out: %+v", given)
		}
		line := meibotest.Line("x001")
		line.ContractID, line.EmployerID = "C02", "K2"
		c.Submit(c.Stranger, line)
		if foreign := w.next(revision(t, c.Ledger)); foreign.Everybody || len(foreign.Touched) > 0 {
			t.Errorf("a contract that is not the system's: %+v", foreign)
		}
		current, err := c.Ledger.Master(t.Context(), c.Operator)
		if err != nil {
			t.Fatal(err)
		}
		current.Purposes = append(current.Purposes, meibo.Purpose{Code: "V", Label: "別の目的", Law: "法"})
		c.Apply(current)
		if master := w.next(revision(t, c.Ledger)); !master.Everybody {
			t.Errorf("a new purpose: %+v", master)
		}
	})
}

func TestAWatchHearsOfOtherReplicas(t *testing.T) {
	c := meibotest.NewCity(t, meibotest.Postgres(t), nil)
	person := c.Employed("e001")
	options := c.Options
	options.Mark = t.TempDir() + "/high-water"
	replica, err := ledger.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer replica.Close()
	w := watching(t, replica, c.System)
	w.next(0)
	c.Submit(c.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: "transfer"})
	if tide := w.next(revision(t, c.Ledger)); !slices.Contains(tide.Touched, ledger.Touched{Contract: "C01", Person: person}) {
		t.Errorf("a removal: %+v", tide)
	}
}

func TestAWatchIsForSystems(t *testing.T) {
	c := meibotest.NewCity(t, meibotest.SQLite(t), nil)
	silent := func(ledger.Tide) error { return errors.New("told") }
	for name, caller := range map[string]meibo.Caller{
		"a submitter": c.Submitter, "the auditor": c.Auditor, "a key without a system": c.Caller("loose", "CITY", "", meibo.RoleSystem),
	} {
		if err := c.Ledger.Watch(t.Context(), caller, silent); !errors.Is(err, meibo.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
