package authz_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/authz"
)

// The city of the benchmarks has four rights a person, 20 contracts with 25 assets each, a prime contractor and two
// subcontractors under each contract, and identifiers of 36 bytes. It is built once for each size, and only by benchmarks.

const (
	cityContracts = 20
	cityAssets    = 25 // of each contract
	rightsEach    = 4
)

// cityPurposes are the leaves of the benchmarks' tree of purposes.
var cityPurposes = []string{
	"U.TAX.RES.ASSESS.INPUT", "U.TAX.RES.ASSESS.VERIFY", "U.TAX.RES.ASSESS.CALC", "U.TAX.RES.ASSESS.NOTICE", "U.TAX.RES.COLLECT.RECEIPT",
	"U.NHI.ELIG", "U.NHI.LEVY", "U.NHI.BENEFIT", "U.NHI.NOTICE", "U.CHILD.ALLOW.INTAKE", "U.CHILD.ALLOW.REVIEW", "U.LTC.CERT", "N.CALL", "O.MAINT.PATCH",
}

var cityActions = []string{"view", "update", "print", "create"}

// personID and rightID are identifiers as long as those of a register.
func personID(i int) string { return fmt.Sprintf("0198f6a2-7b1c-7e55-9f00-%012x", i) }
func rightID(i, j int) string {
	return fmt.Sprintf("0198f6a3-%04x-7e55-9f00-%012x", j, i)
}

func contractName(i int) string { return fmt.Sprintf("C%02d", i%cityContracts) }
func assetName(contract, j int) string {
	return fmt.Sprintf("A%02d-%02d", contract%cityContracts, j%cityAssets)
}
func employerName(i int) string { return fmt.Sprintf("K%02d-%d", i%cityContracts, i/cityContracts%3) }

// cityRight is the right j of person i: what a question about it asks.
func cityRight(i, j int) (asset, action, purpose string) {
	return assetName(i, i/7+j*3), cityActions[j%len(cityActions)], cityPurposes[(i+j)%len(cityPurposes)]
}

// cityChanges yields everything that a city of so many people knows.
func cityChanges(people int) iter.Seq[authz.Change] {
	return func(yield func(authz.Change) bool) {
		for _, change := range cityMaster() {
			if !yield(change) {
				return
			}
		}
		for i := range people {
			if !yield(authz.PutSubject(citySubject(i))) {
				return
			}
		}
	}
}

// citySubject is person i.
func citySubject(i int) authz.Subject {
	year, id := days("2026-04-01", "2027-03-31"), personID(i)
	signed := jst("2026-03-01").Add(time.Duration(i%1000) * time.Minute)
	s := authz.Subject{
		Person: authz.Person{ID: id, Account: authz.AccountEnabled},
		Work: []authz.Work{{
			Contract:   contractName(i),
			Assignment: &authz.Assignment{Person: id, Contract: contractName(i), Employer: employerName(i), Term: year},
		}},
		Pledges: []authz.Pledge{{
			Person: id, Contract: contractName(i), Employer: employerName(i), State: authz.PledgeValid, Term: authz.Term{From: signed},
		}},
	}
	for j := range rightsEach {
		asset, action, purpose := cityRight(i, j)
		s.Work[0].Rights = append(s.Work[0].Rights, authz.Right{
			ID: rightID(i, j), Asset: asset, Action: action, Purpose: purpose, Term: year, Opened: signed.Add(time.Hour), Acknowledged: true,
			LastUse: asOf.Add(-time.Duration(i+j) * time.Second),
		})
	}
	return s
}

// cityMaster is what the city knows beside people.
func cityMaster() []authz.Change {
	changes := []authz.Change{authz.SetRevision(1, "bench"), authz.SetProhibited("Z"), authz.SetDirectory(&authz.Directory{Read: asOf.Add(-time.Hour)})}
	system := authz.System{ID: "P01"}
	for _, code := range cityPurposes {
		changes = append(changes, authz.PutPurpose(*leaf(code)))
	}
	for c := range cityContracts {
		contract := authz.Contract{
			ID: contractName(c), Prime: employerName(c), State: authz.ContractActive, Complete: true, Term: days("2026-04-01", "2027-03-31"),
			Purposes: []string{"U", "N", "O"},
		}
		chains := map[string][]authz.Hop{}
		for sub := range 2 {
			name := employerName(c + (sub+1)*cityContracts)
			chains[name] = []authz.Hop{{Organization: name, Under: contract.Prime, Consents: []authz.Consent{consent(1)}}}
		}
		for a := range cityAssets {
			asset := authz.Asset{ID: assetName(c, a), Importance: 1 + a%4, State: authz.AssetActive}
			changes = append(changes, authz.PutAsset(asset))
			contract.Assets = append(contract.Assets, asset.ID)
			for _, purpose := range contract.Purposes {
				system.Scopes = append(system.Scopes, authz.Scope{Contract: contract.ID, Asset: asset.ID, Purpose: purpose})
			}
		}
		changes = append(changes, authz.PutContract(authz.ContractRecord{Contract: contract, Chains: chains}))
	}
	return append(changes, authz.PutSystem(system))
}

// cityQuestion asks about right j of person i. Its words are no part of the snapshot: they came in from outside.
func cityQuestion(i, j int) authz.Question {
	asset, action, purpose := cityRight(i, j)
	return authz.Question{
		System: "P01", Person: personID(i), Contract: strings.Clone(contractName(i)), Asset: asset, Action: strings.Clone(action),
		Purpose: strings.Clone(purpose), At: asOf,
	}
}

// cities are built once.
var cities = map[int]*authz.Snapshot{}

// perPerson is how many bytes each person takes in a city.
var perPerson = map[int]float64{}

// city returns the city with so many rights.
func city(b *testing.B, rights int) (*authz.Snapshot, int) {
	b.Helper()
	people := rights / rightsEach
	if cities[rights] == nil {
		empty := new(authz.Snapshot).With(cityMaster()...)
		before := heap()
		cities[rights] = empty.WithAll(cityChanges(people))
		perPerson[rights] = float64(heap()-before) / float64(people)
	}
	return cities[rights], people
}

// heap returns how much memory is in use after a collection.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// coldQuestions returns up to 131,072 different questions, in no order.
func coldQuestions(people int) []authz.Question {
	random := rand.New(rand.NewPCG(1, 2))
	questions := make([]authz.Question, min(1<<17, people*rightsEach))
	for n := range questions {
		i, j := random.IntN(people), random.IntN(rightsEach)
		questions[n] = cityQuestion(i, j)
	}
	return questions
}
