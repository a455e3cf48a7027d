package ledger

import (
	"cmp"
	"context"
	"iter"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A Found is one page of what a search found.
type Found struct {
	Names    []string
	Next     string // token of the next page; empty: this is the last
	Revision int64  // at which all of the page would be allowed
}

// SearchSubjects finds those of whom the question would be allowed, whomever it
// names: people, or service accounts. Of no other type there is anybody.
//
// The searches answer at the current revision, as Check does, or say that they
// cannot (ErrBusy). What they find would be allowed at that revision and instant;
// acting on it takes a Check, which is recorded. Systems find only what they are
// registered for. A page that follows another is of its own revision, never of an
// earlier one; a token of another question, caller or history is ErrInvalid.
func (l *Ledger) SearchSubjects(ctx context.Context, c meibo.Caller, q meibo.Question, p Page) (Found, error) {
	kind := meibo.SubjectType(l.view.Load().systems[c.Client.SystemID].Means(meibo.AliasSubject, string(q.Naming.Subject)))
	kind = cmp.Or(kind, q.Naming.Subject, meibo.SubjectPerson)
	return l.search(ctx, c, "subjects", q, p, func(v *view, a authz.Question, after string) iter.Seq[string] {
		return func(yield func(string) bool) {
			for id := range l.policy.People(v.Snapshot, a, after) {
				fits := kind == meibo.SubjectPerson
				if v.IsService(id) {
					fits = kind == meibo.SubjectService
				}
				if fits && !yield(id) {
					return
				}
			}
		}
	})
}

// SearchResources finds the assets, or those that hold others, with which the
// question would be allowed, whichever it names.
func (l *Ledger) SearchResources(ctx context.Context, c meibo.Caller, q meibo.Question, p Page) (Found, error) {
	containers, err := l.containers(ctx)
	if err != nil {
		return Found{}, err
	}
	kind := q.Naming.Resource
	return l.search(ctx, c, "resources", q, p, func(v *view, a authz.Question, after string) iter.Seq[string] {
		return func(yield func(string) bool) {
			for id := range l.policy.Assets(v.Snapshot, a) {
				fits := kind == "" || kind == meibo.ResourceAsset || kind == meibo.ResourceContainer && containers[meibo.AssetID(id)]
				if id > after && fits && !yield(id) {
					return
				}
			}
		}
	})
}

// containers are the assets that hold others.
func (l *Ledger) containers(ctx context.Context) (map[meibo.AssetID]bool, error) {
	containers := map[meibo.AssetID]bool{}
	err := l.db.View(ctx, func(r *store.Reader) error {
		assets, err := r.Assets()
		for _, a := range assets {
			containers[a.ID] = len(a.Members) > 0
		}
		return err
	})
	return containers, wrap("search resources", err)
}

// SearchActions finds the actions with which the question would be allowed,
// whatever it asks.
func (l *Ledger) SearchActions(ctx context.Context, c meibo.Caller, q meibo.Question, p Page) (Found, error) {
	return l.search(ctx, c, "actions", q, p, func(v *view, a authz.Question, after string) iter.Seq[string] {
		return func(yield func(string) bool) {
			for action := range l.policy.Actions(v.Snapshot, a) {
				if action > after && !yield(action) {
					return
				}
			}
		}
	})
}

// A foundPlace is where a page of a search ended.
type foundPlace struct {
	After string
	Epoch string
}

// A finder yields what is found on a view after a name.
type finder func(v *view, q authz.Question, after string) iter.Seq[string]

func (l *Ledger) search(ctx context.Context, c meibo.Caller, use string, q meibo.Question, p Page, find finder) (Found, error) {
	if err := l.mayCheck(c); err != nil {
		return Found{}, wrap("search "+use, err)
	}
	p, err := p.within()
	if err != nil {
		return Found{}, err
	}
	var place foundPlace
	if p.Token != "" {
		if err := l.openToken(use, c, q, p.Token, &place); err != nil {
			return Found{}, err
		}
	}
	named := q
	if use == "subjects" { // whomever it names
		named.Person, named.Naming.Subject, named.Naming.Name = "", "", ""
	}
	if use == "resources" {
		named.Naming.Resource = ""
	}
	if code, err := l.identify(ctx, c, &named); err != nil || code != "" {
		return Found{}, wrap("search "+use, err)
	}
	for range maxRounds {
		found, given, err := l.searchOnce(ctx, c, use, named, q, p, place, find)
		if err != nil || given {
			return found, wrap("search "+use, err)
		}
	}
	return Found{}, wrap("search "+use, meibo.ErrBusy)
}

// searchOnce searches the newest view, and reports whether it still was that
// afterwards: only then nothing that was found has been taken away meanwhile.
func (l *Ledger) searchOnce(ctx context.Context, c meibo.Caller, use string, named, q meibo.Question, p Page, place foundPlace, find finder) (Found, bool, error) {
	v, err := l.catchUp(ctx)
	if err != nil {
		return Found{}, false, err
	}
	if place.Epoch != "" && place.Epoch != v.Epoch() {
		return Found{}, false, errToken
	}
	if c, err = l.again(ctx, c, v); err != nil {
		return Found{}, false, err
	}
	mark := *l.mark.seen.Load()
	on := l.dated(v)
	declared, _ := v.declare(c, named)
	declared.Circumstances = wellFormed(declared).Circumstances
	found := Found{Revision: v.Rev(), Names: []string{}}
	last := ""
	now := l.Now()
	for name := range find(&on, questionOf(c, v.asNew(c, declared, now), now), place.After) {
		if len(found.Names) == p.Limit {
			found.Next = l.token(use, c, q, foundPlace{last, v.Epoch()})
			break
		}
		found.Names, last = append(found.Names, name), name
	}
	revision, epoch, err := l.revision(ctx)
	if err != nil {
		return Found{}, false, err
	}
	if err := l.release(mark, epoch, revision); err != nil {
		return Found{}, false, err
	}
	return found, revision == v.Rev() && epoch == v.Epoch(), nil
}
