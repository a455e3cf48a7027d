package main

import (
	"context"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// tellPause is how long those who must look are not told again, so that many changes
// at once are looked through together.
const tellPause = time.Second

// tell has those told who must look at what the directory shows, soon after it did,
// and every minute what is still owed.
func (p *people) tell(ctx context.Context) {
	for {
		if err := p.book.TellDirectory(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("tell of the directory", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(tellPause):
		}
		select {
		case <-ctx.Done():
			return
		case <-p.news:
		case <-time.After(watchEvery):
		}
	}
}

// toldHolds logs which holds were opened, and which lapsed.
func (p *people) toldHolds(holds []meibo.DirectoryHold) {
	for _, h := range holds {
		if h.State == meibo.DirectoryHoldOpen {
			p.log.Warn("a hold was opened: a person must confirm or reject it", "hold", h.ID, "why", h.Why, "people", h.People)
		} else {
			p.log.Info("a hold has lapsed: something else was seen", "hold", h.ID, "why", h.Why, "people", h.People)
		}
	}
}

// settled logs what a person has decided on a hold.
func (p *people) settled(hold string, confirmed bool, r meibo.Reading) {
	if confirmed {
		p.log.Warn("a hold was confirmed", "hold", hold, "why", r.Code, "gone", r.Gone)
	} else {
		p.log.Warn("a hold was rejected: the same set is not held again", "hold", hold, "why", r.Code)
	}
}
