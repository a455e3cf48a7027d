package main

import "github.com/meibo-dev/meibo/internal/meibo"

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
