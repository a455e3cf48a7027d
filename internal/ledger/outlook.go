package ledger

import (
	"context"
	"errors"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// PreviewPledges tells who on a contract is, or will be, refused for want of a pledge,
// and from which day, if nobody does anything. A hop of the chain sees only its own
// people.
func (l *Ledger) PreviewPledges(ctx context.Context, c meibo.Caller, contract meibo.ContractID) (list []meibo.PledgeOutlook, err error) {
	err = l.db.View(ctx, func(r *store.Reader) error {
		b, err := l.book(r, c, contract, verbReadPledge)
		if err != nil {
			return err
		}
		city, err := r.CityParameters()
		for _, o := range b.Outlook(city, r.Now) {
			if whole(b, c) || o.EmployerID == c.Client.OrganizationID {
				list = append(list, o)
			}
		}
		return err
	})
	return list, wrap("preview pledges", err)
}

// PledgeDifferences lays the text of a pledge beside the one that the person signed
// last for the same contract; nothing where there is none.
func (l *Ledger) PledgeDifferences(ctx context.Context, c meibo.Caller, id meibo.PledgeID) ([]meibo.TextLine, error) {
	p, err := l.Pledge(ctx, c, id)
	if err != nil {
		return nil, err
	}
	var before meibo.Pledge
	err = l.db.View(ctx, func(r *store.Reader) error {
		contract, err1 := store.One[meibo.Contract](r, p.ContractID)
		all, err2 := r.Pledges(p.ContractID)
		var renewed []meibo.Pledge
		var err3 error
		if contract.RenewalOf != "" {
			renewed, err3 = r.Pledges(contract.RenewalOf)
		}
		before, _ = p.Before(append(all, renewed...))
		return errors.Join(err1, err2, err3)
	})
	if err != nil || before.ID == "" || before.Text == p.Text {
		return nil, wrap("compare pledges", err)
	}
	return meibo.Differences(before.Text, p.Text), nil
}
