package ledger

import (
	"context"
	"errors"
	"slices"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A DecisionPage is a part of the log of decisions.
type DecisionPage struct {
	Decisions []meibo.Recorded
	Next      string // token of the next page; empty: this is the last
}

// Decisions reads recorded decisions, newest first or oldest first. The city reads
// all of them, a contractor those about its own people; a grant for one contract
// shows that contract. Pages that follow each other show each decision once,
// whatever is recorded meanwhile.
func (l *Ledger) Decisions(ctx context.Context, c meibo.Caller, f meibo.DecisionFilter, oldest bool, p Page) (DecisionPage, error) {
	p, err := p.within()
	if err != nil {
		return DecisionPage{}, err
	}
	question := []any{f, oldest}
	var after meibo.DecisionPlace
	if p.Token != "" {
		if err := l.openToken("decisions", c, question, p.Token, &after); err != nil {
			return DecisionPage{}, err
		}
	}
	if err := l.mayRead(ctx, c, &f); err != nil {
		return DecisionPage{}, wrap("read decisions", err)
	}
	list, err := l.db.Decisions(ctx, f, after, oldest, p.Limit+1)
	if err != nil || len(list) <= p.Limit {
		return DecisionPage{Decisions: list}, err
	}
	list = list[:p.Limit]
	last := list[len(list)-1]
	return DecisionPage{list, l.token("decisions", c, question, meibo.DecisionPlace{At: last.At, ID: last.ID})}, nil
}

// Decision reads one recorded decision; one that the caller may not read is
// ErrNotFound.
func (l *Ledger) Decision(ctx context.Context, c meibo.Caller, id meibo.DecisionID) (meibo.Recorded, []meibo.Code, error) {
	var f meibo.DecisionFilter
	if err := l.mayRead(ctx, c, &f); err != nil {
		return meibo.Recorded{}, nil, wrap("read decision", err)
	}
	if !meibo.ValidID(id) {
		return meibo.Recorded{}, nil, wrap("read decision", meibo.ErrNotFound)
	}
	d, err := l.db.Decision(ctx, id, f)
	var reasons []meibo.Code
	for _, code := range slices.Concat(d.Codes, d.Advice) {
		if info, known := authz.Info(authz.Code(code)); known {
			reasons = append(reasons, codeOf(info))
		}
	}
	return d, reasons, err
}

// mayRead narrows a filter to what the caller may read.
func (l *Ledger) mayRead(ctx context.Context, c meibo.Caller, f *meibo.DecisionFilter) error {
	return l.narrow(ctx, c, f, verbReadDecision)
}

// narrow narrows a filter to the decisions with which the caller may do what the
// verb says.
func (l *Ledger) narrow(ctx context.Context, c meibo.Caller, f *meibo.DecisionFilter, verb string) error {
	if ps := f.Check(); len(ps) > 0 {
		return ps
	}
	if err := l.may(c, meibo.AnyContract, verb); errors.Is(err, meibo.ErrForbidden) {
		for _, g := range c.Grants {
			if l.may(c, g.ContractID, verb) == nil {
				f.Contracts = append(f.Contracts, g.ContractID)
			}
		}
		if f.Contracts == nil {
			return err
		}
	} else if err != nil {
		return err
	}
	return l.db.View(ctx, func(r *store.Reader) error {
		city, err := r.City()
		if err != nil || city.ID == c.Client.OrganizationID {
			return err
		}
		own, err := r.PeopleOf(c.Client.OrganizationID)
		switch {
		case err != nil:
			return err
		case f.Person != "" && !slices.Contains(own, f.Person):
			own = nil
		case f.Person != "":
			own = []meibo.PersonID{f.Person}
		}
		f.People = append([]meibo.PersonID{}, own...)
		return nil
	})
}

// A DecisionReport sums decisions up.
type DecisionReport struct {
	Counts   []meibo.DecisionCount
	Cut      bool // there are more kinds than are counted here
	LookBack []LookBack
}

// A LookBack is what was allowed after a right should have ended, and before that
// was recorded: a backdated removal works from when it is recorded.
type LookBack struct {
	meibo.LateRemoval
	Allowed []meibo.Recorded
	Cut     bool // there were more
}

// mostCounts and mostLookBack bound a report.
const (
	mostCounts   = 1000
	mostLookBack = 500
)

// DecisionReport counts the decisions that a filter selects, and looks back on every
// removal that was recorded in its period for a day that had passed.
func (l *Ledger) DecisionReport(ctx context.Context, c meibo.Caller, f meibo.DecisionFilter) (DecisionReport, error) {
	if err := l.mayRead(ctx, c, &f); err != nil {
		return DecisionReport{}, wrap("report decisions", err)
	}
	counts, err := l.db.CountDecisions(ctx, f, mostCounts+1)
	if err != nil {
		return DecisionReport{}, err
	}
	report := DecisionReport{Counts: counts[:min(len(counts), mostCounts)], Cut: len(counts) > mostCounts}
	removals, err := l.lateRemovals(ctx, f)
	if err != nil {
		return DecisionReport{}, err
	}
	for _, r := range removals {
		between := r.Filter()
		between.People, between.Contracts = f.People, f.Contracts
		list, err := l.db.Decisions(ctx, between, meibo.DecisionPlace{}, true, mostLookBack+1)
		if err != nil {
			return DecisionReport{}, err
		}
		report.LookBack = append(report.LookBack, LookBack{r, list[:min(len(list), mostLookBack)], len(list) > mostLookBack})
	}
	return report, nil
}

// lateRemovals are those that the reader of a report may see.
func (l *Ledger) lateRemovals(ctx context.Context, f meibo.DecisionFilter) ([]meibo.LateRemoval, error) {
	var list []meibo.LateRemoval
	err := l.db.View(ctx, func(r *store.Reader) error {
		changes, lines, err := r.Shortened(f.Contract, f.Person, f.From, f.Until)
		for _, line := range lines {
			removal, late := meibo.LateRemovalOf(changes[line.ChangeID], line)
			if !late || f.People != nil && !slices.Contains(f.People, removal.PersonID) || f.Contracts != nil && !slices.Contains(f.Contracts, removal.ContractID) {
				continue
			}
			list = append(list, removal)
		}
		return err
	})
	return list, wrap("look back", err)
}
