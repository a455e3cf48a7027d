package ledger

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A Tide tells a system that keeps allows how far the ledger has come, and which
// of the allows that were given below that revision may no longer hold.
type Tide struct {
	Epoch    string
	Revision int64
	// Everybody: all of them.
	Everybody bool
	// Touched: those under these contracts. Where one person was touched, he is named;
	// whoever acts for him, or is vouched for by him, does so under the same contract.
	Touched []Touched
}

// Touched is a contract, and the person under it if there is one.
type Touched struct {
	Contract meibo.ContractID
	Person   meibo.PersonID
}

const (
	// tidePause is after how long changes that other replicas made are looked for.
	tidePause = 250 * time.Millisecond
	// Heartbeat is how often a watch tells something, though nothing has changed.
	Heartbeat = time.Second
	// maxTide bounds how many entries one tide sums up, of more it says everybody; and
	// how many people it names, of more it names the contracts.
	maxTide = 500
)

// Watch tells a registered system about every change, soon after it, and at least
// every Heartbeat how far the ledger has come, until ctx ends or tell returns an
// error. The first tide says everybody: what was before it is not known. Only
// contracts that the system may ask about are told. ErrForbidden is for whoever
// may not ask for decisions, ErrSealed for a ledger that allows nothing.
func (l *Ledger) Watch(ctx context.Context, c meibo.Caller, tell func(Tide) error) error {
	if err := l.mayAnywhere(c, verbCheckAccess); err != nil || c.Client.SystemID == "" {
		return wrap("watch revisions", cmp.Or(err, error(meibo.ErrForbidden)))
	}
	from, told := int64(-1), time.Time{}
	for {
		moved := l.mark.changed()
		if l.Sealed() {
			return wrap("watch revisions", ErrSealed)
		}
		tide, next, err := l.tide(ctx, c, from)
		if err != nil {
			return wrap("watch revisions", err)
		}
		if next != from || time.Since(told) >= Heartbeat {
			if err := tell(tide); err != nil {
				return err
			}
			from, told = next, time.Now()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		case <-time.After(tidePause):
		}
	}
}

// tide sums up the entries from number from on, and returns the number after them.
func (l *Ledger) tide(ctx context.Context, c meibo.Caller, from int64) (t Tide, next int64, err error) {
	err = l.db.View(ctx, func(r *store.Reader) error {
		var err error
		if t.Revision, t.Epoch, err = r.Revision(); err != nil {
			return err
		}
		if next, _, err = r.Head(); err != nil || next == from {
			return err
		}
		if from < 0 || next < from || next-from > maxTide {
			t.Everybody = true
			return nil
		}
		system, err := store.One[meibo.System](r, c.Client.SystemID)
		if err != nil {
			return err
		}
		rows, whole, err := r.Written(from, next)
		if err != nil {
			return err
		}
		t.Touched, t.Everybody, err = touched(r, rows)
		t.Everybody = t.Everybody || !whole
		t.Touched = slices.DeleteFunc(t.Touched, func(x Touched) bool {
			return !slices.ContainsFunc(system.Scopes, func(s meibo.Scope) bool { return s.Contract == x.Contract })
		})
		return err
	})
	return t, next, err
}

// harmless are the tables that no allow stands on: what is asked for, who may
// call, what was read and sent. A permit whose uses are counted is never kept.
var harmless = []string{
	"changes", "change_lines", "approvals", "documents", "organizations", "clients", "grants", "keys", "readings", "bookmarks",
	"directory_holds", "seals", "sealed_papers", "requests", "permit_uses", "passkeys",
}

// touched says whose allows may stand on rows that were written. A person is
// touched under every contract, for a pledge may speak for the contract that renews
// its own. A row that names nobody, such as a purpose's, and one of a table that is
// not known here touch everybody.
func touched(r *store.Reader, rows []store.WrittenRow) (list []Touched, everybody bool, err error) {
	var people []meibo.PersonID
	for _, row := range rows {
		switch {
		case slices.Contains(harmless, row.Table):
			continue
		case row.Table == "contracts":
			row.Contract = meibo.ContractID(row.Key)
		case row.Table == "people":
			row.Person = meibo.PersonID(row.Key)
		}
		if row.Contract != "" {
			list = append(list, Touched{row.Contract, row.Person})
		}
		if row.Person != "" {
			people = append(people, row.Person)
		}
		everybody = everybody || row.Contract == "" && row.Person == ""
	}
	slices.Sort(people)
	work, err := r.WorkOf(slices.Compact(people))
	for _, w := range work {
		list = append(list, Touched{w.ContractID, w.PersonID})
	}
	return distinctly(list), everybody, err
}

// distinctly names each once; of very many it names the contracts alone.
func distinctly(list []Touched) []Touched {
	if len(list) > maxTide {
		for i := range list {
			list[i].Person = ""
		}
	}
	slices.SortFunc(list, func(a, b Touched) int {
		return cmp.Or(cmp.Compare(a.Contract, b.Contract), cmp.Compare(a.Person, b.Person))
	})
	return slices.Compact(list)
}
