package outbox_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibo"
)

var days = flag.Uint64("days", 3, "how many random days are played on each database")

// TestNothingIsLostOrSilentlyDoubled plays random days: versions are cut and
// acknowledged, the relay does as it likes, senders crash, time passes. Then all
// is well again and two senders work at once.
func TestNothingIsLostOrSilentlyDoubled(t *testing.T) {
	t.Parallel()
	var scenes []scene
	for seed := range *days {
		scenes = append(scenes, scene{fmt.Sprintf("day %d", seed), func(p *post) {
			d := day{post: p, dice: rand.New(rand.NewPCG(seed, 1)), refused: map[meibo.NoticeID]bool{}}
			p.receivers(tax, "chief@city.kakuu.example")
			for range 16 {
				d.step()
			}
			d.recover()
			d.check()
		}})
	}
	play(t, scenes...)
}

type day struct {
	*post
	dice    *rand.Rand
	refused map[meibo.NoticeID]bool // for good: from then on out of order
	newest  int                     // version that may be acknowledged
}

func (d *day) step() {
	switch d.dice.IntN(10) {
	case 0, 1, 2:
		if d.newest == 0 || d.dice.IntN(2) == 0 {
			d.newest, _ = d.cut()
		} else {
			d.acknowledge(d.newest)
			d.newest = 0
		}
	case 3:
		d.Clock.Set(d.Clock.Now().Add(time.Duration(d.dice.Int64N(int64(6 * time.Hour)))))
	case 4:
		d.crash(false)
	case 5:
		d.crash(true)
	default:
		ats := []demo.Reply{{}, {At: "mail", Code: 421}, {At: "rcpt", Code: 450}, {At: "rcpt", Code: 550}, {At: "data", Code: 451}, {At: "cut"}, {At: "cut"}, {At: "lose"}}
		d.sink.Script(ats[d.dice.IntN(len(ats))])
		d.later(time.Duration(d.dice.Int64N(int64(5 * time.Minute))))
		d.sink.Release()
		for _, n := range d.notices() {
			d.refused[n.ID] = d.refused[n.ID] || n.State == meibo.NoticeFailed || n.State == meibo.NoticeSuperseded
		}
	}
}

// crash takes notices and tells nobody what came of them.
func (d *day) crash(sent bool) {
	letters, err := d.Ledger.TakeNotices(d.t.Context(), "meibo.city.kakuu.example", 100, meibo.WayMail)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, letter := range letters {
		if sent {
			d.mailer.Send(d.t.Context(), letter)
		}
	}
	d.reopen()
}

// recover lets time pass until everybody has been told, by two senders at once.
func (d *day) recover() {
	first := d.outbox
	d.reopen()
	for range 20 {
		open := false
		for _, n := range d.notices() {
			open = open || !n.Settled()
			if n.State == meibo.NoticeFailed {
				if _, err := d.Ledger.RetryNotice(d.t.Context(), d.Operator, d.Key(), n.ID); err != nil {
					d.t.Fatal(err)
				}
			}
		}
		if !open {
			return
		}
		d.Clock.Set(d.Clock.Now().Add(5 * time.Hour))
		var senders sync.WaitGroup
		for _, o := range []interface{ Flush(context.Context) error }{first, d.outbox} {
			senders.Go(func() {
				if err := o.Flush(d.t.Context()); err != nil {
					d.t.Error(err)
				}
			})
		}
		senders.Wait()
	}
	d.t.Error("notices are still open")
}

func (d *day) check() {
	byID := map[string]meibo.Notice{}
	taken := map[string]map[string]int{} // by notice and address
	ids := map[string]bool{}
	for _, n := range d.notices() {
		byID[string(n.ID)], taken[string(n.ID)] = n, map[string]int{}
		if ids[n.MessageID] && n.MessageID != "" {
			d.t.Errorf("message id %s was given twice", n.MessageID)
		}
		ids[n.MessageID] = true
	}
	last := map[string]int{}
	for _, m := range d.sink.Mails()[d.before.mails:] {
		id, to := m.Header("X-Meibo-Notice"), strings.Join(m.To, " ")
		n := byID[id]
		taken[id][to]++
		if m.Header("Message-ID") != n.MessageID {
			d.t.Errorf("notice %d went out as %s, want %s", n.Number, m.Header("Message-ID"), n.MessageID)
		}
		if d.refused[n.ID] {
			continue
		}
		if n.Number < last[to] {
			d.t.Errorf("%s heard of notice %d after %d", to, n.Number, last[to])
		}
		last[to] = n.Number
	}
	newest := map[string]int{} // version that an address has
	for id, n := range byID {
		for to := range taken[id] {
			if n.Kind == meibo.NoticeRoster {
				newest[to] = max(newest[to], n.Version)
			}
		}
	}
	for id, n := range byID {
		d.delivered(n, taken[id], newest)
	}
}

// delivered checks that each address got a notice, or a later version, which holds
// the whole; and twice only where that is said.
func (d *day) delivered(n meibo.Notice, taken, newest map[string]int) {
	d.t.Helper()
	if len(taken) == 0 && n.State != meibo.NoticeSuperseded && n.Answer == "" { // whoever answered knows it
		d.t.Errorf("notice %d to %s (%s) was never taken", n.Number, n.OrganizationID, n.State)
	}
	for _, r := range n.Receipts.V {
		if taken[r.To] == 0 && (n.Kind != meibo.NoticeRoster || newest[r.To] <= n.Version) && r.State != meibo.ReceiptDead {
			d.t.Errorf("%s got neither notice %d nor a later one: %+v", r.To, n.Number, r)
		}
		if taken[r.To] > 1 && !n.PossiblyTwice {
			d.t.Errorf("%s got notice %d %d times, and nobody says so", r.To, n.Number, taken[r.To])
		}
	}
}
