package ledger

import (
	"context"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// Emergencies lists the claims of emergencies under a contract, the oldest first.
func (l *Ledger) Emergencies(ctx context.Context, c meibo.Caller, id meibo.ContractID) ([]meibo.Emergency, error) {
	var list []meibo.Emergency
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		if err := l.mayUnder(r, c, id, verbReadEmergency); err != nil {
			return err
		}
		list, err = r.Emergencies(id)
		return err
	})
	return list, wrap("list emergencies", err)
}

// Reviewed is an answer to ReviewEmergency.
type Reviewed struct {
	Emergency string        `json:"emergency"`
	At        meibo.Instant `json:"at"`
}

// ReviewEmergency confirms afterwards that a claim was looked into; until then no
// other is allowed. Nobody confirms his own.
func (l *Ledger) ReviewEmergency(ctx context.Context, c meibo.Caller, key, id string) (Reviewed, error) {
	return write(ctx, l, deed{c, meibo.ActReview, key, id}, func(tx *store.Tx, s meibo.Scene) (Reviewed, outcome, error) {
		if err := l.mayAnywhere(c, verbReviewEmergency); err != nil {
			return Reviewed{}, outcome{}, err
		}
		e, err := store.One[meibo.Emergency](&tx.Reader, meibo.PersonID(id))
		if err != nil {
			return Reviewed{}, outcome{}, err
		}
		switch err := l.mayUnder(&tx.Reader, c, e.ContractID, verbReviewEmergency); {
		case err != nil:
			return Reviewed{}, outcome{}, meibo.ErrNotFound
		case c.Client.PersonID != "" && c.Client.PersonID == e.PersonID:
			return Reviewed{}, outcome{}, meibo.Refuse(meibo.ErrForbidden, "SOD_CONFLICT")
		case !e.ReviewedAt.IsZero():
			return Reviewed{}, outcome{}, meibo.Refuse(meibo.ErrConflict, "EMERGENCY_REVIEWED")
		}
		e.ReviewedAt, e.ReviewedBy = s.Now, c.Client.ID
		return Reviewed{e.ID, s.Now}, outcome{contract: e.ContractID, subjects: []string{e.ID}, rows: []any{e}}, nil
	})
}
