// Package store keeps the ledger's rows in SQLite or PostgreSQL.
//
// Both databases run one SQL text; what still differs stands in dialect.go. A
// change happens inside Update, which serializes writers, fixes one instant, and
// does not commit unless the transaction was recorded: its rows, a log Entry
// that commits to each of them, the Merkle tree over all entries and the signed
// head go into the same transaction. A View reads one snapshot.
package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Options say where the rows are and who vouches for them.
type Options struct {
	// URL is the path of the SQLite file, or a postgres:// URL.
	URL string
	// Now is the clock. It is read once per transaction and nowhere else.
	Now func() meibo.Instant
	// Sign signs the head of the log: its size and root hash.
	Sign func(size int64, root [32]byte) (string, error)
	// DataKey is the key, DataKeySize bytes, that wraps the keys under which people's
	// columns and documents are sealed. It is kept outside the database.
	DataKey []byte
	// ReadOnly opens for View and Verify only, beside a running server.
	ReadOnly bool

	ring *keyring // of the store that this one is built from
}

// A DB is an open store. Its methods may be called by many goroutines.
type DB struct {
	opts    Options
	dialect dialect
	write   *sqlx.DB // one writer; none when open for reading only
	read    *sqlx.DB // a pool beside it
	log     *sqlx.DB // decisions; on SQLite a file of their own
	past    *sqlx.DB // reads them, beside who writes
	lock    *os.File
	batches *writer
	sweep   *sqlx.DB  // moves the write-ahead log of decisions; SQLite only
	wrap    tink.AEAD // seals the keyring; nil: no data key was given
	ring    atomic.Pointer[keyring]
	closed  chan struct{}
	once    sync.Once
}

// busyFor is how long a transaction waits for the one writer.
const busyFor = 10 * time.Second

// Open opens the store and brings its schema up to date. On SQLite a second
// process that opens the same file for writing is refused with ErrConflict.
func Open(ctx context.Context, opts Options) (*DB, error) {
	db := &DB{opts: opts, dialect: dialectOf(opts.URL), closed: make(chan struct{})}
	if err := db.open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %w", err), db.Close())
	}
	return db, nil
}

func (db *DB) open(ctx context.Context) error {
	if err := db.dialect.connect(db); err != nil {
		return err
	}
	if db.opts.ReadOnly {
		return errors.Join(db.checkSchema(ctx), db.openKeys(ctx))
	}
	if err := db.migrate(ctx); err != nil {
		return err
	}
	if err := db.openKeys(ctx); err != nil {
		return err
	}
	db.batches = newWriter()
	if db.sweep != nil {
		go db.sweepDecisions()
	}
	return nil
}

// Close waits for nothing and frees everything.
func (db *DB) Close() error {
	var errs []error
	db.once.Do(func() { close(db.closed) })
	for _, pool := range []*sqlx.DB{db.sweep, db.past, db.log, db.read, db.write} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	if db.lock != nil {
		errs = append(errs, db.lock.Close())
	}
	return errors.Join(errs...)
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.read.PingContext(ctx); err != nil {
		return fmt.Errorf("ping store: %w", err)
	}
	return nil
}

// Engine names the database, for people.
func (db *DB) Engine() string { return db.dialect.name }

// View runs f on one snapshot. Views never wait for the writer.
func (db *DB) View(ctx context.Context, f func(*Reader) error) error {
	tx, err := db.read.BeginTxx(ctx, db.dialect.view)
	if err != nil {
		return fmt.Errorf("begin view: %w", db.dialect.kind(err))
	}
	defer tx.Rollback()
	return f(db.reader(ctx, tx, db.opts.Now()))
}

// reader reads in a transaction, and opens what is sealed with the keys that the
// transaction sees.
func (db *DB) reader(ctx context.Context, tx *sqlx.Tx, now meibo.Instant) *Reader {
	r := &Reader{ctx: ctx, tx: tx, dialect: db.dialect, Now: now, codec: &codec{ring: db.ring.Load()}}
	r.codec.load = func() (*keyring, error) {
		ring, err := r.readKeyring(db.wrap)
		if err == nil {
			db.ring.Store(ring)
		}
		return ring, err
	}
	return r
}

// openKeys refuses a database whose keys the data key does not open.
func (db *DB) openKeys(ctx context.Context) (err error) {
	if db.opts.ring != nil {
		db.ring.Store(db.opts.ring)
		return nil
	}
	if db.opts.DataKey != nil {
		if db.wrap, err = wrapOf(db.opts.DataKey); err != nil {
			return err
		}
	}
	tx, err := db.read.BeginTxx(ctx, db.dialect.view)
	if err != nil {
		return fmt.Errorf("read keys: %w", db.dialect.kind(err))
	}
	defer tx.Rollback()
	r := db.reader(ctx, tx, 0)
	if _, err := r.codec.load(); !errors.Is(err, meibo.ErrNotFound) {
		return err
	}
	if begun, err := r.Begun(); err != nil || !begun {
		return err
	}
	return ErrNoKeys
}

// errReadOnly says that a store that was opened for reading was asked to write.
var errReadOnly = errors.New("the store is open for reading only")

// Update runs f in a transaction that excludes every other writer. What f does
// is kept only if it called Record and returned nil. An error of the commit
// itself does not say whether the change happened: look up the request.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	return db.inTurn(ctx, func(t *Tx) error {
		if err := f(t); err != nil {
			return err
		}
		if !t.recorded {
			return errors.New("update ended without an entry")
		}
		return db.tell(t)
	})
}

// inTurn runs f in a transaction that excludes every other writer.
func (db *DB) inTurn(ctx context.Context, f func(*Tx) error) error {
	if db.opts.ReadOnly {
		return errReadOnly
	}
	ctx, cancel := context.WithTimeout(ctx, 3*busyFor)
	defer cancel()
	tx, err := db.write.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin update: %w", db.dialect.kind(err))
	}
	defer tx.Rollback()
	if db.dialect.lock != "" {
		if _, err := tx.ExecContext(ctx, db.dialect.lock); err != nil {
			return fmt.Errorf("wait for the writer's lock: %w", db.dialect.kind(err))
		}
	}
	t := &Tx{Reader: *db.reader(ctx, tx, db.opts.Now()), sign: db.opts.Sign, wrap: db.wrap}
	if err := t.codec.fresh(); err != nil { // another process may seal with a newer key
		return fmt.Errorf("read keys: %w", err)
	}
	if err := f(t); err != nil {
		return db.dialect.kind(err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit update: %w", db.dialect.kind(err))
	}
	db.ring.Store(t.codec.ring)
	return nil
}

// Now is the store's clock.
func (db *DB) Now() meibo.Instant { return db.opts.Now() }
