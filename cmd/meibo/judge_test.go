package main

import (
	"fmt"
	"testing"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// Whoever a batch says nothing sure of is in doubt, whether a hold keeps that or
// there are too many for it to be more than a bad reading.
func TestWhoCannotBeReadIsInDoubt(t *testing.T) {
	var now ledger.Picture
	for i := range 40 {
		now.Accounts = append(now.Accounts, meibo.Account{
			PersonID: meibo.PersonID(fmt.Sprint(i)), Entry: fmt.Sprintf("entryUUID:00000000-0000-0000-0000-%012d", i), State: meibo.AccountEnabled,
		})
	}
	now.People = len(now.Accounts)
	event := func(i int, kind directory.EventKind, state directory.State) directory.Event {
		id, err := directory.ParseID(now.Accounts[i].Entry)
		if err != nil {
			t.Fatal(err)
		}
		return directory.Event{Kind: kind, ID: id, Status: directory.Status{State: state}, Proof: directory.ProofReread}
	}
	several := func(n int, kind directory.EventKind, state directory.State) (all []directory.Event) {
		for i := range n {
			all = append(all, event(i, kind, state))
		}
		return all
	}
	whole := directory.Completeness{Complete: true, Proven: true, Entries: 40}
	few := directory.Completeness{Complete: true, Proven: true, Entries: 10}
	for _, c := range []struct {
		name                  string
		batch                 directory.Batch
		doubted, held, sights int
		incomplete            string
	}{
		{"who is seen is not", directory.Batch{Events: several(3, directory.EventSeen, directory.Enabled)}, 0, 0, 3, ""},
		{"whose state is unknown", directory.Batch{Events: several(3, directory.EventSeen, directory.Unknown)}, 3, 3, 3, ""},
		{"whose entry is unfit", directory.Batch{Events: several(2, directory.EventUnfit, directory.Enabled)}, 2, 2, 0, ""},
		{"too many to be held", directory.Batch{Events: several(9, directory.EventUnfit, directory.Enabled)}, 9, 0, 0, "quarantine"},
		{"who is absent waits in a hold", directory.Batch{Full: true, Completeness: whole, Events: several(9, directory.EventAbsent, 0)}, 0, 9, 0, ""},
		{"who is absent where next to nobody is seen", directory.Batch{Full: true, Completeness: few, Events: several(9, directory.EventAbsent, 0)}, 9, 0, 0, "floor"},
	} {
		f := new(people).judge(c.batch, now, new(looker))
		held := 0
		for _, s := range f.Holds {
			held += len(s.Members)
		}
		if len(f.Doubted) != c.doubted || held != c.held || len(f.Sights) != c.sights || f.Incomplete != c.incomplete {
			t.Errorf("%s: %d in doubt, %d held, %d seen, incomplete %q", c.name, len(f.Doubted), held, len(f.Sights), f.Incomplete)
		}
	}
}
