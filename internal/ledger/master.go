package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// Master reads the registered master data.
func (l *Ledger) Master(ctx context.Context, c meibo.Caller) (meibo.Master, error) {
	if err := l.may(c, meibo.AnyContract, verbReadMaster); err != nil {
		return meibo.Master{}, err
	}
	var m meibo.Master
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		m, err = masterOf(r)
		return err
	})
	return m, wrap("read master data", err)
}

func masterOf(r *store.Reader) (m meibo.Master, err error) {
	var errs [11]error
	m.Organizations, errs[0] = r.Organizations()
	m.Assets, errs[1] = r.Assets()
	m.Purposes, errs[2] = r.Purposes()
	m.Contracts, errs[3] = r.Contracts()
	m.Subcontracts, errs[4] = r.Subcontracts()
	m.Templates, errs[5] = r.Templates()
	m.Systems, errs[6] = r.Systems()
	m.Parameters, errs[7] = r.Parameters()
	m.Permits, errs[8] = r.Permits()
	m.Services, errs[9] = r.ServiceAccounts()
	m.Delegations, errs[10] = r.Delegations()
	return m, errors.Join(errs[:]...)
}

// A Plan is what applying master data would change, and the state of things on
// which that was said.
type Plan struct {
	Changes []meibo.MasterChange
	State   string // to be named by ApplyMaster
}

// PlanMaster tells what ApplyMaster would do, and does nothing. Data that is
// wrong is ErrInvalid, with every problem at once.
func (l *Ledger) PlanMaster(ctx context.Context, c meibo.Caller, m meibo.Master) (Plan, error) {
	var plan Plan
	err := l.db.View(ctx, func(r *store.Reader) error {
		now, err := l.judgeMaster(r, c, m)
		if err != nil {
			return err
		}
		plan.Changes = m.Difference(now)
		plan.State, err = stateOf(now)
		return err
	})
	return plan, wrap("plan master data", err)
}

// Applied is an answer to ApplyMaster.
type Applied struct {
	Items int `json:"items"` // added or altered
}

// ApplyMaster registers master data, all or nothing. state is that of the plan
// which was agreed to; when things have changed since, it is ErrConflict. Data
// that says what is registered already changes nothing. Where organizations are
// altered, the directory is read anew.
func (l *Ledger) ApplyMaster(ctx context.Context, c meibo.Caller, key string, m meibo.Master, state string) (Applied, error) {
	d := deed{c, meibo.ActApply, key, []any{m, state}}
	reread := false
	applied, err := write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (Applied, outcome, error) {
		now, err := l.judgeMaster(&tx.Reader, c, m)
		if err != nil {
			return Applied{}, outcome{}, err
		}
		if is, err := stateOf(now); err != nil || is != state {
			return Applied{}, outcome{}, errors.Join(meibo.Refuse(meibo.ErrConflict, "MASTER_CHANGED_MEANWHILE"), err)
		}
		var out outcome
		for _, change := range m.Difference(now) {
			out.subjects = append(out.subjects, change.Section+"/"+change.ID)
		}
		out.rows = m.Altered(now)
		reread = slices.ContainsFunc(out.rows, func(row any) bool { _, is := row.(meibo.Organization); return is })
		return Applied{len(out.rows)}, out, nil
	})
	if reread && l.directory != nil && l.directory.Reread != nil {
		l.directory.Reread() // whatever err says of what came after the commit
	}
	return applied, err
}

// judgeMaster returns what is registered, and says what is wrong with the new
// data in view of it. A city approver registers consents only.
func (l *Ledger) judgeMaster(r *store.Reader, c meibo.Caller, m meibo.Master) (meibo.Master, error) {
	if err := l.may(c, meibo.AnyContract, verbApplyMaster); err != nil {
		if l.may(c, meibo.AnyContract, verbConsent) != nil {
			return meibo.Master{}, err
		}
		if !m.OnlyConsents() {
			return meibo.Master{}, meibo.Refuse(meibo.ErrForbidden, "NOT_YOURS_TO_APPLY")
		}
	}
	now, err := judged(r, m)
	if err != nil {
		return now, err
	}
	return now, l.judgeWays(m)
}

// judgeWays refuses contracts of which the city cannot be told as they say.
func (l *Ledger) judgeWays(m meibo.Master) error {
	var ps meibo.Problems
	for i, k := range m.Contracts {
		if l.ways == nil || k.Over(l.Now()) {
			continue
		}
		if code := l.ways(k); code != "" {
			ps = append(ps, meibo.Problem{Field: fmt.Sprintf("contracts[%d].notice_way", i), Code: code})
		}
	}
	return ps.Err()
}

// CheckWays tells of which contracts that are registered the city cannot be told in
// the way that they say, as things are configured. Nothing would reach it.
func (l *Ledger) CheckWays(ctx context.Context) error {
	var m meibo.Master
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		m.Contracts, err = r.Contracts()
		return err
	})
	if err != nil {
		return wrap("read contracts", err)
	}
	var errs []error
	for _, k := range m.Contracts {
		if l.ways == nil || k.Over(l.Now()) {
			continue
		}
		if code := l.ways(k); code != "" {
			errs = append(errs, fmt.Errorf("contract %s is to be notified by %s: %s", k.ID, k.Way(), code))
		}
	}
	return errors.Join(errs...)
}

// judged is judgeMaster, whoever asks.
func judged(r *store.Reader, m meibo.Master) (meibo.Master, error) {
	now, err := masterOf(r)
	if err != nil {
		return now, err
	}
	rosters := map[meibo.ContractID]bool{}
	for _, k := range now.Contracts {
		versions, err := r.Rosters(k.ID)
		if err != nil {
			return now, err
		}
		rosters[k.ID] = len(versions) > 0
	}
	people, err := r.People(m.Names())
	if err != nil {
		return now, err
	}
	known := map[meibo.PersonID]bool{}
	for _, p := range people {
		known[p.ID] = true
	}
	return now, m.Check(now, rosters, known)
}

// stateOf is a hash over all registered master data.
func stateOf(m meibo.Master) (string, error) {
	text, err := meibo.Canonical(m)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}
