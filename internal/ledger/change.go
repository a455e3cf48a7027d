package ledger

import (
	"context"
	"errors"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// DecidedChange is an answer to Approve, Reject and Withdraw.
type DecidedChange struct {
	ID      meibo.ChangeID    `json:"id"`
	State   meibo.ChangeState `json:"state"`
	Version int               `json:"version,omitempty"`
}

// Approve gives the caller's organization's yes to a waiting change. The
// approver is neither the submitter nor anybody whom the change names.
func (l *Ledger) Approve(ctx context.Context, c meibo.Caller, key string, id meibo.ChangeID) (DecidedChange, error) {
	return l.decideChange(ctx, deed{c, meibo.ActApprove, key, id}, id, verbApprove,
		func(b *meibo.Book, s meibo.Scene) (meibo.Change, error) { return b.Approve(s, id) })
}

// Reject turns a waiting change down, with the approver's words.
func (l *Ledger) Reject(ctx context.Context, c meibo.Caller, key string, id meibo.ChangeID, reason meibo.Personal) (DecidedChange, error) {
	if code := meibo.TextProblem(string(reason)); code != "" {
		return DecidedChange{}, meibo.Problems{{Field: "reason", Code: code}}
	}
	return l.decideChange(ctx, deed{c, meibo.ActReject, key, []string{string(id), string(reason)}}, id, verbReject,
		func(b *meibo.Book, s meibo.Scene) (meibo.Change, error) { return b.Reject(s, id, reason) })
}

// Withdraw takes back a waiting change of the caller's organization.
func (l *Ledger) Withdraw(ctx context.Context, c meibo.Caller, key string, id meibo.ChangeID) (DecidedChange, error) {
	return l.decideChange(ctx, deed{c, meibo.ActWithdraw, key, id}, id, verbWithdraw,
		func(b *meibo.Book, s meibo.Scene) (meibo.Change, error) { return b.Withdraw(s, id) })
}

func (l *Ledger) decideChange(ctx context.Context, d deed, id meibo.ChangeID, verb string,
	decide func(*meibo.Book, meibo.Scene) (meibo.Change, error)) (DecidedChange, error) {
	return write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (DecidedChange, outcome, error) {
		var none DecidedChange
		change, err := store.One[meibo.Change](&tx.Reader, id)
		if err != nil {
			return none, outcome{}, err
		}
		b, err := l.book(&tx.Reader, d.caller, change.ContractID, verb)
		if err != nil {
			return none, outcome{}, err
		}
		if d.act == meibo.ActApprove {
			if err := l.grantable(tx, id); err != nil {
				return none, outcome{}, err
			}
		}
		if change, err = decide(b, s); err != nil {
			return none, outcome{}, err
		}
		if now, ok := b.Changes.Get(id); ok {
			change = now
		}
		rows, err := settled(tx, b)
		out := outcome{contract: b.Contract.ID, subjects: []string{string(id)}, note: string(change.State), rows: rows}
		return DecidedChange{change.ID, change.State, change.Version}, out, err
	})
}

// A ChangeView is a change with its lines, who approved it and the people named.
type ChangeView struct {
	Change    meibo.Change
	Lines     []meibo.Line
	Approvals []meibo.Approval
	People    []meibo.Person
}

// Changes lists a contract's changes, newest first. A hop of the chain sees its
// own.
func (l *Ledger) Changes(ctx context.Context, c meibo.Caller, contract meibo.ContractID) ([]meibo.Change, error) {
	var list []meibo.Change
	err := l.db.View(ctx, func(r *store.Reader) error {
		b, err := l.book(r, c, contract, verbReadChange)
		if err != nil {
			return err
		}
		all, err := r.Changes(contract)
		for _, ch := range all {
			if whole(b, c) || ch.OrganizationID == c.Client.OrganizationID {
				list = append(list, ch)
			}
		}
		return err
	})
	return list, wrap("list changes", err)
}

// Change reads one change.
func (l *Ledger) Change(ctx context.Context, c meibo.Caller, id meibo.ChangeID) (ChangeView, error) {
	var v ChangeView
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		if v.Change, err = store.One[meibo.Change](r, id); err != nil {
			return err
		}
		b, err := l.book(r, c, v.Change.ContractID, verbReadChange)
		if err != nil {
			return err
		}
		if !whole(b, c) && v.Change.OrganizationID != c.Client.OrganizationID {
			return meibo.ErrNotFound
		}
		var errLines, errApprovals, errPeople error
		v.Lines, errLines = r.LinesOf(id)
		v.Approvals, errApprovals = r.ApprovalsOf(id)
		v.People, errPeople = r.People(peopleOf(v.Lines, nil))
		return errors.Join(errLines, errApprovals, errPeople)
	})
	return v, wrap("read change", err)
}
