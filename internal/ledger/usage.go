package ledger

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// A usage is what this replica knows of the uses of rights: to the day, because
// nothing asks for more. A use is told to the database, and by it to other replicas,
// a little later; one that a crash takes with it is noted with the next.
type usage struct {
	mu    sync.RWMutex
	day   meibo.Date
	today map[meibo.RightID]bool // used, and noted
	fresh []meibo.RightUse       // not yet told
	heard meibo.Instant          // when others were last asked
}

// heardAgain is how far uses are read back that others may have told late, and how
// often they are read at all.
const heardAgain = time.Minute

// note notes the rights by which decisions allowed, and returns those that were not
// known to be used that day.
func (u *usage) note(list []meibo.Decision) (news []meibo.RightUse) {
	for _, d := range list {
		if d.RightID == "" || u.knows(d.RightID, d.At.Day()) {
			continue
		}
		u.mu.Lock()
		if day := d.At.Day(); day != u.day {
			u.day, u.today = day, map[meibo.RightID]bool{}
		}
		if !u.today[d.RightID] {
			u.today[d.RightID] = true
			news = append(news, meibo.RightUse{RightID: d.RightID, PersonID: d.Question.Person, At: d.At})
		}
		u.mu.Unlock()
	}
	if len(news) > 0 {
		u.back(news)
	}
	return news
}

func (u *usage) knows(id meibo.RightID, day meibo.Date) bool {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return u.day == day && u.today[id]
}

// take takes what is not yet told, and says since when others are to be heard again,
// if that is due.
func (u *usage) take(now meibo.Instant) (fresh []meibo.RightUse, since meibo.Instant, due bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	fresh, u.fresh = u.fresh, nil
	due = now.Sub(u.heard) >= heardAgain
	if due {
		since, u.heard = max(u.heard.Add(-heardAgain), 0), now
	}
	return fresh, since, due
}

// forget has everything be heard again.
func (u *usage) forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.heard = 0
}

// back takes what is to be told, or could not be.
func (u *usage) back(fresh []meibo.RightUse) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.fresh = append(u.fresh, fresh...)
}

// shareUsage tells others which rights were used, and learns from them.
func (l *Ledger) shareUsage(ctx context.Context) error {
	fresh, since, due := l.usage.take(l.Now())
	if len(fresh) > 0 {
		if err := l.db.NoteUses(ctx, slices.Clone(fresh)); err != nil {
			l.usage.back(fresh)
			return err
		}
	}
	if !due {
		return nil
	}
	err := l.db.UsesSince(ctx, since, func(some []meibo.RightUse) error { l.learn(some); return nil })
	if err != nil {
		l.usage.forget()
	}
	return err
}

// use notes that decisions are given.
func (l *Ledger) use(list []meibo.Decision) {
	if news := l.usage.note(list); len(news) > 0 {
		l.learn(news)
	}
}

// learn puts uses into the view. Nothing that decides depends on them.
func (l *Ledger) learn(uses []meibo.RightUse) {
	l.following.Lock()
	defer l.following.Unlock()
	next := l.view.Load().own()
	for _, u := range uses {
		next.put(authz.Use(string(u.PersonID), string(u.RightID), u.At.Time()))
	}
	l.view.Store(next)
}

// keepUsage gives rights that are put anew the uses that are known of them.
func (v *view) keepUsage(s *authz.Subject) {
	old, known := v.Subject(s.Person.ID)
	if !known {
		return
	}
	last := map[string]time.Time{}
	for _, w := range old.Work {
		for _, r := range w.Rights {
			last[r.ID] = r.LastUse
		}
	}
	for _, w := range s.Work {
		for i := range w.Rights {
			if used := last[w.Rights[i].ID]; used.After(w.Rights[i].LastUse) {
				w.Rights[i].LastUse = used
			}
		}
	}
}
