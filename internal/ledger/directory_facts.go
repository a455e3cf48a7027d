package ledger

import (
	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// highest is the importance of what nobody in a hold of the directory may touch.
const highest meibo.Importance = 1

// putDoubts keeps the people in a hold of the directory from all that is of the
// highest importance.
func (v *view) putDoubts(r *store.Reader) error {
	for _, id := range v.doubted {
		v.put(authz.DropHold(id))
	}
	v.doubted = nil
	held, err := r.AccountsOnHold()
	if err != nil || len(held) == 0 {
		return err
	}
	assets, err := r.Assets()
	for _, a := range held {
		for _, asset := range assets {
			if asset.Importance == highest {
				h := doubtOf(a, asset.ID)
				v.put(authz.PutHold(h))
				v.doubted = append(v.doubted, h.ID)
			}
		}
	}
	return err
}

// doubtOf keeps a person in a hold of the directory from an asset.
func doubtOf(a meibo.Account, asset meibo.AssetID) authz.Hold {
	id := a.HoldID + "/" + string(a.PersonID) + "/" + string(asset)
	return authz.Hold{ID: id, Kind: authz.HoldIncident, Person: string(a.PersonID), Asset: string(asset)}
}
