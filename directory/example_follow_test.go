package directory_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

// A roster keeps its people in memory. A database would do in one transaction what
// Apply does under the lock: change the people and store the token.
type roster struct {
	mu     sync.Mutex
	people map[directory.ID]directory.Known
	token  directory.Token
	told   chan directory.Kind
}

// Known may be called while Apply runs.
func (r *roster) Known(context.Context) ([]directory.Known, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known(), nil
}

func (r *roster) known() (all []directory.Known) {
	for _, k := range r.people {
		all = append(all, k)
	}
	return all
}

// Apply puts in force what of a batch may be believed. What is held waits for a
// person, or for a better reading: it is told again.
func (r *roster) Apply(_ context.Context, b directory.Batch) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	plan := directory.Decide(r.known(), b, directory.Limits{})
	for _, c := range plan.Apply {
		fmt.Println(c.Kind, c.From, "->", c.To.State, c.To.Cause, "by", b.Cause, "for", c.Proof)
		r.told <- c.Kind
		if c.Kind == directory.Gone {
			delete(r.people, c.ID)
			continue
		}
		k := r.people[c.ID]
		k.State, k.Until = c.To.State, c.To.Until
		r.people[c.ID] = k
	}
	for _, h := range plan.Held {
		fmt.Println("held:", h.Why)
	}
	r.token = b.Next
	return nil
}

// A caller follows a directory: a lock and a deletion are told as they happen.
func ExampleFollower() {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	city := newExampleCity() // a server with sato and suzuki, and the canaries
	defer city.Stop()

	source, err := directory.Open(directory.Config{
		URLs:         []string{city.URL},
		BindDN:       city.BindDN,
		PasswordFile: city.PasswordFile,
		Bases:        []string{"ou=people,dc=kakuu,dc=example"},
		Canaries: []directory.Canary{
			{DN: "cn=canary-enabled,ou=services,dc=kakuu,dc=example", State: directory.Enabled},
			{DN: "cn=canary-disabled,ou=services,dc=kakuu,dc=example", State: directory.Disabled},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ours := &roster{people: map[directory.ID]directory.Known{}, told: make(chan directory.Kind, 10)}
	for _, login := range []string{"sato", "suzuki"} { // bound once and for all
		found, err := source.Find(ctx, "ou=people,dc=kakuu,dc=example", login)
		if err != nil || len(found) != 1 {
			fmt.Println(login, len(found), err)
			return
		}
		o := found[0]
		ours.people[o.ID] = directory.Known{ID: o.ID, State: o.Status.State, Until: o.Status.Until, Base: o.Base}
	}
	current := make(chan directory.Mode, 10)
	follower, err := source.Follower(directory.Following{
		From: ours.token, Known: ours.Known, Apply: ours.Apply,
		Report: func(n directory.Notice) {
			switch n.Kind {
			case directory.NoticeCurrent: // all that had happened before is known
				current <- n.Mode
			case directory.NoticeInterrupted, directory.NoticeBlind:
				fmt.Println(n.Kind, n.Err) // it is tried again; nobody is ended for it
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() {
		fmt.Println("followed by", <-current)
		city.Lock("sato")
		<-ours.told
		city.Delete("suzuki")
		<-ours.told
		stop()
	}()
	if err := follower.Run(ctx); err != nil { // until ctx ends
		fmt.Println(err)
	}
	fmt.Println(len(ours.people), "left")

	// Output:
	// followed by content
	// restricted enabled -> disabled admin by stream for entry
	// gone enabled -> unknown  by stream for left
	// 1 left
}
