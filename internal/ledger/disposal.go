package ledger

import (
	"context"
	"errors"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// Disposing is an answer to ProposeDisposal and DecideDisposal.
type Disposing struct {
	ID      meibo.DisposalID    `json:"id"`
	State   meibo.DisposalState `json:"state"`
	Pledges int                 `json:"pledges"`
}

// ProposeDisposal proposes to destroy the pledges of a contract that need not be kept
// any more. It is for the city. Nothing is destroyed before a second person approves.
func (l *Ledger) ProposeDisposal(ctx context.Context, c meibo.Caller, key string, contract meibo.ContractID) (Disposing, error) {
	d := deed{c, meibo.ActProposeDisposal, key, contract}
	return write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (Disposing, outcome, error) {
		due, err := l.disposable(&tx.Reader, c, contract, verbProposeDisposal)
		if err != nil {
			return Disposing{}, outcome{}, err
		}
		before, err := tx.Disposals(contract)
		if err != nil {
			return Disposing{}, outcome{}, err
		}
		for _, b := range before {
			if b.State == meibo.DisposalProposed {
				return Disposing{}, outcome{}, meibo.Refuse(meibo.ErrConflict, "DISPOSAL_WAITS")
			}
		}
		if len(due.Pledges) == 0 {
			return Disposing{}, outcome{}, meibo.Refuse(meibo.ErrConflict, "NOTHING_TO_DISPOSE")
		}
		row := meibo.Disposal{
			ID: meibo.DisposalID(s.NewID()), ContractID: contract, KeptUntil: due.KeptUntil, Pledges: due.Pledges, State: meibo.DisposalProposed,
			ProposedBy: c.Client.ID, ProposerID: c.Client.PersonID, ProposedAt: s.Now,
		}
		out := outcome{contract: contract, subjects: []string{string(row.ID)}, note: string(row.State), rows: []any{row}}
		return Disposing{row.ID, row.State, len(row.Pledges)}, out, nil
	})
}

// A DisposalsDue is what of a contract's pledges could be destroyed now.
type DisposalsDue struct {
	KeptUntil meibo.Date // last day for which the contract's own pledges are kept
	Pledges   []meibo.PledgeID
}

// disposable finds it, for who may do what the verb says.
func (l *Ledger) disposable(r *store.Reader, c meibo.Caller, id meibo.ContractID, verb string) (due DisposalsDue, err error) {
	b, err := l.book(r, c, id, verb)
	if err != nil {
		return due, err
	}
	contracts, err1 := r.Contracts()
	holds, err2 := r.OpenHolds()
	city, err3 := r.CityParameters()
	pledges, err4 := r.Nameless().Pledges(id)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return due, err
	}
	due.KeptUntil = city.PledgesKept(b.Contract.LastDay())
	for _, p := range pledges {
		if p.Disposable(contracts, holds, city, r.Now.Day()) {
			due.Pledges = append(due.Pledges, p.ID)
		}
	}
	return due, nil
}

// DecideDisposal approves or rejects a disposal. With the approval the text of each
// pledge, its papers and the keys that open them are destroyed, and the images by which
// the log could show them; the log stays whole, and says that it was done. Where
// something is kept as evidence by now nothing is destroyed: ErrConflict.
func (l *Ledger) DecideDisposal(ctx context.Context, c meibo.Caller, key string, id meibo.DisposalID, approve bool) (Disposing, error) {
	act := meibo.ActRejectDisposal
	if approve {
		act = meibo.ActDispose
	}
	return write(ctx, l, deed{c, act, key, []any{id, approve}}, func(tx *store.Tx, s meibo.Scene) (Disposing, outcome, error) {
		if err := l.mayAnywhere(c, verbApproveDisposal); err != nil {
			return Disposing{}, outcome{}, err
		}
		row, err := store.One[meibo.Disposal](&tx.Reader, id)
		if err != nil {
			return Disposing{}, outcome{}, err
		}
		due, err := l.disposable(&tx.Reader, c, row.ContractID, verbApproveDisposal)
		if err != nil {
			return Disposing{}, outcome{}, err
		}
		if row, err = row.Decide(s, approve); err != nil {
			return Disposing{}, outcome{}, err
		}
		out := outcome{contract: row.ContractID, subjects: []string{string(row.ID)}, note: string(row.State), rows: []any{row}}
		if approve {
			gone, err := destroy(tx, s, row.Pledges, meibo.List[meibo.PledgeID](due.Pledges))
			if err != nil {
				return Disposing{}, outcome{}, err
			}
			out.rows = append(out.rows, gone...)
		}
		return Disposing{row.ID, row.State, len(row.Pledges)}, out, nil
	})
}

// destroy destroys pledges with their papers, and returns what stays of them.
func destroy(tx *store.Tx, s meibo.Scene, of, due meibo.List[meibo.PledgeID]) (stay []any, err error) {
	for _, id := range of {
		if !due.Has(id) {
			return nil, meibo.Refuse(meibo.ErrConflict, "STILL_TO_BE_KEPT")
		}
		p, err := store.One[meibo.Pledge](tx.Nameless(), id)
		if err != nil {
			return nil, err
		}
		papers := append([]meibo.DocumentID{p.FormID}, p.Papers...)
		sealed, err := tx.SealedPaper(pledgePaper(id))
		if err != nil && !errors.Is(err, meibo.ErrNotFound) {
			return nil, err
		}
		stay = append(stay, p.Disposed(s.Now))
		for _, paper := range append(papers, sealed.DocumentID) {
			if paper == "" {
				continue
			}
			d, err := store.One[meibo.Document](tx.Nameless(), paper)
			if err != nil {
				return nil, err
			}
			stay = append(stay, d.Disposed())
		}
	}
	return stay, tx.Forget(stay)
}

// Disposals are the disposals of a contract, the newest first, and what could be
// destroyed now.
func (l *Ledger) Disposals(ctx context.Context, c meibo.Caller, contract meibo.ContractID) (list []meibo.Disposal, due DisposalsDue, err error) {
	err = l.db.View(ctx, func(r *store.Reader) error {
		if due, err = l.disposable(r, c, contract, verbReadDisposal); err != nil {
			return err
		}
		list, err = r.Disposals(contract)
		return err
	})
	return list, due, wrap("list disposals", err)
}
