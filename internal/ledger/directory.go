package ledger

import (
	"context"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A Finding is what a reading of the directory came to, as whoever reads it has
// judged: states that changed, entries that are proven gone, and what is held
// because it is too much to be believed.
type Finding struct {
	Outcome meibo.ReadingOutcome
	Code    string          // why it was incomplete or held
	Seen    int             // people seen
	Held    int             // people whose change waits for a person
	Changed []meibo.Account // by Entry
	Gone    []string        // entries
}

// Accounts are the accounts that the directory can still change.
func (l *Ledger) Accounts(ctx context.Context) ([]meibo.Account, error) {
	var list []meibo.Account
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		list, err = r.Accounts()
		return err
	})
	return list, wrap("list accounts", err)
}

// MaySync asks whether the caller may have the directory read.
func (l *Ledger) MaySync(c meibo.Caller) error { return l.may(c, meibo.AnyContract, verbSyncDirectory) }

// Reconcile puts in force what a reading of the directory found, in one
// transaction: who is disabled is refused by the next check, and who is gone is
// taken off every roster, of which the city and the contractor are told. An
// incomplete reading changes nothing. What changes nothing, and came to the same
// as the reading before, is not recorded again.
func (l *Ledger) Reconcile(ctx context.Context, f Finding) (meibo.Reading, error) {
	reading := meibo.Reading{
		ID: newID(), At: l.Now(), Outcome: f.Outcome, Code: f.Code, Seen: f.Seen, Gone: len(f.Gone), Held: f.Held,
	}
	for _, a := range f.Changed {
		if a.State == meibo.AccountDisabled {
			reading.Disabled++
		}
	}
	last, err := l.LastReading(ctx)
	if err != nil {
		return reading, err
	}
	if len(f.Changed) == 0 && len(f.Gone) == 0 && last.Outcome == f.Outcome && last.Code == f.Code {
		l.remember(reading)
		if f.Outcome != meibo.ReadingIncomplete {
			l.directoryRead(reading.At)
		}
		return reading, nil
	}
	d := deed{itself, meibo.ActReconcile, newID(), nil}
	reading, err = write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (meibo.Reading, outcome, error) {
		reading.At = s.Now
		rows, people, err := reconcile(tx, s, f)
		if err != nil {
			return reading, outcome{}, err
		}
		out := outcome{note: string(f.Outcome), rows: append(rows, reading)}
		for _, id := range people {
			out.subjects = append(out.subjects, string(id))
		}
		return reading, out, nil
	})
	if err == nil {
		l.remember(reading)
	}
	return reading, wrap("reconcile directory", err)
}

// reconcile returns the rows of what was found, and whom it concerns.
func reconcile(tx *store.Tx, s meibo.Scene, f Finding) (rows []any, people []meibo.PersonID, err error) {
	for _, seen := range f.Changed {
		a, err := tx.AccountByEntry(seen.Entry)
		if err != nil {
			return nil, nil, err
		}
		if a == nil { // nobody whom the ledger knows
			continue
		}
		a.State, a.Cause, a.Until, a.ChangedAt = seen.State, seen.Cause, seen.Until, s.Now
		rows, people = append(rows, *a), append(people, a.PersonID)
	}
	var gone []meibo.PersonID
	for _, entry := range f.Gone {
		a, err := tx.AccountByEntry(entry)
		if err != nil {
			return nil, nil, err
		}
		if a != nil {
			gone = append(gone, a.PersonID)
		}
	}
	more, err := depart(tx, s, gone, nil)
	return append(rows, more...), append(people, gone...), err
}

// depart ends what the people do, contract by contract but for those that are
// done, and their accounts.
func depart(tx *store.Tx, s meibo.Scene, gone []meibo.PersonID, done map[meibo.ContractID]bool) ([]any, error) {
	if len(gone) == 0 {
		return nil, nil
	}
	running, err := tx.RunningOf(gone)
	if err != nil {
		return nil, err
	}
	byContract := map[meibo.ContractID][]meibo.PersonID{}
	var ids []meibo.ContractID
	for _, a := range running {
		if done[a.ContractID] {
			continue
		}
		byContract[a.ContractID] = append(byContract[a.ContractID], a.PersonID)
		ids = append(ids, a.ContractID)
	}
	list, err := books(&tx.Reader, ids, nil)
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		b.Depart(s, byContract[b.Contract.ID])
	}
	rows, err := settled(tx, list...)
	if err != nil {
		return nil, err
	}
	return farewell(tx, s, gone, rows)
}

// farewell adds the rows of people who left without being on any roster, and of
// the accounts of all.
func farewell(tx *store.Tx, s meibo.Scene, gone []meibo.PersonID, rows []any) ([]any, error) {
	written := map[meibo.PersonID]bool{}
	closed := map[meibo.PersonID]bool{}
	for _, row := range rows {
		switch row := row.(type) {
		case meibo.Person:
			written[row.ID] = true
		case meibo.Account:
			closed[row.PersonID] = true
		}
	}
	people, err := tx.People(gone)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if !written[p.ID] && p.DepartedAt.IsZero() {
			p.DepartedAt = s.Now
			rows = append(rows, p)
		}
		a, err := tx.Account(p.ID)
		if err != nil {
			return nil, err
		}
		if a != nil && !closed[p.ID] && a.State != meibo.AccountGone {
			a.State, a.Cause, a.ChangedAt = meibo.AccountGone, "departed", s.Now
			rows = append(rows, *a)
		}
	}
	return rows, nil
}

// LastReading is what the newest reading of the directory came to; its outcome is
// empty before the first.
func (l *Ledger) LastReading(ctx context.Context) (meibo.Reading, error) {
	l.proven.Lock()
	last := l.last
	l.proven.Unlock()
	if last.Outcome != "" {
		return last, nil
	}
	err := l.db.View(ctx, func(r *store.Reader) error {
		stored, err := r.LastReading()
		if stored != nil {
			last = *stored
		}
		return err
	})
	return last, wrap("read the last reading", err)
}

// Readings are the readings since an instant that changed something, or came to
// something else than the one before.
func (l *Ledger) Readings(ctx context.Context, since meibo.Instant) ([]meibo.Reading, error) {
	var list []meibo.Reading
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		list, err = r.Readings(since)
		return err
	})
	return list, wrap("read readings", err)
}

func (l *Ledger) remember(r meibo.Reading) {
	l.proven.Lock()
	defer l.proven.Unlock()
	l.last = r
}

// DirectoryStatus is LastReading for callers who may read it.
func (l *Ledger) DirectoryStatus(ctx context.Context, c meibo.Caller) (meibo.Reading, error) {
	if err := l.may(c, meibo.AnyContract, verbReadDirectory); err != nil {
		return meibo.Reading{}, err
	}
	return l.LastReading(ctx)
}
