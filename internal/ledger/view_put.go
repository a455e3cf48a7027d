package ledger

import (
	"errors"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// Each of the methods below reads rows anew and puts them in place.

// putCity notes who the city is; before it is registered nobody is.
func (v *view) putCity(r *store.Reader) error {
	city, err := r.City()
	if errors.Is(err, meibo.ErrNotFound) {
		return nil
	}
	v.city = city.ID
	return err
}

func (v *view) putTemplates(r *store.Reader) (err error) {
	v.templates, err = r.Templates()
	return err
}

func (v *view) putParameters(r *store.Reader) error {
	rows, err := r.Parameters()
	v.put(authz.SetParameters(parametersOf(rows)))
	return err
}

// putAssets puts all assets: containers hold others.
func (v *view) putAssets(r *store.Reader) error {
	rows, err := r.Assets()
	all := map[meibo.AssetID]meibo.Asset{}
	for _, a := range rows {
		all[a.ID] = a
	}
	for _, a := range rows {
		v.put(authz.PutAsset(assetOf(a, all)))
	}
	return err
}

// putPurposes puts all purposes: of each it counts whether others are below it.
func (v *view) putPurposes(r *store.Reader) error {
	rows, err := r.Purposes()
	inner := map[meibo.PurposeCode]bool{}
	for _, p := range rows {
		for up := p.Code.Parent(); up != ""; up = up.Parent() {
			inner[up] = true
		}
	}
	v.leaves = nil
	for _, p := range rows {
		if !inner[p.Code] {
			v.leaves = append(v.leaves, p.Code)
		}
		v.put(authz.PutPurpose(purposeOf(p, !inner[p.Code])))
	}
	return err
}

func (v *view) putSystems(r *store.Reader) error {
	rows, err := r.Systems()
	for _, s := range rows {
		v.systems[s.ID] = s
		v.put(authz.PutSystem(systemOf(s)))
	}
	return err
}

func (v *view) putServices(r *store.Reader) error {
	rows, err := r.ServiceAccounts()
	for _, s := range rows {
		subject := serviceOf(s)
		v.keepUsage(&subject)
		v.put(authz.PutSubject(subject))
	}
	return err
}

func (v *view) putHolds(r *store.Reader) error {
	rows, err := r.OpenHolds()
	for _, h := range rows {
		v.put(authz.PutHold(holdOf(h)))
	}
	return err
}

func (v *view) putPermits(r *store.Reader, ids []meibo.PermitID) error {
	rows, err := store.Some[meibo.Permit](r, ids)
	if err != nil {
		return err
	}
	for _, p := range rows {
		uses, used, err := r.Spent(p.ID)
		if err != nil {
			return err
		}
		v.counted[p.ID] = p.Counted()
		v.put(authz.PutPermit(permitOf(p, uses, used)))
	}
	return nil
}

// putVersions reads contracts with how far their roster versions have come.
func (v *view) putVersions(r *store.Reader, ids []meibo.ContractID) error {
	rows, err := store.Some[meibo.Contract](r, ids)
	if err != nil {
		return err
	}
	for _, c := range rows {
		versions, err := r.Statuses(c.ID)
		if err != nil {
			return err
		}
		v.contracts[c.ID] = contractView{row: c, versions: versions, turns: v.contracts[c.ID].turns}
	}
	return nil
}

// putContracts puts contracts that putVersions has read, with their chains.
func (v *view) putContracts(r *store.Reader, ids []meibo.ContractID) error {
	for _, id := range ids {
		of := v.contracts[id]
		consents, err := r.Consents(id)
		if err != nil {
			return err
		}
		employers, err := r.Employers(id)
		if err != nil {
			return err
		}
		emergencies, err := r.Emergencies(id)
		if err != nil {
			return err
		}
		of.turns = turn(consents, r.Now)
		v.contracts[id] = of
		v.put(authz.PutContract(authz.ContractRecord{
			Contract: contractOf(of.row, emergencies), Chains: chainsOf(of.row, consents, employers, r.Now),
		}))
	}
	v.turns = meibo.Forever
	for _, of := range v.contracts {
		v.turns = min(v.turns, of.turns)
	}
	return nil
}
