package ledger

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A mark is how far this replica has seen the ledger come, kept outside the
// database. A database that shows less than the mark has lost acknowledged
// changes, revocations perhaps among them: a standby that lagged was promoted, or
// an old backup restored. Then the ledger is sealed: it allows nothing and changes
// nothing until a person has accepted that history.
type mark struct {
	path    string
	secrets Secrets
	seen    atomic.Pointer[markedAt]
	write   sync.Mutex

	waiting sync.Mutex
	moved   chan struct{} // closed when the mark moves; nil while nobody waits for that
}

type markedAt struct {
	epoch    string
	revision int64
}

// ErrSealed says that the database has lost what it had acknowledged, or tells
// another history. What to do about it is accept-epoch.
var ErrSealed = meibo.Refuse(meibo.ErrBusy, "SEALED")

// readMark reads the file. Without one nothing was seen yet; one that this
// ledger's secrets did not write is an error.
func readMark(path string, s Secrets) (*mark, error) {
	m := &mark{path: path, secrets: s}
	m.seen.Store(&markedAt{})
	if path == "" {
		return m, nil
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read high-water mark: %w", err)
	}
	fields := strings.Fields(string(content))
	if len(fields) != 3 || fields[2] != s.hash("mark", fields[0], fields[1]) {
		return nil, fmt.Errorf("read high-water mark: %s was not written for this ledger", path)
	}
	revision, err := strconv.ParseInt(fields[1], 10, 64)
	m.seen.Store(&markedAt{fields[0], revision})
	return m, wrap("read high-water mark", err)
}

// gone reports whether a database that was read after the mark stood at before has
// gone back behind it.
func (before markedAt) gone(epoch string, revision int64) bool {
	return before.epoch != "" && (epoch != before.epoch || revision < before.revision)
}

// advance keeps that the ledger has come so far; it is on the disk when the call
// returns. What is behind the mark leaves it where it is.
func (m *mark) advance(epoch string, revision int64) error {
	if m.beyond(epoch, revision) {
		return nil
	}
	m.write.Lock()
	defer m.write.Unlock()
	if m.beyond(epoch, revision) {
		return nil
	}
	return m.put(epoch, revision)
}

func (m *mark) beyond(epoch string, revision int64) bool {
	seen := m.seen.Load()
	return seen.epoch == epoch && seen.revision >= revision
}

func (m *mark) put(epoch string, revision int64) error {
	if m.path != "" {
		number := strconv.FormatInt(revision, 10)
		text := epoch + " " + number + " " + m.secrets.hash("mark", epoch, number) + "\n"
		if err := replaceFile(m.path, text); err != nil {
			return fmt.Errorf("%w: keep high-water mark: %w", meibo.ErrBusy, err)
		}
	}
	m.seen.Store(&markedAt{epoch, revision})
	m.waiting.Lock()
	defer m.waiting.Unlock()
	if m.moved != nil {
		close(m.moved)
		m.moved = nil
	}
	return nil
}

// changed is closed when the mark moves next.
func (m *mark) changed() <-chan struct{} {
	m.waiting.Lock()
	defer m.waiting.Unlock()
	if m.moved == nil {
		m.moved = make(chan struct{})
	}
	return m.moved
}

// replaceFile writes a file whole, or leaves it as it was.
func replaceFile(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".mark-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// look compares the database with the mark as it is now.
func (l *Ledger) look(ctx context.Context) error {
	before := *l.mark.seen.Load()
	revision, epoch, err := l.revision(ctx)
	if err != nil {
		return err
	}
	if err := l.release(before, epoch, revision); !errors.Is(err, ErrSealed) {
		return err
	}
	return nil
}

func (l *Ledger) revision(ctx context.Context) (revision int64, epoch string, err error) {
	err = l.db.View(ctx, func(r *store.Reader) (err error) {
		revision, epoch, err = r.Revision()
		return err
	})
	return revision, epoch, err
}

// release lets an answer leave that the database gave at a revision after the
// mark had stood at before: the mark has then reached it. A database that has
// gone back seals the ledger.
func (l *Ledger) release(before markedAt, epoch string, revision int64) error {
	if before.gone(epoch, revision) {
		l.sealed.Store(true)
	}
	if l.sealed.Load() {
		return ErrSealed
	}
	return l.mark.advance(epoch, revision)
}

// Sealed reports whether the ledger allows and changes nothing.
func (l *Ledger) Sealed() bool { return l.sealed.Load() }

// AcceptEpoch begins another history on a database that has lost changes, at a
// revision beyond all that this replica has seen: no token, cached answer or mark
// of the history before is taken any more. Where another replica has done so
// already, this one only takes that history for its own. It is for a person who
// knows what was lost; what has to be revoked again is revoked again after it.
func AcceptEpoch(ctx context.Context, o Options) (epoch string, revision int64, err error) {
	l, err := build(ctx, o)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := l.recognize(ctx); err != nil {
		return "", 0, err
	}
	seen := *l.mark.seen.Load()
	revision, epoch, err = l.revision(ctx)
	if err == nil && (epoch == seen.epoch || revision < seen.revision) {
		epoch, revision, err = l.restart(ctx, seen.revision)
	}
	if err != nil {
		return "", 0, fmt.Errorf("accept epoch: %w", err)
	}
	return epoch, revision, l.mark.put(epoch, revision)
}

func (l *Ledger) restart(ctx context.Context, least int64) (epoch string, revision int64, err error) {
	epoch = uuid.NewString()
	err = l.db.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Restart(epoch, least); err != nil {
			return err
		}
		entry, err := tx.Record(meibo.Entry{Client: itself.Client.ID, Act: meibo.ActAcceptEpoch}, nil)
		revision = entry.Revision
		return err
	})
	return epoch, revision, err
}
