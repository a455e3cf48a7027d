package ledger_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// A replica is one process of several on one database, behind a wire of its own.
type replica struct {
	wire    *meibotest.Wire
	options ledger.Options
	open    atomic.Pointer[ledger.Ledger]
}

// A doing is one hold that was opened, or lifted: from when it was first asked for
// until it was acknowledged, and at which revision that was.
type doing struct {
	person      int
	held        bool
	began, done time.Time
	revision    int64
}

// An answering is one check that was answered.
type answering struct {
	person      int
	allowed     bool
	began, done time.Time
	revision    int64
	token       int64 // revision of the token that was shown
}

// fleet is several replicas under load and under faults.
type fleet struct {
	t        *testing.T
	city     *meibotest.City
	people   []meibo.PersonID
	replicas []*replica
	until    time.Time

	mu       sync.Mutex
	doings   []doing
	answers  []answering
	refused  int
	newest   string // token of the newest write that was acknowledged
	newestAt int64
}

func newFleet(t *testing.T, replicas int, long time.Duration) *fleet {
	url := meibotest.Postgres(t)
	c := meibotest.NewCity(t, url, nil)
	f := &fleet{t: t, city: c}
	for i := range 3 {
		f.people = append(f.people, c.Employed("e00"+strconv.Itoa(i+1)))
	}
	for i := range replicas {
		r := &replica{wire: meibotest.NewWire(t, url), options: c.Options}
		r.options.URL, r.options.Mark = r.wire.URL, filepath.Join(t.TempDir(), "mark"+strconv.Itoa(i))
		f.start(r)
		f.replicas = append(f.replicas, r)
	}
	f.until = time.Now().Add(long)
	return f
}

func (f *fleet) start(r *replica) {
	for {
		l, err := ledger.Open(context.Background(), r.options)
		if err == nil {
			r.open.Store(l)
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (f *fleet) any() *ledger.Ledger { return f.replicas[rand.N(len(f.replicas))].open.Load() }

// write opens and lifts holds on one person, one after the other. A write whose
// outcome is unknown is repeated under its key until it is acknowledged.
func (f *fleet) write(person int) {
	for n := 0; time.Now().Before(f.until); n++ {
		var hold meibo.HoldID
		f.insist(person, true, fmt.Sprintf("open-%d-%d", person, n), func(ctx context.Context, l *ledger.Ledger, key string) error {
			done, err := l.OpenHold(ctx, f.city.CityApprover, key, meibo.Hold{Kind: meibo.HoldIncident, PersonID: f.people[person]})
			hold = done.Hold
			return err
		})
		time.Sleep(rand.N(60 * time.Millisecond))
		f.insist(person, false, fmt.Sprintf("lift-%d-%d", person, n), func(ctx context.Context, l *ledger.Ledger, key string) error {
			_, err := l.LiftHold(ctx, f.city.CityApprover, key, hold)
			return err
		})
		time.Sleep(rand.N(60 * time.Millisecond))
	}
}

func (f *fleet) insist(person int, held bool, key string, do func(context.Context, *ledger.Ledger, string) error) {
	d := doing{person: person, held: held, began: time.Now()}
	for {
		ctx, receipt := ledger.WithReceipt(context.Background())
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		err := do(ctx, f.any(), key)
		cancel()
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		d.done = time.Now()
		number, _, _ := strings.Cut(receipt.Token, ".")
		at, _ := strconv.ParseInt(number, 10, 64)
		f.mu.Lock()
		f.doings = append(f.doings, d)
		if at > f.newestAt {
			f.newest, f.newestAt = receipt.Token, at
		}
		f.mu.Unlock()
		return
	}
}

// ask checks, now and then with the newest token.
func (f *fleet) ask(at int) {
	for time.Now().Before(f.until) {
		l, person := f.replicas[at].open.Load(), rand.N(len(f.people))
		a := answering{person: person}
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		f.mu.Lock()
		token, revision := f.newest, f.newestAt
		f.mu.Unlock()
		a.began = time.Now()
		if rand.N(2) == 0 {
			if err := l.Reach(ctx, token); err != nil {
				cancel()
				f.refuse()
				continue
			}
			a.token = revision
		}
		d, err := l.Check(ctx, f.city.System, meibotest.Question(f.people[person]))
		cancel()
		a.done, a.allowed, a.revision = time.Now(), d.Allowed, d.Revision
		if err != nil || strings.HasSuffix(d.PrimaryCode, "_UNAVAILABLE") {
			f.refuse()
			continue
		}
		f.mu.Lock()
		f.answers = append(f.answers, a)
		f.mu.Unlock()
	}
}

func (f *fleet) refuse() {
	f.mu.Lock()
	f.refused++
	f.mu.Unlock()
	time.Sleep(2 * time.Millisecond)
}

// harm spoils one wire after the other, and kills replicas.
func (f *fleet) harm() {
	for n := 0; time.Now().Before(f.until); n++ {
		r := f.replicas[rand.N(len(f.replicas))]
		switch n % 5 {
		case 0:
			r.wire.Cut()
		case 1:
			r.wire.Silence()
		case 2:
			r.wire.Slow()
		case 3:
			r.wire.Trickle()
		case 4:
			old := r.open.Load()
			f.start(r)
			old.Close()
		}
		time.Sleep(200*time.Millisecond + rand.N(300*time.Millisecond))
		r.wire.Mend()
		time.Sleep(rand.N(200 * time.Millisecond))
	}
	for _, r := range f.replicas {
		r.wire.Mend()
	}
}

func (f *fleet) run() {
	var all sync.WaitGroup
	for person := range f.people {
		all.Go(func() { f.write(person) })
	}
	for range 2 {
		for at := range f.replicas {
			all.Go(func() { f.ask(at) })
		}
	}
	all.Go(f.harm)
	all.Wait()
	for _, r := range f.replicas {
		r.open.Load().Close()
	}
}

// recorded reads from the log at which revisions holds were opened and lifted.
func (f *fleet) recorded() (events []doing) {
	f.t.Helper()
	holds, err := f.city.Ledger.Holds(f.t.Context(), f.city.CityApprover)
	if err != nil {
		f.t.Fatal(err)
	}
	person := map[string]int{}
	for _, h := range holds {
		person[string(h.ID)] = slices.Index(f.people, h.PersonID)
	}
	entries, err := f.city.Ledger.HoldEntries(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range entries {
		events = append(events, doing{person: person[e.Subjects[0]], held: e.Act == meibo.ActOpenHold, revision: e.Revision})
	}
	of := map[int]int{} // the writes of one person are in the order of their revisions
	for i := range events {
		n := 0
		for j := range f.doings {
			if f.doings[j].person == events[i].person {
				if n == of[events[i].person] {
					f.doings[j].revision = events[i].revision
					events[i].began, events[i].done = f.doings[j].began, f.doings[j].done
					break
				}
				n++
			}
		}
		of[events[i].person]++
	}
	return events
}

// violations are the answers that no order of the writes explains: the interval
// checker. Revisions order all writes, so it looks at each answer once.
func (f *fleet) violations(events []doing) (list []string) {
	for _, a := range f.answers {
		held := false
		for _, e := range events {
			if e.revision > a.revision {
				if e.done.Before(a.began) {
					list = append(list, fmt.Sprintf("decided at %d, %s after revision %d was acknowledged", a.revision, a.began.Sub(e.done), e.revision))
				}
				continue
			}
			if e.began.After(a.done) {
				list = append(list, fmt.Sprintf("decided at %d before revision %d had begun", a.revision, e.revision))
			}
			if e.person == a.person {
				held = e.held
			}
		}
		if a.allowed == held {
			list = append(list, fmt.Sprintf("at %d allowed is %v, held %v", a.revision, a.allowed, held))
		}
		if a.revision < a.token {
			list = append(list, fmt.Sprintf("decided at %d with a token of %d", a.revision, a.token))
		}
	}
	return list
}

// linearizable asks an independent judge about the same history.
func (f *fleet) linearizable(events []doing) porcupine.CheckResult {
	type input struct {
		person int
		write  bool
		held   bool
	}
	model := porcupine.Model{
		Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
			parts := make([][]porcupine.Operation, len(f.people))
			for _, op := range history {
				p := op.Input.(input).person
				parts[p] = append(parts[p], op)
			}
			return parts
		},
		Init: func() any { return false },
		Step: func(state, in, out any) (bool, any) {
			i := in.(input)
			if i.write {
				return true, i.held
			}
			return out.(bool) == !state.(bool), state
		},
	}
	var history []porcupine.Operation
	for _, e := range events {
		history = append(history, porcupine.Operation{ClientId: e.person, Input: input{e.person, true, e.held}, Call: e.began.UnixNano(), Return: e.done.UnixNano()})
	}
	for _, a := range f.answers {
		history = append(history, porcupine.Operation{ClientId: 10, Input: input{a.person, false, false}, Output: a.allowed, Call: a.began.UnixNano(), Return: a.done.UnixNano()})
	}
	return porcupine.CheckOperationsTimeout(model, history, 30*time.Second)
}

// TestReplicasNeverAllowWhatWasRevoked: three replicas on one database, each behind
// a wire that is silenced, slowed, cut; answers are as if there were one (R1, R3, R4).
func TestReplicasNeverAllowWhatWasRevoked(t *testing.T) {
	long := 4 * time.Second
	if os.Getenv("MEIBO_SOAK") != "" {
		long = time.Minute
	}
	f := newFleet(t, 3, long)
	f.run()
	events := f.recorded()
	violations, verdict := f.violations(events), f.linearizable(events)
	t.Logf("%d answers, %d refused, %d writes, %d violations, porcupine says %s", len(f.answers), f.refused, len(events), len(violations), verdict)
	if len(violations) > 0 {
		t.Errorf("violation: %s", violations[0])
	}
	if verdict != porcupine.Ok {
		t.Errorf("violation: porcupine says %s", verdict)
	}
	if len(f.answers) < 100 || f.refused == 0 || len(events) < 10 {
		t.Errorf("too little happened to say anything: %d answers, %d refused, %d writes", len(f.answers), f.refused, len(events))
	}
}
