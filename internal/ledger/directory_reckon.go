package ledger

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A reckoning is what a report comes to as of one moment: nothing is written yet.
type reckoning struct {
	reading  meibo.Reading
	accounts []meibo.Account // that differ
	gone     []meibo.PersonID
	holds    []meibo.DirectoryHold // that are opened or lapse
	mark     meibo.Bookmark
	current  meibo.Instant // of the report, if it proves that
}

func (k *reckoning) changes() int { return len(k.accounts) + len(k.gone) + len(k.holds) }

// people are all whom it concerns.
func (k *reckoning) people() []meibo.PersonID {
	all := slices.Clone(k.gone)
	for _, a := range k.accounts {
		all = append(all, a.PersonID)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// reckon judges a report.
func (l *Ledger) reckon(v *store.Reader, now meibo.Instant, r Report) (*reckoning, error) {
	p, err := l.picture(v, now, r)
	if err != nil {
		return nil, err
	}
	k := &reckoning{reading: meibo.Reading{ID: newID(), At: now, Cause: r.Cause}}
	var found Finding
	if r.Judge != nil {
		found = r.Judge(p)
	} else {
		found.Holds = standing(p.Held)
	}
	all := newLedgerAccounts(now, p.Accounts, p.Held)
	for _, entry := range found.Gone {
		if id := all.drop(entry); id != "" {
			k.gone = append(k.gone, id)
		}
	}
	for _, c := range found.Changed {
		all.change(c)
	}
	for _, s := range found.Sights {
		all.see(s)
	}
	if k.holds, err = all.hold(v, found.Holds, r.Whole && r.Failed == "" && found.Incomplete == ""); err != nil {
		return nil, err
	}
	all.doubt(found)
	k.accounts = all.differing()
	if found.Incomplete != "" {
		r.Failed = found.Incomplete
	}
	if r.Failed == "" {
		k.current = r.Current
	}
	k.mark = meibo.Bookmark{ID: meibo.BookmarkID, Entries: cmp.Or(found.Seen, p.Recent.Entries), At: now}
	k.count(found, r, all)
	return k, nil
}

// count fills in the reading.
func (k *reckoning) count(f Finding, r Report, all *ledgerAccounts) {
	d := &k.reading
	d.Seen, d.Gone, d.Held = f.Seen, len(k.gone), all.held()
	d.Absent, d.Restricted, d.Lifted = f.Spent.Absent, f.Spent.Restricted, f.Spent.Lifted
	for _, a := range k.accounts {
		if a.State == meibo.AccountDisabled && all.before(a.Entry).State != meibo.AccountDisabled {
			d.Disabled++
		}
	}
	switch {
	case r.Failed != "":
		d.Outcome, d.Code = meibo.ReadingIncomplete, r.Failed
	case d.Held > 0:
		d.Outcome, d.Code = meibo.ReadingHeld, all.why()
	case len(k.accounts) > 0 || len(k.gone) > 0:
		d.Outcome = meibo.ReadingApplied
	default:
		d.Outcome = meibo.ReadingNothing
	}
}

// rows are what a reckoning writes.
func (k *reckoning) rows(tx *store.Tx, s meibo.Scene, r Report) ([]any, error) {
	rows := []any{k.reading}
	for _, a := range k.accounts {
		rows = append(rows, a)
	}
	for _, h := range k.holds {
		rows = append(rows, h)
	}
	mark, err := k.bookmark(tx, r)
	if err != nil {
		return nil, err
	}
	more, err := depart(tx, s, k.gone, nil)
	return append(append(rows, mark), more...), err
}

// bookmark says how far the directory was followed with the report.
func (k *reckoning) bookmark(tx *store.Tx, r Report) (meibo.Bookmark, error) {
	before, err := tx.Bookmark()
	if err != nil {
		return meibo.Bookmark{}, err
	}
	mark := k.mark
	mark.ProvenAt = k.current
	if before != nil {
		mark.Token, mark.ProvenAt = before.Token, max(before.ProvenAt, k.current)
	}
	if r.Token != nil {
		mark.Token = *r.Token
	}
	return mark, nil
}

// ledgerAccounts are the accounts of whom a report speaks, before it and after.
type ledgerAccounts struct {
	now    meibo.Instant
	was    map[string]meibo.Account // by entry
	become map[string]meibo.Account
	order  []string
}

func newLedgerAccounts(now meibo.Instant, lists ...[]meibo.Account) *ledgerAccounts {
	all := &ledgerAccounts{now: now, was: map[string]meibo.Account{}, become: map[string]meibo.Account{}}
	for _, list := range lists {
		for _, a := range list {
			if _, twice := all.was[a.Entry]; !twice {
				all.was[a.Entry], all.become[a.Entry] = a, a
				all.order = append(all.order, a.Entry)
			}
		}
	}
	return all
}

func (all *ledgerAccounts) before(entry string) meibo.Account { return all.was[entry] }

// drop takes an entry out that is gone, and returns whose it was.
func (all *ledgerAccounts) drop(entry string) meibo.PersonID {
	a, known := all.become[entry]
	if !known {
		return ""
	}
	delete(all.become, entry)
	return a.PersonID
}

// change takes over what the directory says of an account. Of an entry that stands
// for nobody it says nothing.
func (all *ledgerAccounts) change(c meibo.Account) {
	a, known := all.become[c.Entry]
	if !known || a.State == c.State && a.Cause == c.Cause && a.Until == c.Until {
		return
	}
	a.State, a.Cause, a.Until, a.ChangedAt = c.State, c.Cause, c.Until, all.now
	all.become[c.Entry] = a
}

// see takes over where an entry stands. The first unit that is seen is the
// confirmed one; another one waits to be confirmed, and is forgotten when the first
// is seen again.
func (all *ledgerAccounts) see(s Sight) {
	a, known := all.become[s.Entry]
	if !known {
		return
	}
	if s.Base != "" {
		a.Base = s.Base
	}
	if s.Employers != nil {
		if now := s.employers(a.Employers.V); !slices.Equal(now, a.Employers.V) {
			a.Employers, a.EmployersAt = meibo.Pack(now), all.now
		}
	}
	if s.Unit != nil {
		a.Shows(meibo.Personal(*s.Unit), all.now)
	}
	all.become[s.Entry] = a
}

// employers are for whom a person works, of whom that was known before.
func (s Sight) employers(before []meibo.OrganizationID) []meibo.OrganizationID {
	if !s.Placed || len(before) == 0 {
		return s.Employers
	}
	var left []meibo.OrganizationID
	for _, o := range before {
		if slices.Contains(s.Employers, o) {
			left = append(left, o)
		}
	}
	if len(left) == 0 {
		left = append(left, meibo.NoEmployer)
	}
	return left
}

// differing are the accounts that have changed, in the order in which they came.
func (all *ledgerAccounts) differing() []meibo.Account {
	var list []meibo.Account
	for _, entry := range all.order {
		if a, there := all.become[entry]; there && !reflect.DeepEqual(a, all.was[entry]) {
			list = append(list, a)
		}
	}
	return list
}
