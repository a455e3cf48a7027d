package meibo

import (
	"slices"
	"time"
)

// A Concern is somebody who works on a contract and of whom the directory shows what
// a person must look at.
type Concern struct {
	EmployerID OrganizationID // as the roster says
	Kind       NoticeKind
	Since      Instant
}

// warnings are the kinds of notices of what the directory shows of people at work.
var warnings = []NoticeKind{NoticeHeld, NoticeDisabled, NoticeElsewhere}

// Warning reports whether the notice is of what the directory shows. No other notice, of
// a version of a roster or of what became of one, waits for such a one.
func (n Notice) Warning() bool { return slices.Contains(warnings, n.Kind) }

// Concerns are those that an account gives rise to where its person works for an
// employer, on a contract since an instant: the person is in a hold, locked out, or
// shown elsewhere than the roster says. None is older than the work: of that nobody
// could have been told before.
func (a Account) Concerns(employer OrganizationID, assigned Instant) (list []Concern) {
	if a.HoldID != "" {
		list = append(list, Concern{employer, NoticeHeld, max(a.Held.V.Since, assigned)})
	}
	if a.State == AccountDisabled {
		list = append(list, Concern{employer, NoticeDisabled, max(a.ChangedAt, assigned)})
	}
	since := a.TransferredAt
	if !a.WorksFor(employer) {
		since = max(since, a.EmployersAt)
	}
	if since > 0 {
		list = append(list, Concern{employer, NoticeElsewhere, max(since, assigned)})
	}
	return list
}

// tellAgain is how long nobody is told again of the same kind of concern: whoever
// looks sees all that have come up.
const tellAgain = 10 * time.Minute

// Owed are the notices of concerns that are owed now: to the prime contractor, to the
// organization for which the person works, and to the city where it has an address,
// each as soon as somebody is concerned of whom it was not told. notices are all of
// the contract.
func Owed(s Scene, k Contract, city OrganizationID, all []Organization, notices []Notice, concerns []Concern) (owed []Notice) {
	for _, kind := range warnings {
		newest := map[OrganizationID]Instant{}
		for _, c := range concerns {
			if c.Kind != kind {
				continue
			}
			for _, to := range []OrganizationID{k.PrimeID, c.EmployerID, city} {
				if to == city && kind == NoticeDisabled { // its roster stays as it is
					continue
				}
				newest[to] = max(newest[to], c.Since)
			}
		}
		for _, o := range all {
			since, concerned := newest[o.ID]
			addresses := o.NoticeTo
			if o.ID == city {
				addresses = k.NoticeTo
				concerned = concerned && len(addresses) > 0
			}
			if told := lastTold(notices, o.ID, kind); concerned && since > told && s.Now >= told.Add(tellAgain) {
				owed = append(owed, owe(s, k, slices.Concat(notices, owed), kind, o.ID, addresses, 0))
			}
		}
	}
	return owed
}

// lastTold is when the newest notice of a kind was made for a receiver.
func lastTold(notices []Notice, to OrganizationID, kind NoticeKind) (last Instant) {
	for _, n := range notices {
		if n.OrganizationID == to && n.Kind == kind {
			last = max(last, n.CreatedAt)
		}
	}
	return last
}
