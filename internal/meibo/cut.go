package meibo

import (
	"encoding/json"
	"maps"
	"slices"
	"sort"
)

// Members are the lines of the roster as it stands: everybody whose assignment
// runs and who has a right that the city is to be told of, the prime's people
// first.
func (b *Book) Members(now Instant) []Member {
	members, _ := b.members(now)
	return members
}

func (b *Book) members(now Instant) ([]Member, map[RightID]bool) {
	var list []Assignment
	for _, a := range b.Assignments.All() {
		if a.Running() && now < a.Ends.End() {
			list = append(list, a)
		}
	}
	sort.SliceStable(list, func(i, j int) bool {
		x, y := list[i], list[j]
		if b.Subcontracted(x.EmployerID) != b.Subcontracted(y.EmployerID) {
			return !b.Subcontracted(x.EmployerID)
		}
		return x.EmployerID < y.EmployerID
	})
	listed := map[RightID]bool{}
	members := []Member{}
	pledges := b.pledgesByPerson()
	for _, a := range list {
		m := b.member(a, pledges[a.PersonID], now)
		for _, r := range b.rightsOf(a.ID) {
			if r.Listed() && now < r.Ends.End() {
				m.Rights = append(m.Rights, MemberRight{r.AssetID, r.Action, r.Purpose, r.Starts, r.Ends})
				listed[r.ID] = true
			}
		}
		if len(m.Rights) > 0 {
			m.Number = len(members) + 1
			members = append(members, m)
		}
	}
	return members, listed
}

func (b *Book) member(a Assignment, pledges []Pledge, now Instant) Member {
	p, _ := b.People.Get(a.PersonID)
	employer, _ := b.Organizations.Get(a.EmployerID)
	m := Member{
		PersonID: p.ID, Name: p.Name, Kana: p.Kana, Latin: p.Latin, Alias: p.Alias, FormerName: p.FormerName, RenamedOn: p.RenamedOn,
		Employer: a.EmployerID, EmployerName: employer.Name, Employment: a.Employment, Task: a.Task,
		Workplace: a.Workplace, Starts: a.Starts, Ends: a.Ends, Suspended: a.Suspended(now),
	}
	if pledge, ok := b.currentPledge(pledges, a.EmployerID); ok {
		m.Pledge, m.PledgedOn = pledge.State, pledge.SignedOn
	}
	hops := Chain(b.Contract.PrimeID, a.EmployerID, b.Subcontracts)
	for _, h := range hops {
		hop := ChainHop{Organization: h.Organization}
		for _, s := range h.Consents {
			if s.Live(now) {
				hop.Consent = s.Consent
			}
		}
		m.Chain = append(m.Chain, hop)
	}
	m.ChainFault = ChainFault(hops, now)
	if account, bound := b.Accounts.Get(p.ID); m.ChainFault == "" && bound && !account.WorksFor(a.EmployerID) {
		m.ChainFault = EmployerMismatch
	}
	return m
}

// memberKey is a member as text without its number, to compare versions.
func memberKey(m Member) string {
	m.Number = 0
	text, _ := json.Marshal(m)
	return string(text)
}

// cut makes the next version of the roster if what the city knows is no longer
// what is, and owes the city a notice. c is the change that did it, if one did.
func (b *Book) cut(s Scene, c *Change) {
	members, listed := b.members(s.Now)
	diff := Compare(b.Newest, members)
	b.addCorrected(&diff, listed)
	if len(diff.Added)+len(diff.Removed)+len(diff.Changed) == 0 {
		return
	}
	version := b.nextVersion()
	previous, _ := b.Rosters.Get(version - 1)
	r := Roster{
		ContractID: b.Contract.ID, Version: version, CutAt: s.Now, PreviousHash: previous.Hash,
		Members: len(members), Added: len(diff.Added), Removed: len(diff.Removed), Changed: len(diff.Changed),
	}
	for _, m := range members {
		if m.ChainFault != "" {
			r.Faults++
		}
	}
	if c != nil {
		r.ChangeID, c.Version = c.ID, version
		b.Changes.Put(*c)
	}
	b.list(version, listed)
	b.Rosters.Put(r)
	prime, _ := b.Organizations.Get(b.Contract.PrimeID)
	b.Cut = &RosterDocument{
		Format: RosterFormat,
		Contract: ContractHeader{
			City: b.City.Name, ID: b.Contract.ID, Name: b.Contract.Name, Department: b.Contract.Department,
			Starts: b.Contract.Starts, Ends: b.Contract.Ends, Prime: prime.ID, PrimeName: prime.Name, PrimeNumber: prime.CorporateNumber,
			PrimeSeat:   prime.Seat,
			Responsible: b.Contract.Responsible, Supervisor: b.Contract.Supervisor,
		},
		Version: version, CutAt: s.Now, PreviousHash: previous.Hash, Members: members, Difference: diff,
	}
	b.Cut.Assets, b.Cut.Purposes = b.terms(members)
	b.Newest = members
	b.notify(s, NoticeRoster, b.City.ID, b.Contract.NoticeTo, version)
}

// terms are the words for the assets and purposes of the members' rights, in order
// of their codes.
func (b *Book) terms(members []Member) (assets, purposes []Term) {
	a, p := map[string]string{}, map[string]string{}
	for _, m := range members {
		for _, r := range m.Rights {
			asset, _ := b.Assets.Get(r.Asset)
			purpose, _ := b.Purposes.Get(r.Purpose)
			a[string(r.Asset)], p[string(r.Purpose)] = asset.Name, purpose.Label
		}
	}
	list := func(words map[string]string) (terms []Term) {
		for _, code := range slices.Sorted(maps.Keys(words)) {
			terms = append(terms, Term{code, words[code]})
		}
		return terms
	}
	return list(a), list(p)
}

// addCorrected counts a member as changed who has a right that no version contains
// yet: the correction of a returned line may look like the line.
func (b *Book) addCorrected(diff *Difference, listed map[RightID]bool) {
	counted := map[PersonID]bool{}
	for _, id := range slices.Concat(diff.Added, diff.Changed) {
		counted[id] = true
	}
	for _, r := range b.Rights.All() {
		if listed[r.ID] && r.ListedFrom == 0 && !counted[r.PersonID] {
			diff.Changed, counted[r.PersonID] = append(diff.Changed, r.PersonID), true
		}
	}
}

// list writes down in which versions each right stands.
func (b *Book) list(version int, listed map[RightID]bool) {
	for _, r := range b.Rights.All() {
		switch {
		case listed[r.ID] && r.ListedFrom == 0:
			r.ListedFrom = version
		case !listed[r.ID] && r.ListedFrom > 0 && r.ListedUntil == 0:
			r.ListedUntil = version
		default:
			continue
		}
		b.putRight(r)
		if a, _ := b.Assignments.Get(r.AssignmentID); a.ListedFrom == 0 && listed[r.ID] {
			a.ListedFrom = version
			b.putAssignment(a)
		}
	}
}

// notify owes an organization a notice. Without an address a person has to hand
// it over: the notice shows as failed from the start.
func (b *Book) notify(s Scene, kind NoticeKind, to OrganizationID, addresses []string, version int) {
	n := owe(s, b.Contract, b.Notices.All(), kind, to, addresses, version)
	if kind == NoticeRoster {
		r, _ := b.Rosters.Get(version)
		n.DueOn = b.Calendar.TellBy(s.Now.Day(), r.Removed > 0)
	}
	b.Notices.Put(n)
}

// owe is notify; all are the notices of the contract until now.
func owe(s Scene, k Contract, all []Notice, kind NoticeKind, to OrganizationID, addresses []string, version int) Notice {
	number := 1
	for _, n := range all {
		if n.OrganizationID == to {
			number++
		}
	}
	n := Notice{
		ID: NoticeID(s.NewID()), ContractID: k.ID, Number: number, Kind: kind, OrganizationID: to,
		Version: version, State: NoticeQueued, NextAt: s.Now, CreatedAt: s.Now,
	}
	if len(addresses) == 0 && k.WayOf(n).mailed() {
		n.State, n.LastCode = NoticeFailed, "NO_ADDRESS"
	}
	return n
}

func (b *Book) tellContractor(s Scene, kind NoticeKind, version int) {
	prime, _ := b.Organizations.Get(b.Contract.PrimeID)
	b.notify(s, kind, prime.ID, prime.NoticeTo, version)
}
