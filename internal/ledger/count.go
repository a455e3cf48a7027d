package ledger

import (
	"context"
	"errors"
	"slices"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// uses reports whether decisions use up something: a permit whose uses are counted,
// or an emergency that nobody has claimed yet.
func (v *view) uses(list []meibo.Decision) bool {
	for _, d := range list {
		if v.counted[d.PermitID] || d.PrimaryCode == string(authz.CodeAllowEmergency) {
			return true
		}
	}
	return false
}

// errMovedOn says that the ledger is no longer at the revision of a decision.
var errMovedOn = errors.New("the ledger moved on")

// count records what decisions use up, in a transaction that no other change can
// come before: nothing is used up twice, and nothing is given that was not counted.
func (l *Ledger) count(ctx context.Context, v *view, list []meibo.Decision) (given bool, code authz.Code) {
	if l.Sealed() {
		return false, authz.CodeStoreUnavailable
	}
	mark := *l.mark.seen.Load()
	var epoch string
	var revision int64
	err := l.db.Update(ctx, func(tx *store.Tx) error {
		rev, history, err := tx.Revision()
		if err != nil {
			return err
		}
		if rev != v.Rev() || history != v.Epoch() {
			return errMovedOn
		}
		rows, err := v.usesOf(&tx.Reader, list)
		if err != nil {
			return err
		}
		entry := meibo.Entry{Client: list[0].ClientID, Act: meibo.ActCountUse}
		for _, d := range list {
			entry.Subjects = append(entry.Subjects, string(d.ID))
		}
		entry, err = tx.Record(entry, rows)
		revision, epoch = entry.Revision, history
		return err
	})
	switch {
	case errors.Is(err, errMovedOn):
		return false, ""
	case err != nil, l.release(mark, epoch, revision) != nil:
		return false, authz.CodeAuditUnavailable
	}
	l.catchUp(ctx) // or the next check does
	return true, ""
}

// usesOf are the rows of what decisions use up.
func (v *view) usesOf(r *store.Reader, list []meibo.Decision) ([]any, error) {
	var rows []any
	for _, d := range list {
		switch {
		case v.counted[d.PermitID]:
			rows = append(rows, meibo.PermitUse{
				DecisionID: d.ID, PermitID: d.PermitID, PersonID: d.Question.Person, Rows: d.Question.Circumstances.Rows, At: r.Now,
			})
		case d.PrimaryCode == string(authz.CodeAllowEmergency):
			claimed, err := claimed(r, d)
			if err != nil {
				return nil, err
			}
			if !claimed && !slices.ContainsFunc(rows, claimOf(d)) {
				rows = append(rows, meibo.Emergency{
					ID: newID(), ContractID: d.Question.Contract, PersonID: d.Question.Person, DecisionID: d.ID, Since: d.At,
				})
			}
		}
	}
	return rows, nil
}

// claimed reports whether an emergency runs already that the decision belongs to.
func claimed(r *store.Reader, d meibo.Decision) (bool, error) {
	list, err := r.Emergencies(d.Question.Contract)
	for _, e := range list {
		if e.PersonID == d.Question.Person && e.ReviewedAt.IsZero() {
			return true, err
		}
	}
	return false, err
}

// claimOf finds the row of the claim to which a decision belongs.
func claimOf(d meibo.Decision) func(any) bool {
	return func(row any) bool {
		e, is := row.(meibo.Emergency)
		return is && e.PersonID == d.Question.Person && e.ContractID == d.Question.Contract
	}
}
