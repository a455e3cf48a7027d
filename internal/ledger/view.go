package ledger

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A view is all that checks read, in memory, as of one revision. It never changes;
// a later one shares with it what stayed the same.
type view struct {
	*authz.Snapshot
	last      int64 // number of the last entry that it has seen
	directory bool  // a directory speaks for accounts
	city      meibo.OrganizationID
	turns     meibo.Instant
	systems   map[meibo.SystemID]meibo.System
	contracts map[meibo.ContractID]contractView
	templates []meibo.PledgeTemplate
	leaves    []meibo.PurposeCode     // purposes that can be stated
	counted   map[meibo.PermitID]bool // permits of which each use is recorded
}

// A contractView is a contract with its roster versions on their way to the city.
type contractView struct {
	row      meibo.Contract
	versions []meibo.VersionStatus
	turns    meibo.Instant // when a day comes that changes its chains
}

// newest is the newest roster version of a contract.
func (v *view) newest(id meibo.ContractID) int {
	versions := v.contracts[id].versions
	if len(versions) == 0 {
		return 0
	}
	return versions[len(versions)-1].Version
}

// followFor bounds how long catching up takes before whoever waits is refused.
const followFor = 5 * time.Second

// catchUp reads what changed since the view and returns a view as of now. Whoever
// waits for it together gets the same.
func (l *Ledger) catchUp(ctx context.Context) (*view, error) {
	l.following.Lock()
	defer l.following.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), followFor)
	defer cancel()
	before := l.view.Load()
	var next *view
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		next, err = before.follow(r)
		return err
	})
	if err != nil {
		return nil, err
	}
	if before != nil && next.Epoch() != before.Epoch() { // it was read whole, but for this
		l.usage.forget()
	}
	l.view.Store(next)
	return next, nil
}

// Follow catches up whenever the ledger has moved on, until ctx is done: at once when
// the database tells, and every so often in case it does not. Checks catch up by
// themselves; following only spares them the wait.
func (l *Ledger) Follow(ctx context.Context, every time.Duration) {
	heard := make(chan struct{}, 1)
	go l.listen(ctx, every, heard)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-heard:
		case <-tick.C:
		}
		if len(*l.journal.waiting.Load()) > 0 {
			l.settle(ctx) // or the next time
		}
		revision, epoch, err := l.revision(ctx)
		if v := l.view.Load(); err == nil && (revision != v.Rev() || epoch != v.Epoch()) {
			l.catchUp(ctx)
		}
		l.shareUsage(ctx) // or the next time
	}
}

// listen tells on a channel that something was heard, and begins anew when it hears
// no more.
func (l *Ledger) listen(ctx context.Context, pause time.Duration, heard chan<- struct{}) {
	for ctx.Err() == nil {
		l.db.Listen(ctx, func() {
			select {
			case heard <- struct{}{}:
			default: // it is known already
			}
		})
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// loadedAtOnce is how many people are read in one go.
const loadedAtOnce = 1000

// load reads everything. progress is told how many people have been read.
func load(r *store.Reader, directory bool, progress func(done, all int)) (*view, error) {
	v := &view{
		Snapshot: &authz.Snapshot{}, directory: directory, systems: map[meibo.SystemID]meibo.System{},
		contracts: map[meibo.ContractID]contractView{}, counted: map[meibo.PermitID]bool{},
	}
	rev, epoch, err := r.Revision()
	if err != nil {
		return nil, err
	}
	if _, v.last, err = r.Since(-1); err != nil {
		return nil, err
	}
	v.Snapshot = v.With(authz.SetRevision(rev, epoch), authz.SetProhibited(string(meibo.AlwaysProhibited)))
	if err := v.loadRules(r); err != nil {
		return nil, err
	}
	all, err := r.Population()
	if err != nil {
		return nil, err
	}
	for after, done := meibo.PersonID(""), 0; ; {
		ids, err := r.PersonIDs(after, loadedAtOnce)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return v, nil
		}
		if err := v.putPeople(r, ids); err != nil {
			return nil, err
		}
		after, done = ids[len(ids)-1], done+len(ids)
		if progress != nil {
			progress(done, all)
		}
	}
}

// loadRules reads all but people.
func (v *view) loadRules(r *store.Reader) error {
	contracts, err := r.Contracts()
	if err != nil {
		return err
	}
	if err := v.putCity(r); err != nil {
		return err
	}
	ids := make([]meibo.ContractID, len(contracts))
	for i, c := range contracts {
		ids[i] = c.ID
	}
	if err := v.putVersions(r, ids); err != nil {
		return err
	}
	permits, err := r.Permits()
	if err != nil {
		return err
	}
	of := make([]meibo.PermitID, len(permits))
	for i, p := range permits {
		of[i] = p.ID
	}
	for _, put := range []func(*store.Reader) error{
		v.putTemplates, v.putParameters, v.putAssets, v.putPurposes, v.putSystems, v.putServices, v.putHolds,
		func(r *store.Reader) error { return v.putPermits(r, of) },
		func(r *store.Reader) error { return v.putContracts(r, ids) },
	} {
		if err := put(r); err != nil {
			return err
		}
	}
	return nil
}

// own returns a view that can be changed until it is given away.
func (v *view) own() *view {
	next := *v
	next.systems, next.contracts, next.counted = maps.Clone(v.systems), maps.Clone(v.contracts), maps.Clone(v.counted)
	return &next
}

// put makes changes to the snapshot.
func (v *view) put(changes ...authz.Change) { v.Snapshot = v.With(changes...) }

// putPeople reads people and puts them in place.
func (v *view) putPeople(r *store.Reader, ids []meibo.PersonID) error {
	for part := range slices.Chunk(ids, loadedAtOnce) {
		dossiers, err := r.Nameless().Dossiers(part)
		if err != nil {
			return err
		}
		changes := make([]authz.Change, len(dossiers))
		for i, d := range dossiers {
			subject := v.subjectOf(d)
			v.keepUsage(&subject)
			changes[i] = authz.PutSubject(subject)
		}
		v.put(changes...)
	}
	return nil
}
