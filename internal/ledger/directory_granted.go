package ledger

import (
	"context"
	"slices"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A GrantedSet is who would be allowed what a question asks, with the entries of
// the directory that stand for them, and for everybody else whom the ledger knows.
type GrantedSet struct {
	Revision int64
	Granted  []string // entries, in order
	Known    map[string]meibo.PersonID
	Frozen   bool // the directory is silent: nobody should be let in who was not
}

// Granted asks a system's question of everybody, as of now. Nothing is recorded:
// nobody has asked to be let in.
func (l *Ledger) Granted(ctx context.Context, system meibo.SystemID, q meibo.Question) (GrantedSet, error) {
	v, err := l.catchUp(ctx)
	if err != nil {
		return GrantedSet{}, wrap("ask who is granted", err)
	}
	if v.directory {
		next := *v
		next.Snapshot = next.With(authz.SetDirectory(&authz.Directory{Read: l.DirectoryProven().Time()}))
		v = &next
	}
	set := GrantedSet{Revision: v.Rev(), Known: map[string]meibo.PersonID{}, Frozen: l.Frozen()}
	asked := questionOf(meibo.Caller{Client: meibo.Client{SystemID: system}}, q, l.Now())
	granted := map[meibo.PersonID]bool{}
	for id := range l.policy.People(v.Snapshot, asked, "") {
		granted[meibo.PersonID(id)] = true
	}
	err = l.db.View(ctx, func(r *store.Reader) error {
		accounts, err := r.Bound()
		for _, a := range accounts {
			set.Known[a.Entry] = a.PersonID
			if granted[a.PersonID] && a.State == meibo.AccountEnabled {
				set.Granted = append(set.Granted, a.Entry)
			}
		}
		return err
	})
	slices.Sort(set.Granted)
	return set, wrap("ask who is granted", err)
}

// Revision is the number of changes that the ledger has seen, and moves on with
// each.
func (l *Ledger) Revision(ctx context.Context) (int64, error) {
	revision, _, err := l.revision(ctx)
	return revision, err
}

// Orphans are the people on rosters whom the directory does not show, or shows
// elsewhere.
func (l *Ledger) Orphans(ctx context.Context) (meibo.Orphans, error) {
	var found meibo.Orphans
	err := l.db.View(ctx, func(r *store.Reader) error {
		people, err := r.Concerned()
		found = orphansOf(people)
		return err
	})
	return found, wrap("look for orphans", err)
}

func orphansOf(people []store.Concerned) (found meibo.Orphans) {
	for _, p := range people {
		found.Add(p.PersonID, p.EmployerID, p.Account(), p.Bound)
	}
	return found
}

// MayReadDirectory asks whether the caller may see what the directory says.
func (l *Ledger) MayReadDirectory(c meibo.Caller) error {
	return l.may(c, meibo.AnyContract, verbReadDirectory)
}

// ConfirmUnit confirms that a person whom the directory shows in another unit than
// before does the same work still. It is for an approver of the person's own
// organization who is not that person.
func (l *Ledger) ConfirmUnit(ctx context.Context, c meibo.Caller, key string, id meibo.PersonID) (meibo.PersonID, error) {
	if err := l.mayAnywhere(c, verbConfirmUnit); err != nil {
		return "", wrap("confirm unit", err)
	}
	return write(ctx, l, deed{c, meibo.ActConfirmUnit, key, id}, func(tx *store.Tx, _ meibo.Scene) (meibo.PersonID, outcome, error) {
		p, err := store.One[meibo.Person](&tx.Reader, id)
		if err != nil {
			return id, outcome{}, err
		}
		if p.OrganizationID != c.Client.OrganizationID {
			return id, outcome{}, meibo.ErrNotFound
		}
		if c.Client.PersonID == id {
			return id, outcome{}, meibo.Refuse(meibo.ErrForbidden, "SOD_CONFLICT")
		}
		a, err := tx.Account(id)
		if err != nil {
			return id, outcome{}, err
		}
		if a == nil || a.TransferredAt.IsZero() {
			return id, outcome{}, meibo.Refuse(meibo.ErrConflict, "NO_OTHER_UNIT")
		}
		a.Unit, a.UnitSeen, a.TransferredAt = a.UnitSeen, "", 0
		return id, outcome{subjects: []string{string(id)}, rows: []any{*a}}, nil
	})
}
