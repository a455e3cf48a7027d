package ledger

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// An oldQuestion is what a system asked, without when. How long ago the person had
// been authenticated stands in full minutes: no rule tells more apart.
type oldQuestion struct {
	client   meibo.ClientID // of a system that is not registered
	system   meibo.SystemID
	question meibo.Question // without AuthTime
	dated    bool           // it had one
	age      time.Duration
}

// A tally is how often a question was asked.
type tally struct {
	times             int
	last, lastAllowed meibo.Instant
}

func oldQuestionOf(d meibo.Decision) oldQuestion {
	q := oldQuestion{system: d.SystemID, question: d.Question}
	if q.system == "" {
		q.client = d.ClientID
	}
	if authenticated := d.Question.Circumstances.AuthTime; !authenticated.IsZero() {
		q.dated, q.age = true, d.At.Sub(authenticated)
		if q.age > 0 { // else clocks differ
			q.age = q.age.Truncate(time.Minute)
		}
		q.question.Circumstances.AuthTime = 0
	}
	if c := &q.question.Circumstances; c.Nonce != "" { // each is another
		c.Nonce, c.AskedAt = anyNonce, 0
	}
	return q
}

func (q oldQuestion) caller() meibo.Caller {
	return meibo.Caller{Client: meibo.Client{ID: q.client, SystemID: q.system}}
}

// at is the question as it would be asked at an instant.
func (q oldQuestion) at(at meibo.Instant) meibo.Question {
	question := q.question
	if q.dated {
		question.Circumstances.AuthTime = at.Add(-q.age)
	}
	if question.Circumstances.Nonce != "" {
		question.Circumstances.AskedAt = at
	}
	return question
}

// asked are the different questions that recorded decisions answered, up to limit.
type asked struct {
	limit     int
	decisions int
	since     meibo.Instant // where reading ended because of the limit; zero: it did not
	tallies   map[oldQuestion]tally
}

// readAtOnce is how many recorded decisions are read in one go.
const readAtOnce = 1000

// read reads the log from its end back to where the filter begins, or to where
// there would be more questions than the limit.
func (a *asked) read(ctx context.Context, db *store.DB, f meibo.DecisionFilter) error {
	a.tallies = map[oldQuestion]tally{}
	for place := (meibo.DecisionPlace{}); ; {
		page, err := db.Decisions(ctx, f, place, false, readAtOnce)
		if err != nil {
			return err
		}
		for _, d := range page {
			if !a.add(d.Decision) {
				return nil
			}
			place = meibo.DecisionPlace{At: d.At, ID: d.ID}
		}
		if len(page) < readAtOnce {
			return nil
		}
	}
}

// add counts a decision, those that came later before those that came earlier. It
// reports whether there was room.
func (a *asked) add(d meibo.Decision) bool {
	q := oldQuestionOf(d)
	t, known := a.tallies[q]
	if !known && len(a.tallies) == a.limit {
		a.since = d.At + 1
		return false
	}
	a.decisions++
	if d.Retries == "" { // else the record of which it is a repetition counts
		t.times++
	}
	t.last = max(t.last, d.At)
	if d.Allowed {
		t.lastAllowed = max(t.lastAllowed, d.At)
	}
	a.tallies[q] = t
	return true
}

// A Differing is what would be answered differently. Questions that differ only in
// their circumstances are one.
type Differing struct {
	PersonID    meibo.PersonID
	ContractID  meibo.ContractID
	AssetID     meibo.AssetID
	Action      meibo.Action
	Purpose     meibo.PurposeCode
	SystemID    meibo.SystemID
	Codes       []string // in the way: with the change, or of the newly allowed as it is
	Asked       int
	LastAsked   meibo.Instant
	LastAllowed meibo.Instant
}

// differences are what differs, by what is asked, what stands in the way, and
// whether it would be allowed.
type differences map[difference]tally

type difference struct {
	question meibo.Question
	system   meibo.SystemID
	codes    string
	allowed  bool
}

func (d differences) add(allowed bool, codes []string, q oldQuestion, t tally) {
	is := difference{q.question, q.system, strings.Join(codes, " "), allowed}
	is.question.Circumstances = meibo.Circumstances{}
	sum := d[is]
	d[is] = tally{sum.times + t.times, max(sum.last, t.last), max(sum.lastAllowed, t.lastAllowed)}
}

// lists are the newly denied and the newly allowed, those used last first.
func (d differences) lists() (denied, allowed []Differing, cut bool) {
	for is, t := range d {
		q := is.question
		one := Differing{q.Person, q.Contract, q.Asset, q.Action, q.Purpose, is.system, strings.Fields(is.codes), t.times, t.last, t.lastAllowed}
		if is.allowed {
			allowed = append(allowed, one)
		} else {
			denied = append(denied, one)
		}
	}
	for _, list := range []*[]Differing{&denied, &allowed} {
		slices.SortFunc(*list, func(a, b Differing) int {
			return cmp.Or(cmp.Compare(b.LastAllowed, a.LastAllowed), cmp.Compare(b.LastAsked, a.LastAsked), cmp.Compare(a.PersonID, b.PersonID),
				cmp.Compare(a.ContractID, b.ContractID), cmp.Compare(a.AssetID, b.AssetID), cmp.Compare(a.Action, b.Action),
				cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.SystemID, b.SystemID), slices.Compare(a.Codes, b.Codes))
		})
		cut = cut || len(*list) > mostDiffer
		*list = (*list)[:min(len(*list), mostDiffer)]
	}
	return denied, allowed, cut
}
