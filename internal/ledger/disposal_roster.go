package ledger

import (
	"cmp"
	"errors"
	"slices"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A keeping is by what it is judged what is kept, today.
type keeping struct {
	contracts []meibo.Contract
	holds     []meibo.Hold
	city      meibo.CityParameters
	today     meibo.Date
}

func keepingOf(r *store.Reader) (k keeping, err error) {
	var err1, err2, err3 error
	k.contracts, err1 = r.Nameless().Contracts()
	k.holds, err2 = r.OpenHolds()
	k.city, err3 = r.CityParameters()
	k.today = r.Now.Day()
	return k, errors.Join(err1, err2, err3)
}

func (k keeping) contract(id meibo.ContractID) meibo.Contract {
	i := slices.IndexFunc(k.contracts, func(c meibo.Contract) bool { return c.ID == id })
	return k.contracts[i] // work refers to it
}

// peopleIn are the people of whom work is told, each once.
func peopleIn(work []store.Work) []meibo.PersonID {
	ids := make([]meibo.PersonID, len(work))
	for i, w := range work {
		ids[i] = w.PersonID
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// peopleDue are those of whom nobody needs to know any more who they were. work is
// everything with which they have to do.
func (k keeping) peopleDue(r *store.Reader, work []store.Work) ([]meibo.PersonID, error) {
	ids := peopleIn(work)
	people, err1 := r.Nameless().People(ids)
	pledges, err2 := r.Nameless().PledgesAmong(ids)
	calling, err3 := r.Calling()
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	traces := map[meibo.PersonID]meibo.Trace{}
	for _, p := range people {
		traces[p.ID] = meibo.Trace{Person: p, Calls: calling[p.ID]}
	}
	for _, w := range work {
		t := traces[w.PersonID]
		t.Contracts = append(t.Contracts, k.contract(w.ContractID))
		traces[w.PersonID] = t
	}
	for _, p := range pledges {
		t := traces[p.PersonID]
		t.Pledges = append(t.Pledges, p)
		traces[p.PersonID] = t
	}
	var due []meibo.PersonID
	for _, id := range ids {
		if t := traces[id]; t.Person.ID != "" && t.Disposable(k.contracts, k.holds, k.city, k.today) {
			due = append(due, id)
		}
	}
	return due, nil
}

// enclosuresDue are the packages of changes and the signed answers that came for a
// contract. A package for several contracts goes with the last of them.
func (k keeping) enclosuresDue(r *store.Reader, id meibo.ContractID) (due []meibo.DocumentID, err error) {
	list, err := r.Enclosures()
	if err != nil {
		return nil, err
	}
	for _, e := range list {
		contracts := []meibo.ContractID{e.Entry.Contract}
		if e.Entry.Contract == "" {
			ids := make([]string, len(e.Entry.Subjects))
			copy(ids, e.Entry.Subjects)
			changes, err := store.Some[meibo.Change](r.Nameless(), ids)
			if err != nil {
				return nil, err
			}
			contracts = contracts[:0]
			for _, c := range changes {
				contracts = append(contracts, c.ContractID)
			}
		}
		if !slices.Contains(contracts, id) {
			continue
		}
		all, err := k.allDisposable(r, contracts, id)
		if err != nil {
			return nil, err
		}
		if all {
			due = append(due, e.ID)
		}
	}
	return due, nil
}

// allDisposable reports whether the rosters of all contracts but one, of which that is
// known, may be destroyed.
func (k keeping) allDisposable(r *store.Reader, contracts []meibo.ContractID, but meibo.ContractID) (bool, error) {
	for _, id := range contracts {
		if id == but {
			continue
		}
		work, err := r.ConcernedBy(id)
		if err != nil || !k.contract(id).RostersDisposable(peopleIn(work), k.holds, k.city, k.today) {
			return false, err
		}
	}
	return true, nil
}

// destroyRosters destroys what a contract's rosters, the changes that led to them and
// the city's answers say, with their papers, and who answered for the contract. It
// returns what stays.
func destroyRosters(tx *store.Tx, id meibo.ContractID) (stay []any, err error) {
	k, err := keepingOf(&tx.Reader)
	if err != nil {
		return nil, err
	}
	r := tx.Nameless()
	contract, err1 := store.One[meibo.Contract](r, id)
	rosters, err2 := r.Rosters(id)
	changes, err3 := r.Changes(id)
	lines, err4 := r.ChangeLines(id)
	answers, err5 := r.Answers(id)
	papers, err6 := r.RosterPapers(id)
	enclosures, err7 := k.enclosuresDue(&tx.Reader, id)
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
		return nil, err
	}
	stay = append(stay, contract.Disposed())
	for _, v := range rosters {
		stay = append(stay, v.Disposed())
	}
	for _, c := range changes {
		stay = append(stay, c.Disposed())
	}
	for _, l := range lines {
		stay = append(stay, l.Disposed())
	}
	for _, a := range answers {
		stay = append(stay, a.Disposed())
	}
	for _, p := range papers {
		enclosures, stay = append(enclosures, p.DocumentID), append(stay, p.Disposed())
	}
	documents, err := destroyDocuments(tx, enclosures)
	return append(stay, documents...), err
}

// destroyPeople destroys who people were, and returns what stays of them.
func destroyPeople(tx *store.Tx, s meibo.Scene, of, due []meibo.PersonID) (stay []any, err error) {
	if err := stillDue(of, due); err != nil {
		return nil, err
	}
	people, err1 := tx.Nameless().People(of)
	accounts, err2 := tx.Nameless().AccountsAmong(of)
	passkeys, err3 := tx.Nameless().PasskeysAmong(of)
	clients, err4 := tx.ClientsAmong(of)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, err
	}
	slices.SortFunc(people, func(a, b meibo.Person) int { return cmp.Compare(a.ID, b.ID) })
	for _, p := range people {
		stay = append(stay, p.Disposed(s.Now))
	}
	for _, a := range accounts {
		stay = append(stay, a.Disposed(s.Now))
	}
	for _, k := range passkeys {
		stay = append(stay, k.Disposed(s.Now))
	}
	for _, c := range clients {
		stay = append(stay, c.Disposed())
	}
	return stay, nil
}
