package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// Options say where the ledger is kept, which secrets vouch for it, and who
// knows the people.
type Options struct {
	// URL is the path of the SQLite file, or a postgres:// URL.
	URL string
	// Now is the clock; the store reads it once per transaction.
	Now func() meibo.Instant
	// Secrets are made once, by NewSecrets, and kept outside the database.
	Secrets Secrets
	// Directory is nil when no directory is configured: then the roster's own
	// state speaks for the accounts of people.
	Directory *Directory
	// Mark is the path of the file that keeps, outside the database, how far this
	// replica has seen the ledger come. Empty: nothing is kept, and a database that
	// has lost changes goes unnoticed when the program starts.
	Mark string
	// Fonts draw what the built-in fonts of papers lack.
	Fonts document.Fonts
	// Sealing is how papers for closed networks are sealed, and whose answers count.
	Sealing Sealing
	// Passkeys are for whom people sign pledges with passkeys. Off: nobody does.
	Passkeys seal.RelyingParty
	// Ways says why the city cannot be told of a contract's rosters in the way that the
	// contract names; nil: it can.
	Ways func(meibo.Contract) meibo.ProblemCode
	// Unrecorded has decisions given without a record, and without a look whether the
	// ledger has moved on. It is there to measure what these cost, and for nothing else.
	Unrecorded bool
	// Journal is the path of the file that keeps holds while the database is away.
	// Empty: then they cannot be opened.
	Journal string
	// Shadow is the share of checks, from 0 to 1, that stock Casbin alone decides, too.
	// Where both differ the check is denied and Differs told the ids of the question.
	Shadow  float64
	Differs func(q meibo.Question)
	// Inspect says what is wrong with a scanned paper; an error: nothing was found
	// out, and the paper is not taken. nil: the scan's Inspect, in this process.
	Inspect func(ctx context.Context, s document.Scan) (meibo.ProblemCode, error)
	// Progress is told, while the ledger opens, how many people have been read; nil:
	// nobody is.
	Progress func(done, all int)
}

// A Directory is what the ledger asks of the directory while somebody waits.
type Directory struct {
	// Find returns the accounts that a login names below a base. An error says
	// nothing about the person.
	Find func(ctx context.Context, base, login string) ([]meibo.Account, error)
	// FindMail returns the accounts that have a mail address below a base. nil:
	// mail addresses name nobody.
	FindMail func(ctx context.Context, base, address string) ([]meibo.Account, error)
	// Authenticate binds as an entry. A refused password is meibo.ErrForbidden.
	Authenticate func(ctx context.Context, entry, password string) error
	// Bound, if not nil, is told of entries to which people may have been bound just
	// now: what happened to them before was nobody's news.
	Bound func(entries []string)
	// Reread, if not nil, is told that organizations were altered: for whom people are
	// shown to work has to be read anew.
	Reread func()
	// FreezeAfter is for how long the directory may be silent until nothing new is
	// granted; zero: FreezeAfter.
	FreezeAfter time.Duration
}

// A Ledger is open. Its methods may be called by many goroutines.
type Ledger struct {
	db        *store.DB
	policy    *authz.Policy
	roles     *authz.Roles
	verifier  *seal.Verifier
	secrets   Secrets
	directory *Directory
	tries     tries
	mark      *mark
	sealing   Sealing
	fonts     document.Fonts
	passkeys  seal.RelyingParty
	ways      func(meibo.Contract) meibo.ProblemCode
	recalled  recalled
	sealed    atomic.Bool

	view      atomic.Pointer[view]
	following sync.Mutex // held by whoever makes the next view
	journal   *journal
	counting  sync.Mutex // held while a use of a permit is decided on and counted
	proven    proven
	usage     usage

	inspect    func(ctx context.Context, s document.Scan) (meibo.ProblemCode, error)
	unrecorded bool // see Options

	simulating sync.Mutex    // held while a change is simulated
	drawing    chan struct{} // as many as are drawn: see atOneTime
}

// Open opens a ledger that Init has begun. Secrets other than those that it was
// begun with are refused: nothing would verify any more. A database that has lost
// changes opens sealed.
func Open(ctx context.Context, o Options) (*Ledger, error) {
	l, err := build(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(l.recognize(ctx), l.look(ctx), l.recall(ctx), l.load(ctx, o.Progress)); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// load reads into memory what checks read.
func (l *Ledger) load(ctx context.Context, progress func(done, all int)) error {
	err := l.db.View(ctx, func(r *store.Reader) error {
		v, err := load(r, l.directory != nil, progress)
		l.view.Store(v)
		return err
	})
	if err == nil {
		err = l.db.UsesSince(ctx, 0, func(some []meibo.RightUse) error { l.learn(some); return nil })
		l.usage.heard = l.Now()
	}
	return wrap("read what checks read", err)
}

// build opens the store and reads the rules.
func build(ctx context.Context, o Options) (*Ledger, error) {
	policy, err := authz.Load()
	if err != nil {
		return nil, err
	}
	if o.Shadow > 0 {
		policy = policy.Shadow(o.Shadow, o.differs)
	}
	roles, err := authz.LoadRoles()
	if err != nil {
		return nil, err
	}
	if err := checkVerbs(roles); err != nil {
		return nil, err
	}
	signer, err := seal.NewSigner(o.Secrets.Log)
	if err != nil {
		return nil, err
	}
	verifier, err := seal.NewVerifier(o.Secrets.LogPublic)
	if err != nil {
		return nil, err
	}
	mark, err := readMark(o.Mark, o.Secrets)
	if err != nil {
		return nil, err
	}
	journal, err := readJournal(o.Journal, o.Secrets)
	if err != nil {
		return nil, err
	}
	if o.Inspect == nil {
		o.Inspect = func(_ context.Context, s document.Scan) (meibo.ProblemCode, error) { return s.Inspect(), nil }
	}
	db, err := store.Open(ctx, store.Options{URL: o.URL, Now: o.Now, Sign: signer.Sign, DataKey: o.Secrets.Data})
	if err != nil {
		return nil, err
	}
	return &Ledger{
		db: db, policy: policy, roles: roles, verifier: verifier, secrets: o.Secrets, directory: o.Directory, mark: mark, journal: journal,
		sealing: o.Sealing, fonts: o.Fonts, drawing: make(chan struct{}, atOneTime), passkeys: o.Passkeys, ways: o.Ways, inspect: o.Inspect, unrecorded: o.Unrecorded,
	}, nil
}

// differs tells that the compiled rule and stock Casbin decided differently.
func (o Options) differs(q authz.Question, _, _ authz.Decision) {
	if o.Differs != nil {
		o.Differs(meibo.Question{
			Person: meibo.PersonID(q.Person), Contract: meibo.ContractID(q.Contract), Asset: meibo.AssetID(q.Asset),
			Action: meibo.Action(q.Action), Purpose: meibo.PurposeCode(q.Purpose),
		})
	}
}

// Close frees everything. It waits for nothing.
func (l *Ledger) Close() error { return l.db.Close() }

// Ping reports whether the store answers, and is not sealed.
func (l *Ledger) Ping(ctx context.Context) error {
	if l.Sealed() {
		return ErrSealed
	}
	return l.db.Ping(ctx)
}

// Engine names the database, for people.
func (l *Ledger) Engine() string { return l.db.Engine() }

// Now is the ledger's clock.
func (l *Ledger) Now() meibo.Instant { return l.db.Now() }

// Policy is the hash of the rule that decides.
func (l *Ledger) Policy() string { return l.policy.Sum }

// Operator is the organization of those who run meibo. It has no part in any
// contract and no row of its own.
const Operator meibo.OrganizationID = "meibo"

// itself is the caller of what meibo does of its own accord.
var itself = meibo.Caller{Client: meibo.Client{ID: "meibo", OrganizationID: Operator}}

// newID makes an id that sorts by time.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// books reads the book of each contract, in the order of their ids, with the
// named people beside their own.
func books(r *store.Reader, ids []meibo.ContractID, people []meibo.PersonID) ([]*meibo.Book, error) {
	slices.Sort(ids)
	var list []*meibo.Book
	for _, id := range slices.Compact(ids) {
		b, err := r.Book(id, people...)
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, nil
}

// book reads the book of a contract in which the caller's organization has a
// part, and asks whether the caller may do what the verb says.
func (l *Ledger) book(r *store.Reader, c meibo.Caller, id meibo.ContractID, verb string, people ...meibo.PersonID) (*meibo.Book, error) {
	b, err := r.Book(id, people...)
	if err != nil {
		return nil, err
	}
	if !b.Takes(c.Client.OrganizationID) {
		return nil, meibo.ErrNotFound
	}
	return b, l.may(c, id, verb)
}

// whole reports whether the caller sees all of a contract: the city and the
// prime do, a hop sees only its own people.
func whole(b *meibo.Book, c meibo.Caller) bool {
	own := c.Client.OrganizationID
	return own == b.City.ID || own == b.Contract.PrimeID
}

// first returns the earliest in an order.
func first[E any](list []E, less func(a, b E) int) (e E, ok bool) {
	if len(list) == 0 {
		return e, false
	}
	return slices.MinFunc(list, less), true
}

// inOrder sorts problems by row and field.
func inOrder(ps meibo.Problems) meibo.Problems {
	slices.SortStableFunc(ps, func(a, b meibo.Problem) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Code, b.Code))
	})
	return slices.Compact(ps)
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
