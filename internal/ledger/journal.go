package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// A journal takes holds on the disk of this replica while the database cannot. They
// stop work here from the moment they are taken; elsewhere nothing is allowed
// either as long as the database is away. When it is back they go into the ledger,
// with who opened them and when.
type journal struct {
	path    string // empty: nothing can be taken
	secrets Secrets
	mu      sync.Mutex
	waiting atomic.Pointer[[]journaled]
}

// A journaled hold waits to go into the ledger.
type journaled struct {
	Key    string       `json:"key"`
	Caller meibo.Caller `json:"caller"`
	Hold   meibo.Hold   `json:"hold"`
}

// readJournal reads what was taken before the program ended. A line that this
// ledger's secrets did not write is an error.
func readJournal(path string, s Secrets) (*journal, error) {
	j := &journal{path: path, secrets: s}
	j.waiting.Store(&[]journaled{})
	if path == "" {
		return j, nil
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return j, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	var list []journaled
	for _, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		sum, text, _ := strings.Cut(line, " ")
		var one journaled
		if sum != s.hash("journal", text) || json.Unmarshal([]byte(text), &one) != nil {
			return nil, fmt.Errorf("read journal: %s was not written for this ledger", path)
		}
		list = append(list, one)
	}
	j.waiting.Store(&list)
	return j, nil
}

// put keeps a list on the disk, or leaves it as it was.
func (j *journal) put(list []journaled) error {
	if len(list) == 0 {
		if err := os.Remove(j.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("empty journal: %w", err)
		}
		j.waiting.Store(&list)
		return nil
	}
	var b strings.Builder
	for _, one := range list {
		text, err := json.Marshal(one)
		if err != nil {
			return fmt.Errorf("write journal: %w", err)
		}
		b.WriteString(j.secrets.hash("journal", string(text)) + " " + string(text) + "\n")
	}
	if err := replaceFile(j.path, b.String()); err != nil {
		return fmt.Errorf("%w: write journal: %w", meibo.ErrBusy, err)
	}
	j.waiting.Store(&list)
	return nil
}

// take keeps a hold on the disk. The same key answers the same.
func (j *journal) take(key string, c meibo.Caller, h meibo.Hold) (Held, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	list := *j.waiting.Load()
	for _, one := range list {
		if one.Key == key && one.Caller.Client.ID == c.Client.ID {
			return Held{one.Hold.ID, one.Hold.OpenedAt}, nil
		}
	}
	if j.path == "" {
		return Held{}, meibo.ErrBusy
	}
	if err := j.put(append(list[:len(list):len(list)], journaled{key, c, h})); err != nil {
		return Held{}, err
	}
	return Held{h.ID, h.OpenedAt}, nil
}

// over puts what waits over a snapshot.
func (j *journal) over(s *authz.Snapshot) *authz.Snapshot {
	for _, one := range *j.waiting.Load() {
		s = s.With(authz.PutHold(holdOf(one.Hold)))
	}
	return s
}

// settle brings what waits into the ledger, in its order, as far as the ledger
// takes it. Nothing that was acknowledged is dropped: what the ledger refuses stays
// in the journal, and in force here.
func (l *Ledger) settle(ctx context.Context) error {
	l.journal.mu.Lock()
	defer l.journal.mu.Unlock()
	list := *l.journal.waiting.Load()
	var refused []journaled
	for i, one := range list {
		_, err := l.openHold(ctx, one.Caller, one.Key, one.Hold)
		if errors.Is(err, meibo.ErrConflict) { // the key was used for something else: the hold's id is its own
			_, err = l.openHold(ctx, one.Caller, string(one.Hold.ID), one.Hold)
		}
		if unreachable(err) {
			return err
		}
		if err != nil {
			refused = append(refused, one)
		}
		if err := l.journal.put(append(refused[:len(refused):len(refused)], list[i+1:]...)); err != nil {
			return err
		}
	}
	return nil
}

// unreachable reports whether the database could not take a write, or whether it
// did is unknown.
func unreachable(err error) bool {
	var ps meibo.Problems
	var refusal *meibo.Refusal
	switch {
	case err == nil, errors.As(err, &ps), errors.Is(err, meibo.ErrNotFound):
		return false
	case errors.Is(err, ErrSealed):
		return true
	}
	return !errors.As(err, &refusal)
}

// IdentifyToHold is Authenticate for whoever opens a hold: while the database is
// away, by what was read last of the key.
func (l *Ledger) IdentifyToHold(ctx context.Context, token string) (meibo.Caller, error) {
	within, cancel := context.WithTimeout(ctx, recordWithin)
	defer cancel()
	c, err := l.Authenticate(within, token)
	if err == nil || errors.Is(err, ErrUnauthenticated) {
		return c, err
	}
	id, secret, _ := splitToken(token)
	if known := l.recalled.of(id); known != nil && l.opens(known, secret) {
		return known.caller(), nil
	}
	return meibo.Caller{}, err
}

// holdOffline takes a hold where the database cannot. Who may is judged by what was
// read last.
func (l *Ledger) holdOffline(c meibo.Caller, key string, h meibo.Hold) (Held, error) {
	v := l.view.Load()
	of, known := v.contracts[h.ContractID]
	own := string(c.Client.OrganizationID)
	switch {
	case c.Client.OrganizationID == Operator, c.Client.OrganizationID == v.city:
	case !known, own != string(of.row.PrimeID) && !v.Chained(string(h.ContractID), own):
		return Held{}, meibo.Refuse(meibo.ErrForbidden, "ROLE_MISSING")
	}
	contract := h.ContractID
	if contract == "" {
		contract = meibo.AnyContract
	}
	if err := l.may(c, contract, verbOpenHold); err != nil {
		return Held{}, err
	}
	h.ID, h.OpenedAt, h.OpenedBy, h.LiftedAt, h.LiftedBy = meibo.HoldID(newID()), l.Now(), c.Client.ID, 0, ""
	return l.journal.take(key, c, h)
}
