package ledger

import (
	"context"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A RenewalDraft is what a renewed contract would take over, and who the people are.
type RenewalDraft struct {
	meibo.Renewal
	People []meibo.Person
}

// DraftRenewal drafts what a contract takes over from the one that it renews: lines
// for Submit, and consents for ApplyMaster, which the city completes. It changes
// nothing. Who has no part in both contracts gets ErrNotFound; a hop of the chain is
// told of its own people.
func (l *Ledger) DraftRenewal(ctx context.Context, c meibo.Caller, contract meibo.ContractID) (RenewalDraft, error) {
	var d RenewalDraft
	err := l.db.View(ctx, func(r *store.Reader) error {
		b, err := l.book(r, c, contract, verbReadRoster)
		if err != nil {
			return err
		}
		if b.Contract.RenewalOf == "" {
			return meibo.Refuse(meibo.ErrConflict, "NOT_A_RENEWAL")
		}
		old, err := r.Book(b.Contract.RenewalOf)
		if err != nil {
			return err
		}
		if err := b.Renewable(old, r.Now); err != nil {
			return err
		}
		if !old.Takes(c.Client.OrganizationID) {
			return meibo.ErrNotFound
		}
		if err := l.may(c, old.Contract.ID, verbReadRoster); err != nil {
			return err
		}
		d.Renewal = b.Renew(old, r.Now, func(employer meibo.OrganizationID) bool {
			return whole(b, c) || employer == c.Client.OrganizationID
		})
		named := map[meibo.PersonID]bool{"": true}
		tell := func(id meibo.PersonID) {
			if p, ok := old.People.Get(id); ok && !named[id] {
				named[id] = true
				d.People = append(d.People, p)
			}
		}
		for _, line := range d.Lines {
			tell(line.PersonID)
		}
		for _, out := range d.LeftOut {
			tell(out.PersonID)
		}
		return nil
	})
	return d, wrap("draft renewal", err)
}
