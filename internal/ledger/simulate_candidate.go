package ledger

import (
	"context"
	"errors"
	"slices"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A candidate is the ledger as it is, and as it would be after a change, each with
// the rule that decides.
type candidate struct {
	base, next  *view
	rule, other *authz.Policy
	made        meibo.Instant // the instant of both
}

// readAt has both asked at an instant, with the directory read then.
func (two candidate) readAt(at meibo.Instant) candidate {
	two.base, two.next, two.made = two.base.readAt(at), two.next.readAt(at), at
	return two
}

// candidate builds both of the same revision. Nothing is written to the ledger.
func (l *Ledger) candidate(ctx context.Context, c meibo.Caller, w WhatIf) (candidate, error) {
	rule, err := l.otherRule(c, w.Rule)
	if err != nil {
		return candidate{}, err
	}
	trials, err := l.trials(ctx, c, w)
	if err != nil {
		return candidate{}, err
	}
	for range maxRounds {
		base, err := l.catchUp(ctx)
		if err != nil {
			return candidate{}, err
		}
		var rows []any
		two, same := candidate{base: base, next: base, rule: l.policy, other: rule}, false
		err = l.db.View(ctx, func(r *store.Reader) error {
			revision, epoch, err := r.Revision()
			if same = revision == base.Rev() && epoch == base.Epoch(); err != nil || !same {
				return err
			}
			two.made = r.Now
			rows, err = l.rowsOf(r, c, w, trials)
			return err
		})
		if err != nil {
			return candidate{}, err
		}
		if same && w.Rule != nil {
			return two, nil
		}
		if same {
			two.next, err = l.viewOf(ctx, base.last, rows...)
			return two, err
		}
	}
	return candidate{}, meibo.ErrBusy
}

// rowsOf are the rows that a change would write.
func (l *Ledger) rowsOf(r *store.Reader, c meibo.Caller, w WhatIf, trials []trial) ([]any, error) {
	if w.Master == nil {
		return l.accepted(r, trials)
	}
	judge := l.judgeMaster // of consents
	if l.may(c, meibo.AnyContract, verbReadMaster) == nil {
		judge = func(r *store.Reader, _ meibo.Caller, m meibo.Master) (meibo.Master, error) { return judged(r, m) }
	}
	now, err := judge(r, c, *w.Master)
	if err != nil {
		return nil, err
	}
	return w.Master.Altered(now), nil
}

// A trial is lines that one organization would submit.
type trial struct {
	by    meibo.Caller
	lines []meibo.Line
	named map[int]meibo.Named
}

// trials are lines by who would submit them: a contractor its own, and the prime
// contractor what the city, or who runs meibo, tries. Whom they name by login is
// found before any transaction begins.
func (l *Ledger) trials(ctx context.Context, c meibo.Caller, w WhatIf) ([]trial, error) {
	var trials []trial
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		trials, err = l.sorted(r, c, w.Lines)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, t := range trials {
		if trials[i].named, err = l.prepare(ctx, t.by, t.lines); err != nil {
			return nil, err
		}
	}
	return trials, nil
}

// sorted are lines by who would submit them.
func (l *Ledger) sorted(r *store.Reader, c meibo.Caller, lines []meibo.Line) (trials []trial, err error) {
	var problems meibo.Problems
	by := map[meibo.ContractID]meibo.OrganizationID{}
	at := map[meibo.OrganizationID]int{}
	for _, line := range lines {
		o, known := by[line.ContractID]
		if !known {
			if o, err = l.submitterOf(r, c, line.ContractID); err != nil {
				return nil, err
			}
			by[line.ContractID] = o
		}
		if o == "" {
			problems = append(problems, unknownContract([]meibo.Line{line})...)
			continue
		}
		i, known := at[o]
		if !known {
			i, at[o] = len(trials), len(trials)
			trials = append(trials, trial{by: trying(o)})
		}
		trials[i].lines = append(trials[i].lines, line)
	}
	return trials, inOrder(problems).Err()
}

// submitterOf is who would submit what the caller tries; empty: the caller has no
// part in the contract.
func (l *Ledger) submitterOf(r *store.Reader, c meibo.Caller, id meibo.ContractID) (meibo.OrganizationID, error) {
	contract, err := store.One[meibo.Contract](r, id)
	if errors.Is(err, meibo.ErrNotFound) {
		return "", nil
	}
	if err != nil || c.Client.OrganizationID == Operator {
		return contract.PrimeID, err
	}
	b, err := l.book(r, c, id, verbSimulate)
	switch {
	case errors.Is(err, meibo.ErrNotFound), errors.Is(err, meibo.ErrForbidden):
		return "", nil
	case err != nil:
		return "", err
	case b.City.ID == c.Client.OrganizationID:
		return contract.PrimeID, nil
	}
	return c.Client.OrganizationID, nil
}

// trying is a caller who may submit for an organization, in a trial alone.
func trying(o meibo.OrganizationID) meibo.Caller {
	client := meibo.Client{ID: "trial", OrganizationID: o}
	return meibo.Caller{Client: client, Grants: []meibo.Grant{
		{ClientID: client.ID, Role: meibo.RoleSubmitter, OrganizationID: o, ContractID: meibo.AnyContract},
	}}
}

// accepted are the rows of lines that everybody whose yes is needed has approved,
// and of the roster versions that they cut, which the city has acknowledged.
func (l *Ledger) accepted(r *store.Reader, trials []trial) ([]any, error) {
	var list []*meibo.Book
	for _, t := range trials {
		s := meibo.Scene{Caller: t.by, Now: r.Now, NewID: newID}
		parts, err := l.submit(r, s, "trial", t.lines, t.named)
		if err != nil {
			return nil, err
		}
		for _, p := range parts {
			if err := approve(p, s); err != nil {
				return nil, err
			}
			list = append(list, p.book)
		}
	}
	elsewhere, err := departedElsewhere(r, list)
	if err != nil {
		return nil, err
	}
	var rows []any
	for _, b := range append(list, elsewhere...) {
		acknowledge(b, r.Now)
		rows = append(rows, b.Outcome()...)
	}
	return rows, nil
}

// approve gives every yes that changes wait for.
func approve(p part, s meibo.Scene) error {
	s.Caller.Client.ID = "trial-approver"
	for _, c := range p.submission.Changes {
		for _, o := range slices.Compact([]meibo.OrganizationID{c.OrganizationID, p.book.Contract.PrimeID}) {
			s.Caller.Client.OrganizationID = o
			if c.State != meibo.ChangeSubmitted {
				continue
			}
			if _, err := p.book.Approve(s, c.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// acknowledge has the city acknowledge the versions that were cut. No decision
// reads what stands in them.
func acknowledge(b *meibo.Book, now meibo.Instant) {
	for _, r := range b.Rosters.Written() {
		r.Document, r.Hash = "{}", meibo.HashText("{}")
		b.Rosters.Put(r)
		b.Acknowledgement.Put(meibo.Acknowledgement{
			ID: newID(), ContractID: r.ContractID, Version: r.Version, Verdict: meibo.Acknowledged, ClientID: itself.Client.ID, At: now,
		})
	}
}

// departedElsewhere are the books of other contracts from which people depart
// because they have left the company.
func departedElsewhere(r *store.Reader, here []*meibo.Book) ([]*meibo.Book, error) {
	gone, named := leavers(here, r.Now)
	if len(gone) == 0 {
		return nil, nil
	}
	running, err := r.RunningOf(gone)
	if err != nil {
		return nil, err
	}
	byContract := map[meibo.ContractID][]meibo.PersonID{}
	var ids []meibo.ContractID
	for _, a := range running {
		if !named[a.ContractID] {
			byContract[a.ContractID] = append(byContract[a.ContractID], a.PersonID)
			ids = append(ids, a.ContractID)
		}
	}
	list, err := books(r, ids, nil)
	for _, b := range list {
		b.Depart(meibo.Scene{Caller: itself, Now: r.Now, NewID: newID}, byContract[b.Contract.ID])
	}
	return list, err
}
