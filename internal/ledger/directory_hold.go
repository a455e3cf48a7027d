package ledger

import (
	"context"
	"slices"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// The verbs of those who judge what the directory says.
const (
	verbSettleHold  = "directory.settle"
	verbConfirmUnit = "directory.confirm"
)

// standing are the sets that held accounts are in.
func standing(held []meibo.Account) []HoldSet {
	var sets []HoldSet
	for _, a := range held {
		i := slices.IndexFunc(sets, func(s HoldSet) bool { return s.ID == a.HoldID })
		if i < 0 {
			i, sets = len(sets), append(sets, HoldSet{ID: a.HoldID, Why: a.Held.V.Why})
		}
		sets[i].Members = append(sets[i].Members, HeldPerson{a.Entry, a.Held.V})
	}
	return sets
}

// hold puts the people of the sets into their holds and lets the others out. It
// returns the holds that are opened and those that lapse. A set that was rejected
// as it is holds nobody, until everybody was read and it was not found.
func (all *ledgerAccounts) hold(v *store.Reader, sets []HoldSet, everybody bool) ([]meibo.DirectoryHold, error) {
	known, err := v.DirectoryHolds(false)
	if err != nil {
		return nil, err
	}
	lapse, open, rejected := map[string]meibo.DirectoryHold{}, map[string]bool{}, map[string]bool{}
	for _, h := range known {
		open[h.ID], rejected[h.ID] = h.State == meibo.DirectoryHoldOpen, h.State == meibo.DirectoryHoldRejected
		if open[h.ID] || everybody {
			lapse[h.ID] = h
		}
	}
	since := map[string]meibo.Instant{}
	for entry, a := range all.become {
		since[entry] = a.Held.V.Since
		a.HoldID, a.Held = "", meibo.Packed[meibo.HeldChange]{}
		all.become[entry] = a
	}
	var rows []meibo.DirectoryHold
	for _, s := range sets {
		if rejected[s.ID] {
			delete(lapse, s.ID)
		}
		if rejected[s.ID] || all.into(s, since) == 0 {
			continue
		}
		if !open[s.ID] {
			rows = append(rows, meibo.DirectoryHold{
				ID: s.ID, Why: s.Why, People: len(s.Members), State: meibo.DirectoryHoldOpen, OpenedAt: all.now,
			})
		}
		delete(lapse, s.ID)
	}
	for _, h := range lapse {
		h.State, h.SettledAt = meibo.DirectoryHoldLapsed, all.now
		rows = append(rows, h)
	}
	slices.SortFunc(rows, func(a, b meibo.DirectoryHold) int { return strings.Compare(a.ID, b.ID) })
	return rows, nil
}

// into puts the people of a set into its hold, and returns how many they are. Who was
// in one is in it since then.
func (all *ledgerAccounts) into(s HoldSet, since map[string]meibo.Instant) (n int) {
	for _, m := range s.Members {
		if a, known := all.become[m.Entry]; known {
			m.Change.Why, m.Change.Since = s.Why, since[m.Entry]
			if m.Change.Since.IsZero() {
				m.Change.Since = all.now
			}
			a.HoldID, a.Held = s.ID, meibo.Pack(m.Change)
			all.become[m.Entry] = a
			n++
		}
	}
	return n
}

// doubt notes since when the directory gives no sure word of somebody: who is in a
// hold, and whose entry cannot be read or is not believed, even if a person has
// rejected the hold. A sure word ends it.
func (all *ledgerAccounts) doubt(f Finding) {
	doubted, sure := map[string]bool{}, map[string]bool{}
	for _, entry := range f.Doubted {
		doubted[entry] = true
	}
	for _, s := range f.Sights {
		sure[s.Entry] = true
	}
	for entry, a := range all.become {
		switch {
		case a.HoldID != "" || doubted[entry]:
			if a.DoubtedAt.IsZero() {
				a.DoubtedAt = all.now
			}
		case sure[entry]:
			a.DoubtedAt = 0
		}
		all.become[entry] = a
	}
}

// held is how many people are in a hold.
func (all *ledgerAccounts) held() (n int) {
	for _, a := range all.become {
		if a.HoldID != "" {
			n++
		}
	}
	return n
}

// why is the reason of a hold, the first by name.
func (all *ledgerAccounts) why() (first string) {
	for _, a := range all.become {
		if why := a.Held.V.Why; a.HoldID != "" && (first == "" || why < first) {
			first = why
		}
	}
	return first
}

// A HoldView is a hold with the accounts in it.
type HoldView struct {
	Hold     meibo.DirectoryHold
	Accounts []meibo.Account
}

// DirectoryHolds lists the open holds with the people in them; every lists the
// settled ones, too.
func (l *Ledger) DirectoryHolds(ctx context.Context, c meibo.Caller, every bool) ([]HoldView, error) {
	if err := l.may(c, meibo.AnyContract, verbReadDirectory); err != nil {
		return nil, err
	}
	var list []HoldView
	err := l.db.View(ctx, func(r *store.Reader) error {
		holds, err := r.DirectoryHolds(every)
		if err != nil {
			return err
		}
		held, err := r.AccountsOnHold()
		for _, h := range holds {
			v := HoldView{Hold: h}
			for _, a := range held {
				if a.HoldID == h.ID {
					v.Accounts = append(v.Accounts, a)
				}
			}
			if every || h.State == meibo.DirectoryHoldOpen {
				list = append(list, v)
			}
		}
		return err
	})
	return list, wrap("list holds", err)
}

// SettleHold confirms or rejects an open hold, which is exactly the set of people
// that its id stands for. Confirmed, what the directory says of them is put in
// force: who is absent is taken off every roster. Rejected, they are let out, and
// the same set is not held again. A hold that is not open, because it was settled
// or somebody has joined or left it, is ErrConflict.
func (l *Ledger) SettleHold(ctx context.Context, c meibo.Caller, key, id string, confirm bool) (meibo.Reading, error) {
	if err := l.may(c, meibo.AnyContract, verbSettleHold); err != nil {
		return meibo.Reading{}, wrap("settle hold", err)
	}
	d := deed{c, meibo.ActSettleHold, key, map[string]any{"hold": id, "confirm": confirm}}
	reading, err := write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (meibo.Reading, outcome, error) {
		h, err := store.One[meibo.DirectoryHold](&tx.Reader, id)
		if err != nil {
			return meibo.Reading{}, outcome{}, err
		}
		if h.State != meibo.DirectoryHoldOpen {
			return meibo.Reading{}, outcome{}, meibo.Refuse(meibo.ErrConflict, "HOLD_NOT_OPEN")
		}
		held, err := tx.AccountsOnHold()
		if err != nil {
			return meibo.Reading{}, outcome{}, err
		}
		return settleHold(tx, s, h, held, confirm)
	})
	if err == nil {
		l.remember(reading, 0)
	}
	return reading, wrap("settle hold", err)
}

func settleHold(tx *store.Tx, s meibo.Scene, h meibo.DirectoryHold, held []meibo.Account, confirm bool) (meibo.Reading, outcome, error) {
	reading := meibo.Reading{ID: newID(), At: s.Now, Cause: meibo.ReadingVerdict, Outcome: meibo.ReadingApplied, Code: h.Why}
	h.State, h.SettledAt, h.SettledBy = meibo.DirectoryHoldRejected, s.Now, s.Caller.Client.ID
	if confirm {
		h.State = meibo.DirectoryHoldConfirmed
	}
	out := outcome{note: string(h.State), rows: []any{h}}
	var gone []meibo.PersonID
	for _, a := range held {
		if a.HoldID != h.ID {
			reading.Held++
			continue
		}
		says := a.Held.V
		a.HoldID, a.Held = "", meibo.Packed[meibo.HeldChange]{}
		if confirm || !says.Blank() { // somebody knows better than the directory
			a.DoubtedAt = 0
		}
		out.subjects = append(out.subjects, string(a.PersonID))
		switch {
		case !confirm:
		case says.Absent:
			gone = append(gone, a.PersonID)
			continue
		case says.State == meibo.AccountUnknown:
			return reading, out, meibo.Refuse(meibo.ErrConflict, "HOLD_SAYS_NOTHING")
		default:
			a.State, a.Cause, a.Until, a.ChangedAt = says.State, says.Cause, says.Until, s.Now
		}
		out.rows = append(out.rows, a)
	}
	reading.Gone = len(gone)
	more, err := depart(tx, s, gone, nil)
	out.rows = append(append(out.rows, reading), more...)
	return reading, out, err
}
