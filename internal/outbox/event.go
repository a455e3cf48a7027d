package outbox

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strings"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// An event is the body of a webhook, in the form of Standard Webhooks. It names
// nobody; the roster is fetched, by whoever may.
type event struct {
	Type      string        `json:"type"`
	Timestamp meibo.Instant `json:"timestamp"` // when the notice was owed
	Data      eventData     `json:"data"`
}

type eventData struct {
	Notice       meibo.NoticeID   `json:"notice"`
	Contract     meibo.ContractID `json:"contract"`
	Version      int              `json:"version"`
	CutAt        meibo.Instant    `json:"cut_at"`
	Members      int              `json:"members"`
	Added        int              `json:"added"`
	Removed      int              `json:"removed"`
	Changed      int              `json:"changed"`
	Faults       int              `json:"faults"`
	Hash         string           `json:"hash"`
	PreviousHash string           `json:"previous_hash"`
	AckRequired  bool             `json:"ack_required"`
	AnswerBy     meibo.Date       `json:"answer_by"`
	Roster       string           `json:"roster"` // path at which it is fetched
	Checkpoint   string           `json:"checkpoint"`
}

func eventOf(l ledger.Letter) event {
	r := l.Roster
	return event{"roster.notified", l.Notice.CreatedAt, eventData{
		Notice: l.Notice.ID, Contract: l.Contract.ID, Version: r.Version, CutAt: r.CutAt, Members: r.Members, Added: r.Added, Removed: r.Removed,
		Changed: r.Changed, Faults: r.Faults, Hash: r.Hash, PreviousHash: r.PreviousHash, AckRequired: l.Contract.AckRequired, AnswerBy: l.AnswerBy,
		Roster: fmt.Sprintf("/v1/contracts/%s/rosters/%d", l.Contract.ID, r.Version), Checkpoint: l.Checkpoint,
	}}
}

// decodeSecret reads whsec_ and base64.
func decodeSecret(secret string) ([]byte, error) {
	return base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(secret, "whsec_"))
}

// special are networks that are nobody's on the internet, beside those that netip
// knows: this one, shared ones, tests', documents', and those that lead to IPv4.
var special = func() (list []netip.Prefix) {
	for _, text := range strings.Fields(`0.0.0.0/8 100.64.0.0/10 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24
		203.0.113.0/24 240.0.0.0/4 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 fec0::/10`) {
		list = append(list, netip.MustParsePrefix(text))
	}
	return list
}()

// allowed reports whether an address may be posted to: a public one, or one that the
// configuration allows.
func (w *Webhook) allowed(a netip.Addr) bool {
	a = a.Unmap()
	for _, p := range w.opts.Allow {
		if p.Contains(a) {
			return true
		}
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsGlobalUnicast() && !a.IsPrivate() && a.Zone() == ""
}
