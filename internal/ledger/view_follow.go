package ledger

import (
	"slices"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// follow reads what entries wrote since the view and returns the view after them.
// Another history is read whole.
func (v *view) follow(r *store.Reader) (*view, error) {
	rev, epoch, err := r.Revision()
	if err != nil {
		return nil, err
	}
	if v == nil || epoch != v.Epoch() || rev < v.Rev() {
		return load(r, v != nil && v.directory, nil)
	}
	feed, last, err := r.Since(v.last)
	if err != nil {
		return nil, err
	}
	if rev == v.Rev() && len(feed) == 0 && r.Now < v.turns {
		return v, nil
	}
	next := v.own()
	next.last = last
	next.put(authz.SetRevision(rev, epoch))
	return next, next.take(r, v, feed)
}

// take puts in place what the feed names, and whatever depends on it.
func (v *view) take(r *store.Reader, before *view, feed store.Feed) error {
	if err := v.takeRules(r, feed); err != nil {
		return err
	}
	people, err := r.PeopleIn(feed)
	if err != nil {
		return err
	}
	more, err := v.takeContracts(r, before, feed)
	if err != nil {
		return err
	}
	if len(feed["pledge_templates"]) > 0 { // what they say of a pledge lies with whoever signed it
		return v.putEverybody(r)
	}
	people = append(people, more...)
	slices.Sort(people)
	return v.putPeople(r, slices.Compact(people))
}

// takeRules puts what is registered, but contracts.
func (v *view) takeRules(r *store.Reader, feed store.Feed) error {
	for table, put := range map[string]func(*store.Reader) error{
		"organizations": v.putCity, "pledge_templates": v.putTemplates, "parameters": v.putParameters, "assets": v.putAssets, "purposes": v.putPurposes,
		"systems": v.putSystems, "service_accounts": v.putServices,
	} {
		if len(feed[table]) == 0 {
			continue
		}
		if err := put(r); err != nil {
			return err
		}
	}
	if len(feed["holds"]) > 0 {
		for _, id := range feed["holds"] {
			v.put(authz.DropHold(id))
		}
		if err := v.putHolds(r); err != nil {
			return err
		}
	}
	permits, err := r.PermitsIn(feed)
	if err != nil {
		return err
	}
	return v.putPermits(r, permits)
}

// takeContracts puts contracts, and returns the people whose rights or pledges
// depend on what changed.
func (v *view) takeContracts(r *store.Reader, before *view, feed store.Feed) ([]meibo.PersonID, error) {
	written, told, err := r.ContractsIn(feed)
	if err != nil {
		return nil, err
	}
	hired, err := v.unchained(r, feed)
	if err != nil {
		return nil, err
	}
	for id, of := range v.contracts {
		if of.turns <= r.Now {
			hired = append(hired, id)
		}
	}
	written = distinct(written, hired)
	if err := v.putVersions(r, distinct(written, told)); err != nil {
		return nil, err
	}
	if err := v.putContracts(r, written); err != nil {
		return nil, err
	}
	var people []meibo.PersonID
	for _, id := range distinct(written, told) {
		some, err := v.depending(r, before.contracts[id], v.contracts[id])
		if err != nil {
			return nil, err
		}
		people = append(people, some...)
	}
	return people, nil
}

// unchained are the contracts under which somebody works for an organization of
// which no chain is known yet.
func (v *view) unchained(r *store.Reader, feed store.Feed) ([]meibo.ContractID, error) {
	rows, err := store.Some[meibo.Assignment](r, feed["assignments"])
	var ids []meibo.ContractID
	for _, a := range rows {
		if !v.Chained(string(a.ContractID), string(a.EmployerID)) {
			ids = append(ids, a.ContractID)
		}
	}
	return ids, err
}

// depending are the people for whom it matters that a contract or its versions
// changed.
func (v *view) depending(r *store.Reader, old, new contractView) ([]meibo.PersonID, error) {
	if old.row.AckRequired != new.row.AckRequired || old.row.RenewalOf != new.row.RenewalOf {
		return r.Members(new.row.ID, new.row.RenewalOf, old.row.RenewalOf)
	}
	changed := firstDifference(old.versions, new.versions)
	if changed == 0 {
		return nil, nil
	}
	settled := min(settledBefore(old, changed), settledBefore(new, changed))
	rights, err := r.RightsBeyond(new.row.ID, settled, changed)
	if err != nil {
		return nil, err
	}
	var people []meibo.PersonID
	for _, right := range rights {
		a, why := right.Opened(old.versions, old.row.AckRequired)
		b, because := right.Opened(new.versions, new.row.AckRequired)
		if a != b || why != because || right.Acknowledged(old.versions) != right.Acknowledged(new.versions) {
			people = append(people, right.PersonID)
		}
	}
	return people, nil
}

// firstDifference is the first version of which two lists say different things; 0
// when there is none.
func firstDifference(old, new []meibo.VersionStatus) int {
	for i, s := range new {
		if i >= len(old) || old[i] != s {
			return s.Version
		}
	}
	return 0
}

// settledBefore is the last version before another that opens and acknowledges what
// it lists, so that no later version can add to that; 0 when there is none.
func settledBefore(of contractView, before int) int {
	opens := func(s meibo.VersionStatus) meibo.Instant {
		if of.row.AckRequired {
			return s.AcknowledgedAt
		}
		return s.NotifiedAt
	}
	var settled meibo.VersionStatus
	for _, s := range of.versions {
		if s.Version < before && !s.NotifiedAt.IsZero() && !s.AcknowledgedAt.IsZero() && s.ReturnedAt.IsZero() {
			settled = s
		}
	}
	for _, s := range of.versions { // one that was cut later may have come sooner
		if s.Version > settled.Version && !opens(s).IsZero() && opens(s) < opens(settled) {
			return 0
		}
	}
	return settled.Version
}

// putEverybody reads all people anew.
func (v *view) putEverybody(r *store.Reader) error {
	for after := meibo.PersonID(""); ; {
		ids, err := r.PersonIDs(after, loadedAtOnce)
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := v.putPeople(r, ids); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

// distinct joins two lists, each id once.
func distinct[T ~string](a, b []T) []T {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
