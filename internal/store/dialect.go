package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // registers "pgx"
	"github.com/jmoiron/sqlx"
	"github.com/jmoiron/sqlx/reflectx"
	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/migrations"
)

// A dialect is everything in which the two databases differ.
type dialect struct {
	name    string
	goose   goose.Dialect
	series  string // of the migrations' twins
	lock    string // statement that excludes other writers; SQLite locks when a transaction begins
	view    *sql.TxOptions
	tables  string // lists the schema's columns
	connect func(*DB) error
	// sameDatabase: decisions and the ledger's revision can be reached by one
	// statement.
	sameDatabase bool
	unique       func(error) bool
	busy         func(error) bool
}

// writersLock is the number of the advisory lock that writers take.
const writersLock = 7361

var sqliteDialect = dialect{
	name: "SQLite", goose: goose.DialectSQLite3, series: migrations.SQLite,
	view: &sql.TxOptions{ReadOnly: true},
	tables: `SELECT m.name AS of_table, c.name AS of_column, c."notnull" = 1 OR c.pk > 0 AS required
	         FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY 1, 2`,
	connect: connectSQLite,
	unique:  func(err error) bool { return sqliteCode(err, sqlite3.SQLITE_CONSTRAINT) },
	busy: func(err error) bool {
		return sqliteCode(err, sqlite3.SQLITE_BUSY) || sqliteCode(err, sqlite3.SQLITE_FULL) ||
			sqliteCode(err, sqlite3.SQLITE_READONLY) || sqliteCode(err, sqlite3.SQLITE_IOERR)
	},
}

var postgresDialect = dialect{
	name: "PostgreSQL", goose: goose.DialectPostgres, series: migrations.Postgres,
	lock: fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", writersLock),
	view: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	tables: `SELECT table_name AS of_table, column_name AS of_column, is_nullable = 'NO' AS required
	         FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY 1, 2`,
	connect:      connectPostgres,
	sameDatabase: true,
	unique:       func(err error) bool { return postgresClass(err, "23") },
	busy: func(err error) bool {
		return postgresClass(err, "40", "53", "55", "57", "08", "25006") || pgconn.Timeout(err) || lostConnection(err)
	},
}

func dialectOf(address string) dialect {
	if strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://") {
		return postgresDialect
	}
	return sqliteDialect
}

// kind gives an error of the database its kind, so that nobody matches text.
func (d dialect) kind(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded), d.busy(err):
		return fmt.Errorf("%w: %w", meibo.ErrBusy, err)
	case d.unique(err):
		return fmt.Errorf("%w: %w", meibo.ErrConflict, err)
	}
	return err
}

func sqliteCode(err error, primary int) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == primary
}

func postgresClass(err error, classes ...string) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return false
	}
	for _, c := range classes {
		if strings.HasPrefix(e.Code, c) {
			return true
		}
	}
	return false
}

// lostConnection reports whether the server could not be reached, or went away.
func lostConnection(err error) bool {
	var network *net.OpError
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, driver.ErrBadConn)
}

// connectSQLite opens the ledger's file with one writer and a pool of readers,
// and the file of decisions beside it. The lock file keeps a second writing
// process out.
func connectSQLite(db *DB) (err error) {
	path := db.opts.URL
	decisions := strings.TrimSuffix(path, ".db") + "-decisions.db"
	if !db.opts.ReadOnly {
		if db.lock, err = lockFile(path + ".lock"); err != nil {
			return err
		}
		if err := private(path, decisions); err != nil {
			return err
		}
		if db.write, err = openPool("sqlite", sqliteURL(path, "rwc", "immediate")+overwritten, "sqlite3", 1); err != nil {
			return err
		}
	} else if _, err := os.Stat(path); err != nil {
		return err
	}
	mode := "rw"
	if db.opts.ReadOnly {
		mode = "ro"
	}
	if db.read, err = openPool("sqlite", sqliteURL(path, mode, "deferred")+"&_pragma=query_only(1)", "sqlite3", 8); err != nil {
		return err
	}
	if mode == "rw" {
		mode = "rwc"
	}
	if db.log, err = openPool("sqlite", sqliteURL(decisions, mode, "immediate")+fewCheckpoints, "sqlite3", 1); err != nil {
		return err
	}
	if !db.opts.ReadOnly {
		if db.sweep, err = openPool("sqlite", sqliteURL(decisions, mode, "deferred"), "sqlite3", 1); err != nil {
			return err
		}
	}
	db.past, err = openPool("sqlite", sqliteURL(decisions, mode, "deferred")+"&_pragma=query_only(1)", "sqlite3", 4)
	return err
}

// sqliteURL asks for a write-ahead log that reaches the disk with every commit.
func sqliteURL(path, mode, txlock string) string {
	q := url.Values{"mode": {mode}, "_txlock": {txlock}}
	q["_pragma"] = []string{fmt.Sprintf("busy_timeout(%d)", busyFor.Milliseconds()), "foreign_keys(1)"}
	if mode != "ro" {
		q["_pragma"] = append(q["_pragma"], "journal_mode(WAL)", "synchronous(FULL)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// overwritten has what is destroyed overwritten in the file, not only marked as free.
const overwritten = "&_pragma=secure_delete(1)"

// lockWithin is how long a lock is tried for: a program that another one starts
// holds what that one has open until it runs itself.
const lockWithin = 500 * time.Millisecond

func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			return f, nil
		}
		if time.Since(began) > lockWithin {
			f.Close()
			return nil, fmt.Errorf("%w: another process has the database open (%s)", meibo.ErrConflict, path)
		}
	}
}

// private makes the files that are missing, so that only their owner can read
// them; the write-ahead logs beside them get the same mode.
func private(paths ...string) error {
	for _, path := range paths {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	return nil
}

// connectPostgres opens a pool each for the writer, for readers and for
// decisions, so that none of them waits for another's connections. Writers of
// other processes are excluded by the lock.
func connectPostgres(db *DB) (err error) {
	if !db.opts.ReadOnly {
		if db.write, err = openPool("pgx", db.opts.URL, "pgx", 2); err != nil {
			return err
		}
	}
	if db.read, err = openPool("pgx", db.opts.URL, "pgx", 8); err != nil {
		return err
	}
	db.past = db.read
	db.log, err = openPool("pgx", db.opts.URL, "pgx", 2)
	return err
}

func openPool(name, address, binding string, conns int) (*sqlx.DB, error) {
	pool, err := sql.Open(name, address)
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	x := sqlx.NewDb(pool, binding)
	x.Mapper = reflectx.NewMapperFunc("", snake)
	return x, nil
}
