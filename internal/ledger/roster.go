package ledger

import (
	"context"
	"fmt"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A RosterEntry is a roster version with what became of it.
type RosterEntry struct {
	Roster meibo.Roster // without its document
	Status meibo.VersionStatus
}

// Rosters lists the versions of a contract's roster.
func (l *Ledger) Rosters(ctx context.Context, c meibo.Caller, contract meibo.ContractID) ([]RosterEntry, error) {
	var list []RosterEntry
	err := l.db.View(ctx, func(r *store.Reader) error {
		b, err := l.book(r, c, contract, verbReadRoster)
		if err != nil {
			return err
		}
		for i, status := range b.Statuses() {
			list = append(list, RosterEntry{b.Rosters.All()[i], status})
		}
		return nil
	})
	return list, wrap("list rosters", err)
}

// A RosterView is one version. Document holds the canonical bytes over which the
// hash was made; whoever sees only some of the members gets no document.
type RosterView struct {
	RosterEntry
	Content meibo.RosterDocument
}

// Roster reads a version of a contract's roster; version 0 is the newest. A hop
// of the chain sees only its own people.
func (l *Ledger) Roster(ctx context.Context, c meibo.Caller, contract meibo.ContractID, version int) (RosterView, error) {
	var v RosterView
	err := l.db.View(ctx, func(r *store.Reader) error {
		b, err := l.book(r, c, contract, verbReadRoster)
		if err != nil {
			return err
		}
		if version == 0 {
			version = len(b.Rosters.All())
		}
		if v, err = readVersion(r, b, c, version); err != nil {
			return err
		}
		for _, s := range b.Statuses() {
			if s.Version == version {
				v.Status = s
			}
		}
		return nil
	})
	return v, wrap("read roster", err)
}

// narrow leaves what an organization of the chain may see: its own people.
func (v *RosterView) narrow(own meibo.OrganizationID) {
	v.Roster.Document = ""
	mine := map[meibo.PersonID]bool{}
	var members []meibo.Member
	for _, m := range v.Content.Members {
		if m.Employer == own {
			members = append(members, m)
			mine[m.PersonID] = true
		}
	}
	v.Content.Members = members
	for _, ids := range []*[]meibo.PersonID{&v.Content.Difference.Added, &v.Content.Difference.Removed, &v.Content.Difference.Changed} {
		var kept []meibo.PersonID
		for _, id := range *ids {
			if mine[id] {
				kept = append(kept, id)
			}
		}
		*ids = kept
	}
}

// Answered is an answer to Acknowledge and Return.
type Answered struct {
	Contract meibo.ContractID `json:"contract"`
	Version  int              `json:"version"`
	Verdict  meibo.Verdict    `json:"verdict"`
}

// Acknowledge is the city's word that it has taken a roster version. hash is
// that of the version which it has seen.
func (l *Ledger) Acknowledge(ctx context.Context, c meibo.Caller, key string, contract meibo.ContractID, version int, hash string) (Answered, error) {
	return l.answer(ctx, deed{c, meibo.ActAcknowledge, key, []any{contract, version, hash}}, contract, verbAcknowledge, version,
		func(b *meibo.Book, s meibo.Scene) error {
			return b.Answer(s, version, hash, meibo.Acknowledged, "", "")
		})
}

// Return sends a roster version back, whole, or one person's line of it. What it
// added or widened is closed when the call returns.
func (l *Ledger) Return(ctx context.Context, c meibo.Caller, key string, contract meibo.ContractID, version int, hash string,
	person meibo.PersonID, reason meibo.Personal) (Answered, error) {
	if code := meibo.TextProblem(string(reason)); code != "" {
		return Answered{}, meibo.Problems{{Field: "reason", Code: code}}
	}
	asked := []any{contract, version, hash, person, string(reason)}
	return l.answer(ctx, deed{c, meibo.ActReturn, key, asked}, contract, verbReturn, version,
		func(b *meibo.Book, s meibo.Scene) error {
			return b.Answer(s, version, hash, meibo.Returned, person, reason)
		})
}

func (l *Ledger) answer(ctx context.Context, d deed, contract meibo.ContractID, verb string, version int,
	do func(*meibo.Book, meibo.Scene) error) (Answered, error) {
	return write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (Answered, outcome, error) {
		b, err := l.book(&tx.Reader, d.caller, contract, verb)
		if err != nil {
			return Answered{}, outcome{}, err
		}
		if err := do(b, s); err != nil {
			return Answered{}, outcome{}, err
		}
		answer := Answered{contract, version, meibo.Acknowledged}
		if d.act == meibo.ActReturn {
			answer.Verdict = meibo.Returned
		}
		rows, err := settled(tx, b)
		return answer, outcome{contract: contract, subjects: []string{fmt.Sprint(version)}, note: string(answer.Verdict), rows: rows}, err
	})
}
