package ledger_test

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestANonceIsUsedOnce: of a question that is asked many times at once, by whatever
// replica, one is answered; none of them ever again.
func TestANonceIsUsedOnce(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil, func(m *meibo.Master) { m.Systems[0].Nonces = true })
		person := c.Employed("e001")
		wants(t, c.Check(person), "REPLAY_DETECTED")
		asked := func(nonce string, ago time.Duration) meibo.Question {
			q := meibotest.Question(person)
			q.Circumstances.Nonce, q.Circumstances.AskedAt = nonce, c.Clock.Now().Add(-ago)
			return q
		}
		var allowed, repeated atomic.Int32
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				d, err := c.Ledger.Check(t.Context(), c.System, asked("n-1", 0))
				switch {
				case err == nil && d.Allowed:
					allowed.Add(1)
				case err == nil && d.PrimaryCode == "REPLAY_DETECTED":
					repeated.Add(1)
				}
			})
		}
		all.Wait()
		if allowed.Load() != 1 || repeated.Load() != 15 {
			t.Errorf("of 16 the same %d were allowed and %d found to be repeated", allowed.Load(), repeated.Load())
		}
		c.Reopen()
		wants(t, c.Ask(asked("n-1", 0)), "REPLAY_DETECTED")
		wants(t, c.Ask(asked("n-2", time.Minute)), "ALLOW")
		wants(t, c.Ask(asked("n-3", 61*time.Second)), "REPLAY_DETECTED")
		wants(t, c.Ask(asked("n-4", -61*time.Second)), "REPLAY_DETECTED")
		wants(t, c.Ask(asked("", 0)), "REPLAY_DETECTED")

		batch, err := c.Ledger.CheckAll(t.Context(), c.System, []meibo.Question{asked("n-5", 0), asked("n-5", 0), asked("n-6", 0)}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, code := range []string{"ALLOW", "REPLAY_DETECTED", "ALLOW"} {
			wants(t, batch[i], code)
		}
		found, err := c.Ledger.SearchSubjects(t.Context(), c.System, meibotest.Question(""), ledger.Page{})
		if err != nil || len(found.Names) != 1 {
			t.Errorf("found %v, %v; a check with a new nonce would allow one", found.Names, err)
		}
	})
}

// TestAReplicaThatLearnsLateUsesUpNonces: that a system must ask once it may learn in
// the middle of an answer; what it answered then it never answers again.
func TestAReplicaThatLearnsLateUsesUpNonces(t *testing.T) {
	c := meibotest.NewCity(t, meibotest.Postgres(t), nil)
	person := c.Employed("e001")
	options := c.Options
	options.Mark = filepath.Join(t.TempDir(), "mark")
	replica, err := ledger.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer replica.Close()
	m, err := c.Ledger.Master(t.Context(), c.Operator)
	if err != nil {
		t.Fatal(err)
	}
	m.Systems[0].Nonces = true
	c.Apply(meibo.Master{Systems: m.Systems})
	q := meibotest.Question(person)
	q.Circumstances.Nonce, q.Circumstances.AskedAt = "n-1", c.Clock.Now()
	for _, code := range []string{"ALLOW", "REPLAY_DETECTED"} {
		d, err := replica.Check(t.Context(), c.System, q)
		if err != nil {
			t.Fatal(err)
		}
		wants(t, d, code)
	}
}
