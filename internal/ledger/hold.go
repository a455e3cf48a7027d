package ledger

import (
	"context"
	"errors"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// Held is an answer to OpenHold and LiftHold.
type Held struct {
	Hold meibo.HoldID  `json:"hold"`
	At   meibo.Instant `json:"at"`
}

// OpenHold stops at once what a hold is on: from when the call returns every check
// that involves all that it names is refused (S1-11-2). A contractor can hold only
// what is under its own contracts. While the database is away the hold is kept on
// the disk of this replica, and goes into the ledger later.
func (l *Ledger) OpenHold(ctx context.Context, c meibo.Caller, key string, h meibo.Hold) (Held, error) {
	if err := h.Check().Err(); err != nil {
		return Held{}, err
	}
	if !meibo.ValidID(key) {
		return Held{}, meibo.Problems{{Field: "idempotency_key", Code: "IDEMPOTENCY_KEY_INVALID"}}
	}
	h.ID, h.OpenedAt = "", 0
	within, cancel := context.WithTimeout(ctx, followFor)
	defer cancel()
	held, err := l.openHold(within, c, key, h)
	if unreachable(err) {
		return l.holdOffline(c, key, h)
	}
	return held, err
}

// openHold opens a hold in the ledger; one that was taken while that was away keeps
// its id and its moment.
func (l *Ledger) openHold(ctx context.Context, c meibo.Caller, key string, h meibo.Hold) (Held, error) {
	asked := h
	asked.ID, asked.OpenedAt, asked.OpenedBy = "", 0, ""
	return write(ctx, l, deed{c, meibo.ActOpenHold, key, asked}, func(tx *store.Tx, s meibo.Scene) (Held, outcome, error) {
		if err := l.mayUnder(&tx.Reader, c, h.ContractID, verbOpenHold); err != nil {
			return Held{}, outcome{}, err
		}
		if err := namesSomething(&tx.Reader, h); err != nil {
			return Held{}, outcome{}, err
		}
		if h.ID == "" {
			h.ID, h.OpenedAt = meibo.HoldID(s.NewID()), s.Now
		}
		h.OpenedBy, h.LiftedAt, h.LiftedBy = c.Client.ID, 0, ""
		return Held{h.ID, h.OpenedAt}, outcome{contract: h.ContractID, subjects: []string{string(h.ID)}, note: string(h.Kind), rows: []any{h}}, nil
	})
}

// mayUnder asks for a contract in which the caller has a part. Without one, what is done
// reaches beyond any contract, which is for the city
// and the operator.
func (l *Ledger) mayUnder(r *store.Reader, c meibo.Caller, id meibo.ContractID, verb string) error {
	if id == "" {
		city, err := r.City()
		if err != nil {
			return err
		}
		if own := c.Client.OrganizationID; own != Operator && own != city.ID {
			return meibo.Refuse(meibo.ErrForbidden, "ROLE_MISSING")
		}
		return l.may(c, meibo.AnyContract, verb)
	}
	if c.Client.OrganizationID == Operator {
		return l.may(c, id, verb)
	}
	_, err := l.book(r, c, id, verb)
	if errors.Is(err, meibo.ErrNotFound) {
		return meibo.Problems{{Field: "contract", Code: "REFERENCE_UNKNOWN"}}
	}
	return err
}

func namesSomething(r *store.Reader, h meibo.Hold) error {
	var ps meibo.Problems
	check := func(field string, named bool, err error) {
		if named && err != nil {
			ps = append(ps, meibo.Problem{Field: field, Code: "REFERENCE_UNKNOWN"})
		}
	}
	_, err := store.One[meibo.Person](r, h.PersonID)
	check("person", h.PersonID != "", err)
	_, err = store.One[meibo.Contract](r, h.ContractID)
	check("contract", h.ContractID != "", err)
	_, err = store.One[meibo.Asset](r, h.AssetID)
	check("asset", h.AssetID != "", err)
	return ps.Err()
}

// LiftHold ends a hold. It is for the city and the operator.
func (l *Ledger) LiftHold(ctx context.Context, c meibo.Caller, key string, id meibo.HoldID) (Held, error) {
	return write(ctx, l, deed{c, meibo.ActLiftHold, key, id}, func(tx *store.Tx, s meibo.Scene) (Held, outcome, error) {
		if err := l.mayAnywhere(c, verbLiftHold); err != nil {
			return Held{}, outcome{}, err
		}
		h, err := store.One[meibo.Hold](&tx.Reader, id)
		if err != nil {
			return Held{}, outcome{}, err
		}
		if err := l.mayUnder(&tx.Reader, c, h.ContractID, verbLiftHold); err != nil {
			return Held{}, outcome{}, err
		}
		if !h.LiftedAt.IsZero() {
			return Held{}, outcome{}, meibo.Refuse(meibo.ErrConflict, "HOLD_ALREADY_LIFTED")
		}
		h.LiftedAt, h.LiftedBy = s.Now, c.Client.ID
		return Held{h.ID, s.Now}, outcome{contract: h.ContractID, subjects: []string{string(h.ID)}, rows: []any{h}}, nil
	})
}

// Holds lists holds, the newest first: all of them to the city, the operator and
// auditors, those under its own contracts to a contractor.
func (l *Ledger) Holds(ctx context.Context, c meibo.Caller) ([]meibo.Hold, error) {
	if err := l.mayAnywhere(c, verbReadHold); err != nil {
		return nil, err
	}
	var seen []meibo.Hold
	err := l.db.View(ctx, func(r *store.Reader) error {
		all, err := r.Holds()
		for _, h := range all {
			if err := l.mayUnder(r, c, h.ContractID, verbReadHold); err == nil {
				seen = append(seen, h)
			}
		}
		return err
	})
	return seen, wrap("list holds", err)
}
