package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// moved is the channel on which a change to anything that decides is told.
const moved = "meibo_moved"

// Listen calls heard whenever another process has changed something that decides,
// until ctx ends or the connection is lost. It is there to wake somebody up; what is
// not heard is found by asking. On SQLite there is no other process.
func (db *DB) Listen(ctx context.Context, heard func()) error {
	if !db.dialect.sameDatabase {
		<-ctx.Done()
		return nil
	}
	conn, err := pgx.Connect(ctx, db.opts.URL)
	if err != nil {
		return fmt.Errorf("listen: %w", db.dialect.kind(err))
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "LISTEN "+moved); err != nil {
		return fmt.Errorf("listen: %w", db.dialect.kind(err))
	}
	for {
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return fmt.Errorf("listen: %w", db.dialect.kind(err))
		}
		heard()
	}
}

// tell wakes up the other processes when the transaction is committed.
func (db *DB) tell(t *Tx) error {
	if !db.dialect.sameDatabase {
		return nil
	}
	return t.exec("NOTIFY " + moved)
}
