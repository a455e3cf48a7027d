package ledger

import (
	"context"
	"errors"
	"slices"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// Disposing is an answer to ProposeDisposal and DecideDisposal.
type Disposing struct {
	ID      meibo.DisposalID    `json:"id"`
	State   meibo.DisposalState `json:"state"`
	Pledges int                 `json:"pledges"`
	Papers  int                 `json:"papers"`
	People  int                 `json:"people"`
}

func disposing(d meibo.Disposal) Disposing {
	return Disposing{d.ID, d.State, len(d.Pledges), d.Papers, len(d.People)}
}

// ProposeDisposal proposes to destroy what of a contract need not be kept any more: its
// pledges, its rosters with the changes that led to them, and who the people were who
// have to do with nothing else that is kept. It is for the city. Nothing is destroyed
// before a second person approves.
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
		if len(due.Pledges)+due.Papers+len(due.People) == 0 {
			return Disposing{}, outcome{}, meibo.Refuse(meibo.ErrConflict, "NOTHING_TO_DISPOSE")
		}
		row := meibo.Disposal{
			ID: meibo.DisposalID(s.NewID()), ContractID: contract, KeptUntil: due.KeptUntil, Pledges: due.Pledges, Papers: due.Papers, People: due.People, State: meibo.DisposalProposed,
			ProposedBy: c.Client.ID, ProposerID: c.Client.PersonID, ProposedAt: s.Now,
		}
		out := outcome{contract: contract, subjects: []string{string(row.ID)}, note: string(row.State), rows: []any{row}}
		return disposing(row), out, nil
	})
}

// A DisposalsDue is what of a contract could be destroyed now.
type DisposalsDue struct {
	KeptUntil meibo.Date // last day for which the contract's own pledges and rosters are kept
	Pledges   []meibo.PledgeID
	Papers    int // roster versions, changes, and what came with them
	People    []meibo.PersonID
}

// disposable finds it, for who may do what the verb says.
func (l *Ledger) disposable(r *store.Reader, c meibo.Caller, id meibo.ContractID, verb string) (due DisposalsDue, err error) {
	b, err := l.book(r, c, id, verb)
	if err != nil {
		return due, err
	}
	k, err := keepingOf(r)
	if err != nil {
		return due, err
	}
	pledges, err := r.Nameless().Pledges(id)
	if err != nil {
		return due, err
	}
	due.KeptUntil = k.city.PledgesKept(b.Contract.LastDay())
	for _, p := range pledges {
		if p.Disposable(k.contracts, k.holds, k.city, k.today) {
			due.Pledges = append(due.Pledges, p.ID)
		}
	}
	work, err := r.ConcernedBy(id)
	if err != nil {
		return due, err
	}
	if due.People, err = k.peopleDue(r, work); err != nil {
		return due, err
	}
	if b.Contract.RostersDisposable(peopleIn(work), k.holds, k.city, k.today) {
		enclosures, err1 := k.enclosuresDue(r, id)
		papers, err2 := r.PapersLeft(id)
		due.Papers, err = papers+len(enclosures), errors.Join(err1, err2)
	}
	return due, err
}

// DecideDisposal approves or rejects a disposal. With the approval what it names is
// destroyed: the text of each pledge, what rosters and changes say, names and what
// finds people by them, papers and the keys that open them, and the images by which the
// log could show all that; the log stays whole, and says that it was done. Where
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
			gone, err := destroyAll(tx, s, row, due)
			if err != nil {
				return Disposing{}, outcome{}, err
			}
			out.rows = append(out.rows, gone...)
		}
		return disposing(row), out, nil
	})
}

// destroyAll destroys what a disposal names, as far as it still may be, and returns what
// stays.
func destroyAll(tx *store.Tx, s meibo.Scene, d meibo.Disposal, due DisposalsDue) ([]any, error) {
	stay, err := destroyPledges(tx, s, d.Pledges, due.Pledges)
	if err != nil {
		return nil, err
	}
	if d.Papers > 0 {
		if due.Papers == 0 {
			return nil, meibo.Refuse(meibo.ErrConflict, "STILL_TO_BE_KEPT")
		}
		rows, err := destroyRosters(tx, d.ContractID)
		if err != nil {
			return nil, err
		}
		stay = append(stay, rows...)
	}
	rows, err := destroyPeople(tx, s, d.People, due.People)
	if err != nil {
		return nil, err
	}
	stay = append(stay, rows...)
	return stay, tx.Forget(stay)
}

// stillDue refuses unless everything that a disposal names is due by now.
func stillDue[ID comparable](of, due []ID) error {
	is := make(map[ID]bool, len(due))
	for _, id := range due {
		is[id] = true
	}
	if slices.ContainsFunc(of, func(id ID) bool { return !is[id] }) {
		return meibo.Refuse(meibo.ErrConflict, "STILL_TO_BE_KEPT")
	}
	return nil
}

// destroyPledges destroys pledges with their papers, and returns what stays of them.
func destroyPledges(tx *store.Tx, s meibo.Scene, of, due []meibo.PledgeID) (stay []any, err error) {
	if err := stillDue(of, due); err != nil {
		return nil, err
	}
	for _, id := range of {
		p, err := store.One[meibo.Pledge](tx.Nameless(), id)
		if err != nil {
			return nil, err
		}
		sealed, err := tx.SealedPaper(pledgePaper(id))
		if err != nil && !errors.Is(err, meibo.ErrNotFound) {
			return nil, err
		}
		papers, err := destroyDocuments(tx, append(append([]meibo.DocumentID{p.FormID}, p.Papers...), sealed.DocumentID))
		if err != nil {
			return nil, err
		}
		if sealed.DocumentID != "" {
			stay = append(stay, sealed.Disposed())
		}
		stay = append(append(stay, p.Disposed(s.Now)), papers...)
	}
	return stay, nil
}

// destroyDocuments destroys documents, and returns what stays of them.
func destroyDocuments(tx *store.Tx, ids []meibo.DocumentID) (stay []any, err error) {
	for _, id := range ids {
		if id == "" {
			continue
		}
		d, err := store.One[meibo.Document](tx.Nameless(), id)
		if err != nil {
			return nil, err
		}
		stay = append(stay, d.Disposed())
	}
	return stay, nil
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
