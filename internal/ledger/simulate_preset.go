package ledger

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// preset says what a preset comes to, as a change to be tried, and the lines that
// whoever agrees would submit. f selects what the caller may be told of.
func (l *Ledger) preset(ctx context.Context, c meibo.Caller, w WhatIf, f meibo.DecisionFilter) (WhatIf, []meibo.Line, error) {
	if !w.Preset.Kind.OfRoster() {
		w, err := l.presetMaster(ctx, w)
		return w, nil, err
	}
	ids, days, err := l.scopeOf(ctx, *w.Preset, f.Contracts)
	if err != nil {
		return w, nil, err
	}
	now := l.Now()
	f.From = now.Add(-24 * time.Hour * time.Duration(days))
	var draft []meibo.Line
	tried := 0
	for _, id := range ids {
		lines, err := l.draft(ctx, c, id, *w.Preset, f, now)
		switch {
		case errors.Is(err, meibo.ErrNotFound), errors.Is(err, meibo.ErrForbidden):
		case err != nil:
			return w, nil, err
		default:
			tried++
			draft = append(draft, lines...)
		}
	}
	if w.Preset.ContractID != "" && tried == 0 {
		return w, nil, meibo.Problems{{Field: "preset.contract", Code: "CONTRACT_UNKNOWN"}}
	}
	for i := range draft {
		draft[i].Row = i + 1
	}
	w.Lines = slices.Clone(draft)
	for i := range w.Lines {
		if w.Lines[i].Operation == meibo.Remove { // to see what that does, and not when
			w.Lines[i].Ends = ""
		}
	}
	return w, draft, nil
}

// scopeOf are the contracts of which a preset speaks, among those granted, and how
// many days without use it means.
func (l *Ledger) scopeOf(ctx context.Context, p meibo.Preset, granted []meibo.ContractID) (ids []meibo.ContractID, days int, err error) {
	err = l.db.View(ctx, func(r *store.Reader) error {
		settled, err := r.Parameters()
		if err != nil {
			return err
		}
		days = cmp.Or(p.Days, parametersOf(settled).UnusedDays)
		contracts, err := r.Contracts()
		for _, k := range contracts {
			if (p.ContractID == "" || p.ContractID == k.ID) && (granted == nil || slices.Contains(granted, k.ID)) {
				ids = append(ids, k.ID)
			}
		}
		return err
	})
	return ids, days, err
}

// draft are the lines that a preset comes to on one contract. Those who run meibo
// have a part in none, and try all.
func (l *Ledger) draft(ctx context.Context, c meibo.Caller, id meibo.ContractID, p meibo.Preset, f meibo.DecisionFilter, now meibo.Instant) ([]meibo.Line, error) {
	var b *meibo.Book
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		if c.Client.OrganizationID == Operator {
			b, err = r.Book(id)
		} else {
			b, err = l.book(r, c, id, verbSimulate)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	f.Contract = id
	uses, err := l.db.Uses(ctx, f)
	mine := func(id meibo.PersonID) bool { return f.People == nil || slices.Contains(f.People, id) }
	return b.Draft(p, uses, f.From, now, mine), err
}

// presetMaster says what a preset of the city's comes to. It is asked of the day from
// which it holds.
func (l *Ledger) presetMaster(ctx context.Context, w WhatIf) (WhatIf, error) {
	err := l.db.View(ctx, func(r *store.Reader) error {
		now, err := masterOf(r)
		if err != nil {
			return err
		}
		m, ps := now.Preset(*w.Preset, r.Now)
		w.Master = &m
		return ps.Err()
	})
	if w.Preset.From != "" {
		w.At = cmp.Or(w.At, w.Preset.From.Start())
	}
	return w, err
}
