package ledger

import (
	"context"
	"strconv"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// Trained is an answer to RecordTraining.
type Trained struct {
	Trainings int `json:"trainings"`
}

// RecordTraining records that people were told the city's conditions (S0-2, S0-3),
// all or none. A contractor records it for those who work for it.
func (l *Ledger) RecordTraining(ctx context.Context, c meibo.Caller, key string, list []meibo.Training) (Trained, error) {
	if len(list) == 0 {
		return Trained{}, meibo.Problems{{Field: "trainings", Code: "REQUIRED"}}
	}
	return write(ctx, l, deed{c, meibo.ActTrain, key, list}, func(tx *store.Tx, s meibo.Scene) (Trained, outcome, error) {
		if err := l.mayAnywhere(c, verbRecordTraining); err != nil {
			return Trained{}, outcome{}, err
		}
		var ps meibo.Problems
		var out outcome
		for i, t := range list {
			ps = append(ps, l.trained(&tx.Reader, c, t, i+1)...)
			t.ID, t.RecordedBy, t.At = s.NewID(), c.Client.ID, s.Now
			out.rows, out.subjects = append(out.rows, t), append(out.subjects, string(t.PersonID))
		}
		return Trained{len(list)}, out, inOrder(ps).Err()
	})
}

// trained says what is wrong with one record.
func (l *Ledger) trained(r *store.Reader, c meibo.Caller, t meibo.Training, row int) meibo.Problems {
	ps := t.Check(r.Now)
	p, err := store.One[meibo.Person](r, t.PersonID)
	if err != nil || c.Client.OrganizationID != Operator && p.OrganizationID != c.Client.OrganizationID {
		ps = append(ps, meibo.Problem{Field: "person", Code: "PERSON_UNKNOWN"})
	}
	if t.ContractID != "" {
		if err := l.mayUnder(r, c, t.ContractID, verbRecordTraining); err != nil {
			ps = append(ps, meibo.Problem{Field: "contract", Code: "REFERENCE_UNKNOWN"})
		}
	}
	for i := range ps {
		ps[i].Row, ps[i].Field = row, "trainings["+strconv.Itoa(row-1)+"]."+ps[i].Field
	}
	return ps
}

// Trainings lists what is recorded of a person, the oldest first: to the person's
// own organization, the operator and auditors.
func (l *Ledger) Trainings(ctx context.Context, c meibo.Caller, id meibo.PersonID) ([]meibo.Training, error) {
	if err := l.mayAnywhere(c, verbReadTraining); err != nil {
		return nil, err
	}
	var list []meibo.Training
	err := l.db.View(ctx, func(r *store.Reader) error {
		p, err := store.One[meibo.Person](r, id)
		if err != nil {
			return err
		}
		if p.OrganizationID != c.Client.OrganizationID && l.may(c, meibo.AnyContract, verbReadAnyTraining) != nil {
			return meibo.ErrNotFound
		}
		list, err = r.TrainingsOf(id)
		return err
	})
	return list, wrap("list trainings", err)
}
