package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// under is the consent to a hop, altered.
func under(o, parent meibo.OrganizationID, depth int, alter ...func(*meibo.Subcontract)) meibo.Subcontract {
	s := consent(o, parent, depth)
	for _, f := range alter {
		f(&s)
	}
	return s
}

func TestFaultsOfAChainHopByHop(t *testing.T) {
	revoked := func(s *meibo.Subcontract) { s.RevokedAt = asOf }
	revokedTomorrow := func(s *meibo.Subcontract) { s.RevokedAt = at("2026-10-16T10:00:00+09:00") }
	over := func(s *meibo.Subcontract) { s.Ends = "2026-09-30" }
	today := func(s *meibo.Subcontract) { s.Ends = "2026-10-15" }
	later := func(s *meibo.Subcontract) { s.Starts = "2026-10-16" }
	preNamed := func(s *meibo.Subcontract) { s.PreNamed = true }
	started := func(s *meibo.Subcontract) { s.PreNamed, s.StartedOn = true, "2026-05-01" }
	startsTomorrow := func(s *meibo.Subcontract) { s.PreNamed, s.StartedOn = true, "2026-10-16" }
	noFlowDown := func(s *meibo.Subcontract) { s.FlowDownOn = "" }
	flowDownTomorrow := func(s *meibo.Subcontract) { s.FlowDownOn = "2026-10-16" }
	type consents = []meibo.Subcontract
	for _, c := range []struct {
		name     string
		employer meibo.OrganizationID
		consents consents
		want     string
	}{
		{"the prime's own people have no chain", "K1", nil, ""},
		{"a hop that the city consented to", "S1", consents{under("S1", "K1", 1)}, ""},
		{"a hop that the city knows nothing of", "S1", nil, "SUBCONTRACT_NOT_APPROVED"},
		{"a consent whose last day is today", "S1", consents{under("S1", "K1", 1, today)}, ""},
		{"a consent that is over", "S1", consents{under("S1", "K1", 1, over)}, "SUBCONTRACT_EXPIRED"},
		{"a consent that begins later", "S1", consents{under("S1", "K1", 1, later)}, "SUBCONTRACT_NOT_STARTED"},
		{"a consent that was revoked", "S1", consents{under("S1", "K1", 1, revoked)}, "SUBCONTRACT_REVOKED"},
		{"a consent that will be revoked still holds", "S1", consents{under("S1", "K1", 1, revokedTomorrow)}, ""},
		{"a revoked consent beside a new one", "S1", consents{under("S1", "K1", 1, revoked), under("S1", "K1", 1)}, ""},
		{"a consent in advance before the work began", "S1", consents{under("S1", "K1", 1, preNamed)}, "SUBCONTRACT_NOT_STARTED"},
		{"a consent in advance after the work began", "S1", consents{under("S1", "K1", 1, started)}, ""},
		{"a consent in advance whose work begins tomorrow", "S1", consents{under("S1", "K1", 1, startsTomorrow)}, "SUBCONTRACT_NOT_STARTED"},
		{"terms that were not passed on", "S1", consents{under("S1", "K1", 1, noFlowDown)}, "FLOWDOWN_MISSING"},
		{"terms that will be passed on tomorrow", "S1", consents{under("S1", "K1", 1, flowDownTomorrow)}, "FLOWDOWN_MISSING"},
		{"two hops with consents for their layers", "S2", consents{under("S1", "K1", 1), under("S2", "S1", 2)}, ""},
		{"the second hop's consent is over", "S2", consents{under("S1", "K1", 1), under("S2", "S1", 2, over)}, "SUBCONTRACT_EXPIRED"},
		{"the first hop's consent is over", "S2", consents{under("S1", "K1", 1, over), under("S2", "S1", 2)}, "SUBCONTRACT_EXPIRED"},
		{"the hop in between is unknown", "S2", consents{under("S2", "S1", 2)}, "SUBCONTRACT_NOT_APPROVED"},
		{"a second layer with the consent for a first", "S2", consents{under("S1", "K1", 1), under("S2", "S1", 1)}, "SUBCONTRACT_DEPTH_EXCEEDED"},
		{"a first layer with the consent for a second", "S1", consents{under("S1", "K1", 2)}, ""},
		{"a third layer", "S3", consents{under("S1", "K1", 1), under("S2", "S1", 2), under("S3", "S2", 3)}, ""},
		{"a circle never reaches the prime", "S1", consents{under("S1", "S2", 9), under("S2", "S1", 9)}, "SUBCONTRACT_NOT_APPROVED"},
		{"a circle of one never reaches the prime", "S1", consents{under("S1", "S1", 9)}, "SUBCONTRACT_NOT_APPROVED"},
		{"a circle behind a hop never reaches the prime", "S3", consents{under("S3", "S1", 9), under("S1", "S2", 9), under("S2", "S1", 9)}, "SUBCONTRACT_NOT_APPROVED"},
		{"a consent under another parent does not speak of the hop", "S2", consents{under("S1", "K1", 1), under("S2", "K1", 2), under("S2", "S1", 2, revoked)}, "SUBCONTRACT_REVOKED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			same(t, meibo.ChainFault(meibo.Chain("K1", c.employer, c.consents), asOf), c.want)
		})
	}
}

func TestAConsentHoldsFromMidnightToMidnightInJapan(t *testing.T) {
	s := under("S1", "K1", 1, func(s *meibo.Subcontract) { s.Starts, s.Ends = "2026-10-15", "2026-10-15" })
	for moment, want := range map[string]bool{
		"2026-10-14T23:59:59.999999+09:00": false, "2026-10-15T00:00:00+09:00": true,
		"2026-10-15T23:59:59.999999+09:00": true, "2026-10-16T00:00:00+09:00": false,
	} {
		if s.Live(at(moment)) != want {
			t.Errorf("at %s it is live: %t", moment, !want)
		}
	}
}

func TestAChainGoesFromTheEmployerUp(t *testing.T) {
	hops := meibo.Chain("K1", "S2", []meibo.Subcontract{under("S1", "K1", 1), under("S2", "S1", 2)})
	type hop struct {
		Organization meibo.OrganizationID
		Depth        int
	}
	var got []hop
	for _, h := range hops {
		got = append(got, hop{h.Organization, h.Depth})
	}
	same(t, got, []hop{{"S2", 2}, {"S1", 1}})
}

func TestTheRosterShowsTheChainOfAMember(t *testing.T) {
	d := newDesk(t, func(b *meibo.Book) {
		b.Subcontracts = []meibo.Subcontract{consent("S1", "K1", 1), consent("S9", "S1", 1)}
	})
	d.enlist(add("E057", "A01"))
	m := d.Members(d.now)[0]
	same(t, m.Chain, []meibo.ChainHop{{Organization: "S9", Consent: "情政第1号"}, {Organization: "S1", Consent: "情政第1号"}})
	same(t, m.ChainFault, "SUBCONTRACT_DEPTH_EXCEEDED")
}
