package ledger

import (
	"context"
	"slices"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A Report is what the directory has shown at once. Whoever reads the directory
// hands it on; what of it may be put in force, Judge says.
type Report struct {
	Cause   meibo.ReadingCause
	Entries []string // of whom it speaks
	Whole   bool     // everybody was read
	Failed  string   // why it gives no information, a code; empty: it gives some
	// Token, if not nil, is up to where the directory was followed with it. It is
	// kept in the transaction that puts the report in force, and not before.
	Token *string
	// Current is when the directory is known to have been what all reports until
	// this one say; zero: this one proves nothing of the kind.
	Current meibo.Instant
	// Told, if not nil, is told after that which holds were opened, and which lapsed.
	Told func([]meibo.DirectoryHold)
	// Judge is a pure function. It is called in the transaction that puts in force
	// what it finds, and may be called more than once. Nil finds nothing.
	Judge func(Picture) Finding
}

// A Picture is what the ledger knows when a report comes.
type Picture struct {
	Accounts []meibo.Account // of whom the report speaks; all, when everybody was read
	Held     []meibo.Account // of people in a hold
	People   int             // accounts in all
	Recent   Recent
	// Organizations are those whose people are in the directory.
	Organizations []meibo.Organization
}

// Recent is what was put in force lately: it counts against the limits.
type Recent struct {
	Absent     int // people ended because they were not there, in the last 24 hours
	Restricted int // people disabled, in the last hour
	Lifted     int // people enabled again, in the last hour
	Entries    int // people whom the last complete reading saw
}

// A Finding is what of a report may be put in force, as of one Picture.
type Finding struct {
	// Incomplete is why the report gives no information after all, a code. Then it
	// proves nothing, and what stands in the finding is only what holds all the same.
	Incomplete string
	Seen       int             // people in the directory, of a complete reading
	Changed    []meibo.Account // by Entry: state, cause and end
	Gone       []string        // entries
	Sights     []Sight
	Doubted    []string  // entries of whom it gives no sure word, whether they are in a hold or not
	Holds      []HoldSet // all that stand now
	Spent      Recent    // what this takes from the limits
}

// A Sight is where and as what an entry was seen.
type Sight struct {
	Entry     string
	Base      string                 // subtree
	Employers []meibo.OrganizationID // nil: not looked at
	// Placed says that Employers goes by the place alone: it takes away from what was
	// known before, and adds nothing to it.
	Placed bool
	Unit   *string // nil: not looked at
}

// A HoldSet is a set of people whose changes wait for a person.
type HoldSet struct {
	ID      string // the same for the same set
	Why     string
	Members []HeldPerson
}

// HeldPerson is one of a HoldSet.
type HeldPerson struct {
	Entry  string
	Change meibo.HeldChange
}

// Accounts are the accounts that the directory can still change.
func (l *Ledger) Accounts(ctx context.Context) ([]meibo.Account, error) {
	var list []meibo.Account
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		list, err = r.Accounts()
		return err
	})
	return list, wrap("list accounts", err)
}

// Reconcile puts in force what the directory has shown, in one transaction with
// the token: who is disabled is refused by the next check, and who is gone is
// taken off every roster, of which the city and the contractor are told. A report
// without information changes nothing. What changes nothing, and came to the same
// as the report before, is not recorded again, except that the token and the proof
// are kept every few minutes.
func (l *Ledger) Reconcile(ctx context.Context, r Report) (meibo.Reading, error) {
	var idle *reckoning
	err := l.db.View(ctx, func(v *store.Reader) error {
		k, err := l.reckon(v, v.Now, r)
		if err == nil && k.changes() == 0 && !l.proven.due(r, k.reading) {
			idle = k
		}
		return err
	})
	if err != nil {
		return meibo.Reading{}, wrap("reconcile directory", err)
	}
	if idle != nil {
		l.remember(idle.reading, idle.current)
		return idle.reading, nil
	}
	var current meibo.Instant
	var holds []meibo.DirectoryHold
	d := deed{itself, meibo.ActReconcile, newID(), nil}
	reading, err := write(ctx, l, d, func(tx *store.Tx, s meibo.Scene) (meibo.Reading, outcome, error) {
		k, err := l.reckon(&tx.Reader, s.Now, r)
		if err != nil {
			return meibo.Reading{}, outcome{}, err
		}
		current, holds = k.current, k.holds
		rows, err := k.rows(tx, s, r)
		out := outcome{note: string(k.reading.Outcome), rows: rows}
		for _, id := range k.people() {
			out.subjects = append(out.subjects, string(id))
		}
		return k.reading, out, err
	})
	if err == nil {
		l.remember(reading, current)
		l.proven.keep(r)
		if r.Told != nil && len(holds) > 0 {
			r.Told(holds)
		}
	}
	return reading, wrap("reconcile directory", err)
}

// picture reads what a report is judged by.
func (l *Ledger) picture(v *store.Reader, now meibo.Instant, r Report) (p Picture, err error) {
	if r.Whole {
		p.Accounts, err = v.Accounts()
		p.People = len(p.Accounts)
	} else if p.Accounts, err = v.AccountsOf(r.Entries); err == nil {
		p.People, err = v.CountAccounts()
	}
	if err != nil {
		return p, err
	}
	if p.Held, err = v.AccountsOnHold(); err != nil {
		return p, err
	}
	if p.Recent, err = recent(v, now); err != nil {
		return p, err
	}
	p.Organizations, err = employers(v)
	return p, err
}

// employers are the organizations whose people are in the directory.
func employers(r *store.Reader) ([]meibo.Organization, error) {
	all, err := r.Organizations()
	return slices.DeleteFunc(all, func(o meibo.Organization) bool { return o.DirectoryBase == "" }), err
}

// DirectoryPicture is what a report of everybody would be judged by now.
func (l *Ledger) DirectoryPicture(ctx context.Context) (Picture, error) {
	var p Picture
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		p, err = l.picture(r, r.Now, Report{Whole: true})
		return err
	})
	return p, wrap("read what the directory is judged by", err)
}

// recent counts what readings have put in force. The ledger keeps them, so a
// restart forgets nothing.
func recent(v *store.Reader, now meibo.Instant) (Recent, error) {
	day, err := v.Lately(now.Add(-24 * time.Hour))
	if err != nil {
		return Recent{}, err
	}
	hour, err := v.Lately(now.Add(-time.Hour))
	if err != nil {
		return Recent{}, err
	}
	lately := Recent{Absent: day.Absent, Restricted: hour.Restricted, Lifted: hour.Lifted}
	mark, err := v.Bookmark()
	if mark != nil {
		lately.Entries = mark.Entries
	}
	return lately, err
}
