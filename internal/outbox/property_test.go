package outbox_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
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
			d.refused[n.ID] = d.refused[n.ID] || n.State == meibo.NoticeFailed
		}
	}
}

// crash takes notices and tells nobody what came of them.
func (d *day) crash(sent bool) {
	letters, err := d.Ledger.TakeNotices(d.t.Context(), "meibo.city.kakuu.example", meibo.WayMail)
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
	taken := map[string]int{}
	ids := map[string]bool{}
	for _, n := range d.notices() {
		byID[string(n.ID)] = n
		if ids[n.MessageID] {
			d.t.Errorf("message id %s was given twice", n.MessageID)
		}
		ids[n.MessageID] = true
	}
	last := map[meibo.OrganizationID]int{}
	for _, m := range d.sink.Mails()[d.before.mails:] {
		id := m.Header("X-Meibo-Notice")
		n := byID[id]
		taken[id]++
		if m.Header("Message-ID") != n.MessageID {
			d.t.Errorf("notice %d went out as %s, want %s", n.Number, m.Header("Message-ID"), n.MessageID)
		}
		if d.refused[n.ID] {
			continue
		}
		if n.Number < last[n.OrganizationID] {
			d.t.Errorf("%s heard of notice %d after %d", n.OrganizationID, n.Number, last[n.OrganizationID])
		}
		last[n.OrganizationID] = n.Number
	}
	for id, n := range byID {
		if taken[id] == 0 || taken[id] > 1 && !n.PossiblyTwice {
			d.t.Errorf("notice %d to %s (%s) was taken %d times, possibly twice: %v", n.Number, n.OrganizationID, n.State, taken[id], n.PossiblyTwice)
		}
	}
}
